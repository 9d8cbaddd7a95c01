// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const getOrganizations = "GET /organizations"

// people is the HCL of an elasticcloud_members. Each person is "address: grant
// grant"; other lines are as they stand.
func people(lines ...string) string {
	var listed, others []string
	for _, line := range lines {
		email, grants, isPerson := strings.Cut(line, ": ")
		if !isPerson {
			others = append(others, line)
			continue
		}
		var quoted []string
		for _, grant := range strings.Fields(grants) {
			quoted = append(quoted, `"`+grant+`"`)
		}
		listed = append(listed, fmt.Sprintf("%q = [%s]", email, strings.Join(quoted, ", ")))
	}
	return fmt.Sprintf("resource \"elasticcloud_members\" \"all\" {\n  members = {\n    %s\n  }\n  %s\n}\n", strings.Join(listed, "\n    "), strings.Join(others, "\n  "))
}

const ownerListed = "owner@example.com: organization-admin"

func wantEmails(t *testing.T, srv *cloudtest.Server, emails ...string) {
	t.Helper()
	if got := srv.Emails(); !slices.Equal(got, emails) {
		t.Errorf("in the organization are %q, want %q", got, emails)
	}
}

// The creation adopts, invites and removes people, as the plan shows.
func TestMembersCreate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a", "deployment-viewer:b")
		srv.AddMember("dora@example.com", "billing-admin")
		srv.AddInvitation("carol@example.com", "billing-admin")
		srv.AddMember("mallory@example.com", "deployment-admin:*")
		srv.AddInvitation("eve@example.com")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "Alice@example.com: deployment-editor:* billing-admin", "bob@example.com: deployment-viewer:b deployment-viewer:c",
			"carol@example.com: deployment-viewer:*", "dora@example.com: billing-admin"))
		wantText(t, tf.must("plan", "-out=plan"), "1 to add, 0 to change, 0 to destroy",
			"Warning: 1 person gets an invitation by e-mail", "Alice@example.com: billing-admin, deployment-editor:*",
			"Warning: 1 person gets a new invitation by e-mail", "- carol@example.com (invited): gets deployment-viewer:*; loses billing-admin",
			"Warning: 1 person is adopted with different grants", "- bob@example.com (member): gets deployment-viewer:c; loses deployment-viewer:a",
			"Nothing changes for 2 other people in the organization.",
			"Warning: 2 unlisted people are removed from the organization", "- eve@example.com (invited): no roles - mallory@example.com (member): deployment-admin:*")
		wantWrites(t, srv)
		tf.must("apply", "plan")
		wantEmails(t, srv, "alice@example.com", "bob@example.com", "carol@example.com", "dora@example.com", "owner@example.com")
		wantGrants(t, srv, "alice@example.com", "billing-admin", "deployment-editor:*")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:b", "deployment-viewer:c")
		wantGrants(t, srv, "carol@example.com", "deployment-viewer:*")
		wantMails(t, srv, 2)
		for route, n := range map[string]int{postRoles: 1, dropRoles: 1, dropMem: 1} {
			if got := srv.Count(route); got != n {
				t.Errorf("%d of %s, want %d", got, route, n)
			}
		}
		wantText(t, tf.must("plan"), "No changes.")
		srv.Accept("alice@example.com")
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("apply", "-refresh-only", "-auto-approve")
		wantText(t, tf.must("show"), `pending = [ "carol@example.com", ]`, `"Alice@example.com" = [ "billing-admin", "deployment-editor:*", ]`)
	})
}

