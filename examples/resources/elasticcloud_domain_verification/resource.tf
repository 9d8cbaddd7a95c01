resource "elasticcloud_domain_claim" "example" {
  domain = "example.com"
}

# Publish the TXT record with your DNS provider, for example:
#
# resource "aws_route53_record" "challenge" {
#   zone_id = var.zone_id
#   name    = elasticcloud_domain_claim.example.challenge_record_name
#   type    = "TXT"
#   ttl     = 60
#   records = [elasticcloud_domain_claim.example.challenge_record_value]
# }

# Waits until Elastic Cloud sees the record.
resource "elasticcloud_domain_verification" "example" {
  domain                 = elasticcloud_domain_claim.example.domain
  challenge_record_value = elasticcloud_domain_claim.example.challenge_record_value
  timeouts               = { create = "30m" }

  # depends_on = [aws_route53_record.challenge]
}
