terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

# The API key is in the environment variable EC_API_KEY, so that no file has it.
# The provider finds the organization by the key.
provider "elasticcloud" {}

locals {
  # The people of the team and their roles. The list is complete: a role that
  # somebody grants by hand shows as drift in the next plan.
  team = {
    # on all deployments, later ones included
    "alice@example.com" = ["deployment-editor:*"]

    # several roles; one without a scope is a role on the organization
    "bob@example.com" = ["billing-admin", "deployment-editor:*"]

    # on one security project, and a custom role inside all Elasticsearch projects
    "carol@example.com" = [
      "security-t1-analyst:c866244b611442d585e23a0cc8c9434c",
      "elasticsearch-viewer:*+reporting",
    ]
  }
}

# One resource for each person, from the invitation until they leave.
resource "elasticcloud_member" "team" {
  for_each = local.team

  email = each.key
  roles = each.value
}
