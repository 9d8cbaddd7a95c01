# One resource for everyone. Apply removes people who are not listed.
resource "elasticcloud_members" "all" {
  members = local.people
}
