import {
  for_each = local.grants

  to = elasticcloud_role_assignment.this[each.key]
  id = each.key
}
