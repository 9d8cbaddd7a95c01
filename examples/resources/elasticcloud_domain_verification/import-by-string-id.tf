import {
  to = elasticcloud_domain_verification.example
  id = "example.com"
}
