data "elasticcloud_members" "all" {}

output "expired_invitations" {
  value = [for m in data.elasticcloud_members.all.members : m.id if m.status == "expired"]
}

# By address in lower case, for example for for_each.
output "roles" {
  value = { for m in data.elasticcloud_members.all.members : m.id => m.roles }
}

# One person. The list is empty if nobody has the address.
data "elasticcloud_members" "alice" {
  email = "alice@example.com"
}

output "alice_is_active" {
  value = one(data.elasticcloud_members.alice.members[*].status) == "active"
}
