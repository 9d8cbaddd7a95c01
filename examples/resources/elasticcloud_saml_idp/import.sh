# By the organization's ID
terraform import elasticcloud_saml_idp.okta 9876543210
