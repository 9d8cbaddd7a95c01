resource "elasticcloud_member" "team" {
  for_each = toset(["alice@example.com", "bob@example.com"])
  email    = each.key
}

# The plan shows unlisted people, and apply removes them.
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(
    ["owner@example.com"], # not managed by Terraform
    [for member in elasticcloud_member.team : member.email],
  )

  # Apply refuses to remove more people.
  max_removals = 3
}
