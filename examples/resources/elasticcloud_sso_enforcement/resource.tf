resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }] }
  roles = ["organization-admin"]
}

# Add this resource after somebody has signed in through SSO. It is created after
# the mapping that grants organization-admin, and destroyed before it.
resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
