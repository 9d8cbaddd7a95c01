// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
					c := startCore(t, srv)
					c.mustApply(t, test.before)
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

// An apply does not see a resource that it leaves as it is. So a grant that such a
// resource gives is not taken from another one, by a removal or by a change.
func TestGrantOfAnUnchangedResource(t *testing.T) {
	t.Parallel()
	const two = "Two resources grant deployment-viewer:* to alice@example.com"
	a, b := assignment("a", `"alice@example.com"`, "deployment-viewer:*"), assignment("b", `"alice@example.com"`, "deployment-viewer:*")
	for name, test := range map[string]struct{ before, after string }{
		"one of two goes":     {a + b, b},
		"one of two changes":  {a + b, b + assignment("a", `"alice@example.com"`, "deployment-editor:*")},
		"one of two is Bob's": {a + b, b + assignment("a", `"bob@example.com"`, "deployment-viewer:*")},
		"one changes to that": {b + assignment("a", `"alice@example.com"`, "deployment-editor:*"), a + b},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddMember("alice@example.com", "deployment-viewer:*")
				srv.AddMember("bob@example.com")
				tf := newTerraform(t, srv)
				tf.configure(test.before)
				tf.must("apply", "-auto-approve")
				srv.ResetLedger()
				tf.configure(test.after)
				out, ok := tf.run("plan")
				if ok {
					t.Error("the plan is no error")
				}
				wantText(t, out, two)
				if name != "one changes to that" {
					wantText(t, out, "destroy = false")
				}
				wantWrites(t, srv)
			})
		})
	}
}

// A member who is imported with a role, in place of the assignment that gave it, keeps it.
// The plan tells the removal of it, and an apply does not see the member.
func TestGrantOfAnImportedMember(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		tf := newTerraform(t, srv)
		tf.configure(assignment("a", `"alice@example.com"`, "deployment-viewer:*"))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")) + "import {\n  to = elasticcloud_member.alice\n  id = \"alice@example.com\"\n}\n")
		wantText(t, tf.must("plan", "-out=plan"), "Warning: alice@example.com keeps deployment-viewer:*")
		tf.must("apply", "plan")
		wantWrites(t, srv)
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A count that shifts revokes only what no resource grants afterwards.
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

// Many assignments are destroyed at once, and another resource grants the same: either the
// grant stays, or the plan announces that it is revoked.
func TestManyGrantsThatAreGivenAgain(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 9, 12, 30} {
		for name, after := range map[string]string{"renamed": "new", "one of two goes": "both"} {
			t.Run(fmt.Sprintf("%s %d", name, n), func(t *testing.T) {
				t.Parallel()
				playing(t, func(t *testing.T) {
					srv := newFake(t)
					var emails []string
					for i := range n {
						emails = append(emails, fmt.Sprintf("%q", fmt.Sprintf("p%d@example.com", i)))
						srv.AddMember(fmt.Sprintf("p%d@example.com", i))
					}
					block := func(name string) string {
						return "resource \"elasticcloud_role_assignment\" \"" + name + "\" {\n  for_each = toset([" + strings.Join(emails, ", ") + "])\n  email = each.key\n  role  = \"deployment-viewer:*\"\n}\n"
					}
					before := block("old")
					if after == "both" {
						before += block("new")
					}
					tf := newTerraform(t, srv)
					tf.configure(before)
					tf.must("apply", "-auto-approve")
					srv.ResetLedger()
					tf.configure(block("new"))
					out, ok := tf.run("apply", "-auto-approve")
					kept, refused, moment := strings.Count(out, "keeps deployment-viewer:*"), strings.Count(out, "Two resources grant deployment-viewer:* to"), strings.Count(out, "may lose deployment-viewer:* for a moment")
					if kept+refused+moment < n {
						t.Errorf("of %d, the plan says of %d that they keep the grant, of %d that two resources give it, and of %d that they may lose it for a moment", n, kept, refused, moment)
					}
					if ok == (refused > 0) {
						t.Errorf("apply succeeded: %v, and %d are refused", ok, refused)
					}
					if deletes := len(srv.Writes()); refused > 0 && deletes > 0 {
						t.Errorf("%d writes", deletes)
					}
					for i := range n {
						if moment == 0 {
							wantGrants(t, srv, fmt.Sprintf("p%d@example.com", i), "deployment-viewer:*")
						}
					}
				})
			})
		}
	}
}

