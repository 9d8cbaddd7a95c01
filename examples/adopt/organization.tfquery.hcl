# A list stops after 100 results unless you set limit.

# To manage single grants, list elasticcloud_role_assignment instead of
# elasticcloud_member. Do not list both: they would undo each other.
list "elasticcloud_member" "member" {
  provider = elasticcloud
  limit    = 10000

  config {
    status = "active"
  }
}

# Pending invitations. Expired ones are left out, because they would be sent again.
list "elasticcloud_member" "invited" {
  provider = elasticcloud
  limit    = 10000

  config {
    status = "invited"
  }
}

list "elasticcloud_domain_claim" "domain" {
  provider = elasticcloud
}

list "elasticcloud_saml_idp" "idp" {
  provider = elasticcloud
}

list "elasticcloud_role_mapping" "mapping" {
  provider = elasticcloud
  limit    = 10000
}

list "elasticcloud_sso_enforcement" "sso" {
  provider = elasticcloud
}
