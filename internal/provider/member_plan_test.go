// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// late is an attribute that no plan knows while its value changes.
func late(name, value string) string {
	return "resource \"terraform_data\" \"" + name + "\" {\n  input            = \"" + value + "\"\n  triggers_replace = \"" + value + "\"\n}\n"
}

// Roles that come under management take others away: the plan names these, as it
// does of a take-over.
func TestMemberPlanNamesWhatIsHidden(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:*", "deployment-editor:abc", "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(member("bob", "bob@example.com"))
		tf.must("apply", "-auto-approve")
		tf.configure(member("bob", "bob@example.com", roles("billing-admin")))
		wantText(t, tf.must("plan"), `+ roles = [ + "billing-admin", ]`, "Warning: bob@example.com loses grants that the diff does not show",
			"So far this resource did not manage the roles of this person.", "Apply revokes deployment-editor:abc, deployment-viewer:*.")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "billing-admin")

		// given by hand, and the plan does not refresh
		srv.Grant("bob@example.com", "deployment-viewer:c")
		tf.configure(member("bob", "bob@example.com", roles("deployment-viewer:d")))
		out := tf.must("plan", "-refresh=false", "-out=plan")
		wantText(t, out, `- "billing-admin",`, "Warning: bob@example.com loses grants that the diff does not show",
			"The state does not contain all grants of this person, and roles is the complete list. Apply revokes deployment-viewer:c.")
		out = tf.must("apply", "plan")
		wantText(t, out, "Warning: bob@example.com held more grants than the state showed", "after the state was read", "Apply revoked deployment-viewer:c,")
		if strings.Contains(out, "after the plan was made") {
			t.Errorf("it was given before the plan: %s", out)
		}
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:d")

		// what the diff shows needs no warning
		tf.configure(member("bob", "bob@example.com", roles("deployment-viewer:e")))
		if out := tf.must("plan"); strings.Contains(out, "Warning") {
			t.Errorf("the plan says too much: %s", out)
		}
	})
}

// Another address replaces the resource, and may be that of an existing person. Terraform
// drops the warnings of the creation, so the removal has them.
func TestMemberPlanReplacedTakesOver(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com")
		srv.AddMember("carol@example.com", "organization-admin", "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(member("x", "alice@example.com", roles("billing-admin")))
		tf.must("apply", "-auto-approve")
		tf.configure(member("x", "carol@example.com", roles("billing-admin")))
		out := tf.must("plan")
		wantText(t, out, "1 to add, 0 to change, 1 to destroy", "Warning: carol@example.com is adopted", "Apply revokes organization-admin.",
			"Warning: carol@example.com loses organization-admin")
		if strings.Count(out, "is adopted") != 1 {
			t.Errorf("it is not said once: %s", out)
		}
		// also after an update, which leaves in the state that it was planned
		tf.configure(member("x", "alice@example.com", roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		tf.configure(member("x", "carol@example.com") + member("y", "carol@example.com"))
		out, ok := tf.run("plan")
		if ok {
			t.Error("plan succeeded")
		}
		wantText(t, out, "Error: carol@example.com is configured twice")
	})
}

// An unknown grant may turn out to be a present one, so the warning of revoked grants says
// that.
func TestMemberPlanNamesWhatMayGo(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "organization-admin", "deployment-viewer:*", "billing-admin")
		tf := newTerraform(t, srv)
		lateRoles := func(value string) string {
			return late("grant", value) + member("bob", "bob@example.com", `roles = ["billing-admin", terraform_data.grant.output]`)
		}
		tf.configure(lateRoles("organization-admin"))
		const mayLose = "Warning: bob@example.com may lose organization-admin"
		wantText(t, tf.must("plan"), "Warning: bob@example.com is adopted",
			"If the roles do not contain these grants, apply revokes them: deployment-viewer:*, organization-admin.", mayLose)
		tf.configure(member("bob", "bob@example.com"))
		tf.must("apply", "-auto-approve")
		tf.configure(lateRoles("organization-admin"))
		wantText(t, tf.must("plan"), "Warning: bob@example.com may lose grants that the diff does not show",
			"If the roles do not contain these grants, apply revokes them: deployment-viewer:*, organization-admin.", mayLose)
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "organization-admin", "billing-admin")

		tf.configure(lateRoles("deployment-viewer:*"))
		out := tf.must("plan", "-out=plan")
		wantText(t, out, `- "organization-admin",`, mayLose, "If the roles do not contain organization-admin, these people are no longer owners: bob@example.com. Other owners before this plan: owner@example.com.")
		if strings.Contains(out, "grants that the diff does not show") {
			t.Errorf("the plan warns of what it shows: %s", out)
		}
		srv.Ungrant("owner@example.com", "organization-admin")
		wantText(t, tf.must("plan"), mayLose, "No other member holds organization-admin.", "Apply refuses this unless")
		srv.Grant("owner@example.com", "organization-admin")
		wantText(t, tf.must("apply", "plan"), "bob@example.com loses organization-admin")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:*", "billing-admin")
	})
}

