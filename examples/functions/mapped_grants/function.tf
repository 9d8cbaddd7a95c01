data "elasticcloud_role_mappings" "now" {}

# [
#   { grant = "deployment-viewer:*", role_mapping = "viewers" },
#   { grant = "organization-admin", role_mapping = "founders" },
# ]
output "dana" {
  value = provider::elasticcloud::mapped_grants(data.elasticcloud_role_mappings.now.role_mappings, "dana@example.org", ["staff", "founders"])
}

# Only members of a group for owners become owners.
check "no_owner_without_a_group" {
  assert {
    condition = !contains(
      provider::elasticcloud::mapped_grants(data.elasticcloud_role_mappings.now.role_mappings, "anybody@example.com", [])[*].grant,
      "organization-admin",
    )
    error_message = "A role mapping makes owners of people without a group."
  }
}
