terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {} # EC_API_KEY

locals {
  # The people of the organization and their roles. find.tf creates the file once.
  # From then on, edit the file.
  people = jsondecode(fileexists("${path.module}/people.json") ? file("${path.module}/people.json") : "{}")
}

resource "elasticcloud_member" "this" {
  for_each = local.people

  email = each.key
  roles = each.value
}
