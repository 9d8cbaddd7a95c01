import {
  to = elasticcloud_saml_service_provider.this
  identity = {
    organization_id = "9876543210"
  }
}
