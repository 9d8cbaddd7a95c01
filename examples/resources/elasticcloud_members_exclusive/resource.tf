resource "elasticcloud_member" "team" {
  for_each = toset(["alice@example.com", "bob@example.com"])
  email    = each.key
}

# These and nobody else: who is not listed shows in the plan and is removed.
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(
    ["owner@example.com"], # who is there without Terraform
    [for member in elasticcloud_member.team : member.email],
  )

  # An apply that would remove more is refused.
  max_removals = 3
}
