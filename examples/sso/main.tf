# Single sign-on in two steps: apply, sign in once through your IdP, then apply with enforce = true.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
  }
}

provider "elasticcloud" {}

variable "domain" {
  description = "E-mail domain of the people who sign in."
  type        = string
  default     = "example.com"
}

variable "enforce" {
  description = "Require everyone to sign in through SSO. Set it to true once an owner has signed in through SSO."
  type        = bool
  default     = false
}

# 1. The domain: claim it, publish the code, verify it.

resource "elasticcloud_domain_claim" "this" {
  domain = var.domain
}

# Publish the TXT record with your DNS provider, for example:
#
#   resource "aws_route53_record" "challenge" {
#     zone_id = var.zone_id
#     name    = elasticcloud_domain_claim.this.challenge_record_name
#     type    = "TXT"
#     ttl     = 60
#     records = [elasticcloud_domain_claim.this.challenge_record_value]
#   }
#
# Then set depends_on = [aws_route53_record.challenge] below.

resource "elasticcloud_domain_verification" "this" {
  domain                 = elasticcloud_domain_claim.this.domain
  challenge_record_value = elasticcloud_domain_claim.this.challenge_record_value
  timeouts               = { create = "30m" }
}

# 2. The IdP, from its metadata.

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

# 3. The roles that people get when they sign in.

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

# 4. Required single sign-on, after somebody has signed in through it. depends_on
# names the mapping that grants organization-admin, so that SSO is required last and
# becomes optional first. Add everything at the IdP that a sign-in needs: the
# application and the people who may use it.

resource "elasticcloud_sso_enforcement" "this" {
  count = var.enforce ? 1 : 0

  depends_on = [elasticcloud_role_mapping.owners]
}

# The values that the IdP needs, and where people sign in.
output "service_provider" {
  value = {
    acs_url      = elasticcloud_saml_idp.this.acs_url
    entity_id    = elasticcloud_saml_idp.this.sp_entity_id
    metadata_url = elasticcloud_saml_idp.this.metadata_url
    login_url    = elasticcloud_saml_idp.this.sso_login_url
  }
}
