resource "elasticcloud_role_mapping" "team" {
  for_each = {
    owners  = "organization-admin"
    viewers = "deployment-viewer:*"
  }
  name  = each.key
  rule  = { any = [{ group = "elastic-${each.key}" }] }
  roles = [each.value]
}

# The plan shows unlisted role mappings, and apply removes them.
resource "elasticcloud_role_mappings_exclusive" "this" {
  names = [for mapping in elasticcloud_role_mapping.team : mapping.name]

  # Apply refuses to remove more role mappings.
  max_removals = 3
}
