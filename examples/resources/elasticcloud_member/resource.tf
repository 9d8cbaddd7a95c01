# Apply sends an invitation by e-mail. Accepting it causes no diff.
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = [
    "billing-admin",                       # a role on the organization
    "deployment-viewer:*",                 # on all deployments, later ones included
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

# A person whose roles are not managed here.
resource "elasticcloud_member" "dave" {
  email = "dave@example.com"
}

variable "deployment" {
  description = "ID of the deployment that Alice edits."
  type        = string
  default     = "ce03a623751b4fc98d48400fec58b9c0"
}
