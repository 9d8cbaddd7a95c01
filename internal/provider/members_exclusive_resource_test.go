// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func exclusive(emails string, lines ...string) string {
	return fmt.Sprintf("resource \"elasticcloud_members_exclusive\" \"this\" {\n  emails = %s\n  %s\n}\n", emails, strings.Join(lines, "\n  "))
}

// Somebody who was added by hand shows by e-mail in the next plan, which exits
// with 2, and is removed by apply.
func TestMembersExclusive(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		hcl := member("alice", "Alice@example.com", roles("deployment-viewer:*")) +
			exclusive(`["OWNER@example.com", elasticcloud_member.alice.email]`)
		tf.configure(hcl)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan", "-detailed-exitcode"), "No changes.")

		srv.AddMember("Mallory@example.com", "deployment-admin:*")
		srv.AddInvitation("eve@example.com", "billing-admin")
		out, ok := tf.run("plan", "-detailed-exitcode", "-out=plan")
		if ok || strings.Contains(out, "Error:") { // in the CLI this is the 2 that TestExampleDriftFromCron sees
			t.Errorf("the plan has no changes, or fails: %s", out)
		}
		wantText(t, out, `~ strangers = [ - "eve@example.com", - "mallory@example.com", ]`,
			"Warning: 2 unlisted people are removed from the organization",
			"- eve@example.com (invited): billing-admin", "- mallory@example.com (member): deployment-admin:*")
		// a person who joins after the plan is not removed by it
		srv.AddMember("late@example.com")
		srv.ResetLedger()
		tf.must("apply", "plan")
		if srv.Count(dropInv) != 1 || srv.Count(dropMem) != 1 || len(srv.Writes()) != 2 { // at the same time
			t.Errorf("written: %v", srv.Writes())
		}
		wantText(t, tf.must("plan"), `- "late@example.com",`)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")

		tf.configure(strings.ReplaceAll(hcl, "OWNER@", "Owner@"))
		wantText(t, tf.must("plan"), "No changes.")
		srv.ResetLedger()
		tf.configure("")
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, dropInv) // alice's resource, and nobody by the end of the list
		wantMails(t, srv, 1)
	})
}

// A person who is taken off the list is removed in the apply of that change.
func TestMembersExclusiveListShrinks(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["owner@example.com", "bob@example.com"]`))
		tf.must("apply", "-auto-approve")
		tf.configure(exclusive(`["owner@example.com"]`))
		wantText(t, tf.must("plan"), `- "bob@example.com",`, "- bob@example.com (member): ")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		if got := srv.Status("bob@example.com"); got != "none" {
			t.Errorf("bob is %s", got)
		}
	})
}

func TestMembersExclusiveCreate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["owner@example.com"]`))
		wantText(t, tf.must("plan", "-out=plan"), "Warning: 1 unlisted person is removed from the organization", "- bob@example.com (member): deployment-viewer:*")
		wantWrites(t, srv)
		tf.must("apply", "plan")
		if got := srv.Emails(); len(got) != 1 {
			t.Errorf("after apply there are %v", got)
		}
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func TestMembersExclusiveMaxRemovals(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for i := range 6 {
			srv.AddMember(fmt.Sprintf("p%d@example.com", i))
		}
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["owner@example.com"]`))
		wantText(t, tf.must("plan"), "Warning: Apply will refuse to remove so many people", "Unlisted people: 6. max_removals is 5,")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Refused to remove so many people", "so apply removes none of them.")
		wantWrites(t, srv)
		tf.configure(exclusive(`["owner@example.com"]`, "max_removals = 6"))
		tf.must("apply", "-auto-approve")
		if got := srv.Emails(); len(got) != 1 {
			t.Errorf("after apply there are %v", got)
		}
	})
}

// One who cannot be removed stops nobody else's removal.
func TestMembersExclusivePartly(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddInvitation("bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["owner@example.com"]`))
		srv.Fail(cloudtest.Fault{Route: dropMem, Status: 403, Code: "x", Message: "no"})
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not remove alice@example.com from the organization")
		wantEmails(t, srv, "alice@example.com", "owner@example.com")
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "owner@example.com")
	})
}

