# terraform query -generate-config-out=enforcement.tf
list "elasticcloud_sso_enforcement" "this" {
  provider = elasticcloud
}
