import {
  to = elasticcloud_domain_claim.example
  identity = {
    domain = "example.com"
  }
}
