resource "elasticcloud_members_exclusive" "this" {
  emails                   = ["Owner@example.com", "active@example.com", "somebody.else@example.com"]
  max_removals             = 7
  allow_last_owner_removal = false
}