// Where no owner would be left, nobody is removed.
func TestMembersExclusiveLastOwner(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com", "dora@example.com")
		srv.AddMember("bob@example.com", "deployment-viewer:*")
		srv.AddMember("carol@example.com")
		refused := spaced("No listed member holds organization-admin. Apply would remove the owners")
		playSteps(t, srv,
			resource.TestStep{Config: exclusive(`["carol@example.com"]`), ExpectError: refused},
			resource.TestStep{Config: exclusive(`["carol@example.com", "alice@example.com", "bob@example.com", "dora@example.com"]`)},
			resource.TestStep{Config: exclusive(`["carol@example.com"]`), ExpectError: refused},
			resource.TestStep{PreConfig: func() { wantWrites(t, srv) }, Config: exclusive(`["carol@example.com"]`, "allow_last_owner_removal = true")},
		)
		wantEmails(t, srv, "carol@example.com")
	})
}

// Another resource of the same apply may make somebody an owner who is listed.
func TestMembersExclusiveWaitsForAnOwner(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com")
		srv.AddMember("carol@example.com")
		srv.Fail(cloudtest.Fault{Route: postRoles, Hang: time.Second})
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["carol@example.com"]`) + assignment("a", `"carol@example.com"`, "organization-admin"))
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "carol@example.com")
	})
}

func TestMembersExclusiveMaxRemovalsOfExpired(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddInvitation("eve@example.com")
		srv.Expire("eve@example.com")
		srv.AddMember("bob@example.com")
		most := func(n string) string { return exclusive(`["owner@example.com"]`, "max_removals = "+n) }
		playSteps(t, srv,
			resource.TestStep{Config: most("0"), ExpectError: spaced("Unlisted people: 1. max_removals is 0, so apply removes none of them. Add what should stay to the list, or raise max_removals. This does not count 1 expired invitation.")},
			resource.TestStep{Config: most("1"), PreConfig: func() { wantWrites(t, srv) }},
		)
		wantEmails(t, srv, "owner@example.com")
	})
}

// A person whom an elasticcloud_member invites must be listed, or each apply would undo the
// other.
func TestMembersExclusiveBesideMember(t *testing.T) {
	t.Parallel()
	for name, hcl := range map[string]string{
		"member first":    member("bob", "bob@example.com") + exclusive(`["owner@example.com"]`, "depends_on = [elasticcloud_member.bob]"),
		"exclusive first": member("bob", "bob@example.com", "depends_on = [elasticcloud_members_exclusive.this]") + exclusive(`["owner@example.com"]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				refuses(t, srv, hcl, "bob@example.com is invited and removed")
				wantWrites(t, srv)
			})
		})
	}
}

func TestMembersExclusiveBadInput(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com")
		for hcl, want := range map[string]string{
			exclusive(`[]`): "list must contain at least 1 elements",
			exclusive(`["owner@example.com", "bob"]`):               "Invalid e-mail address",
			exclusive(`["owner@example.com", null]`):                "null",
			exclusive(`["nobody@example.com"]`):                     "This would remove every member of the organization",
			exclusive(`["owner@example.com"]`, "max_removals = -1"): "must be at least 0",
			exclusive(`["owner@example.com"]`) + strings.Replace(exclusive(`["owner@example.com"]`), "this", "that", 1): "Two resources list the members of the organization",
		} {
			refuses(t, srv, hcl, want)
		}
		wantWrites(t, srv)
	})
}

func TestMembersExclusiveKnownLate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(`resource "terraform_data" "late" { input = "owner@example.com" }` + "\n" + exclusive(`[terraform_data.late.output]`))
		wantText(t, tf.must("plan"), "Warning: Removals of people are known only after apply")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		if got := srv.Emails(); len(got) != 1 {
			t.Errorf("after apply there are %v", got)
		}
	})
}

