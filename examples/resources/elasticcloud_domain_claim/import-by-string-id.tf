import {
  to = elasticcloud_domain_claim.example
  id = "example.com"
}
