resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }] }
  roles = ["organization-admin"]
}

resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
