terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

# The provider reads the API key from EC_API_KEY.
provider "elasticcloud" {}

# In place of the resource "ec_organization" "this".
moved {
  from = ec_organization.this
  to   = elasticcloud_members.all
}

resource "elasticcloud_members" "all" {
  members = local.grants
}
