data "elasticcloud_access" "now" {}

# The owners of the organization.
output "owners" {
  value = [for g in data.elasticcloud_access.now.grants : g.principal if g.principal_type == "member" && g.grant == "organization-admin"]
}

# Access that this version of the provider cannot write as a grant: rows without one.
locals {
  grants = [for g in data.elasticcloud_access.now.grants : g if g.grant != null]
  others = [for g in data.elasticcloud_access.now.grants : g if g.grant == null]
}

# People who can change a deployment, also one that is created later.
output "editors_of_all_deployments" {
  value = distinct([
    for g in local.grants : g.principal
    if contains(["deployment-admin", "deployment-editor"], g.role) && g.resource_id == null
  ])
}

# People with access that you should look at in the console.
output "other_access" {
  value = [for o in local.others : "${o.principal}: ${o.scope} ${o.assignment}"]
}

# Everything as a table.
output "access_csv" {
  value = provider::elasticcloud::csv(data.elasticcloud_access.now.grants)
}
