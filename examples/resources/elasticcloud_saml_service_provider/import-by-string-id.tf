import {
  to = elasticcloud_saml_service_provider.this
  id = "9876543210"
}
