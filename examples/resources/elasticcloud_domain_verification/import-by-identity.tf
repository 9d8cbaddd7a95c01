import {
  to = elasticcloud_domain_verification.example
  identity = {
    domain = "example.com"
  }
}
