# A configuration whose changes are reviewed in pull requests: the workflow
# beside this file comments what a change does to whose access.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }

  # The workflow plans against the state that apply writes, so a backend that
  # both can reach stands here.
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
