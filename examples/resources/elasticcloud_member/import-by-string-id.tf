import {
  to = elasticcloud_member.alice
  id = "alice@example.com"
}
