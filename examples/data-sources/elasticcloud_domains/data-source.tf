data "elasticcloud_domains" "claimed" {}

output "domains" {
  value = data.elasticcloud_domains.claimed.domains
}
