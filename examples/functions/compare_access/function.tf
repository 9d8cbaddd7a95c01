locals {
  # The rows of elasticcloud_access at the last review, saved with jsonencode.
  before = jsondecode(file("${path.module}/access-before.json"))
}

data "elasticcloud_access" "now" {}

# [
#   "alice@example.com gained billing-admin",
#   "bob@example.com joined",
#   "mallory@example.com no longer has access: lost deployment-admin:*",
#   "role mapping \"owners\" is disabled, was enabled",
# ]
output "changes" {
  value = provider::elasticcloud::compare_access(local.before, data.elasticcloud_access.now.grants).changes
}
