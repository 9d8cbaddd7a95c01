# An invitation goes out by e-mail. That Alice accepts it is no change.
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = [
    "billing-admin",                       # a role on the organization
    "deployment-viewer:*",                 # on all deployments, later ones too
    "deployment-editor:${var.deployment}", # on one deployment
    "elasticsearch-viewer:*+analyst",      # with a role inside the projects
  ]
  invitation_expires_in = "7d"
}

# Several people, one role each.
resource "elasticcloud_member" "team" {
  for_each = {
    "bob@example.com"   = "deployment-editor:*"
    "carol@example.com" = "observability-viewer:*"
  }
  email = each.key
  roles = [each.value]
}

# Somebody whose roles are not this configuration's matter.
resource "elasticcloud_member" "dave" {
  email = "dave@example.com"
}

variable "deployment" {
  description = "ID of the deployment that Alice edits."
  type        = string
  default     = "ce03a623751b4fc98d48400fec58b9c0"
}
