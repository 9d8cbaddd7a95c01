# Who has access to what, for an audit: as CSV, as Markdown and as one HTML page.
# Nothing is managed here. Use a key with the role Organization owner: another one does not see everybody.
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
  description = "The time that the reports bear, such as 2026-11-23T05:00:00Z. It is given from outside, since with a time of Terraform's own every plan would have changes."
  type        = string
  default     = ""
}

variable "before" {
  description = "File with what the output rows was at the last review. It does not have to be there."
  type        = string
  default     = "access.json"
}

data "elasticcloud_organization" "this" {}

data "elasticcloud_members" "all" {}

data "elasticcloud_role_mappings" "all" {}

data "elasticcloud_access" "now" {}

locals {
  held = data.elasticcloud_access.now.grants

  # Everybody, and each role mapping.
  everybody = {
    for row in concat(
      [for m in data.elasticcloud_members.all.members :
      { principal_type = m.status == "active" ? "member" : "invitation", principal = m.id, name = m.name, status = m.status }],
      [for m in data.elasticcloud_role_mappings.all.role_mappings :
      { principal_type = "role_mapping", principal = m.name, name = null, status = m.enabled ? "enabled" : "disabled" }],
    ) : "${row.principal} ${row.principal_type}" => row
  }

  # Whoever holds nothing has no row there, and must not be missing in a review: they
  # get one that says no more than that they are there.
  nothing = { role = null, scope = null, resource_id = null, application_roles = null, grant = null, source = null, assignment = null }

  idle = [
    for key in setsubtract(keys(local.everybody), [for row in local.held : "${row.principal} ${row.principal_type}"]) :
    merge(local.everybody[key], local.nothing)
  ]
  rows = concat(local.held, local.idle)

  # What the provider cannot write as a grant is a row without one.
  others = [for row in local.held : row if row.grant == null]

  # Where there is any such row, compare_access knows that nobody is left out, and
  # so who came and who went. There is one also where everybody holds something.
  now = concat(local.rows, [for row in slice(values(local.everybody), 0, min(1, length(local.everybody))) : merge(row, local.nothing)])

  # Of nothing before, everything would be new.
  before   = fileexists(var.before) ? file(var.before) : jsonencode(local.now)
  changes  = provider::elasticcloud::compare_access(jsondecode(local.before), local.now).changes
  begin    = fileexists(var.before) ? [] : ["first review (grants: ${length(local.held) - length(local.others)}${length(local.others) == 0 ? "" : ", other access: ${length(local.others)}"})"]
  timeline = [for change in concat(local.begin, local.changes) : { time = var.generated_at, change = change }]
}

# One line a grant, for whatever else somebody has, and for who has nothing, for a
# spreadsheet.
output "csv" {
  value = provider::elasticcloud::csv(local.rows, "principal_type", "principal", "name", "status", "grant", "role", "scope", "resource_id", "application_roles", "source", "assignment")
}

# One page that needs nothing but a browser. The Content-Security-Policy in it
# allows this script and these styles, by their hashes, and nothing else. Browsers
# read a line end as \n before they hash.
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

# Everything, for the next review to compare with.
output "rows" {
  value = jsonencode(local.now)
}

# What happened since the last review, as lines of CSV: the time, and a sentence.
output "timeline" {
  value = trimprefix(provider::elasticcloud::csv(local.timeline, "time", "change"), "time,change\n")
}
