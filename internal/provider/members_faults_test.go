// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Changes of some people are refused: each person is named, the others are changed, the
// state has the present access, and the next apply completes the rest.
func TestMembersUpdateFailsForSome(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		srv.AddMember("carol@example.com", "deployment-viewer:a")
		srv.AddMember("dora@example.com", "billing-admin")
		srv.StopDeployment("stopped")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:a", "carol@example.com: deployment-viewer:a", "dora@example.com: billing-admin"))
		tf.must("apply", "-auto-approve")

		list := func(at string) string {
			return people(ownerListed, "alice@example.com: deployment-viewer:"+at, "Bob@example.com: deployment-viewer:"+at, "carol@example.com: deployment-viewer:c", "erin@example.com: billing-admin")
		}
		tf.configure(list("stopped"))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not invite alice@example.com", "Error: Could not change Bob@example.com", "stopped, hidden or deleted")
		if n := strings.Count(out, "Error: "); n != 2 {
			t.Errorf("%d errors: %s", n, out)
		}
		wantEmails(t, srv, "bob@example.com", "carol@example.com", "erin@example.com", "owner@example.com")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:a") // what the refused grant was to replace
		wantGrants(t, srv, "carol@example.com", "deployment-viewer:c")
		wantText(t, tf.must("show"), `"bob@example.com" = [ "deployment-viewer:a", ]`, `"carol@example.com" = [ "deployment-viewer:c", ]`, `pending = [ "erin@example.com", ]`)

		tf.configure(list("b"))
		wantText(t, tf.must("plan", "-refresh=false"), `+ "alice@example.com" = [`, "0 to add, 1 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:b")
		wantMails(t, srv, 2)
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A creation that fails for one person leaves no state and removes no listed person: the
// next apply adopts everyone and completes the rest.
func TestMembersCreateFailsForSome(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		srv.AddMember("mallory@example.com")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "alice@example.com: deployment-viewer:a", "bob@example.com: deployment-viewer:b"))
		srv.Fail(cloudtest.Fault{Route: dropRoles, Status: 403, Code: "x", Message: "no"})
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not change bob@example.com")
		wantEmails(t, srv, "alice@example.com", "bob@example.com", "owner@example.com")
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:b")
		wantMails(t, srv, 1)
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// One who cannot be removed stays in the state, and so in the next plan.
func TestMembersRemovalFailsForOne(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "bob@example.com: billing-admin"))
		tf.must("apply", "-auto-approve")
		tf.configure(people(ownerListed, "alice@example.com: billing-admin"))
		srv.Fail(cloudtest.Fault{Route: dropMem, Status: 403, Code: "x", Message: "no"})
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not remove bob@example.com from the organization")
		wantText(t, tf.must("plan", "-refresh=false"), `- "bob@example.com" = [`)
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "alice@example.com", "owner@example.com")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A grant that a person got after the plan is revoked and named. A person who left after the
// plan gets no e-mail, because the plan did not announce it.
func TestMembersPlanIsLate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:a")
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "alice@example.com: deployment-viewer:a", "bob@example.com: deployment-viewer:a"))
		tf.must("apply", "-auto-approve")
		tf.configure(people(ownerListed, "alice@example.com: deployment-viewer:b", "bob@example.com: deployment-viewer:b"))
		tf.must("plan", "-out=plan")
		srv.Grant("alice@example.com", "billing-admin")
		srv.Remove("bob@example.com")
		out, ok := tf.run("apply", "plan")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Warning: 1 person held more grants than the state showed", "alice@example.com: billing-admin",
			"Error: Could not invite bob@example.com", "Someone removed this person after the plan was made.")
		wantMails(t, srv, 0)
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:b")
		wantText(t, tf.must("plan"), `+ "bob@example.com" = [`)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// The lists fail: nobody is taken for gone.
func TestMembersListFails(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed))
		tf.must("apply", "-auto-approve")
		srv.Fail(cloudtest.Fault{Route: getMem, Status: 404, Code: "organization.not_found", Message: "no such organization"})
		out, ok := tf.run("plan")
		if ok {
			t.Error("plan succeeded")
		}
		wantText(t, out, "Could not list the organization's people", "no such organization")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A run that is stopped says so once for everybody, and the state holds what was
// done.
func TestMembersStopped(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		listed := map[string][]string{"owner@example.com": {"organization-admin"}}
		c.mustApply(t, membersBlock(listed))
		for i := range 20 {
			listed[fmt.Sprintf("p%02d@example.com", i)] = []string{"billing-admin"}
		}
		changes, err := c.plan(t.Context(), membersBlock(listed))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		srv.Fail(cloudtest.Fault{Route: postInv, Times: -1, Hang: 30 * time.Second})
		srv.Before(postInv, stop)
		err = c.carryOut(ctx, changes)
		if err == nil || !strings.Contains(err.Error(), "Stopped before everyone was changed (20 left): p00@example.com, ") || strings.Contains(err.Error(), "Could not") {
			t.Errorf("the error is %v", err)
		}
		srv.ClearFaults()
		c.mustApply(t, membersBlock(listed))
		wantMails(t, srv, 20)
	})
}

