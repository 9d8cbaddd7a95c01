# The domain, which the organization has claimed
terraform import elasticcloud_domain_claim.example example.com
