resource "elasticcloud_role_mapping" "team" {
  for_each = {
    owners  = "organization-admin"
    viewers = "deployment-viewer:*"
  }
  name  = each.key
  rule  = { any = [{ group = "elastic-${each.key}" }] }
  roles = [each.value]
}

# These and no others: what is not listed shows in the plan and is removed.
resource "elasticcloud_role_mappings_exclusive" "this" {
  names = [for mapping in elasticcloud_role_mapping.team : mapping.name]

  # An apply that would remove more is refused.
  max_removals = 3
}
