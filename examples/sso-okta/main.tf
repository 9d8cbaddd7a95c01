# Single sign-on with Okta in one apply.

terraform {
  required_providers {
    elasticcloud = {
      source = "elasticcloud-access/elasticcloud"
    }
    okta = {
      source = "okta/okta"
    }
  }
}

provider "elasticcloud" {}

provider "okta" {}

variable "domain" {
  description = "E-mail domain of the people who sign in."
  type        = string
  default     = "example.com"
}

variable "enforce" {
  description = "Whether everyone has to sign in through SSO. Set this once somebody has signed in."
  type        = bool
  default     = false
}

# 1. The domain. Publish the TXT record with your DNS provider, and let the
# verification depend on it.

resource "elasticcloud_domain_claim" "this" {
  domain = var.domain
}

resource "elasticcloud_domain_verification" "this" {
  domain                 = elasticcloud_domain_claim.this.domain
  challenge_record_value = elasticcloud_domain_claim.this.challenge_record_value
  timeouts               = { create = "30m" }
}

# 2. The addresses of Elastic Cloud, before there is an IdP.

resource "elasticcloud_saml_service_provider" "this" {
  login_identifier_prefix = "acme"

  depends_on = [elasticcloud_domain_verification.this]
}

# 3. The application in Okta, with these addresses.

resource "okta_app_saml" "elastic" {
  label                    = "Elastic Cloud"
  sso_url                  = elasticcloud_saml_service_provider.this.acs_url
  recipient                = elasticcloud_saml_service_provider.this.acs_url
  destination              = elasticcloud_saml_service_provider.this.acs_url
  audience                 = elasticcloud_saml_service_provider.this.sp_entity_id
  subject_name_id_template = "$${user.email}"
  subject_name_id_format   = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
  response_signed          = true
  assertion_signed         = true
  signature_algorithm      = "RSA_SHA256"
  digest_algorithm         = "SHA256"
  authn_context_class_ref  = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

  attribute_statements {
    type   = "EXPRESSION"
    name   = "email"
    values = ["user.email"]
  }
  attribute_statements {
    type         = "GROUP"
    name         = "groups"
    filter_type  = "STARTS_WITH"
    filter_value = "elastic-"
  }
}

# 4. The IdP at Elastic Cloud, from the metadata of the application.

locals {
  okta = provider::elasticcloud::parse_saml_metadata(okta_app_saml.elastic.metadata)
}

resource "elasticcloud_saml_idp" "okta" {
  login_identifier_prefix = elasticcloud_saml_service_provider.this.login_identifier_prefix
  issuer                  = local.okta.issuer
  sso_url                 = local.okta.sso_url
  certificates            = local.okta.certificates
}

# 5. The roles that people get when they sign in.

resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }] }
  roles = ["organization-admin"]

  depends_on = [elasticcloud_saml_idp.okta]
}

# 6. The enforcement, after somebody has signed in. Let it also depend on the
# resources that assign people to the application.

resource "elasticcloud_sso_enforcement" "this" {
  count = var.enforce ? 1 : 0

  depends_on = [elasticcloud_role_mapping.owners, okta_app_saml.elastic]
}

# Where people sign in.
output "sso_login_url" {
  value = elasticcloud_saml_idp.okta.sso_login_url
}
