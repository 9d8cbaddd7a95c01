resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }] }
  roles = ["organization-admin"]
}

resource "elasticcloud_role_mappings_exclusive" "this" {
  names        = ["not there", elasticcloud_role_mapping.owners.name, "a, b"]
  max_removals = 7
}
