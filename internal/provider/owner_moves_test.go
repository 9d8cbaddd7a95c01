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

// Where Terraform destroys first, the plan knows that another resource gives the
// grant: it is not taken, whether that one changes or stays.
func TestGrantIsKeptWhereItIsGivenAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after string }{
		"to roles": {
			member("alice", "alice@example.com") + assignment("old", "elasticcloud_member.alice.email", "organization-admin"),
			member("alice", "alice@example.com", roles("organization-admin")),
		},
		"to another name": {assignment("old", `"alice@example.com"`, "organization-admin"), assignment("new", `"Alice@example.com"`, "organization-admin")},
		"to members": {
			assignment("old", `"alice@example.com"`, "organization-admin"),
			`resource "elasticcloud_members" "all" { members = { "alice@example.com" = ["organization-admin"] } }`,
		},
		"one of two goes": {
			assignment("old", `"alice@example.com"`, "organization-admin") + assignment("new", `"alice@example.com"`, "organization-admin"),
			assignment("new", `"alice@example.com"`, "organization-admin"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := onlyOwner(t)
				tf := newTerraform(t, srv)
				tf.configure(test.before)
				tf.must("apply", "-auto-approve")
				tf.configure(test.after)
				wantText(t, tf.must("plan", "-out=plan"), "Warning: alice@example.com keeps organization-admin")
				tf.must("apply", "plan")
				wantText(t, tf.must("plan"), "No changes.")
				wantWrites(t, srv)
				wantGrants(t, srv, "alice@example.com", "organization-admin")
			})
		})
	}
}

// A count that shifts takes what nobody gives any more, and nothing else.
func TestAssignmentsThatShift(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		tf := newTerraform(t, srv)
		shifting := func(grants string) string {
			return "resource \"elasticcloud_role_assignment\" \"this\" {\n  count = length([" + grants + "])\n  email = \"alice@example.com\"\n  role  = [" + grants + "][count.index]\n}\n"
		}
		tf.configure(shifting(`"deployment-viewer:*", "deployment-editor:*", "deployment-admin:*"`))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		tf.configure(shifting(`"deployment-editor:*", "deployment-admin:*"`))
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "alice@example.com", "deployment-admin:*", "deployment-editor:*")
		for _, w := range srv.Writes() {
			if w.Method == "DELETE" && (strings.Contains(string(w.Body), "deployment-editor") || strings.Contains(string(w.Body), "deployment-admin")) {
				t.Errorf("taken: %s", w.Body)
			}
		}
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// The plan says what becomes of the grant of the only owner, whether the assignment
// is renamed or replaced by another form of the grant.
func TestLastOwnersGrantMovesPlan(t *testing.T) {
	t.Parallel()
	const keeps, two = "alice@example.com keeps organization-admin", "Two resources grant organization-admin to alice@example.com"
	old := assignment("old", `"alice@example.com"`, "organization-admin")
	for name, test := range map[string]struct {
		after, owner, warning string
	}{
		"renamed":        {assignment("new", `"Alice@example.com"`, "organization-admin"), "", keeps},
		"another form":   {assignment("old", `"alice@example.com"`, "organization-admin+auditor"), "", two},
		"members":        {`resource "elasticcloud_members" "all" { members = { "alice@example.com" = ["organization-admin"] } }`, "", keeps},
		"another owner":  {assignment("new", `"alice@example.com"`, "organization-admin"), "bob@example.com", keeps},
		"another person": {assignment("old", `"bob@example.com"`, "organization-admin"), "", ""},
		"another grant":  {assignment("old", `"alice@example.com"`, "billing-admin"), "", ""},
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
				out := tf.must("plan")
				for _, warning := range []string{keeps, two} {
					if strings.Contains(out, warning) != (warning == test.warning) {
						t.Errorf("plan: %s", out)
					}
				}
			})
		})
	}
}
