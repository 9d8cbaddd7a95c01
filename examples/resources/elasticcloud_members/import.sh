# By the organization's ID
terraform import elasticcloud_members.all 9876543210
