import {
  to = elasticcloud_role_assignment.alice_editor
  identity = {
    email = "alice@example.com"
    role  = "deployment-editor:*"
  }
}
