# Finds all objects of the organization, and writes an import block for each one.
# You need this file once.

data "elasticcloud_organization" "this" {}

data "elasticcloud_members" "all" {}

data "elasticcloud_domains" "all" {}

data "elasticcloud_saml_idp" "this" {}

data "elasticcloud_role_mappings" "all" {}

locals {
  id       = data.elasticcloud_organization.this.id
  enforced = data.elasticcloud_organization.this.sso_enforced == true # null if Elastic Cloud does not say

  # The import IDs of each resource type, by name. Leaves out expired invitations,
  # because they would be sent again, and people without an e-mail address.
  found = {
    elasticcloud_member          = { for member in data.elasticcloud_members.all.members : member.id => member.id if member.status != "expired" && member.email != null }
    elasticcloud_domain_claim    = { for domain in data.elasticcloud_domains.all.domains : domain => domain }
    elasticcloud_role_mapping    = { for mapping in data.elasticcloud_role_mappings.all.role_mappings : mapping.name => mapping.name }
    elasticcloud_saml_idp        = data.elasticcloud_saml_idp.this.configured ? { this = local.id } : {}
    elasticcloud_sso_enforcement = local.enforced ? { this = local.id } : {}
  }

  # The import IDs by the address of the resource: alice@example.com becomes
  # elasticcloud_member.alice_example_com. Names that differ only in other
  # characters share an address.
  addresses = merge([
    for type, ids in local.found : {
      for name, id in ids : "${type}.${replace(replace(lower(name), "/[^a-z0-9]+/", "_"), "/^([0-9])/", "_$1")}" => id...
    }
  ]...)
}

output "imports" {
  value = join("\n", flatten([
    for address, ids in local.addresses : [
      for id in ids : <<-EOT
        import {
          to = ${address}${length(ids) > 1 ? "_${substr(sha1(id), 0, 8)}" : ""}
          id = ${replace(jsonencode(id), "/([$%])[{]/", "$1$1{")}
        }
      EOT
    ]
  ]))
}
