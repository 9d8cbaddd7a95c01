// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

// imported is an organization with somebody of each kind, whom Terraform does
// not know yet.
func imported(t *testing.T) (srv *cloudtest.Server, userID string) {
	t.Helper()
	srv = newFake(t)
	userID = srv.AddMember("alice@example.com", "deployment-viewer:a", "deployment-viewer:b", "elasticsearch-viewer:*+y+x")
	srv.AddInvitation("bob@example.com", "deployment-viewer:*")
	srv.AddMember("carol@example.com")
	return srv, userID
}

const importedHCL = `
resource "elasticcloud_member" "alice" {
  email = "Alice@Example.com"
  roles = ["elasticsearch-viewer:*+x+y", "deployment-viewer:b", "deployment-viewer:a"]
}
resource "elasticcloud_member" "bob" {
  email = "bob@example.com"
  roles = ["deployment-viewer:*"]
}
resource "elasticcloud_member" "carol" {
  email = "carol@example.com"
}
`

func importBlock(to, id string) string {
	return "import {\n  to = elasticcloud_member." + to + "\n  id = \"" + id + "\"\n}\n"
}

// After an import, by whatever name and in whatever case, the plan is empty.
func TestMemberImportPlansEmpty(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, userID := imported(t)
		tf := newTerraform(t, srv)
		tf.configure(importedHCL + importBlock("alice", userID) + importBlock("bob", "BOB@example.com") + importBlock("carol", "carol@example.com"))
		wantText(t, tf.must("plan"), "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		wantWrites(t, srv)
		wantMails(t, srv, 0)
		tf.must("destroy", "-auto-approve")
	})
}

// An import brings the present access into the state.
func TestMemberImportVerifies(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		hcl := member("alice", "alice@example.com", roles("deployment-viewer:*")) + member("carol", "carol@example.com")
		ids := map[string]string{alice: "alice@example.com", "elasticcloud_member.carol": "carol@example.com"}
		tf := newTerraform(t, srv)
		tf.configure(hcl)
		tf.must("apply", "-auto-approve")
		tf.wantImported(srv, hcl, ids)
		srv.Accept("alice@example.com")
		tf.must("apply", "-auto-approve", "-refresh-only")
		tf.wantImported(srv, hcl, ids)
		tf.must("destroy", "-auto-approve")
		wantOwnerAlone(t, srv)
	})
}

// The configuration that the CLI writes for an import is one to keep.
func TestMemberImportGeneratesConfiguration(t *testing.T) {
	t.Parallel()

	srv, userID := imported(t)
	tf := newCLI(t, srv)
	tf.configure(importBlock("alice", userID) + importBlock("bob", "bob@example.com") + importBlock("carol", "carol@example.com"))
	wantText(t, tf.must("plan", "-generate-config-out=generated.tf"), "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.")
	wantText(t, tf.must("plan"), "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.")
	tf.must("apply", "-auto-approve")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)

}

func TestMemberIdentity(t *testing.T) {
	t.Parallel()
	testneeds.Identity(t)
	srv := newFake(t)
	hcl := member("alice", "Alice@example.com", roles("deployment-viewer:*"))
	identity := map[string]knownvalue.Check{
		"organization_id": knownvalue.StringExact(srv.OrganizationID),
		"email":           knownvalue.StringExact("alice@example.com"),
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, hcl), ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(alice, identity)}},
			{ResourceName: alice, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
			{Config: config(srv, member("alice", "Alice@example.com", roles("deployment-editor:*"))),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(alice, identity)}},
		},
	})
}

func TestMemberImportRefuses(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		refusesImports(t, srv, member("alice", "alice@example.com"), alice, map[string]string{
			"nobody@example.com": "Nobody with this e-mail address or user ID is a member",
			"123456":             "neither an e-mail address nor the user ID of a member",
		})
		wantWrites(t, srv)
	})
}

// spaced matches a text in whatever way the CLI breaks its lines.
func spaced(text string) *regexp.Regexp {
	return regexp.MustCompile(regexp.MustCompile(`\\? `).ReplaceAllString(regexp.QuoteMeta(text), `[\s│]+`))
}

// Left out, roles are not managed, and the plan says so where an import had
// brought them in.
func TestMemberImportWithoutRoles(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com") + importBlock("alice", "alice@example.com"))
		wantText(t, tf.must("apply", "-auto-approve"), "The roles of alice@example.com are no longer managed", "The person keeps the current grants.")
		wantText(t, tf.must("plan"), "No changes.")
		wantWrites(t, srv)
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")
	})
}
