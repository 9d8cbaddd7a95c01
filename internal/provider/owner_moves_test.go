// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// onlyOwner is an organization with one owner, alice.
func onlyOwner(t *testing.T) *cloudtest.Server {
	t.Helper()
	return ownerless(t, "alice@example.com")
}

// The grant that makes the last owner moves from one resource to another in one
// apply, in whatever order.
func TestLastOwnersGrantMoves(t *testing.T) {
	t.Parallel()
	email := map[string]any{"email": "alice@example.com"}
	assigned := block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": "alice@example.com", "role": "organization-admin"}}
	withRoles := block{Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com", "roles": []string{"organization-admin"}}}
	for name, test := range map[string]struct{ before, after map[string]block }{
		"to another name": {map[string]block{"old": assigned}, map[string]block{"new": assigned}},
		"to roles": {
			map[string]block{"alice": {Type: "elasticcloud_member", Attributes: email}, "old": assigned},
			map[string]block{"alice": withRoles},
		},
		"to members": {
			map[string]block{"old": assigned},
			map[string]block{"all": {Type: "elasticcloud_members", Attributes: map[string]any{"members": map[string][]string{"alice@example.com": {"organization-admin"}}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				for range 3 {
					srv := onlyOwner(t)
					c, err := newCore(srv)
					if err != nil {
						t.Fatal(err)
					}
					if err := c.apply(t.Context(), test.before); err != nil {
						t.Fatal(err)
					}
					if err := c.apply(t.Context(), test.after); err != nil {
						t.Error(err)
					}
					wantWrites(t, srv)
					if changes, err := c.plan(t.Context(), test.after); err != nil || len(changes) > 0 {
						t.Errorf("planned are %v, %v", addresses(changes), err)
					}
				}
			})
		})
	}
}

// Where Terraform destroys first, nothing gives the grant in time. The plan says
// so, the error too, and what they name helps.
func TestLastOwnersGrantIsTakenFirst(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := onlyOwner(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com") + assignment("old", "elasticcloud_member.alice.email", "organization-admin"))
		tf.must("apply", "-auto-approve")
		after := member("alice", "alice@example.com", roles("organization-admin"))
		tf.configure(after)
		ways := []string{"with a removed block that has destroy = false.", "say so with a moved block."}
		wantText(t, tf.must("plan"), append(ways, "Warning: Two resources have organization-admin of alice@example.com", "Apply refuses to take it away where that comes first")...)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("the only owner was demoted")
		}
		_, out, _ = strings.Cut(out, "Error: ")
		wantText(t, out, append(ways, "Could not take organization-admin from alice@example.com", "is the last active member who holds organization-admin")...)
		if strings.Contains(out, "allow_last_owner_removal") {
			t.Errorf("an assignment has no such attribute: %s", out)
		}
		tf.configure(after + "removed {\n  from = elasticcloud_role_assignment.old\n  lifecycle {\n    destroy = false\n  }\n}\n")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		wantWrites(t, srv)
		wantGrants(t, srv, "alice@example.com", "organization-admin")
	})
}

// The plan warns of an assignment that is replaced by another form of the grant,
// or renamed, too, and not where another owner stays or the person is another.
func TestLastOwnersGrantMovesPlan(t *testing.T) {
	t.Parallel()
	const warning = "Two resources have organization-admin of alice@example.com"
	old := assignment("old", `"alice@example.com"`, "organization-admin")
	for name, test := range map[string]struct {
		after, owner string
		warns        bool
	}{
		"renamed":        {assignment("new", `"Alice@example.com"`, "organization-admin"), "", true},
		"another form":   {assignment("old", `"alice@example.com"`, "organization-admin+auditor"), "", true},
		"members":        {`resource "elasticcloud_members" "all" { members = { "alice@example.com" = ["organization-admin"] } }`, "", true},
		"another owner":  {assignment("new", `"alice@example.com"`, "organization-admin"), "bob@example.com", false},
		"another person": {assignment("old", `"bob@example.com"`, "organization-admin"), "", false},
		"another grant":  {assignment("old", `"alice@example.com"`, "billing-admin"), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := onlyOwner(t)
				tf := newTerraform(t, srv)
				tf.configure(old)
				tf.must("apply", "-auto-approve")
				if test.owner != "" {
					srv.AddMember(test.owner, "organization-admin")
				}
				tf.configure(test.after)
				if out := tf.must("plan"); strings.Contains(out, warning) != test.warns {
					t.Errorf("plan: %s", out)
				}
			})
		})
	}
}
