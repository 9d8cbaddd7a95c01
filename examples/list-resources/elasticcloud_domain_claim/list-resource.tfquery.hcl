# terraform query -generate-config-out=domains.tf
list "elasticcloud_domain_claim" "all" {
  provider = elasticcloud
}
