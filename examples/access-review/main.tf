# Reports who has access to what: as CSV, as Markdown and as an HTML page.
# Manages nothing. Use a key with the role Organization owner: no other key sees everyone.
#
#   terraform apply
#   terraform output -raw html > access.html

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {} # EC_API_KEY

variable "generated_at" {
  description = "The time in the reports, such as 2026-11-23T05:00:00Z. A function such as timestamp() would cause a diff in every plan."
  type        = string
  default     = ""
}

variable "before" {
  description = "File with the output rows of the last review. It may be missing."
  type        = string
  default     = "access.json"
}

data "elasticcloud_organization" "this" {}

data "elasticcloud_members" "all" {}

data "elasticcloud_role_mappings" "all" {}

data "elasticcloud_access" "now" {}

locals {
  held = data.elasticcloud_access.now.grants

  # Everyone, and each role mapping.
  everybody = {
    for row in concat(
      [for m in data.elasticcloud_members.all.members :
      { principal_type = m.status == "active" ? "member" : "invitation", principal = m.id, name = m.name, status = m.status }],
      [for m in data.elasticcloud_role_mappings.all.role_mappings :
      { principal_type = "role_mapping", principal = m.name, name = null, status = m.enabled ? "enabled" : "disabled" }],
    ) : "${row.principal} ${row.principal_type}" => row
  }

  # elasticcloud_access has no row for people without access. A review needs them,
  # so they get a row without a grant.
  nothing = { role = null, scope = null, resource_id = null, application_roles = null, grant = null, source = null, assignment = null }

  idle = [
    for key in setsubtract(keys(local.everybody), [for row in local.held : "${row.principal} ${row.principal_type}"]) :
    merge(local.everybody[key], local.nothing)
  ]
  rows = concat(local.held, local.idle)

  # Access that the provider cannot write as a grant: rows without one.
  others = [for row in local.held : row if row.grant == null]

  # With one such row, compare_access assumes that the list is complete, so it can
  # report who was added and removed. There is always one, even if everyone has access.
  now = concat(local.rows, [for row in slice(values(local.everybody), 0, min(1, length(local.everybody))) : merge(row, local.nothing)])

  # Without an earlier review, compare with the present. Otherwise everything would be new.
  before   = fileexists(var.before) ? file(var.before) : jsonencode(local.now)
  changes  = provider::elasticcloud::compare_access(jsondecode(local.before), local.now).changes
  begin    = fileexists(var.before) ? [] : ["first review (grants: ${length(local.held) - length(local.others)}${length(local.others) == 0 ? "" : ", other access: ${length(local.others)}"})"]
  timeline = [for change in concat(local.begin, local.changes) : { time = var.generated_at, change = change }]
}

# For a spreadsheet: one line for each grant, for each other access, and for each
# person or mapping without access.
output "csv" {
  value = provider::elasticcloud::csv(local.rows, "principal_type", "principal", "name", "status", "grant", "role", "scope", "resource_id", "application_roles", "source", "assignment")
}

# One page for a browser. Its Content-Security-Policy allows only this script and
# these styles, by their hashes. Browsers read a line end as \n before they hash.
output "html" {
  value = templatefile("${path.module}/page.html.tftpl", {
    script = replace(file("${path.module}/page.js"), "\r\n", "\n")
    style  = replace(file("${path.module}/page.css"), "\r\n", "\n")
    data = {
      organization = {
        id           = data.elasticcloud_organization.this.id
        name         = data.elasticcloud_organization.this.name
        sso_enforced = data.elasticcloud_organization.this.sso_enforced
      }
      generated_at = var.generated_at
      people       = [for m in data.elasticcloud_members.all.members : { id = m.id, status = m.status, member_since = m.member_since, invitation_expires_at = m.invitation_expires_at }]
      rows         = local.rows
    }
  })
}

# All rows, so that the next review can compare.
output "rows" {
  value = jsonencode(local.now)
}

# The changes since the last review, as lines of CSV: the time and a sentence.
output "timeline" {
  value = trimprefix(provider::elasticcloud::csv(local.timeline, "time", "change"), "time,change\n")
}
