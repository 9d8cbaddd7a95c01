moved {
  from = elasticcloud_member.this["bob@example.com"]
  to   = elasticcloud_member.bob
}

removed {
  from = elasticcloud_member.bob

  lifecycle {
    destroy = false
  }
}
