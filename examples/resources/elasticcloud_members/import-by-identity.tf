import {
  to = elasticcloud_members.all
  identity = {
    organization_id = "9876543210"
  }
}
