import {
  to = elasticcloud_sso_enforcement.this
  identity = {
    organization_id = "9876543210"
  }
}
