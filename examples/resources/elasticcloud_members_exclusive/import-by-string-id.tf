import {
  to = elasticcloud_members_exclusive.this
  id = "9876543210"
}
