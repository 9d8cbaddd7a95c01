data "elasticcloud_access" "now" {}

# Who manages the organization.
output "owners" {
  value = [for g in data.elasticcloud_access.now.grants : g.principal if g.principal_type == "member" && g.grant == "organization-admin"]
}

# Who can change a deployment, one that is made later too.
output "editors_of_all_deployments" {
  value = distinct([
    for g in data.elasticcloud_access.now.grants : g.principal
    if contains(["deployment-admin", "deployment-editor"], g.role) && g.resource_id == null
  ])
}

# All of it as a table.
output "access_csv" {
  value = provider::elasticcloud::csv(data.elasticcloud_access.now.grants)
}
