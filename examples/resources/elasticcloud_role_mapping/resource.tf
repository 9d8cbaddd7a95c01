# Elastic Cloud needs a mapping that grants organization-admin before it accepts
# others. So the others depend on this one.
resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }, { email = "ceo@example.com" }] }
  roles = ["organization-admin"]
}

# People in one of the groups who also have an address of the company.
resource "elasticcloud_role_mapping" "soc" {
  name = "soc"
  rule = { all = [{ group = "soc-*" }, { email = "*@example.com" }] }
  roles = [
    "security-t1-analyst:c866244b611442d585e23a0cc8c9434c",
    "elasticsearch-viewer:*+analyst",
  ]

  depends_on = [elasticcloud_role_mapping.owners]
}
