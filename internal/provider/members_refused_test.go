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

// withExpired has six people whose invitations expired, and a member.
func withExpired(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := newFake(t)
	for i := range 6 {
		srv.AddInvitation(fmt.Sprintf("p%d@example.com", i))
		srv.Expire(fmt.Sprintf("p%d@example.com", i))
	}
	srv.AddMember("bob@example.com")
	return srv
}

// Nobody has access by an invitation that expired, so any number of them may go.
func TestMembersMaxRemovalsOfExpired(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withExpired(t)
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "max_removals = 0"))
		wantText(t, tf.must("plan"), "Warning: 7 unlisted people are removed from the organization", "Unlisted people: 1. max_removals is 0, so apply removes none of them. Add what should stay to the list, or raise max_removals. This does not count 6 expired invitations.")
		if _, ok := tf.run("apply", "-auto-approve"); ok {
			t.Error("apply succeeded")
		}
		wantWrites(t, srv)
	})
}

// They are no reason to refuse the configuration that the CLI writes either.
func TestMembersMaxRemovalsOfExpiredAfterImport(t *testing.T) {
	t.Parallel()
	srv := withExpired(t)
	tf := newCLI(t, srv)
	tf.configure("import {\n  to = elasticcloud_members.all\n  id = \"" + srv.OrganizationID + "\"\n}\n")
	out := tf.must("plan", "-generate-config-out=generated.tf")
	wantText(t, out, "1 to import, 0 to add, 1 to change, 0 to destroy")
	if strings.Contains(out, "max_removals is") {
		t.Errorf("the plan is refused: %s", out)
	}
	tf.must("apply", "-auto-approve")
	wantEmails(t, srv, "bob@example.com", "owner@example.com")
	wantText(t, tf.must("plan"), "No changes.")
}

func TestMembersMaxRemovals(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for i := range 6 {
			srv.AddMember(fmt.Sprintf("p%d@example.com", i))
		}
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "alice@example.com: billing-admin"))
		wantText(t, tf.must("plan"), "Warning: Apply will refuse to remove so many people", "Unlisted people: 6. max_removals is 5,")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Refused to remove so many people", "Nobody was invited or changed either.")
		wantWrites(t, srv)
		tf.configure(people(ownerListed, "alice@example.com: billing-admin", "max_removals = 6"))
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "alice@example.com", "owner@example.com")

		// the same in an update
		srv.AddMember("bob@example.com")
		tf.configure(people(ownerListed, "carol@example.com: billing-admin", "max_removals = 1"))
		srv.ResetLedger()
		if _, ok := tf.run("apply", "-auto-approve"); ok {
			t.Error("apply succeeded")
		}
		wantWrites(t, srv)
		wantText(t, tf.must("plan"), `- "alice@example.com"`, `- "bob@example.com"`, `+ "carol@example.com"`)
	})
}

// The last owner is neither removed nor demoted. If a list would do that, nothing of it is
// applied. The same apply may add another owner first.
func TestMembersLastOwner(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com")
		srv.AddMember("bob@example.com", "billing-admin")
		refused := func(hcl string) resource.TestStep {
			return resource.TestStep{Config: hcl, ExpectError: spaced("Present owners: alice@example.com. None of them would stay an owner"), PreConfig: srv.ResetLedger}
		}
		playSteps(t, srv,
			resource.TestStep{Config: people("alice@example.com: organization-admin", "bob@example.com: billing-admin")},
			refused(people("alice@example.com: billing-admin", "bob@example.com: deployment-viewer:*", "carol@example.com: organization-admin")),
			refused(people("bob@example.com: deployment-viewer:*")),
			resource.TestStep{Config: people("bob@example.com: organization-admin"), PreConfig: func() {
				wantWrites(t, srv)
			}},
			resource.TestStep{Config: people("bob@example.com: billing-admin", "allow_last_owner_removal = true")},
		)
		wantEmails(t, srv, "bob@example.com")
		wantGrants(t, srv, "bob@example.com", "billing-admin")
	})
}

// The creation removes nobody where no owner would be left, and does not wait.
func TestMembersLastOwnerCreate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t) // of owner@example.com
		srv.AddMember("p1@example.com")
		srv.AddMember("p2@example.com")
		srv.AddInvitation("p5@example.com", "billing-admin")
		srv.AddInvitation("p6@example.com", "organization-admin")
		srv.Expire("p6@example.com")
		tf := newTerraform(t, srv)
		tf.configure(people("p1@example.com: billing-admin", "p5@example.com: organization-admin", "max_removals = 10"))
		wantText(t, tf.must("plan"), "Warning: owner@example.com is the last owner")
		start := time.Now()
		out, ok := tf.run("apply", "-auto-approve")
		if took := time.Since(start); ok || took > 10*time.Second {
			t.Errorf("apply succeeded: %t, after %v", ok, took)
		}
		wantText(t, out, "Error: Refused to leave the organization without an owner", "Present owners: owner@example.com. None of them would stay an owner", "Nothing was changed.")
		wantWrites(t, srv)

		tf.configure(people("p1@example.com: organization-admin", "p5@example.com: organization-admin", "max_removals = 10"))
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "p1@example.com", "p5@example.com")
	})
}

func TestMembersLastOwnerPlan(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com", "bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(people("alice@example.com: billing-admin", "bob@example.com: organization-admin"))
		wantText(t, tf.must("plan"), "Warning: alice@example.com loses organization-admin", "Other owners before this plan: bob@example.com.")
		tf.configure(people("alice@example.com: billing-admin", "bob@example.com: billing-admin"))
		wantText(t, tf.must("plan"), "Warning: The last owners of the organization lose organization-admin",
			"alice@example.com is no longer an owner of the organization. bob@example.com is no longer an owner of the organization. No other member holds organization-admin.")
	})
}

// A list of people of whom nobody has joined would end everybody's access.
func TestMembersRemovesNotEverybody(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(people("alice@example.com: organization-admin"))
		out, ok := tf.run("plan")
		if ok {
			t.Error("plan succeeded")
		}
		wantText(t, out, "Error: This would remove every member of the organization", "including yourself")
		tf.configure(people(ownerListed))
		tf.must("apply", "-auto-approve")
		tf.configure(people("alice@example.com: organization-admin"))
		wantText(t, tf.must("plan"), "Warning: Apply will refuse to remove every member of the organization")
		out, ok = tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Refused to remove every member of the organization")
		wantWrites(t, srv)
	})
}

// Where the key sees no owner, it may not see everybody: nobody is removed.
func TestMembersRefusedWhereNoOwnerIsVisible(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := cloudtest.New(t, cloudtest.InProcess())
		srv.AddMember("alice@example.com")
		srv.AddMember("bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(`resource "elasticcloud_members" "all" {
  members = { "alice@example.com" = [] }
}`)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("it is applied")
		}
		wantText(t, out, "Refused to change members while no owner is visible", "Apply would remove bob@example.com.", "Nothing was changed.")
		wantWrites(t, srv)

		// There may be none, where a configuration says so.
		tf.configure(`resource "elasticcloud_members" "all" {
  allow_last_owner_removal = true
  members                  = { "alice@example.com" = ["organization-admin"] }
}`)
		tf.must("apply", "-auto-approve")
		wantEmails(t, srv, "alice@example.com")
	})
}
