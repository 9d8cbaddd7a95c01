data "elasticcloud_access" "now" {}

# A policy: nobody may be an admin of all deployments.
check "grants" {
  assert {
    condition = alltrue([
      for row in data.elasticcloud_access.now.grants :
      provider::elasticcloud::parse_grant(row.grant).role != "deployment-admin" || row.resource_id != null
      if row.grant != null
    ])
    error_message = "Somebody is an admin of all deployments."
  }
}

# {
#   application_roles = ["analyst", "reader"]
#   resource_id       = "c866244b611442d585e23a0cc8c9434c"
#   role              = "elasticsearch-viewer"
#   scope             = "elasticsearch"
# }
output "parts" {
  value = provider::elasticcloud::parse_grant("elasticsearch-viewer:c866244b611442d585e23a0cc8c9434c+reader+analyst")
}
