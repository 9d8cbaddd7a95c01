# A module for each team: the people are brought in in one place, and each team
# gives its own grants, on people whom it does not own.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

# Without roles: those are the teams' matter.
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
