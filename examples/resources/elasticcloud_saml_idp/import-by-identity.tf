import {
  to = elasticcloud_saml_idp.okta
  identity = {
    organization_id = "9876543210"
  }
}
