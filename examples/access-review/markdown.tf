# The table in Markdown: a line for each person, a column for the organization and
# for each kind of resource. IDs are in the cells, so that the table stays narrow
# with many resources.

locals {
  # The text of a row in its cell. Access that is not a grant has a separate column,
  # with all details from Elastic Cloud.
  worded_rows = [for row in local.held : row.grant == null ? merge(row, {
    column = "other access"
    words  = "${row.role == null ? row.scope : "${row.role} on ${row.scope}"} (not a grant: ${row.assignment})"
    }) : merge(row, {
    column = row.scope
    words = join("", [
      row.grant == "organization-admin" ? "owner" : trimprefix(row.role, "${row.scope}-"),
      row.application_roles == null ? "" : "+${row.application_roles}",
      row.scope == "organization" ? "" : row.resource_id == null ? " on all" : " on ${row.resource_id}",
    ])
  })]

  held_by = { for row in local.worded_rows : "${row.principal} ${row.principal_type}" => row... }

  lines = merge(
    { for key, row in local.everybody : key => { id = row.principal, name = row.name, status = row.status, source = "", rows = [] } },
    { for key, rows in local.held_by : key => { id = rows[0].principal, name = rows[0].name, status = rows[0].status, source = rows[0].source, rows = rows } },
  )

  people_lines  = { for key, line in local.lines : key => line if !endswith(key, " role_mapping") }
  mapping_lines = { for key, line in local.lines : key => line if endswith(key, " role_mapping") }

  # The same counts as on the page.
  members = [for line in local.people_lines : line if line.status == "active"]
  counts = [
    "Members: ${length(local.members)}",
    "owners among them: ${length([for line in local.members : line if anytrue([for row in line.rows : row.grant == "organization-admin"])])}",
    "members without a grant: ${length([for line in local.members : line if length(line.rows) == 0])}",
    "pending invitations: ${length([for line in local.people_lines : line if line.status == "invited"])}",
    "expired invitations: ${length([for line in local.people_lines : line if line.status == "expired"])}",
  ]

  columns_held = toset([for row in local.worded_rows : row.column if row.principal_type != "role_mapping"])
  columns = concat(["organization"], sort(setintersection(local.columns_held, ["other access"])),
  sort(setsubtract(local.columns_held, ["organization", "other access"])))

  people_table = concat(
    [concat(["Person", "Name", "Status"], [for column in local.columns : title(column)])],
    [for line in local.people_lines : concat(
      [line.id, line.name == null ? "" : line.name, line.status],
      [for column in local.columns : join(", ", [for row in line.rows : row.words if row.column == column])],
    )],
  )

  mapping_table = concat(
    [["Role mapping", "Status", "Rule", "Roles"]],
    [for line in local.mapping_lines : [line.id, line.status, line.source, join(", ", [for row in line.rows : row.grant == null ? row.words : row.grant])]],
  )

  # People choose their names, so a name may contain anything. In a cell it becomes
  # text on one line: no pipe, no markup, no link.
  markdown = { for name, table in { people = local.people_table, mappings = local.mapping_table } : name => join("\n", [
    for i, cells in table : join("", concat(
      ["|"],
      [for cell in cells : " ${replace(replace(cell, "/[\\pC\\pZ]+/", " "), "/[\\\\`*_~|<>&#!\\[\\]()]/", "\\$0")} |"],
      i == 0 ? ["\n|", join("", [for cell in cells : " --- |"])] : [],
    ))
  ]) }
}

# One line for each person, for a repository or a wiki.
output "markdown" {
  value = <<-EOT
    # Access to organization ${data.elasticcloud_organization.this.id}

    ${var.generated_at == "" ? "" : "Generated: ${var.generated_at}. "}${join(", ", local.counts)}.

    ${local.markdown.people}

    ## Role mappings

    ${local.markdown.mappings}
  EOT
}
