terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

# The API key comes from the environment, EC_API_KEY, so that it is in no file.
# The organization is found by the key.
provider "elasticcloud" {}

locals {
  # Who is in the team, and what each of them may do. These roles and no others:
  # what somebody hands out by hand shows in the next plan.
  team = {
    # on all deployments, later ones too
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
