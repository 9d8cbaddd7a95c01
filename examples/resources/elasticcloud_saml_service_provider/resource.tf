resource "elasticcloud_saml_service_provider" "this" {
  login_identifier_prefix = "acme"

  # Elastic Cloud needs a claimed domain first:
  # depends_on = [elasticcloud_domain_verification.example]
}

# The application at the IdP needs these values. elasticcloud_saml_idp then gets
# issuer, URL and certificate from the application, and its prefix from here:
#
#   login_identifier_prefix = elasticcloud_saml_service_provider.this.login_identifier_prefix
output "for_the_idp" {
  value = {
    acs_url   = elasticcloud_saml_service_provider.this.acs_url
    entity_id = elasticcloud_saml_service_provider.this.sp_entity_id
  }
}
