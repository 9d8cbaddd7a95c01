// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// scenario leads to a plan.
type scenario struct {
	seed    func(*cloudtest.Server) // before anything is applied
	applied string                  // the configuration that is there, if there is one
	change  func(*cloudtest.Server) // outside Terraform, after the apply
	planned string                  // what is planned then; empty for the same configuration
	flags   []string                // more arguments of terraform plan
	reword  []string                // texts of warnings, each with another one, for another version of the provider
}

var (
	idp    = cloudtest.NewTestIdP()
	newIdP = cloudtest.NewTestIdP()
)

// scenarios are what testdata is recorded from, by the name of the files.
var scenarios = map[string]scenario{
	"people": {
		seed: func(srv *cloudtest.Server) { srv.AddMember("carol@example.com", "deployment-viewer:*") },
		applied: `
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["deployment-viewer:*", "billing-admin"]
}
resource "elasticcloud_member" "bob" {
  email = "bob@example.com"
  roles = ["organization-admin", "billing-admin"]
}
resource "elasticcloud_member" "carol" {
  email = "carol@example.com"
}
resource "elasticcloud_role_assignment" "carol_viewer" {
  email = elasticcloud_member.carol.email
  role  = "elasticsearch-viewer:*+reporting+analyst"
}
resource "elasticcloud_role_assignment" "carol_billing" {
  email = elasticcloud_member.carol.email
  role  = "billing-admin"
}
resource "elasticcloud_member" "dave" {
  email = "dave@example.com"
  roles = ["deployment-viewer:*"]
}
resource "elasticcloud_member" "erin" {
  email = "erin@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "ivan" {
  email = "ivan@example.com"
  roles = ["organization-admin"]
}
resource "elasticcloud_member" "place" {
  email = "old@example.com"
  roles = ["billing-admin"]
}
`,
		change: func(srv *cloudtest.Server) {
			for _, name := range []string{"alice", "bob", "old"} {
				srv.Accept(name + "@example.com")
			}
			srv.Expire("erin@example.com")
		},
		planned: `
resource "elasticcloud_member" "alice" {
  email = "Alice@Example.com"
  roles = ["deployment-editor:*", "billing-admin", "organization-admin"]
}
resource "elasticcloud_member" "carol" {
  email = "carol@example.com"
  roles = ["elasticsearch-viewer:*+analyst+reporting"]
}
resource "elasticcloud_member" "dave" {
  email = "dave@example.com"
  roles = ["deployment-editor:*"]
}
resource "elasticcloud_member" "erin" {
  email = "erin@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "place" {
  email = "new@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "frank" {
  email = "frank@example.com"
}
resource "elasticcloud_role_assignment" "owner" {
  email = "owner@example.com"
  role  = "billing-admin"
}
resource "terraform_data" "other" {}
`,
	},
	"members": {
		applied: `
resource "elasticcloud_members" "all" {
  members = {
    "owner@example.com" = ["organization-admin"]
    "alice@example.com" = ["deployment-viewer:*"]
    "bob@example.com"   = ["billing-admin"]
    "carol@example.com" = []
    "dave@example.com"  = ["deployment-viewer:*"]
    "erin@example.com"  = ["billing-admin"]
  }
}
`,
		change: func(srv *cloudtest.Server) {
			for _, name := range []string{"alice", "bob", "carol"} {
				srv.Accept(name + "@example.com")
			}
			srv.Expire("erin@example.com")
			srv.AddMember("mallory@example.com", "deployment-admin:*")
		},
		planned: `
resource "elasticcloud_members" "all" {
  members = {
    "owner@example.com" = ["organization-admin"]
    "ALICE@example.com" = ["deployment-editor:*", "deployment-viewer:*"]
    "carol@example.com" = ["organization-admin"]
    "dave@example.com"  = ["deployment-editor:*"]
    "erin@example.com"  = ["billing-admin"]
    "frank@example.com" = ["billing-admin", "deployment-viewer:*"]
  }
}
`,
	},
	"new-lists": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("alice@example.com", "billing-admin")
			srv.AddMember("mallory@example.com", "billing-admin")
		},
		planned: `
resource "elasticcloud_members" "all" {
  members = {
    "owner@example.com" = ["organization-admin"]
    "alice@example.com" = ["deployment-viewer:*"]
    "bob@example.com"   = []
  }
}
`,
	},
	"exclusive": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("alice@example.com", "billing-admin")
			srv.AddMember("bob@example.com", "billing-admin")
		},
		applied: `
resource "elasticcloud_members_exclusive" "this" {
  emails = ["owner@example.com", "alice@example.com", "bob@example.com"]
}
`,
		change: func(srv *cloudtest.Server) { srv.AddMember("mallory@example.com", "billing-admin") },
		planned: `
resource "elasticcloud_member" "carol" {
  email = "carol@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = ["owner@example.com", "alice@example.com", elasticcloud_member.carol.email]
}
`,
	},
	"new-exclusive": {
		seed:    func(srv *cloudtest.Server) { srv.AddMember("mallory@example.com", "billing-admin") },
		planned: `resource "elasticcloud_members_exclusive" "this" { emails = ["owner@example.com"] }`,
	},
	"mappings-exclusive": {
		seed: withSSO,
		applied: `
resource "elasticcloud_role_mappings_exclusive" "this" {
  names = ["owners"]
}
`,
		change: func(srv *cloudtest.Server) {
			srv.AddRoleMapping("by hand", true, cloudtest.AnyOf(cloudtest.Group("all")), "billing-admin")
		},
	},
	"sso-on": {
		planned: sso("acme", idp.Certificate()) + `
resource "elasticcloud_domain_claim" "example" {
  domain = "example.com"
}
resource "elasticcloud_domain_verification" "example" {
  domain = elasticcloud_domain_claim.example.domain
}
resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ group = "elastic-owners" }, { email = "*@example.com" }] }
  roles = ["organization-admin"]
}
resource "elasticcloud_role_mapping" "off" {
  name    = "off"
  enabled = false
  rule    = { all = [{ group = "staff" }, { group = "analysts" }] }
  roles   = ["deployment-viewer:*"]
}
resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
`,
	},
	"sso-changes": {
		seed: func(srv *cloudtest.Server) { srv.ClaimDomain("example.com"); srv.ClaimDomain("old.example.com") },
		applied: sso("acme", idp.Certificate()) + ssoMappings(`
resource "elasticcloud_role_mapping" "analysts" {
  name  = "analysts"
  rule  = { any = [{ group = "analysts" }] }
  roles = ["deployment-viewer:*", "billing-admin"]
  depends_on = [elasticcloud_saml_idp.this]
}
resource "elasticcloud_role_mapping" "staff" {
  name  = "staff"
  rule  = { any = [{ group = "staff" }] }
  roles = ["organization-admin"]
  depends_on = [elasticcloud_saml_idp.this]
}
resource "elasticcloud_domain_claim" "old" {
  domain = "old.example.com"
}
resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
`),
		planned: sso("example", idp.Certificate()+newIdP.Certificate()) + ssoMappings(`
resource "elasticcloud_role_mapping" "analysts" {
  name  = "analysts"
  rule  = { any = [{ group = "analysts" }] }
  roles = ["deployment-editor:*", "billing-admin"]
}
resource "elasticcloud_role_mapping" "staff" {
  name  = "staff"
  rule  = { all = [{ group = "staff" }, { email = "*@example.com" }] }
  roles = ["organization-admin"]
}
`),
	},
	"bookkeeping": {
		seed: func(srv *cloudtest.Server) { srv.AddMember("erin@example.com", "billing-admin") },
		applied: `
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "bob" {
  email = "bob@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = ["owner@example.com", "alice@example.com", "bob@example.com", "erin@example.com"]
}
`,
		planned: `
resource "elasticcloud_member" "alicia" {
  email = "alice@example.com"
  roles = ["billing-admin"]
}
moved {
  from = elasticcloud_member.alice
  to   = elasticcloud_member.alicia
}
removed {
  from = elasticcloud_member.bob
  lifecycle {
    destroy = false
  }
}
resource "elasticcloud_member" "erin" {
  email = "erin@example.com"
  roles = ["billing-admin"]
}
import {
  to = elasticcloud_member.erin
  id = "erin@example.com"
}
`,
	},
	"unknown": {
		seed: func(srv *cloudtest.Server) { srv.AddMember("bob@example.com", "billing-admin") },
		applied: `
resource "elasticcloud_member" "dave" {
  email = "dave@example.com"
  roles = ["billing-admin", "deployment-viewer:*"]
}
`,
		planned: `
resource "terraform_data" "new" {}
variable "secret" {
  default   = "grace@example.com"
  sensitive = true
}
variable "secret_role" {
  default   = "security-soc-manager:*"
  sensitive = true
}
resource "elasticcloud_member" "alice" {
  email = "alice@example.com"
  roles = ["deployment-editor:${terraform_data.new.id}", "billing-admin"]
}
resource "elasticcloud_member" "dave" {
  email = "dave@example.com"
  roles = ["deployment-editor:${terraform_data.new.id}", "billing-admin"]
}
resource "elasticcloud_role_assignment" "bob" {
  email = "bob@example.com"
  role  = "deployment-editor:${terraform_data.new.id}"
}
resource "elasticcloud_member" "somebody" {
  email = "${terraform_data.new.id}@example.com"
}
resource "elasticcloud_member" "secret" {
  email = var.secret
}
resource "elasticcloud_member" "secret_role" {
  email = "heidi@example.com"
  roles = [var.secret_role]
}
`,
	},
	"hostile": {
		seed: withSSO,
		planned: fmt.Sprintf(`
resource "elasticcloud_role_mapping" "hostile" {
  name  = %q
  rule  = { any = [{ group = %q }, { group = %q }] }
  roles = ["billing-admin"]
}
`, "a`b` | **bold** [link](https://example.com) @everybody", "one\n\n# Heading\n- @org/team", "``` <img src=x> </details> \u202egnp.exe"),
	},
	"expired": {
		applied: `
resource "elasticcloud_members" "all" {
  members = { "owner@example.com" = ["organization-admin"], "stays@example.com" = [], "later@example.com" = [] }
}
`,
		change: func(srv *cloudtest.Server) {
			srv.Expire("stays@example.com")
			srv.Expire("later@example.com")
		},
		planned: `
resource "elasticcloud_members" "all" {
  members = { "owner@example.com" = ["organization-admin"], "stays@example.com" = [] }
}
`,
	},
	"nothing": {planned: `resource "terraform_data" "other" {}`},
}

func withSSO(srv *cloudtest.Server) {
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(idp.Configuration("acme"))
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
}

// sso is the configuration of an IdP.
func sso(prefix, certificates string) string {
	return fmt.Sprintf(`
resource "elasticcloud_saml_idp" "this" {
  login_identifier_prefix = %q
  issuer                  = "https://idp.example.com/saml"
  sso_url                 = "https://idp.example.com/saml/sso"
  certificates            = [%q]
}
`, prefix, certificates)
}

// ssoMappings are role mappings that come after the IdP.
func ssoMappings(more string) string {
	return more + `
resource "elasticcloud_role_mapping" "owners" {
  name       = "owners"
  rule       = { any = [{ group = "elastic-owners" }] }
  roles      = ["organization-admin"]
  depends_on = [elasticcloud_saml_idp.this]
}
`
}
