// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	alice     = "elasticcloud_member.alice"
	postRoles = "POST /users/{user_id}/role_assignments"
	dropRoles = "DELETE /users/{user_id}/role_assignments"
	postInv   = "POST /organizations/{organization_id}/invitations"
	dropInv   = "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}"
	getInv    = "GET /organizations/{organization_id}/invitations"
	dropMem   = "DELETE /organizations/{organization_id}/members/{user_ids}"
	getMem    = "GET /organizations/{organization_id}/members"
)

// member is the HCL of one member; roles are written as they stand.
func member(name, email string, lines ...string) string {
	return fmt.Sprintf("resource \"elasticcloud_member\" %q {\n  email = %q\n  %s\n}\n", name, email, strings.Join(lines, "\n  "))
}

func roles(grants ...string) string {
	return `roles = ["` + strings.Join(grants, `", "`) + `"]`
}

var (
	emptyPlan = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	updates   = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(alice, plancheck.ResourceActionUpdate)}}
)

func has(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(alice, tfjsonpath.New(attribute), value)
}

func hasText(attribute, value string) statecheck.StateCheck {
	return has(attribute, knownvalue.StringExact(value))
}

// wantWrites fails unless these routes, and no others, were written since the
// ledger was reset, in this order.
func wantWrites(t *testing.T, srv *cloudtest.Server, routes ...string) {
	t.Helper()
	var got []string
	for _, r := range srv.Writes() {
		got = append(got, r.Route)
	}
	if !slices.Equal(got, routes) {
		t.Errorf("written: %q, want %q", got, routes)
	}
}

func wantGrants(t *testing.T, srv *cloudtest.Server, email string, grants ...string) {
	t.Helper()
	grants = slices.Sorted(slices.Values(grants))
	if got := srv.Grants(email); !slices.Equal(got, grants) {
		t.Errorf("%s holds %q, want %q", email, got, grants)
	}
}

func wantMails(t *testing.T, srv *cloudtest.Server, n int) {
	t.Helper()
	if got := srv.Mails(); len(got) != n {
		t.Errorf("%d e-mails went out, want %d: %v", len(got), n, got)
	}
}

// TestAccMember is also run against a real organization.
func TestAccMember(t *testing.T) {
	t.Parallel()
	o := newTestOrganization(t)
	email := o.email("alice")
	o.run(t, []string{email},
		resource.TestStep{
			Config: member("alice", email, roles("deployment-viewer:*"), `invitation_expires_in = "2d"`),
			ConfigStateChecks: []statecheck.StateCheck{
				hasText("id", strings.ToLower(email)), hasText("email", email), hasText("status", "invited"),
				has("user_id", knownvalue.Null()), has("name", knownvalue.Null()), has("member_since", knownvalue.Null()),
				has("invitation_expires_at", knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))),
			},
		},
		resource.TestStep{
			Config:           member("alice", strings.ToUpper(email[:1])+email[1:], roles("deployment-viewer:*"), `invitation_expires_in = "2d"`),
			ConfigPlanChecks: emptyPlan,
		},
		resource.TestStep{
			ResourceName:            alice,
			ImportState:             true,
			ImportStateId:           email,
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"invitation_expires_in"}, // the service does not tell it
		},
		resource.TestStep{
			Config:           member("alice", email, roles("deployment-viewer:*", "elasticsearch-viewer:*"), `invitation_expires_in = "2d"`),
			ConfigPlanChecks: updates,
		},
	)
}

