# What one team may do: every grant of the team for everybody in it, and nothing
# that another team gave.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

variable "people" {
  description = "E-mail addresses of the team."
  type        = set(string)
}

variable "grants" {
  description = "What everybody in the team may do."
  type        = set(string)
}

resource "elasticcloud_role_assignment" "this" {
  for_each = { for pair in setproduct(var.people, var.grants) : join("/", pair) => pair }

  email = each.value[0]
  role  = each.value[1]
}
