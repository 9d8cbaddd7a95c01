data "elasticcloud_role_mappings" "all" {}

# The groups whose members become owners.
output "owner_groups" {
  value = distinct(compact(flatten([
    for m in data.elasticcloud_role_mappings.all.role_mappings :
    [try(m.rule.any[*].group, []), try(m.rule.all[*].group, [])]
    if m.enabled && contains(m.roles, "organization-admin")
  ])))
}
