# By the organization's ID
terraform import elasticcloud_sso_enforcement.this 9876543210
