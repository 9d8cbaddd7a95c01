resource "elasticcloud_member" "taken_over" {
  email = "Active@example.com"
  roles = ["billing-admin"]
}

resource "elasticcloud_member" "joined" {
  email                 = "joined@Example.com"
  roles                 = ["elasticsearch-viewer:*+b+a", "deployment-editor:ce03a623751b4fc98d48400fec58b9c0", "deployment-viewer:*"]
  invitation_expires_in = "7d"
}

resource "elasticcloud_member" "invited" {
  email                    = "invited@example.com"
  roles                    = ["organization-admin"]
  allow_last_owner_removal = true
}

resource "elasticcloud_member" "without_roles" {
  email = "invited2@example.com"
}

resource "elasticcloud_member" "no_roles" {
  email = "invited3@example.com"
  roles = []
}