func TestMembersExclusiveImport(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["owner@example.com", "Bob@example.com"]`) +
			"import {\n  to = elasticcloud_members_exclusive.this\n  id = \"" + srv.OrganizationID + "\"\n}\n")
		wantText(t, tf.must("plan"), "1 to import, 0 to add, 0 to change, 0 to destroy")
		tf.configure(exclusive(`["owner@example.com"]`) + "import {\n  to = elasticcloud_members_exclusive.this\n  id = \"42\"\n}\n")
		out, ok := tf.run("plan")
		if ok {
			t.Error("the import of another organization succeeded")
		}
		wantText(t, out, "Could not import from another organization")
	})
}

// A pattern lists everybody of a domain, and nobody else.
func TestMembersExclusivePatterns(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("New@EXAMPLE.com", "billing-admin")
		srv.AddMember("sub@a.example.com")
		srv.AddInvitation("x@other.org")
		srv.AddMember("ann@partner.org")
		tf := newTerraform(t, srv)
		listed := member("team", "team@example.com") + member("ann", "ann@partner.org")
		tf.configure(exclusive(`["*@Example.com", "ann@partner.org"]`) + listed)
		wantText(t, tf.must("plan"), "2 unlisted people are removed", "- sub@a.example.com (member)", "- x@other.org (invited)")
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "ann@partner.org", "new@example.com", "owner@example.com", "team@example.com")
		wantText(t, tf.must("plan"), "No changes.")
		srv.SSOLogin("sso@example.com", "deployment-viewer:*")
		wantText(t, tf.must("plan"), "No changes.")

		tf.configure(exclusive(`["*@example.com"]`) + listed)
		out, ok := tf.run("plan")
		if ok {
			t.Error("somebody is invited and removed")
		}
		wantText(t, out, "ann@partner.org is invited and removed")

		// Who goes when the pattern goes is named before: nobody by the plan that takes it
		// off, which may be older than somebody's first sign-in.
		tf.configure(exclusive(`["owner@example.com", "ann@partner.org", "team@example.com"]`) + listed)
		tf.must("plan", "-out=saved")
		srv.SSOLogin("late@example.com", "deployment-viewer:*")
		before := srv.Emails()
		tf.must("apply", "saved")
		wantEmails(t, srv, before...)
		wantText(t, tf.must("plan"), "- late@example.com (member): deployment-viewer:*", "- new@example.com (member): billing-admin", "- sso@example.com (member): deployment-viewer:*")
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "ann@partner.org", "owner@example.com", "team@example.com")
	})
}

// An invalid pattern is refused at the element.
func TestMembersExclusiveBadPatterns(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		for _, pattern := range []string{"*", "*@", "*.example.com", "*@*", "*@*.example.com", "*@@example.com", "*@a b.com"} {
			refuses(t, newFake(t), exclusive(`["owner@example.com", "`+pattern+`"]`), "Invalid pattern", "such as *@example.com")
		}
	})
}

// People whom no address can name are never removed, and cannot be listed by a user ID.
func TestMembersExclusiveLeavesTheNameless(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		one := `{"organization_id": %[1]q, "user_id": %[2]q, "email": %[3]q, "member_since": "2024-01-01T00:00:00Z", "role_assignments": {%[4]s}}`
		admin := fmt.Sprintf(`"organization": [{"role_id": "organization-admin", "organization_id": %q}]`, srv.OrganizationID)
		body := fmt.Sprintf(`{"members": [`+one+",", srv.OrganizationID, "1", "owner@example.com", admin) +
			fmt.Sprintf(one+",", srv.OrganizationID, "77", "", "") + fmt.Sprintf(one+`]}`, srv.OrganizationID, "78", "OWNER@example.com", "")
		srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Body: body})
		tf := newTerraform(t, srv)
		tf.configure(exclusive(`["owner@example.com"]`))
		const says = "Warning: 2 people have no usable e-mail address"
		wantText(t, tf.must("plan"), says)
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		wantText(t, tf.must("plan"), says, "No changes.")
	})
}
