# The access of one team: every grant of the team for each person in it. Grants of
# other teams stay as they are.

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
  description = "Grants of everyone in the team."
  type        = set(string)
}

resource "elasticcloud_role_assignment" "this" {
  for_each = { for pair in setproduct(var.people, var.grants) : join("/", pair) => pair }

  email = each.value[0]
  role  = each.value[1]
}
