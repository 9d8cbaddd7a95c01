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

// Grants that the state does not show are revoked too, and the plan names them.
func TestMembersPlanNamesWhatIsHidden(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "deployment-viewer:a")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:a"))
		tf.must("apply", "-auto-approve")
		srv.Grant("bob@example.com", "billing-admin")
		srv.AddMember("carol@example.com", "deployment-viewer:c")
		tf.configure(people(ownerListed, "bob@example.com: deployment-viewer:b", "carol@example.com: deployment-viewer:d"))
		out := tf.must("plan", "-refresh=false")
		wantText(t, out, "Warning: 2 people lose grants that the diff does not show", "- bob@example.com: billing-admin - carol@example.com: deployment-viewer:c")
		out = tf.must("plan")
		if strings.Contains(out, "Warning") {
			t.Errorf("the plan warns of what it shows: %s", out)
		}
	})
}

// Grants that are not known yet may take others away, organization-admin too.
func TestMembersPlanNamesWhatMayGo(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("bob@example.com", "organization-admin", "deployment-viewer:a", "billing-admin")
		tf := newTerraform(t, srv)
		lateRoles := func(value string) string {
			return late("grant", value) + "resource \"elasticcloud_members\" \"all\" {\n  members = {\n    \"owner@example.com\" = [\"organization-admin\"]\n" +
				"    \"bob@example.com\" = [\"billing-admin\", terraform_data.grant.output]\n  }\n}\n"
		}
		const mayLose = "Warning: bob@example.com may lose organization-admin"
		tf.configure(lateRoles("organization-admin"))
		wantText(t, tf.must("plan"), "Warning: Changes to 1 person are known only after apply",
			"Apply revokes these grants unless members turns out to contain them: - bob@example.com: deployment-viewer:a, organization-admin", mayLose)
		tf.must("apply", "-auto-approve")
		tf.configure(lateRoles("deployment-viewer:a"))
		out := tf.must("plan")
		wantText(t, out, `- "organization-admin",`, mayLose)
		if strings.Contains(out, "unless members turns out") {
			t.Errorf("the plan warns of what it shows: %s", out)
		}
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "bob@example.com", "deployment-viewer:a", "billing-admin")
	})
}

// Owners whom a plan demotes and owners whom it removes do not count as remaining owners.
func TestMembersPlanOwnersGoTogether(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("inv2@example.com", "billing-admin")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed, "inv2@example.com: billing-admin"))
		tf.must("apply", "-auto-approve")
		srv.Grant("inv2@example.com", "organization-admin")
		srv.AddMember("stranger@example.com", "organization-admin")
		out := tf.must("plan")
		wantText(t, out, "Warning: 2 owners lose organization-admin",
			"inv2@example.com is no longer an owner of the organization. stranger@example.com is removed from the organization. Other owners before this plan: owner@example.com.")
		if strings.Count(out, "Other owners before this plan") != 1 {
			t.Errorf("it is not said once: %s", out)
		}
	})
}

