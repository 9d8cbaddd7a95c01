resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }] }
  roles = ["organization-admin"]
}

# Add this resource once somebody has signed in through SSO. It is
# created after the mapping that makes owners, and destroyed before it.
resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
