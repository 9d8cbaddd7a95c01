terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

# Reads the API key from EC_API_KEY, and finds the organization by the key.
provider "elasticcloud" {}

resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["deployment-viewer:*"]
}
