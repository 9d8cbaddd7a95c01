locals {
  okta = provider::elasticcloud::parse_saml_metadata(file("${path.module}/okta-metadata.xml"))
}

# {
#   issuer       = "http://www.okta.com/exk1fcia6d6EMsf331d8"
#   sso_url      = "https://acme.okta.example/app/acme_elasticcloud_1/exk1fcia6d6EMsf331d8/sso/saml"
#   certificates = ["-----BEGIN CERTIFICATE-----\n..."]
# }
output "okta" {
  value = local.okta
}
