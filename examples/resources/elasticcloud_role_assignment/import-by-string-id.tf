import {
  to = elasticcloud_role_assignment.alice_editor
  id = "alice@example.com/deployment-editor:*"
}
