locals {
  # Roles as objects, for example from a file.
  roles = [
    { role = "billing-admin" },
    { role = "deployment-viewer", all_resources = true },
    { role = "deployment-editor", resource_ids = ["ce03a623751b4fc98d48400fec58b9c0", "c866244b611442d585e23a0cc8c9434c"] },
    { role = "elasticsearch-viewer", all_resources = true, application_roles = ["analyst", "reader"] },
  ]
}

resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = provider::elasticcloud::grants(local.roles)
}

# [
#   "billing-admin",
#   "deployment-editor:c866244b611442d585e23a0cc8c9434c",
#   "deployment-editor:ce03a623751b4fc98d48400fec58b9c0",
#   "deployment-viewer:*",
#   "elasticsearch-viewer:*+analyst+reader",
# ]
output "grants" {
  value = provider::elasticcloud::grants(local.roles)
}
