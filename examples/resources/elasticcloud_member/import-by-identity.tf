import {
  to = elasticcloud_member.alice
  identity = {
    email = "alice@example.com"
  }
}