func TestMemberLifecycle(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		ten := []string{"organization-admin", "deployment-editor:*", "deployment-viewer:a", "deployment-viewer:b", "deployment-viewer:c",
			"elasticsearch-viewer:*+analyst+reader", "observability-editor:p1", "security-t1-analyst:s1", "vectordb-admin:*", "billing-admin"}
		other := append(slices.Clone(ten[1:]), "deployment-viewer:d")
		playRun(t, srv,
			resource.TestStep{
				Config:            member("alice", "Alice@Example.com", roles(ten...)),
				ConfigStateChecks: []statecheck.StateCheck{hasText("email", "Alice@Example.com"), hasText("id", "alice@example.com"), hasText("status", "invited")},
			},
			resource.TestStep{ // accepting causes no diff
				PreConfig: func() {
					wantMails(t, srv, 1)
					wantWrites(t, srv, postInv)
					srv.Accept("alice@example.com")
					srv.ResetLedger()
				},
				Config:           member("alice", "Alice@Example.com", roles(ten...)),
				ConfigPlanChecks: emptyPlan,
			},
			resource.TestStep{
				RefreshState: true,
			},
			resource.TestStep{ // one grant of ten against another: nothing else is sent
				PreConfig: func() { wantWrites(t, srv) },
				Config:    member("alice", "Alice@Example.com", roles(other...)),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(alice, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(alice, tfjsonpath.New("status"), knownvalue.StringExact("active")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					hasText("status", "active"), hasText("email", "Alice@Example.com"), has("user_id", knownvalue.NotNull()),
					has("member_since", knownvalue.NotNull()), has("invitation_expires_at", knownvalue.Null()),
				},
			},
		)
		wantMails(t, srv, 1)
		wantWrites(t, srv, postRoles, dropRoles, dropMem)
		sent := srv.Writes()
		wantBody(t, sent[0], `{"deployment":[{"deployment_ids":["d"],"organization_id":"`+srv.OrganizationID+`","role_id":"deployment-viewer"}]}`)
		wantBody(t, sent[1], `{"organization":[{"organization_id":"`+srv.OrganizationID+`","role_id":"organization-admin"}]}`)
	})
}

func wantBody(t *testing.T, r cloudtest.Request, body string) {
	t.Helper()
	if string(r.Body) != body {
		t.Errorf("%s sent %s, want %s", r.Route, r.Body, body)
	}
}

// The plan of a changed grant is two lines, whatever else is held.
func TestMemberPlanShowsTwoLines(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		var ten []string
		for i := range 10 {
			ten = append(ten, fmt.Sprintf("deployment-viewer:id%d", i))
		}
		srv.AddMember("alice@example.com", ten...)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles(ten...)))
		wantText(t, tf.must("apply", "-auto-approve"), "1 person is adopted with the same grants", "- alice@example.com (member): same grants")
		tf.configure(member("alice", "alice@example.com", roles(append(ten[1:], "deployment-editor:id0")...)))
		out := tf.must("plan")
		wantText(t, out, `- "deployment-viewer:id0",`, `+ "deployment-editor:id0",`, "(9 unchanged elements hidden)", "0 to add, 1 to change, 0 to destroy")
		if strings.Count(out, ` - "`)+strings.Count(out, ` + "`) != 2 {
			t.Errorf("the plan shows more than two lines: %s", out)
		}
		wantMails(t, srv, 0)
	})
}

func TestMemberApplicationRoles(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "elasticsearch-viewer:*+analyst+reader")
		playRun(t, srv,
			resource.TestStep{Config: member("alice", "alice@example.com", roles("elasticsearch-viewer:*+reader+analyst"))},
			resource.TestStep{ // another order causes no diff
				PreConfig:        func() { wantWrites(t, srv) },
				Config:           member("alice", "alice@example.com", roles("elasticsearch-viewer:*+analyst+reader")),
				ConfigPlanChecks: emptyPlan,
			},
			resource.TestStep{ // other ones are
				Config:           member("alice", "alice@example.com", roles("elasticsearch-viewer:*+analyst")),
				ConfigPlanChecks: updates,
				ConfigStateChecks: []statecheck.StateCheck{has("roles", knownvalue.SetExact([]knownvalue.Check{
					knownvalue.StringExact("elasticsearch-viewer:*+analyst")}))},
			},
			resource.TestStep{
				PreConfig: func() {
					wantWrites(t, srv, postRoles, dropRoles)
					wantGrants(t, srv, "alice@example.com", "elasticsearch-viewer:*+analyst")
				},
				RefreshState: true,
			},
		)
	})
}

// Whatever order, case and grouping the service returns: nothing changes.
func TestMemberPlanIsEmptyInAnyForm(t *testing.T) {
	t.Parallel()
	for seed := range int64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t, cloudtest.Seed(seed))
				grants := roles("deployment-viewer:a", "deployment-viewer:b", "deployment-viewer:*", "elasticsearch-viewer:a+y+x", "elasticsearch-viewer:b+x+y", "billing-admin")
				hcl := member("alice", "Alice@example.com", grants) + member("bob", "bob@example.com", "roles = []")
				again := resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan}
				accept := resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan, PreConfig: func() {
					srv.Accept("alice@example.com")
					srv.Accept("bob@example.com")
				}}
				playRun(t, srv, resource.TestStep{Config: hcl}, again, accept, again, again)
				wantMails(t, srv, 2)
			})
		})
	}
}

