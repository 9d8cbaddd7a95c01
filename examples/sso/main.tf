# Single sign-on in one apply: from nothing to enforced, and one destroy back.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

variable "domain" {
  description = "E-mail domain of those who sign in."
  type        = string
  default     = "example.com"
}

# 1. The domain: claim it, publish the code, have it verified.

resource "elasticcloud_domain_claim" "this" {
  domain = var.domain
}

# The TXT record, with whatever DNS provider you have, for example:
#
#   resource "aws_route53_record" "challenge" {
#     zone_id = var.zone_id
#     name    = elasticcloud_domain_claim.this.challenge_record_name
#     type    = "TXT"
#     ttl     = 60
#     records = [elasticcloud_domain_claim.this.challenge_record_value]
#   }
#
# and depends_on = [aws_route53_record.challenge] below.

resource "elasticcloud_domain_verification" "this" {
  domain                 = elasticcloud_domain_claim.this.domain
  challenge_record_value = elasticcloud_domain_claim.this.challenge_record_value
  timeouts               = { create = "30m" }
}

# 2. The IdP, from the metadata that it gives out.

locals {
  idp = provider::elasticcloud::parse_saml_metadata(file("${path.module}/idp-metadata.xml"))
}

resource "elasticcloud_saml_idp" "this" {
  login_identifier_prefix = "acme"
  issuer                  = local.idp.issuer
  sso_url                 = local.idp.sso_url
  certificates            = local.idp.certificates

  depends_on = [elasticcloud_domain_verification.this]
}

# 3. Who gets what when they sign in.

resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }] }
  roles = ["organization-admin"]

  depends_on = [elasticcloud_saml_idp.this]
}

resource "elasticcloud_role_mapping" "developers" {
  name  = "developers"
  rule  = { all = [{ group = "elastic-dev-*" }, { email = "*@${var.domain}" }] }
  roles = ["deployment-editor:*", "elasticsearch-developer:*"]

  depends_on = [elasticcloud_role_mapping.owners]
}

# 4. From here on everybody has to sign in through SSO. It depends on the
# mapping that makes owners, so that it comes last and goes first.

resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}

# What the IdP has to know about Elastic Cloud.
output "service_provider" {
  value = {
    acs_url      = elasticcloud_saml_idp.this.acs_url
    entity_id    = elasticcloud_saml_idp.this.sp_entity_id
    metadata_url = elasticcloud_saml_idp.this.metadata_url
    login_url    = elasticcloud_saml_idp.this.sso_login_url
  }
}
