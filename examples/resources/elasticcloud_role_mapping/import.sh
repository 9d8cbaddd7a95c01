# By name
terraform import elasticcloud_role_mapping.owners owners
