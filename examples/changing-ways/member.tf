# One resource for each person, with all roles of the person.
resource "elasticcloud_member" "this" {
  for_each = local.people

  email = each.key
  roles = each.value
}
