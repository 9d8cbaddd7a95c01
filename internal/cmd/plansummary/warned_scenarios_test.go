// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import "github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"

// warned are scenarios whose plans have warnings that say what the data does not.
var warned = map[string]scenario{
	"drift": {
		seed: withSSO,
		applied: `
resource "elasticcloud_member" "this" {
  for_each = toset(["alice", "bob", "carol", "dave"])
  email    = "${each.key}@example.com"
  roles    = ["billing-admin", "deployment-viewer:*"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(["owner@example.com"], [for m in elasticcloud_member.this : m.email])
}
resource "elasticcloud_role_mapping" "staff" {
  name  = "staff"
  rule  = { any = [{ group = "staff" }] }
  roles = ["billing-admin"]
}
resource "elasticcloud_sso_enforcement" "this" {}
`,
		change: func(srv *cloudtest.Server) {
			for _, name := range []string{"alice", "bob", "carol"} {
				srv.Accept(name + "@example.com")
			}
			srv.Grant("alice@example.com", "organization-admin")
			srv.Ungrant("bob@example.com", "billing-admin")
			srv.Remove("carol@example.com")
			srv.Expire("dave@example.com")
			srv.AddMember("mallory@example.com", "deployment-admin:*")
			srv.ChangeRoleMapping("staff", func(m *cloudtest.RoleMapping) { m.Grants = []string{"organization-admin"} })
			srv.Enforce(false)
		},
	},
	"locked-out": {
		seed: func(srv *cloudtest.Server) {
			srv.ClaimDomain("example.com")
			srv.ConfigureIdP(idp.Configuration("acme"))
			srv.AddMember("boss@example.org", "organization-admin")
			srv.AddMember("alice@example.com", "billing-admin")
			for _, name := range []string{"bob", "carol"} {
				srv.AddMember(name+"@example.net", "deployment-viewer:*")
			}
		},
		applied: `
resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ email = "*@example.org" }] }
  roles = ["organization-admin"]
}
resource "elasticcloud_domain_claim" "other" {
  domain = "example.info"
}
`,
		planned: `
resource "elasticcloud_role_mapping" "owners" {
  name  = "owners"
  rule  = { any = [{ email = "*@example.org" }] }
  roles = ["organization-admin"]
}
resource "elasticcloud_domain_claim" "other" {
  domain = "example.info"
}
resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
`,
	},
	"adopted": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("boss@example.com", "organization-admin", "billing-admin")
			srv.AddMember("viewer@example.com", "deployment-viewer:*")
			srv.AddMember("unsure@example.com", "organization-admin")
			srv.AddInvitation("open@example.com", "organization-admin")
			srv.AddInvitation("expired@example.com", "deployment-viewer:*")
			srv.Expire("expired@example.com")
			srv.AddInvitation("waiting@example.com", "deployment-viewer:*")
		},
		planned: `
resource "terraform_data" "new" {}
resource "elasticcloud_member" "boss" {
  email = "Boss@example.com"
  roles = ["deployment-viewer:*", "billing-admin"]
}
resource "elasticcloud_member" "viewer" {
  email = "viewer@example.com"
}
resource "elasticcloud_role_assignment" "viewer" {
  email = elasticcloud_member.viewer.email
  role  = "billing-admin"
}
resource "elasticcloud_member" "unsure" {
  email = "unsure@example.com"
  roles = ["deployment-editor:${terraform_data.new.id}"]
}
resource "elasticcloud_member" "open" {
  email = "open@example.com"
  roles = ["billing-admin"]
}
resource "elasticcloud_member" "expired" {
  email = "expired@example.com"
  roles = ["deployment-viewer:*"]
}
resource "elasticcloud_member" "new" {
  email = "new@example.com"
}
resource "elasticcloud_role_assignment" "new" {
  email = elasticcloud_member.new.email
  role  = "deployment-viewer:*"
}
resource "elasticcloud_role_assignment" "waiting" {
  email = "waiting@example.com"
  role  = "billing-admin"
}
`,
	},
	"listed": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("boss@example.com", "organization-admin", "billing-admin")
			srv.AddMember("mallory-whose-name-is-long-enough-for-two-lines@example.com", "deployment-admin:*", "organization-admin", "billing-admin")
			srv.AddInvitation("open@example.com", "deployment-viewer:*")
			srv.AddInvitation("gone@example.com", "deployment-viewer:*")
			srv.AddInvitation("expired@example.com", "billing-admin")
			srv.Expire("expired@example.com")
		},
		planned: `
resource "elasticcloud_members" "all" {
  members = {
    "owner@example.com" = ["organization-admin"]
    "boss@example.com"  = ["deployment-viewer:*", "deployment-editor:*", "billing-admin"]
    "open@example.com"  = ["billing-admin"]
    "new@example.com"   = ["deployment-viewer:*", "billing-admin"]
  }
}
`,
	},
	"intruders": {
		applied: `
resource "elasticcloud_member" "this" {
  for_each = toset(["alice", "bob"])
  email    = "${each.key}@example.com"
  roles    = ["billing-admin"]
}
resource "elasticcloud_members_exclusive" "this" {
  emails = concat(["owner@example.com"], [for m in elasticcloud_member.this : m.email])
}
`,
		change: func(srv *cloudtest.Server) {
			for _, name := range []string{"alice", "bob"} { // which of them is planned first differs
				srv.Accept(name + "@example.com")
				srv.Grant(name+"@example.com", "organization-admin")
			}
			srv.AddMember("mallory@example.com", "organization-admin")
			srv.AddInvitation("stranger@example.com", "deployment-viewer:*")
		},
	},
	"demoted": {
		seed: func(srv *cloudtest.Server) {
			srv.AddMember("alice@example.com", "organization-admin", "billing-admin")
			srv.AddMember("bob@example.com", "deployment-editor:*", "billing-admin")
			srv.AddMember("carol@example.com", "deployment-viewer:*")
		},
		applied: `
resource "elasticcloud_member" "owner" { // which of the owners is planned last differs
  for_each = toset(["alice", "owner"])
  email    = "${each.key}@example.com"
  roles    = ["organization-admin", "billing-admin"]
}
resource "elasticcloud_member" "loose" {
  for_each = toset(["bob", "carol"])
  email    = "${each.key}@example.com"
}
`,
		planned: `
resource "elasticcloud_member" "owner" {
  for_each = toset(["alice", "owner"])
  email    = "${each.key}@example.com"
  roles    = ["billing-admin"]
}
resource "elasticcloud_member" "loose" {
  for_each = toset(["bob", "carol"])
  email    = "${each.key}@example.com"
  roles    = ["billing-admin", "deployment-viewer:*"]
}
`,
	},
}