// What was revoked and not sent anew is said of each person, also where the run is
// stopped.
func TestMembersStoppedBetweenTwoInvitations(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		listed := func(grant string) map[string]block {
			return membersBlock(map[string][]string{"owner@example.com": {"organization-admin"}, "alice@example.com": {grant}, "bob@example.com": {grant}})
		}
		c.mustApply(t, listed("billing-admin"))
		srv.AddUnknownAssignment("bob@example.com", "connected_cluster", `[{"role_id":"x"}]`)
		changes, err := c.plan(t.Context(), listed("deployment-viewer:*"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		srv.Fail(cloudtest.Fault{Route: postInv, Times: -1, Status: 429, Header: http.Header{"Retry-After": {"50"}}})
		srv.Before(postInv, func() { time.AfterFunc(20*time.Millisecond, stop) })
		err = c.carryOut(ctx, changes)
		revoked := "the old invitation is revoked, and no new one was sent; the next apply sends it"
		wantError(t, err, "Could not invite alice@example.com: "+revoked+": ",
			"Could not invite bob@example.com: "+revoked+`, but without the access that only the old one promised: {"connected_cluster":[{"role_id":"x"}]}: `,
			"The run was stopped. Apply again to finish it.")
		wantEmails(t, srv, "owner@example.com")
		srv.ClearFaults()
		c.mustApply(t, listed("deployment-viewer:*"))
		wantEmails(t, srv, "alice@example.com", "bob@example.com", "owner@example.com")
		wantMails(t, srv, 4)
	})
}

// A refused key is reported in full once. But what is lost with an invitation is reported
// for each person: only the error has it.
func TestMembersRefusedBetweenTwoInvitations(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		everybody := func(grant string) string {
			return people(ownerListed, "alice@example.com: "+grant, "bob@example.com: "+grant, "carol@example.com: "+grant)
		}
		tf.configure(everybody("billing-admin"))
		tf.must("apply", "-auto-approve")
		for _, email := range []string{"alice@example.com", "bob@example.com", "carol@example.com"} {
			srv.AddUnknownAssignment(email, "connected_cluster", `[{"role_id":"x"}]`)
		}
		tf.configure(everybody("deployment-viewer:*"))
		srv.Fail(cloudtest.Fault{Route: postInv, Times: -1, Status: 401})
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeds")
		}
		if n := strings.Count(out, `without the access that only the old one promised: {"connected_cluster":[{"role_id":"x"}]}`); n != 3 {
			t.Errorf("what is lost is said %d times:\n%s", n, out)
		}
	})
}

// Members without an e-mail address are named and left alone.
func TestMembersWithoutAddress(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		nameless := fmt.Sprintf(`{"members": [
  {"organization_id": %[1]q, "user_id": "1", "email": "owner@example.com", "member_since": "2024-01-01T00:00:00Z", "role_assignments": {"organization": [{"role_id": "organization-admin", "organization_id": %[1]q}]}},
  {"organization_id": %[1]q, "user_id": "77", "email": "", "member_since": "2024-01-01T00:00:00Z"}
]}`, srv.OrganizationID)
		srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Body: nameless})
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed))
		wantText(t, tf.must("plan"), "Warning: 1 person has no usable e-mail address", "User IDs or addresses: 77.")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.", "Warning: 1 person has no usable e-mail address")
		wantWrites(t, srv)
	})
}

// Everyone who can be listed is listed: the configuration that Terraform generates for an
// import has no diff, even with unusual addresses. Other people do not change.
func TestMembersWithUnusualAddresses(t *testing.T) {
	t.Parallel()

	srv := newFake(t)
	people := `{"members": [{"organization_id": %[1]q, "user_id": "1", "email": "owner@example.com", "member_since": "2024-01-01T00:00:00Z", "role_assignments": {"organization": [{"role_id": "organization-admin", "organization_id": %[1]q}]}}`
	for i, email := range []string{"x@corp", "o'neil+1@example.com", "grün@bücher.example", "a b@example.com", "a..b@example.com", "@example.com", "Eve <eve@example.com>"} {
		people += fmt.Sprintf(`, {"organization_id": %%[1]q, "user_id": "%d", "email": %q, "member_since": "2024-01-01T00:00:00Z"}`, 70+i, email)
	}
	srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Body: fmt.Sprintf(people+"]}", srv.OrganizationID)})
	tf := newCLI(t, srv)
	tf.configure("import {\n  to = elasticcloud_members.all\n  id = \"" + srv.OrganizationID + "\"\n}\n")
	out := tf.must("plan", "-generate-config-out=generated.tf")
	wantText(t, out, "1 to import, 0 to add, 0 to change, 0 to destroy", "Warning: Incomplete e-mail address x@corp", "Warning: 4 people have no usable e-mail address",
		"@example.com, a b@example.com, a..b@example.com, eve <eve@example.com>.")
	tf.must("apply", "-auto-approve")
	wantText(t, tf.must("plan"), "No changes.")
	wantText(t, tf.must("show"), `"grün@bücher.example" = []`, `"o'neil+1@example.com" = []`, `"x@corp" = []`)
	wantWrites(t, srv)

}

