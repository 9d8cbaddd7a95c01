import {
  to = elasticcloud_members.all
  id = "9876543210"
}
