# Run only this action, now: terraform apply -invoke=action.elasticcloud_revoke_access.bob
action "elasticcloud_revoke_access" "bob" {
  config {
    email = "bob@example.com"
  }
}

# Or run it in an apply, each time the incident changes.
resource "terraform_data" "incident" {
  input = "INC-1042"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.elasticcloud_revoke_access.bob]
    }
  }
}