func TestMemberTakesOverAMember(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "organization-admin", "deployment-viewer:a", "deployment-viewer:b")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "ALICE@example.com", roles("deployment-viewer:b", "deployment-editor:*")))
		wantText(t, tf.must("plan"),
			"Warning: ALICE@example.com is adopted", "This person is already a member.",
			"Apply grants deployment-editor:*. Apply revokes deployment-viewer:a, organization-admin.",
			"Warning: ALICE@example.com loses organization-admin")
		wantWrites(t, srv)
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, postRoles, dropRoles, dropRoles) // organization-admin is revoked first
		wantMails(t, srv, 0)
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:b", "deployment-editor:*")
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("destroy", "-auto-approve")
		if got := srv.Status("alice@example.com"); got != "none" {
			t.Errorf("after destroy alice is %s", got)
		}
	})
}

func TestMemberTakesOverAnInvitation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		invited []string
		expired bool
		roles   string
		same    bool
		warning string
		mails   int
		holds   []string
	}{
		{name: "same grants", invited: []string{"deployment-viewer:a", "deployment-viewer:b"}, roles: roles("deployment-viewer:b", "deployment-viewer:a"),
			same: true, warning: "Apply changes no grants. Destroying this resource later removes the person.", holds: []string{"deployment-viewer:a", "deployment-viewer:b"}},
		{name: "other grants", invited: []string{"deployment-viewer:a"}, roles: roles("deployment-viewer:b"), mails: 1,
			warning: "Apply grants deployment-viewer:b. Apply revokes deployment-viewer:a. Elastic Cloud cannot change an invitation, so apply sends a new one by e-mail and revokes the old one.", holds: []string{"deployment-viewer:b"}},
		{name: "roles left alone", invited: []string{"deployment-viewer:a"}, same: true, warning: "Apply changes no grants, because roles is not set.", holds: []string{"deployment-viewer:a"}},
		{name: "expired", invited: []string{"deployment-viewer:a"}, expired: true, roles: roles("deployment-viewer:a"), mails: 1,
			warning: "the invitation expired. Apply changes no grants. Elastic Cloud cannot change an invitation, so apply sends a new one by e-mail and revokes the old one.", holds: []string{"deployment-viewer:a"}},
		{name: "expired, roles left alone", invited: []string{"deployment-viewer:a"}, expired: true, mails: 1,
			warning: "apply sends a new one by e-mail and revokes the old one.", holds: []string{"deployment-viewer:a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddInvitation("alice@example.com", test.invited...)
				if test.expired {
					srv.Expire("alice@example.com")
				}
				tf := newTerraform(t, srv)
				tf.configure(member("alice", "alice@example.com", test.roles))
				summary := "Warning: alice@example.com is adopted"
				if test.same {
					summary = "Warning: 1 person is adopted with the same grants"
				}
				wantText(t, tf.must("plan"), summary, test.warning)
				tf.must("apply", "-auto-approve")
				wantMails(t, srv, test.mails)
				wantGrants(t, srv, "alice@example.com", test.holds...)
				wantText(t, tf.must("plan"), "No changes.")
				tf.must("destroy", "-auto-approve")
				if got := srv.Emails(); len(got) != 1 {
					t.Errorf("after destroy there are %v", got)
				}
			})
		})
	}
}

