resource "elasticcloud_domain_claim" "example" {
  domain = "example.com"
}

# The TXT record to publish wherever the DNS of the domain is. With
# elasticcloud_domain_verification all of it is done in one apply.
output "challenge" {
  value = {
    name  = elasticcloud_domain_claim.example.challenge_record_name
    type  = "TXT"
    value = elasticcloud_domain_claim.example.challenge_record_value
  }
}
