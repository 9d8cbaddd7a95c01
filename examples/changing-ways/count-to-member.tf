moved {
  from = elasticcloud_member.this[0]
  to   = elasticcloud_member.this["alice@example.com"]
}

moved {
  from = elasticcloud_member.this[1]
  to   = elasticcloud_member.this["bob@example.com"]
}

moved {
  from = elasticcloud_member.this[2]
  to   = elasticcloud_member.this["carol@example.com"]
}

moved {
  from = elasticcloud_member.this[3]
  to   = elasticcloud_member.this["owner@example.com"]
}
