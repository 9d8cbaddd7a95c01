# Access by team: one map has the people and the grants of each team.
# Each person gets the grants of all their teams, and no others.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

locals {
  teams = {
    platform = {
      people = ["alice@example.com", "bob@example.com"]
      grants = ["deployment-admin:*", "elasticsearch-admin:*"]
    }
    soc = {
      people = ["bob@example.com", "carol@example.com"]
      grants = ["security-soc-manager:c866244b611442d585e23a0cc8c9434c", "deployment-viewer:*"]
    }
    finance = {
      people = ["dave@example.com"]
      grants = ["billing-admin"]
    }
  }

  # For each person, the grants of all their teams.
  people = {
    for email in distinct(flatten([for team in local.teams : team.people])) :
    email => toset(flatten([for team in local.teams : team.grants if contains(team.people, email)]))
  }
}

resource "elasticcloud_member" "this" {
  for_each = local.people

  email = each.key
  roles = each.value
}
