# Finds who is there, and imports whoever stands in people.json. This file is
# needed once.

data "elasticcloud_members" "all" {}

locals {
  # Not those whose invitation has expired, as it would be sent again, and not
  # those whose e-mail address the service does not give. The roles of somebody
  # who holds none are null: they are not managed.
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