// A change shows as the grants that come and go, and only it is sent.
func TestMembersUpdate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		srv.AddMember("carol@example.com", "elasticsearch-viewer:*+x+y")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:a", "carol@example.com: elasticsearch-viewer:*+y+x"))
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)

		tf.configure(people("OWNER@example.com: organization-admin", "bob@example.com: deployment-viewer:a", "Carol@example.com: elasticsearch-viewer:*+x+y"))
		wantText(t, tf.must("plan"), "No changes.")

		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:a deployment-viewer:b", "carol@example.com: elasticsearch-viewer:*+y+x", "max_removals = 7"))
		out := tf.must("plan", "-out=plan")
		wantText(t, out, `~ members = { ~ "bob@example.com" = [ + "deployment-viewer:b", # (1 unchanged element hidden) ] # (2 unchanged elements hidden) }`,
			"0 to add, 1 to change, 0 to destroy")
		if strings.Contains(out, "known after apply") || strings.Contains(out, "Warning") {
			t.Errorf("the plan says too much: %s", out)
		}
		srv.ResetLedger()
		tf.must("apply", "plan")
		wantWrites(t, srv, postRoles)
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:a", "deployment-viewer:b")

		// what was done by hand shows, and is undone
		srv.Grant("bob@example.com", "billing-admin")
		srv.Remove("carol@example.com")
		srv.AddMember("Mallory@example.com", "deployment-admin:*")
		srv.ResetLedger()
		out, _ = tf.run("plan", "-detailed-exitcode", "-out=plan")
		wantText(t, out, `- "billing-admin",`, `+ "carol@example.com" = [ + "elasticsearch-viewer:*+y+x", ]`, `- "mallory@example.com" = [ - "deployment-admin:*", ] -> null`,
			"Warning: 1 person gets an invitation by e-mail", "- mallory@example.com (member): deployment-admin:*")
		wantText(t, fmt.Sprint(srv.Count(getOrganizations), srv.Count(getInv), srv.Count(getMem)), "1 1 1")
		// a person who joins after the plan is not removed by it
		srv.AddMember("late@example.com")
		srv.ResetLedger()
		tf.must("apply", "plan")
		wantEmails(t, srv, "bob@example.com", "carol@example.com", "late@example.com", "owner@example.com")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:a", "deployment-viewer:b")
		wantText(t, tf.must("plan"), `- "late@example.com" = [] -> null`)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")

		// settings alone send nothing
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:a deployment-viewer:b", "carol@example.com: elasticsearch-viewer:*+y+x", "invitation_expires_in = \"7d\""))
		srv.ResetLedger()
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
	})
}

// An expired invitation of a listed person is sent again, and that of an unlisted person is
// revoked. This also works after a refresh in between.
func TestMembersExpired(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(terraform){
		"at once":            func(terraform) {},
		"after a refresh":    func(tf terraform) { tf.must("apply", "-refresh-only", "-auto-approve") },
		"after two of these": func(tf terraform) { tf.must("refresh"); tf.must("refresh") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				tf.configure(people(ownerListed, "Alice@example.com: deployment-editor:*", `invitation_expires_in = "7d"`))
				tf.must("apply", "-auto-approve")
				srv.Expire("alice@example.com")
				srv.AddInvitation("eve@example.com", "billing-admin")
				srv.Expire("eve@example.com")
				between(tf)
				wantText(t, tf.must("plan"), `+ "Alice@example.com" = [ + "deployment-editor:*", ]`, `- "eve@example.com",`,
					"Warning: 1 person gets a new invitation by e-mail", "- Alice@example.com (invitation expired): same grants",
					"Warning: 1 unlisted person is removed from the organization", "- eve@example.com (invitation expired): billing-admin")
				tf.must("apply", "-auto-approve")
				wantMails(t, srv, 2)
				wantEmails(t, srv, "alice@example.com", "owner@example.com")
				if got := srv.Status("alice@example.com"); got != "invited" {
					t.Errorf("alice is %s", got)
				}
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}

// Somebody new to the list has an invitation that expired, to just the same.
func TestMembersListedWhileExpired(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed))
		tf.must("apply", "-auto-approve")
		srv.AddInvitation("alice@example.com", "billing-admin")
		srv.Expire("alice@example.com")
		tf.configure(people(ownerListed, "alice@example.com: billing-admin"))
		wantText(t, tf.must("plan"), `+ "alice@example.com" = [`)
		tf.must("apply", "-auto-approve")
		if got := srv.Status("alice@example.com"); got != "invited" {
			t.Errorf("alice is %s", got)
		}
	})
}