// Resources that would undo each other are refused together, once.
func TestMembersBesideOthers(t *testing.T) {
	t.Parallel()
	many := "resource \"elasticcloud_member\" \"many\" {\n  for_each = toset([for i in range(20) : \"p${i}@example.com\"])\n  email = each.key\n  %s\n}\n"
	all := people(ownerListed)
	after := "depends_on = [elasticcloud_members.all]"
	for name, test := range map[string]struct{ hcl, want string }{
		"two":               {all + strings.Replace(all, `"all"`, `"other"`, 1), "The configuration has two elasticcloud_members resources."},
		"members":           {fmt.Sprintf(many, "") + people(ownerListed, "depends_on = [elasticcloud_member.many]"), "The elasticcloud_member is for p0@example.com, p10@example.com,"},
		"members, later":    {fmt.Sprintf(many, after) + all, "The elasticcloud_member is for p"},
		"assignment":        {assignment("a", `"owner@example.com"`, "billing-admin") + people(ownerListed, "depends_on = [elasticcloud_role_assignment.a]"), "The elasticcloud_role_assignment is for owner@example.com. List all their grants in members."},
		"assignment, later": {strings.Replace(assignment("a", `"owner@example.com"`, "billing-admin"), "}\n", after+"\n}\n", 1) + all, "The elasticcloud_role_assignment is for owner@example.com"},
		"exclusive":         {exclusive(`["owner@example.com"]`) + people(ownerListed, "depends_on = [elasticcloud_members_exclusive.this]"), "The elasticcloud_members_exclusive would undo its changes."},
		"exclusive, later":  {exclusive(`["owner@example.com"]`, after) + all, "Remove the elasticcloud_members_exclusive from the configuration. That removes nobody."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				tf.configure(test.hcl)
				out, ok := tf.run("plan")
				if ok {
					t.Error("plan succeeded")
				}
				_, out, _ = strings.Cut(out, "Error: ")
				wantText(t, out, test.want)
				if strings.Contains(out, "Error: ") {
					t.Errorf("it is said more than once: %s", out)
				}
				wantWrites(t, srv)
			})
		})
	}
}

// A person who moves from a single resource to the list must not be removed in between.
func TestMembersInPlaceOfMember(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(member("bob", "bob@example.com", roles("billing-admin")))
		tf.must("apply", "-auto-approve")
		list := people(ownerListed, "bob@example.com: billing-admin")
		tf.configure(list)
		out, ok := tf.run("plan")
		if ok {
			t.Error("plan succeeded")
		}
		wantText(t, out, "Error: bob@example.com would be removed and invited again", "removed block with lifecycle { destroy = false }")
		tf.configure(list + "removed {\n  from = elasticcloud_member.bob\n  lifecycle {\n    destroy = false\n  }\n}\n")
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		wantEmails(t, srv, "bob@example.com", "owner@example.com")
	})
}

func TestMembersBadInput(t *testing.T) {
	t.Parallel()
	raw := func(members string) string {
		return "resource \"elasticcloud_members\" \"all\" {\n  members = " + members + "\n}\n"
	}
	for _, test := range []struct{ name, hcl, want string }{
		{"empty", raw("{}"), "Nobody is listed"},
		{"null", raw("null"), "members"},
		{"no address", people(ownerListed, "bob: billing-admin"), `"bob" is not an e-mail address. Write the address alone, such as alice@example.com`},
		{"twice", people("Owner@example.com: organization-admin", ownerListed), "Owner@example.com and owner@example.com differ only by case and are the same person."},
		{"null grants", raw(`{ "owner@example.com" = null }`), "The grants of owner@example.com are null"},
		{"null grant", raw(`{ "owner@example.com" = [null] }`), "A grant of owner@example.com is null"},
		{"no grant", people(ownerListed, "bob@example.com: deployment-editor"), `"deployment-editor", character 18: deployment-editor needs a scope`},
		{"no grant, shared", people("owner@example.com: deployment-editor", "bob@example.com: deployment-editor"), "It is listed for bob@example.com, owner@example.com."},
		{"most", people(ownerListed, "max_removals = -1"), "must be at least 0"},
		{"expiry", people(ownerListed, `invitation_expires_in = "soon"`), "Invalid invitation expiry"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				refuses(t, srv, test.hcl, test.want)
				wantWrites(t, srv)
			})
		})
	}
	playing(t, func(t *testing.T) {
		tf := newTerraform(t, newFake(t))
		tf.configure(people(ownerListed, "bob@example.com: deployment-editr:*", "carol@example.com: deployment-editr:*"))
		out := tf.must("validate")
		wantText(t, out, "Did you mean deployment-editor?", "It is listed for bob@example.com, carol@example.com.")
		if n := strings.Count(out, "Warning: "); n != 1 {
			t.Errorf("%d warnings: %s", n, out)
		}
	})
}
