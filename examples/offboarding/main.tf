# Offboarding: take somebody out of people, and the next apply ends their access,
# whether they have joined or not. Somebody who was let in by hand shows in the
# plan, and goes too.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

variable "people" {
  description = "Who is in the organization, and what they may do."
  type        = map(set(string))
  default = {
    "alice@example.com" = ["deployment-editor:*"]
    "bob@example.com"   = ["deployment-viewer:*", "billing-admin"]
    "carol@example.com" = ["observability-viewer:*"]
  }
}

variable "owners" {
  description = "Who holds organization-admin and is not managed here, so that no change here can lock everybody out."
  type        = set(string)
  default     = ["owner@example.com"]
}

resource "elasticcloud_member" "this" {
  for_each = var.people

  email = each.key
  roles = each.value
}

# Once everybody above is brought in, nobody else stays.
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(tolist(var.owners), [for member in elasticcloud_member.this : member.email])
}
