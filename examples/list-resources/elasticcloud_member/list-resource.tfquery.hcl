# terraform query -generate-config-out=members.tf
list "elasticcloud_member" "joined" {
  provider = elasticcloud
  limit    = 1000

  config {
    status = "active"
  }
}

list "elasticcloud_member" "invited_from_example_com" {
  provider = elasticcloud

  config {
    status = "invited"
    email  = "*@example.com"
  }
}