// A person who was invited when the plan was made may have joined before the apply. Apply
// removes the person and warns. It does not remove an owner without a plan that has
// announced it.
func TestMemberJoinsBeforeTheyGo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		between func(srv *cloudtest.Server)
		applied []string
		refused bool
	}{
		"joined": {
			between: func(srv *cloudtest.Server) { srv.Accept("bob@example.com") },
			applied: []string{"Warning: bob@example.com had joined before the removal", "Apply removed the member, who held deployment-viewer:*."},
		},
		"joined and became an owner": {
			between: func(srv *cloudtest.Server) {
				srv.Accept("bob@example.com")
				srv.Grant("bob@example.com", "organization-admin")
			},
			applied: []string{"Error: Could not remove bob@example.com from the organization", "bob@example.com has become an owner of the organization", "Plan again"},
			refused: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				tf.configure(member("bob", "bob@example.com", roles("deployment-viewer:*")))
				tf.must("apply", "-auto-approve")
				tf.must("plan", "-destroy", "-out=plan")
				test.between(srv)
				out, ok := tf.run("apply", "plan")
				if ok == test.refused {
					t.Errorf("it is refused: %v", !ok)
				}
				wantText(t, out, test.applied...)
				if !test.refused {
					wantEmails(t, srv, "owner@example.com")
					return
				}
				wantEmails(t, srv, "bob@example.com", "owner@example.com")
				wantGrants(t, srv, "bob@example.com", "deployment-viewer:*", "organization-admin")
				// the next plan says it, also where it does not refresh, and goes through
				wantText(t, tf.must("plan", "-destroy", "-refresh=false", "-out=plan"), "Warning: bob@example.com loses organization-admin",
					"Warning: bob@example.com has joined", "Apply removes the member, who holds deployment-viewer:*, organization-admin.")
				tf.must("apply", "plan")
				wantEmails(t, srv, "owner@example.com")
			})
		})
	}
}

// A member who becomes an owner after the plan does not go by it; what removes
// them is another plan, whatever makes it.
func TestMemberBecomesAnOwnerBeforeTheyGo(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]string{
		"destroyed": "",
		"replaced":  member("bob", "carol@example.com"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddMember("bob@example.com")
				tf := newTerraform(t, srv)
				tf.configure(member("bob", "bob@example.com"))
				tf.must("apply", "-auto-approve")
				tf.configure(after)
				tf.must("plan", "-out=plan")
				srv.Grant("bob@example.com", "organization-admin")
				out, ok := tf.run("apply", "plan")
				if ok {
					t.Error("apply succeeded")
				}
				wantText(t, out, "Error: Could not remove bob@example.com from the organization", "bob@example.com has become an owner of the organization")
				wantGrants(t, srv, "bob@example.com", "organization-admin")
				wantText(t, tf.must("apply", "-auto-approve"), "bob@example.com loses organization-admin")
				if after == "" {
					wantEmails(t, srv, "owner@example.com")
					return
				}
				wantEmails(t, srv, "carol@example.com", "owner@example.com")
				tf.must("plan", "-replace=elasticcloud_member.bob", "-out=plan")
				srv.Accept("carol@example.com")
				srv.Grant("carol@example.com", "organization-admin")
				wantText(t, tf.must("destroy", "-auto-approve", "-refresh=false"), "carol@example.com loses organization-admin")
				wantEmails(t, srv, "owner@example.com")
			})
		})
	}
}

// With -replace the resource is for the same person after as before, so that nobody is
// removed: a change is made, and nobody gets an e-mail.
func TestMemberReplacedOnRequest(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "organization-admin")
		tf := newTerraform(t, srv)
		tf.configure(member("bob", "bob@example.com", roles("organization-admin")))
		tf.must("apply", "-auto-approve")
		for _, role := range []string{"organization-admin", "billing-admin"} {
			tf.configure(member("bob", "bob@example.com", roles(role)))
			wantText(t, tf.must("apply", "-auto-approve", "-replace=elasticcloud_member.bob"), "1 added, 0 changed, 1 destroyed")
			wantGrants(t, srv, "bob@example.com", role)
			wantText(t, tf.must("plan"), "No changes.")
		}
		if status, mails := srv.Status("bob@example.com"), srv.Mails(); status != "active" || len(mails) > 0 {
			t.Errorf("bob is %s, and the mails are %v", status, mails)
		}
	})
}

// Another address is another person. The plan announces an invitation, unless the new
// address is already a member.
func TestMemberWithAnotherAddress(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com")
		srv.AddMember("carol@example.com")
		tf := newTerraform(t, srv)
		tf.configure(member("bob", "bob@example.com"))
		tf.must("apply", "-auto-approve")
		const warns = "Warning: bob@example.com is removed, and another address is invited"
		tf.configure(member("bob", "carol@example.com"))
		wantNoText(t, tf.must("plan"), warns)
		tf.configure(member("bob", "robert@example.com"))
		wantText(t, tf.must("plan"), warns)
		wantText(t, tf.must("plan"), "The new address has access once the invitation is accepted.")
	})
}

