# By the organization's ID
terraform import elasticcloud_role_mappings_exclusive.this 9876543210
