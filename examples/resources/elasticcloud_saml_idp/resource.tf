locals {
  okta = provider::elasticcloud::parse_saml_metadata(file("${path.module}/okta-metadata.xml"))
}

resource "elasticcloud_saml_idp" "okta" {
  login_identifier_prefix = "acme"
  issuer                  = local.okta.issuer
  sso_url                 = local.okta.sso_url
  certificates            = local.okta.certificates

  # An IdP needs a claimed domain:
  # depends_on = [elasticcloud_domain_verification.example]
}

# The values that the application at the IdP needs.
output "service_provider" {
  value = {
    acs_url   = elasticcloud_saml_idp.okta.acs_url
    entity_id = elasticcloud_saml_idp.okta.sp_entity_id
  }
}
