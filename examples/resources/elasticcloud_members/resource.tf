# Everyone in the organization. The plan shows unlisted people, and apply removes them.
resource "elasticcloud_members" "all" {
  members = {
    "owner@example.com" = ["organization-admin"]
    "alice@example.com" = ["billing-admin", "deployment-editor:*"]
    "bob@example.com"   = ["deployment-viewer:*", "security-t1-analyst:c866244b611442d585e23a0cc8c9434c"]
    "carol@example.com" = [] # a member without roles
  }

  invitation_expires_in = "7d"

  # Apply refuses to remove more people.
  max_removals = 3
}
