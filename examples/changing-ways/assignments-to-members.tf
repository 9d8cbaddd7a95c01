removed {
  from = elasticcloud_member.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = elasticcloud_role_assignment.this

  lifecycle {
    destroy = false
  }
}

data "elasticcloud_organization" "this" {}

import {
  to = elasticcloud_members.all
  id = data.elasticcloud_organization.this.id
}
