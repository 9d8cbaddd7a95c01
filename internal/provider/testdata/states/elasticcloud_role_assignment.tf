resource "elasticcloud_role_assignment" "active" {
  for_each = toset(["deployment-viewer:*", "elasticsearch-viewer:*+b+a"])
  email    = "Active@example.com"
  role     = each.value
}

resource "elasticcloud_member" "invited" {
  email = "invited@example.com"
}

resource "elasticcloud_role_assignment" "pending" {
  email = elasticcloud_member.invited.email
  role  = "security-t1-analyst:c866244b611442d585e23a0cc8c9434c"
}
