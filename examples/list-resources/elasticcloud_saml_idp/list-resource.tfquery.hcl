# terraform query -generate-config-out=idp.tf
list "elasticcloud_saml_idp" "this" {
  provider = elasticcloud
}
