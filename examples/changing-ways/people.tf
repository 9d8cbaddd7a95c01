terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

locals {
  people = {
    "owner@example.com" = ["organization-admin"]
    "alice@example.com" = ["billing-admin", "deployment-editor:*"]
    "bob@example.com"   = ["deployment-viewer:*"]
    "carol@example.com" = ["deployment-viewer:*"]
  }
}
