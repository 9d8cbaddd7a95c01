terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {} # EC_API_KEY

locals {
  # Who may be in the organization, and what they hold. It is written once from
  # what is there; from then on it is what counts.
  people = jsondecode(fileexists("${path.module}/people.json") ? file("${path.module}/people.json") : "{}")
}

resource "elasticcloud_member" "this" {
  for_each = local.people

  email = each.key
  roles = each.value
}
