# A configuration whose changes are reviewed in pull requests: the workflow
# beside this file comments what a change does to whose access.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }

  # The workflow plans with the state that apply writes. Add a backend here that
  # both can reach.
}

provider "elasticcloud" {} # EC_API_KEY

locals {
  people = {
    "alice@example.com" = ["deployment-editor:*"]
    "bob@example.com"   = ["deployment-viewer:*", "billing-admin"]
  }
}

resource "elasticcloud_member" "this" {
  for_each = local.people

  email = each.key
  roles = each.value
}
