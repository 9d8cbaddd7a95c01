data "elasticcloud_saml_idp" "this" {}

# The values that the application at the IdP needs.
output "service_provider" {
  value = {
    entity_id = data.elasticcloud_saml_idp.this.sp_entity_id
    acs_url   = data.elasticcloud_saml_idp.this.acs_url
  }
}

# Each plan warns in the last month before nobody can sign in. Without an IdP,
# there is nothing to compare.
check "certificates" {
  assert {
    condition     = try(timecmp(timeadd(plantimestamp(), "720h"), data.elasticcloud_saml_idp.this.certificates_expire_at) < 0, true)
    error_message = "A certificate of the IdP expires within 30 days."
  }
}
