resource "elasticcloud_domain_claim" "this" {
  domain = "example.com"
}

resource "elasticcloud_domain_verification" "this" {
  domain                 = elasticcloud_domain_claim.this.domain
  challenge_record_value = elasticcloud_domain_claim.this.challenge_record_value
  timeouts               = { create = "30m" }
}

resource "elasticcloud_domain_verification" "alone" {
  domain     = "Example.com"
  depends_on = [elasticcloud_domain_verification.this]
}
