import {
  to = elasticcloud_role_mapping.owners
  id = "owners"
}