func TestMemberInvitationExpires(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		srv.Expire("alice@example.com")
		wantText(t, tf.must("plan"), `status = "expired" -> "invited"`, "Warning: alice@example.com gets a new invitation by e-mail", "1 to change")
		wantMails(t, srv, 1)
		tf.must("apply", "-auto-approve")
		wantMails(t, srv, 2)
		if got := srv.Status("alice@example.com"); got != "invited" {
			t.Errorf("alice is %s", got)
		}
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// Only grants that really differ send a new invitation, and one.
func TestMemberChangesWhileInvited(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*", "elasticsearch-viewer:*+a+b")))
		tf.must("apply", "-auto-approve")
		srv.AddUnknownAssignment("alice@example.com", "connected_cluster", `[{"role_id":"cluster-viewer","ids":["c1"]}]`)
		srv.ResetLedger()

		tf.configure(member("alice", "Alice@Example.com", roles("elasticsearch-viewer:*+b+a", "deployment-viewer:*")))
		wantText(t, tf.must("apply", "-auto-approve"), "No changes.")
		tf.configure(member("alice", "Alice@Example.com", roles("elasticsearch-viewer:*+b+a", "deployment-viewer:*"), `invitation_expires_in = "7d"`))
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)

		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*"), `invitation_expires_in = "7d"`))
		wantText(t, tf.must("plan"), "Warning: alice@example.com gets a new invitation by e-mail", "Apply revokes elasticsearch-viewer:*+a+b.")
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, dropInv, postInv)
		wantMails(t, srv, 2)
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")
		if body := string(srv.Writes()[1].Body); !strings.Contains(body, `"expires_in":"7d"`) || !strings.Contains(body, "cluster-viewer") {
			t.Errorf("the new invitation lacks the expiry, or what the provider does not know: %s", body)
		}
		srv.Accept("alice@example.com")
		if got := srv.UnknownAssignments("alice@example.com")["connected_cluster"]; !strings.Contains(got, "cluster-viewer") {
			t.Errorf("the unknown assignment became %q", got)
		}
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// The invitation is accepted after the plan: apply carries on with the member.
func TestMemberAcceptsBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	for name, accept := range map[string]func(*cloudtest.Server){
		"before apply":     func(srv *cloudtest.Server) { srv.Accept("alice@example.com") },
		"before the write": func(srv *cloudtest.Server) { srv.Before(dropInv, func() { srv.Accept("alice@example.com") }) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
				tf.must("apply", "-auto-approve")
				tf.configure(member("alice", "alice@example.com", roles("deployment-editor:*")))
				tf.must("plan", "-out=plan")
				accept(srv)
				tf.must("apply", "plan")
				wantMails(t, srv, 1)
				wantGrants(t, srv, "alice@example.com", "deployment-editor:*")
				if got := srv.Status("alice@example.com"); got != "active" {
					t.Errorf("alice is %s", got)
				}
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}

// Others are quicker: the service's refusal sends the provider back to look.
func TestMemberIsThereBeforeTheInvitation(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*cloudtest.Server){
		"invited": func(srv *cloudtest.Server) { srv.AddInvitation("Alice@example.com", "deployment-viewer:*") },
		"member":  func(srv *cloudtest.Server) { srv.AddMember("Alice@example.com", "billing-admin") },
		"sso":     func(srv *cloudtest.Server) { srv.SSOLogin("Alice@example.com", "deployment-viewer:*") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.Before(postInv, func() { before(srv) })
				playRun(t, srv,
					resource.TestStep{Config: member("alice", "alice@example.com", roles("deployment-viewer:*"))},
					resource.TestStep{Config: member("alice", "alice@example.com", roles("deployment-viewer:*")), ConfigPlanChecks: emptyPlan,
						PreConfig: func() { wantGrants(t, srv, "alice@example.com", "deployment-viewer:*") }},
				)
				wantMails(t, srv, 0)
			})
		})
	}
}

// A member who joined through SSO may have an open invitation still. Both go.
func TestMemberWithAStaleInvitation(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddInvitation("alice@example.com", "deployment-viewer:*")
		srv.SSOLogin("alice@example.com", "deployment-editor:*")
		playRun(t, srv,
			resource.TestStep{Config: member("alice", "alice@example.com", roles("deployment-editor:*")),
				ConfigStateChecks: []statecheck.StateCheck{hasText("status", "active")}},
		)
		wantWrites(t, srv, dropMem, dropInv)
	})
}

func TestMemberDrift(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		srv.Grant("alice@example.com", "organization-admin")
		srv.Ungrant("alice@example.com", "deployment-viewer:*")
		wantText(t, tf.must("plan"), `- "organization-admin",`, `+ "deployment-viewer:*",`, "loses organization-admin")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "alice@example.com", "deployment-viewer:*")

		tf.must("plan", "-out=plan", "-destroy")
		tf.configure(member("alice", "alice@example.com", roles("deployment-editor:*")))
		tf.must("plan", "-out=plan")
		srv.Grant("alice@example.com", "billing-admin")
		wantText(t, tf.must("apply", "plan"), "Warning: alice@example.com held more grants than the state showed", "billing-admin")
		wantGrants(t, srv, "alice@example.com", "deployment-editor:*")

		srv.Remove("alice@example.com")
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
	})
}

// An active member who was removed by hand is not invited by an update whose
// plan did not say so.
func TestMemberGoesBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		tf.configure(member("alice", "alice@example.com", roles("deployment-editor:*")))
		tf.must("plan", "-out=plan")
		srv.Remove("alice@example.com")
		out, ok := tf.run("apply", "plan")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Could not change alice@example.com", "Plan again: the new plan shows an invitation.")
		wantMails(t, srv, 0)
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
	})
}

