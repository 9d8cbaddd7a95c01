resource "elasticcloud_domain_claim" "claimed" {
  domain = "Example.com."
}

resource "elasticcloud_domain_claim" "waiting" {
  domain = "waiting.example.com"
}
