data "elasticcloud_organization" "this" {}

output "organization" {
  value = "${data.elasticcloud_organization.this.name} (${data.elasticcloud_organization.this.id})"
}

# Each plan warns until this is true.
check "sso" {
  assert {
    condition     = coalesce(data.elasticcloud_organization.this.sso_enforced, true)
    error_message = "Members may sign in without SSO."
  }
}
