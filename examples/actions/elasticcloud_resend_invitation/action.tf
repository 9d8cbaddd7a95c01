# terraform apply -invoke=action.elasticcloud_resend_invitation.carol
action "elasticcloud_resend_invitation" "carol" {
  config {
    email                 = "carol@example.com"
    invitation_expires_in = "7d"
  }
}
