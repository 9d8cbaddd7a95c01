terraform {
  required_providers {
    ec = {
      source = "elastic/ec"
    }
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

# Both read the API key from EC_API_KEY.
provider "ec" {}

provider "elasticcloud" {}

# Replaces the resource "ec_organization" "this": Terraform drops it from the
# state, and nothing else happens.
removed {
  from = ec_organization.this

  lifecycle {
    destroy = false
  }
}

data "elasticcloud_organization" "this" {}

import {
  to = elasticcloud_members.all
  id = data.elasticcloud_organization.this.id
}
