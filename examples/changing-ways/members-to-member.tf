removed {
  from = elasticcloud_members.all

  lifecycle {
    destroy = false
  }
}

import {
  for_each = local.people

  to = elasticcloud_member.this[each.key]
  id = each.key
}
