terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

# The API key comes from EC_API_KEY, and the organization is found by the key.
provider "elasticcloud" {}

resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["deployment-viewer:*"]
}
