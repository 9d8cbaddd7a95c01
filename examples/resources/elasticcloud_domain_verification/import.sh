# The domain, which the organization has claimed
terraform import elasticcloud_domain_verification.example example.com
