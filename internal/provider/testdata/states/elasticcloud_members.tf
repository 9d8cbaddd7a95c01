resource "elasticcloud_members" "all" {
  members = {
    "Owner@example.com"   = ["organization-admin"]
    "active@example.com"  = ["billing-admin", "deployment-editor:ce03a623751b4fc98d48400fec58b9c0"]
    "joined@Example.com"  = ["elasticsearch-viewer:*+b+a"]
    "invited@example.com" = []
  }
  invitation_expires_in = "7d"
  max_removals          = 7
}
