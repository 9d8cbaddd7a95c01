resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }, { email = "ceo@example.com" }] }
  roles = ["organization-admin"]
}

resource "elasticcloud_role_mapping" "analysts" {
  name    = "analysts / 100% \"all\""
  enabled = false
  rule    = { all = [{ group = "soc-*" }, { email = "*@example.com" }] }
  roles   = ["elasticsearch-viewer:*+b+a", "security-t1-analyst:c866244b611442d585e23a0cc8c9434c"]
}
