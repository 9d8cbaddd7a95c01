# Offboarding: remove a person from people, and the next apply ends the person's
# access or invitation. A person whom somebody invited by hand shows in the plan
# and is removed too.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

variable "people" {
  description = "The people of the organization and their grants."
  type        = map(set(string))
  default = {
    "alice@example.com" = ["deployment-editor:*"]
    "bob@example.com"   = ["deployment-viewer:*", "billing-admin"]
    "carol@example.com" = ["observability-viewer:*"]
  }
}

variable "owners" {
  description = "Owners who are not managed here, so that no change here can lock out everyone."
  type        = set(string)
  default     = ["owner@example.com"]
}

resource "elasticcloud_member" "this" {
  for_each = var.people

  email = each.key
  roles = each.value
}

# Removes unlisted people, after everyone above is invited.
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(tolist(var.owners), [for member in elasticcloud_member.this : member.email])
}