// Whose invitation is sent again is known to be invited afterwards. The plan shows no
// more than that, and when the new invitation ends.
func TestMemberPlanOfAnExpiredInvitation(t *testing.T) {
	t.Parallel()
	configurations := map[string]string{
		"as it was":     member("alice", "alice@example.com", roles("deployment-viewer:*")),
		"other roles":   member("alice", "alice@example.com", roles("deployment-editor:*")),
		"no roles set":  member("alice", "alice@example.com"),
		"roles unknown": late("grant", "deployment-viewer:*") + member("alice", "alice@example.com", `roles = [terraform_data.grant.output]`),
	}
	for name, configuration := range configurations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
				tf.must("apply", "-auto-approve")
				srv.Expire("alice@example.com")
				tf.configure(configuration)
				out := tf.must("plan")
				wantText(t, out, `status = "expired" -> "invited"`)
				wantNoText(t, out, "+ user_id", "+ name", "+ member_since")
				wantText(t, tf.must("apply", "-auto-approve"), "1 changed")
				wantMails(t, srv, 2)
				wantText(t, tf.must("plan"), "No changes.")
				wantText(t, tf.must("show"), `"invited"`)
			})
		})
	}
}

// Whoever joins after that plan was made keeps what they have, and apply says that the
// state is as planned. The next refresh shows them as active.
func TestMemberJoinsInsteadOfAnExpiredInvitation(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("deployment-viewer:*")))
		tf.must("apply", "-auto-approve")
		srv.Expire("alice@example.com")
		tf.must("plan", "-out=plan")
		srv.Remove("alice@example.com")
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		srv.ResetLedger()
		wantText(t, tf.must("apply", "plan"), "Warning: alice@example.com has joined since the plan was made")
		wantWrites(t, srv)
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("show"), `"active"`)
	})
}

// Terraform prints one of many warnings that have the same summary. So those have no name
// in it that say nothing beyond the diff but who is here already and who gets an e-mail.
func TestMemberPlanSaysOnceForMany(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	var everybody []string
	for i := range 12 {
		email := fmt.Sprintf("person%d@example.com", i)
		if everybody = append(everybody, email); i < 6 {
			srv.AddMember(email, "deployment-viewer:*")
		}
	}
	srv.Grant("person3@example.com", "billing-admin")
	tf := newCLI(t, srv) // what is played prints each
	tf.configure("resource \"elasticcloud_member\" \"team\" {\n  for_each = toset([\"" + strings.Join(everybody, `", "`) + "\"])\n  email = each.key\n  " + roles("deployment-viewer:*") + "\n}\n")
	out := tf.must("plan")
	for _, summary := range []string{"1 person is adopted with the same grants", "1 person gets an invitation by e-mail", "person3@example.com is adopted"} {
		if n := strings.Count(out, "Warning: "+summary); n != 1 {
			t.Errorf("%q is printed %d times:\n%s", summary, n, out)
		}
	}
	wantText(t, out, "Apply revokes billing-admin.", "(and 4 more similar warnings elsewhere)", "(and 5 more similar warnings elsewhere)")
}

// A new member announces the invitation with the grants that it offers.
func TestMemberPlanAnnouncesTheInvitation(t *testing.T) {
	t.Parallel()
	const announced = "Warning: 1 person gets an invitation by e-mail"
	for name, test := range map[string]struct {
		hcl, detail string
	}{
		"roles":      {hcl: member("alice", "Alice@example.com", roles("deployment-viewer:*", "billing-admin")), detail: "- Alice@example.com: billing-admin, deployment-viewer:*"},
		"no roles":   {hcl: member("alice", "Alice@example.com", "roles = []"), detail: "- Alice@example.com: no roles"},
		"none set":   {hcl: member("alice", "Alice@example.com"), detail: "- Alice@example.com: no roles"},
		"known late": {hcl: late("grant", "deployment-viewer:*") + member("alice", "Alice@example.com", `roles = ["billing-admin", terraform_data.grant.output]`), detail: "Some of the roles are known only after apply. - Alice@example.com: billing-admin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				tf.configure(test.hcl)
				wantText(t, tf.must("plan"), announced, test.detail)
				tf.must("apply", "-auto-approve")
				wantMails(t, srv, 1)
				wantNoText(t, tf.must("plan"), announced)
			})
		})
	}
	playing(t, func(t *testing.T) { // who is here already gets none
		srv := newFake(t)
		srv.AddInvitation("alice@example.com", "billing-admin")
		srv.AddMember("bob@example.com", "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("billing-admin")) + member("bob", "bob@example.com", roles("billing-admin")))
		wantNoText(t, tf.must("plan"), announced)
		tf.must("apply", "-auto-approve")
		wantMails(t, srv, 0)
	})
}
