terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {} # EC_API_KEY
