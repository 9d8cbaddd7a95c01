# A list stops after 100 results unless limit says otherwise.

# Those who hand out single grants from several modules list
# elasticcloud_role_assignment in place of elasticcloud_member. Not both: for one
# person they would undo each other.
list "elasticcloud_member" "member" {
  provider = elasticcloud
  limit    = 10000

  config {
    status = "active"
  }
}

# Open invitations. One that has expired would be sent again, so those with the
# status expired are left out.
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
