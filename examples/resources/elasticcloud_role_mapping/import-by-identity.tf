import {
  to = elasticcloud_role_mapping.owners
  identity = {
    name = "owners"
  }
}
