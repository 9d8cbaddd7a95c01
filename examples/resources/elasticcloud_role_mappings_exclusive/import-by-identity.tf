import {
  to = elasticcloud_role_mappings_exclusive.this
  identity = {
    organization_id = "9876543210"
  }
}
