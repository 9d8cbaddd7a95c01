# At once, and nothing else: terraform apply -invoke=action.elasticcloud_revoke_access.bob
action "elasticcloud_revoke_access" "bob" {
  config {
    email = "bob@example.com"
  }
}

# Or in an apply, whenever the incident is another one
resource "terraform_data" "incident" {
  input = "INC-1042"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.elasticcloud_revoke_access.bob]
    }
  }
}
