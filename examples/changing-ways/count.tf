# Before: one resource for each person, numbered by count.
resource "elasticcloud_member" "this" {
  count = length(local.people)

  email = keys(local.people)[count.index]
  roles = values(local.people)[count.index]
}
