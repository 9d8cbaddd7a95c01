# Invites Alice. Without roles, because the assignments grant them.
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
}

# Stays pending until Alice has joined.
resource "elasticcloud_role_assignment" "alice_editor" {
  email = elasticcloud_member.alice.email
  role  = "deployment-editor:*"
}

# One resource for each grant.
resource "elasticcloud_role_assignment" "alice_soc" {
  for_each = toset([
    "security-t1-analyst:c866244b611442d585e23a0cc8c9434c",
    "elasticsearch-viewer:*+analyst",
  ])
  email = elasticcloud_member.alice.email
  role  = each.value
}
