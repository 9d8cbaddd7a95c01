import {
  to = elasticcloud_sso_enforcement.this
  id = "9876543210"
}
