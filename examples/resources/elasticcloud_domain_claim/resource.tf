resource "elasticcloud_domain_claim" "example" {
  domain = "example.com"
}

# The TXT record to publish in the DNS of the domain. With
# elasticcloud_domain_verification, one apply does everything.
output "challenge" {
  value = {
    name  = elasticcloud_domain_claim.example.challenge_record_name
    type  = "TXT"
    value = elasticcloud_domain_claim.example.challenge_record_value
  }
}
