data "elasticcloud_roles" "known" {}

# The role IDs by kind of resource, such as deployment = ["deployment-admin", ...].
output "roles" {
  value = { for role in data.elasticcloud_roles.known.roles : role.scope => role.role... }
}