func TestMembersDestroy(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "alice@example.com: billing-admin"))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		wantText(t, tf.must("plan", "-destroy"), "Warning: Members are no longer managed", "1 to destroy")
		tf.configure("")
		wantText(t, tf.must("apply", "-auto-approve"), "Warning: Members are no longer managed", "1 destroyed")
		wantWrites(t, srv)
		wantEmails(t, srv, "alice@example.com", "owner@example.com")
	})
}

func TestMembersImport(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "elasticsearch-viewer:*+x+y")
		srv.AddInvitation("carol@example.com")
		block := func(id string) string {
			return "import {\n  to = elasticcloud_members.all\n  id = \"" + id + "\"\n}\n"
		}
		listed := people(ownerListed, "Bob@example.com: elasticsearch-viewer:*+y+x", "carol@example.com: ")
		tf := newTerraform(t, srv)
		tf.configure(listed + block("42"))
		out, ok := tf.run("plan")
		if ok {
			t.Error("the import of another organization succeeded")
		}
		wantText(t, out, "Could not import from another organization")
		tf.configure(listed + block(srv.OrganizationID))
		wantText(t, tf.must("plan"), "1 to import, 0 to add, 0 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		wantWrites(t, srv)
	})
}

// With grants that are known only after apply the plan says so, and apply does
// what they turn out to be.
func TestMembersKnownLate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		late := "resource \"terraform_data\" \"late\" {\n  input = %q\n}\n"
		tf := newTerraform(t, srv)
		tf.configure(fmt.Sprintf(late, "a") + people(ownerListed, "bob@example.com: deployment-viewer:${terraform_data.late.output}", "alice@example.com: deployment-viewer:${terraform_data.late.output}"))
		wantText(t, tf.must("plan"), "Warning: Changes to 2 people are known only after apply", "Some of the grants are known only after apply, for alice@example.com, bob@example.com.")
		tf.must("apply", "-auto-approve")
		wantMails(t, srv, 1)
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:a")
		wantText(t, tf.must("plan"), "No changes.")

		tf.configure(fmt.Sprintf(late, "b") + people(ownerListed, "bob@example.com: deployment-viewer:${terraform_data.late.output}", "alice@example.com: deployment-viewer:a"))
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:b")
		wantMails(t, srv, 1)
		wantText(t, tf.must("plan"), "No changes.")

		// what is known late turns out to be no change, beside another spelling
		tf.configure(fmt.Sprintf(late, "c") + people("Owner@example.com: organization-admin", `bob@example.com: ${terraform_data.late.output=="c"?"deployment-viewer:b":""}`, "alice@example.com: deployment-viewer:a"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")

		// the whole map, which turns out to be unchanged
		tf.configure(`resource "terraform_data" "late" { input = { "owner@example.com" = ["organization-admin"] } }
resource "elasticcloud_members" "all" { members = terraform_data.late.output }`)
		wantText(t, tf.must("plan"), "Warning: Changes to members are known only after apply")
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "owner@example.com")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A role mapping that may change the roles is named once, with whom it may be for.
func TestMembersBesideRoleMapping(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Email("*@example.com")), "organization-admin")
		srv.AddRoleMapping("others", true, cloudtest.AnyOf(cloudtest.Email("*@example.org")), "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "alice@example.com: billing-admin", "bob@example.com: billing-admin"))
		out := tf.must("plan")
		wantText(t, out, `"staff" may apply to alice@example.com, bob@example.com`)
		if n := strings.Count(out, "may change roles"); n != 1 || strings.Contains(out, `"others"`) {
			t.Errorf("%d warnings of mappings: %s", n, out)
		}

		// one that is planned later
		srv.RemoveRoleMapping("staff")
		tf.configure(people(ownerListed) + `
resource "elasticcloud_role_mapping" "staff" {
  name       = "staff"
  rule       = { any = [{ email = "owner@*" }] }
  roles      = ["organization-admin"]
  depends_on = [elasticcloud_members.all]
}
`)
		wantText(t, tf.must("plan"), `"staff" may apply to owner@example.com`)
	})
}