// An assignment that changes to another grant, while another resource keeps the old
// one, is refused: with create_before_destroy apply would revoke it.
func TestAssignmentLeavesAGrantToAnother(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		tf := newTerraform(t, srv)
		other := assignment("b", `"alice@example.com"`, "deployment-viewer:*")
		tf.configure(assignment("a", `"alice@example.com"`, "deployment-viewer:*") + other)
		tf.must("apply", "-auto-approve")
		tf.configure(assignment("a", `"alice@example.com"`, "deployment-editor:*") + other)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeds")
		}
		wantText(t, out, "Error: Two resources grant deployment-viewer:* to alice@example.com")
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")
	})
}

// A person is removed, and an assignment is for the same person: an error if the assignment
// is created, a warning if it stays.
func TestMemberIsRemovedBesideAnAssignment(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		tf := newTerraform(t, srv)
		assigned := assignment("a", `"alice@example.com"`, "deployment-viewer:*")
		tf.configure(member("alice", "alice@example.com"))
		tf.must("apply", "-auto-approve")
		for range 4 { // whichever is planned first
			tf.configure(assigned)
			out, ok := tf.run("apply", "-auto-approve")
			if ok {
				t.Error("apply succeeds")
			}
			wantText(t, out, "Error: alice@example.com would be removed although an assignment grants a role", "destroy = false")
		}
		tf.configure(member("alice", "alice@example.com") + assigned)
		tf.must("apply", "-auto-approve")
		for range 4 {
			tf.configure(assigned)
			wantText(t, tf.must("plan"), "Warning: alice@example.com is removed, but an assignment stays")
		}
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")
	})
}

// A dozen assignments become roles of an existing member. The plans of their removals cannot
// all wait for the plan of the member, but the grants stay.
func TestManyAssignmentsBecomeRoles(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		tf := newTerraform(t, srv)
		var grants []string
		assignments := ""
		for i := range 12 {
			grant := fmt.Sprintf("deployment-viewer:%d", i)
			grants = append(grants, grant)
			assignments += assignment(fmt.Sprintf("a%d", i), `"alice@example.com"`, grant)
		}
		for range 5 {
			tf.configure(member("alice", "alice@example.com") + assignments)
			tf.must("apply", "-auto-approve")
			tf.configure(member("alice", "alice@example.com", roles(grants...)))
			tf.must("apply", "-auto-approve")
			if got := srv.Grants("alice@example.com"); len(got) != len(grants) {
				t.Errorf("she holds %v", got)
			}
			wantText(t, tf.must("plan"), "No changes.")
		}
	})
}

// A resource that gives a grant and refers to the assignment that gave it is planned after
// that, and applied after that. So the grant would be revoked first: the plan is refused.
func TestGiverRefersToWhatGoes(t *testing.T) {
	t.Parallel()
	each := func(roles string) string {
		return "resource \"elasticcloud_role_assignment\" \"old\" {\n  for_each = { " + roles + " }\n  email = \"${each.key}@example.com\"\n  role = each.value\n}\n"
	}
	const refers = "depends_on = [elasticcloud_role_assignment.old]"
	other := "resource \"elasticcloud_role_assignment\" \"new\" {\n  email = \"alice@example.com\"\n  role = \"deployment-viewer:*\"\n  " + refers + "\n}\n"
	bob := `bob = "deployment-editor:*"`
	everybody := "resource \"elasticcloud_members\" \"all\" {\n  members = { \"owner@example.com\" = [\"organization-admin\"], \"alice@example.com\" = [\"deployment-viewer:*\"], \"bob@example.com\" = [] }\n  " + refers + "\n}\n"
	for name, after := range map[string]string{
		"everybody, all go":          each("") + everybody,
		"an assignment, one goes":    each(bob) + other,
		"an assignment, one changes": each(`alice = "deployment-admin:*", `+bob) + other,
		"roles of a member":          each(bob) + member("alice", "alice@example.com", roles("deployment-viewer:*"), refers),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t, cloudtest.Latency(20*time.Millisecond)) // so that several calls are under way at a time
				srv.AddMember("alice@example.com")
				srv.AddMember("bob@example.com")
				tf := newTerraform(t, srv)
				tf.configure(each(`alice = "deployment-viewer:*", ` + bob))
				tf.must("apply", "-auto-approve")
				tf.configure(after)
				srv.ResetLedger()
				out, ok := tf.run("apply", "-auto-approve")
				if writes := srv.Writes(); ok || len(writes) > 0 {
					t.Errorf("apply succeeds: %v, with %d writes:\n%s", ok, len(writes), out)
				}
				wantText(t, out, "Error: alice@example.com would lose deployment-viewer:* before it is granted again", "destroy = false", "moved block")
			})
		})
	}
}