// One hire is one line of pending, however many have not joined.
func TestMembersPlanOfPending(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		listed := []string{ownerListed}
		for i := range 198 {
			email := fmt.Sprintf("p%03d@example.com", i)
			if listed = append(listed, email+": billing-admin"); i < 190 {
				srv.AddInvitation(email, "billing-admin")
			} else {
				srv.AddMember(email, "billing-admin")
			}
		}
		tf := newTerraform(t, srv)
		tf.configure(people(listed...))
		tf.must("apply", "-auto-approve")

		tf.configure(people(append(listed, "Hire@example.com: billing-admin")...))
		for _, args := range [][]string{{"plan", "-refresh=false"}, {"plan", "-out=plan"}} {
			out := tf.must(args...)
			wantText(t, out, `~ pending = [ + "hire@example.com", "p000@example.com", # (189 unchanged elements hidden) ]`, `~ members = { + "Hire@example.com" = [ + "billing-admin", ]`)
			if strings.Contains(out, "known after apply") || strings.Count(out, `+ "hire@example.com",`) != 1 || strings.Contains(out, `- "p`) {
				t.Errorf("the plan says too much: %s", out)
			}
		}
		tf.must("apply", "plan")
		wantText(t, tf.must("plan"), "No changes.")
		wantText(t, tf.must("show"), `pending = [ "hire@example.com", "p000@example.com",`)

		// an invited person and a member are removed, and pending has only the first
		without := slices.DeleteFunc(append(listed, "Hire@example.com: billing-admin"), func(line string) bool {
			return strings.HasPrefix(line, "p007@") || strings.HasPrefix(line, "p195@")
		})
		tf.configure(people(without...))
		out := tf.must("plan", "-refresh=false", "-out=plan")
		wantText(t, out, `- "p007@example.com",`, `- "p195@example.com" = [`)
		if strings.Contains(out, "known after apply") || strings.Contains(out, `- "p195@example.com",`) || strings.Contains(out, `- "p006@example.com",`) {
			t.Errorf("the plan says too much: %s", out)
		}
		tf.must("apply", "plan")
		wantText(t, tf.must("plan", "-refresh=false"), "No changes.")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// What happens between the plan and its apply is for the next refresh: apply does
// what was planned, and the plan after it is empty or says what is left to do.
func TestMembersPendingBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	const wasInvited = "bob@example.com: billing-admin"
	hired := people(ownerListed, wasInvited, "carol@example.com: billing-admin", "hire@example.com: billing-admin")
	for name, c := range map[string]struct {
		listed  string
		between func(*cloudtest.Server)
		next    string // the plan after the apply
		pending string // after that, as it is then
	}{
		"somebody else accepts": {listed: hired, between: func(srv *cloudtest.Server) { srv.Accept("bob@example.com") },
			next: "No changes.", pending: `pending = [ "carol@example.com", "hire@example.com", ]`},
		"somebody accepts whose grants change": {listed: people(ownerListed, "bob@example.com: deployment-viewer:a", "carol@example.com: billing-admin"),
			between: func(srv *cloudtest.Server) { srv.Accept("bob@example.com") }, next: "No changes.", pending: `pending = [ "carol@example.com", ]`},
		"somebody accepts who goes": {listed: people(ownerListed, "carol@example.com: billing-admin"),
			between: func(srv *cloudtest.Server) { srv.Accept("bob@example.com") }, next: "No changes.", pending: `pending = [ "carol@example.com", ]`},
		"the hire comes another way": {listed: hired, between: func(srv *cloudtest.Server) { srv.AddMember("hire@example.com") },
			next: "No changes.", pending: `pending = [ "bob@example.com", "carol@example.com", ]`},
		"an invitation expires": {listed: hired, between: func(srv *cloudtest.Server) { srv.Expire("bob@example.com") },
			next: `+ "bob@example.com" = [`, pending: `pending = [ "bob@example.com", "carol@example.com", "hire@example.com", ]`},
		"an invitation is revoked": {listed: hired, between: func(srv *cloudtest.Server) { srv.Remove("bob@example.com") },
			next: `+ "bob@example.com" = [`, pending: `pending = [ "carol@example.com", "hire@example.com", ]`},
		"somebody comes": {listed: hired, between: func(srv *cloudtest.Server) { srv.AddInvitation("late@example.com") },
			next: `- "late@example.com" = [] -> null`, pending: `pending = [ "bob@example.com", "carol@example.com", "hire@example.com", "late@example.com", ]`},
	} {
		for _, plan := range [][]string{{"plan", "-out=plan"}, {"plan", "-refresh=false", "-out=plan"}} {
			t.Run(name+" after "+strings.Join(plan, " "), func(t *testing.T) {
				t.Parallel()
				playing(t, func(t *testing.T) {
					srv := newFake(t)
					tf := newTerraform(t, srv)
					tf.configure(people(ownerListed, wasInvited, "carol@example.com: billing-admin"))
					tf.must("apply", "-auto-approve")
					tf.configure(c.listed)
					if out := tf.must(plan...); strings.Contains(out, "known after apply") {
						t.Errorf("pending is not known: %s", out)
					}
					c.between(srv)
					tf.must("apply", "plan")
					wantText(t, tf.must("plan"), c.next)
					tf.must("apply", "-refresh-only", "-auto-approve")
					wantText(t, tf.must("show"), c.pending)
				})
			})
		}
	}
}

// Somebody who joined unseen is new to the list: the next refresh takes them out of
// pending.
func TestMembersPendingWithoutRefresh(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed))
		tf.must("apply", "-auto-approve")
		srv.AddMember("alice@example.com", "billing-admin")
		srv.AddInvitation("bob@example.com", "billing-admin")
		tf.configure(people(ownerListed, "alice@example.com: billing-admin", "bob@example.com: billing-admin"))
		tf.must("apply", "-refresh=false", "-auto-approve")
		wantMails(t, srv, 0)
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("apply", "-refresh-only", "-auto-approve")
		wantText(t, tf.must("show"), `pending = [ "bob@example.com", ]`)
	})
}

// An invitation that is refused is not in the state, though the plan had it.
func TestMembersPendingOfRefusedInvitation(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.StopDeployment("stopped")
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed))
		tf.must("apply", "-auto-approve")
		tf.configure(people(ownerListed, "alice@example.com: deployment-viewer:stopped", "bob@example.com: billing-admin"))
		wantText(t, tf.must("plan", "-out=plan"), `~ pending = [ + "alice@example.com", + "bob@example.com", ]`)
		out, ok := tf.run("apply", "plan")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not invite alice@example.com")
		wantText(t, tf.must("show"), `pending = [ "bob@example.com", ]`)
		tf.configure(people(ownerListed, "alice@example.com: deployment-viewer:a", "bob@example.com: billing-admin"))
		wantText(t, tf.must("plan", "-refresh=false"), `~ pending = [ + "alice@example.com", `)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// Who is invited is known where only the grants are not; where nobody knows who is
// listed, pending is not known either.
func TestMembersPendingKnownLate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(people(ownerListed))
		tf.must("apply", "-auto-approve")
		tf.configure(late("role", "billing-admin") + people(ownerListed, "alice@example.com: ${terraform_data.role.output}"))
		wantText(t, tf.must("plan", "-out=plan"), `~ pending = [ + "alice@example.com", ]`)
		tf.must("apply", "plan")
		wantText(t, tf.must("plan"), "No changes.")
		tf.configure(`resource "terraform_data" "late" { input = { "owner@example.com" = ["organization-admin"], "bob@example.com" = [] } }
resource "elasticcloud_members" "all" { members = terraform_data.late.output }`)
		wantText(t, tf.must("plan", "-out=plan"), `"alice@example.com", ] -> (known after apply)`)
		tf.must("apply", "plan")
		wantText(t, tf.must("plan"), "No changes.")
		wantText(t, tf.must("show"), `pending = [ "bob@example.com", ]`)
	})
}
