# A configuration that is watched on a schedule: whatever is changed by hand in
# the organization shows in a plan, and the next apply takes it back.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }

  # The schedule plans with the state that apply writes. Add a backend here that
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

# Somebody who was let in by hand is drift too.
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(["owner@example.com"], [for member in elasticcloud_member.this : member.email])
}
