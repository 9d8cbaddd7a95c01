import {
  to = elasticcloud_members_exclusive.this
  identity = {
    organization_id = "9876543210"
  }
}
