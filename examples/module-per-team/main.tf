# A module for each team. One place invites the people, and each team grants its
# own roles to them.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

# Without roles, because the teams grant them.
resource "elasticcloud_member" "this" {
  for_each = toset(["alice@example.com", "bob@example.com", "carol@example.com"])
  email    = each.key
}

module "platform" {
  source = "./modules/team"
  people = [for name in ["alice", "bob"] : elasticcloud_member.this["${name}@example.com"].email]
  grants = ["deployment-admin:*"]
}

module "soc" {
  source = "./modules/team"
  people = [for name in ["bob", "carol"] : elasticcloud_member.this["${name}@example.com"].email]
  grants = ["security-soc-manager:*", "elasticsearch-viewer:*+analyst"]
}