// Two spellings of one address, whether Terraform knows them at plan or not.
func TestMemberTwice(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("a", "Alice@example.com") + member("b", "alice@Example.com"))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "is configured twice", "differ only by case")
		wantWrites(t, srv)

		tf.configure(`
resource "terraform_data" "late" { input = "Alice@example.com" }
resource "elasticcloud_member" "a" { email = terraform_data.late.output }
` + member("b", "alice@Example.com"))
		out, ok = tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply with an address that is known late succeeded")
		}
		wantText(t, out, "differ only by case")
		wantMails(t, srv, 1)

		tf.configure("")
		tf.must("apply", "-auto-approve")
		tf.configure(member("b", "alice@Example.com"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("apply", "-auto-approve", "-replace=elasticcloud_member.b"), "1 added, 0 changed, 1 destroyed")
		if got := srv.Status("alice@example.com"); got != "invited" {
			t.Errorf("alice is %s", got)
		}
	})
}

// A person whom one resource removes and another one creates might lose access in between,
// so the plan fails. With a moved block there is no diff.
func TestMemberMoves(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddMember("bob@example.com")
		list := func(emails string) string {
			return "resource \"elasticcloud_member\" \"list\" {\n  count = length(" + emails + ")\n  email = " + emails + "[count.index]\n}\n"
		}
		tf := newTerraform(t, srv)
		tf.configure(list(`["alice@example.com", "bob@example.com"]`))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		for name, hcl := range map[string]string{
			"a list shifts":  list(`["bob@example.com"]`),
			"two swap":       list(`["Bob@example.com", "Alice@example.com"]`),
			"another name":   member("alice", "alice@example.com") + member("bob", "bob@example.com"),
			"part of a list": list(`["alice@example.com"]`) + member("bob", "bob@example.com"),
		} {
			tf.configure(hcl)
			out, ok := tf.run("plan")
			if ok {
				t.Errorf("%s: the plan succeeds", name)
			}
			wantText(t, out, "@example.com would be removed and invited again", "add a moved block")
		}
		tf.configure(member("alice", "alice@example.com") + member("bob", "bob@example.com") + `
moved {
  from = elasticcloud_member.list[0]
  to   = elasticcloud_member.alice
}
moved {
  from = elasticcloud_member.list[1]
  to   = elasticcloud_member.bob
}
`)
		wantText(t, tf.must("apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
		wantWrites(t, srv)
	})
}

// Replaced with create_before_destroy, the person stays.
func TestMemberCreatedBeforeDestroyed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*"), "lifecycle { create_before_destroy = true }"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("apply", "-auto-approve", "-replace=elasticcloud_member.alice"), "1 added, 0 changed, 1 destroyed")
		wantWrites(t, srv)
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func TestMemberRolesLeftAlone(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		playRun(t, srv,
			resource.TestStep{Config: member("alice", "alice@example.com"), ConfigStateChecks: []statecheck.StateCheck{has("roles", knownvalue.Null())}},
			resource.TestStep{Config: member("alice", "alice@example.com"), ConfigPlanChecks: emptyPlan,
				PreConfig: func() { srv.Grant("alice@example.com", "billing-admin") }},
			resource.TestStep{Config: member("alice", "alice@example.com", roles("billing-admin")), ConfigPlanChecks: updates},
			resource.TestStep{Config: member("alice", "alice@example.com"), ConfigPlanChecks: updates, PreConfig: func() {
				wantGrants(t, srv, "alice@example.com", "billing-admin")
				srv.ResetLedger()
			}},
			resource.TestStep{Config: member("alice", "alice@example.com", "roles = []"), PreConfig: func() {
				wantWrites(t, srv)
				wantGrants(t, srv, "alice@example.com", "billing-admin")
			}},
			resource.TestStep{Config: member("alice", "alice@example.com", "roles = []"), ConfigPlanChecks: emptyPlan,
				PreConfig: func() { wantGrants(t, srv, "alice@example.com") }},
		)
	})
}

// Two hundred people are two list requests in a plan.
func TestMemberReadsOnce(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for i := range 200 {
			srv.AddMember(fmt.Sprintf("person%d@example.com", i), "deployment-viewer:*")
		}
		tf := newTerraform(t, srv)
		tf.configure(`
resource "elasticcloud_member" "all" {
  count = 200
  email = "person${count.index}@example.com"
  roles = ["deployment-viewer:*"]
}
`)
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		srv.ResetLedger()
		wantText(t, tf.must("plan"), "No changes.")
		if members, invitations, all := srv.Count(getMem), srv.Count(getInv), len(srv.Requests()); members != 1 || invitations != 1 || all > 3 {
			t.Errorf("a plan made %d requests: %d of the members, %d of the invitations", all, members, invitations)
		}
	})
}
