removed {
  from = elasticcloud_role_assignment.this

  lifecycle {
    destroy = false
  }
}
