# One resource for each person, without roles, and one resource for each grant.
resource "elasticcloud_member" "this" {
  for_each = local.people

  email = each.key
}

locals {
  grants = {
    for grant in flatten([for email, roles in local.people : [for role in roles : { email = email, role = role }]]) :
    "${grant.email}/${grant.role}" => grant
  }
}

resource "elasticcloud_role_assignment" "this" {
  for_each = local.grants

  email = elasticcloud_member.this[each.value.email].email
  role  = each.value.role
}
