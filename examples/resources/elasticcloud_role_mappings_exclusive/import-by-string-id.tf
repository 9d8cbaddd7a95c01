import {
  to = elasticcloud_role_mappings_exclusive.this
  id = "9876543210"
}
