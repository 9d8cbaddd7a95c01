# Finds the people of the organization, and imports those in people.json. You need
# this file once.

data "elasticcloud_members" "all" {}

locals {
  # Leaves out expired invitations, because they would be sent again, and people
  # without an e-mail address. The roles of a person without roles are null: they
  # are not managed.
  found = {
    for member in data.elasticcloud_members.all.members : member.id => length(member.roles) > 0 ? member.roles : null
    if member.status != "expired" && member.email != null
  }
}

# JSON, with a line for each person.
output "people" {
  value = "{\n${join(",\n", [for id, roles in local.found : "  ${jsonencode(id)}: ${jsonencode(roles)}"])}\n}\n"
}

import {
  for_each = { for id, roles in local.found : id => roles if contains(keys(local.people), id) }

  to = elasticcloud_member.this[each.key]
  id = each.key
}
