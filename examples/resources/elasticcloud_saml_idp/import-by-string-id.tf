import {
  to = elasticcloud_saml_idp.okta
  id = "9876543210"
}
