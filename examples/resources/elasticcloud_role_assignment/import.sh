# E-mail address, slash, grant
terraform import elasticcloud_role_assignment.alice_editor 'alice@example.com/deployment-editor:*'
