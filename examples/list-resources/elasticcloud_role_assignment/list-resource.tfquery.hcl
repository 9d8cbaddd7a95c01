# terraform query -generate-config-out=assignments.tf
list "elasticcloud_role_assignment" "alice" {
  provider = elasticcloud

  config {
    email = "alice@example.com"
  }
}
