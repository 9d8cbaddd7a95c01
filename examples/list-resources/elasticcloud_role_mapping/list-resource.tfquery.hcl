# terraform query -generate-config-out=mappings.tf
list "elasticcloud_role_mapping" "all" {
  provider = elasticcloud
  limit    = 1000
}
