# By the organization's ID
terraform import elasticcloud_saml_service_provider.this 9876543210
