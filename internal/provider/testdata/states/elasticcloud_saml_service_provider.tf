resource "elasticcloud_saml_service_provider" "this" {
  login_identifier_prefix = "acme"
}
