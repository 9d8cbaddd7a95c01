# By the organization's ID
terraform import elasticcloud_members_exclusive.this 9876543210
