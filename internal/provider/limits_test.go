// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const bEmail = "b@example.com"

// wayToTake is a change of a configuration that takes something from b@example.com, who is
// one of two owners.
type wayToTake struct {
	before, after string
	removes       bool // or else demotes
}

// waysToTake has every resource that can take access from somebody.
func waysToTake() map[string]wayToTake {
	const admin = "organization-admin"
	owner := member("b", bEmail, roles(admin))
	both := people(ownerListed, bEmail+": "+admin)
	list := func(emails ...string) string { return exclusive(`["` + strings.Join(emails, `", "`) + `"]`) }
	return map[string]wayToTake{
		"member, destroyed":                   {owner, "", true},
		"member, another address":             {owner, member("b", "c@example.com", roles(admin)), true},
		"member, other roles":                 {owner, member("b", bEmail, roles("billing-admin")), false},
		"members, unlisted":                   {both, people(ownerListed), true},
		"members, other roles":                {both, people(ownerListed, bEmail+": billing-admin"), false},
		"members, created":                    {"", people(ownerListed), true},
		"members_exclusive, created":          {"", list("owner@example.com"), true},
		"members_exclusive, unlisted":         {list("owner@example.com", bEmail), list("owner@example.com"), true},
		"role_assignment, destroyed":          {assignment("b", `"`+bEmail+`"`, admin), "", false},
		"role_assignment, another grant":      {assignment("b", `"`+bEmail+`"`, admin), assignment("b", `"`+bEmail+`"`, "billing-admin"), false},
		"role_assignment, for another person": {assignment("b", `"`+bEmail+`"`, admin), assignment("b", `"owner@example.com"`, "billing-admin"), false},
	}
}

// Each limit of the provider block holds for every resource that can take access from
// somebody: the plan warns, apply refuses and says which setting it was, and nothing is
// taken.
func TestLimits(t *testing.T) {
	t.Parallel()
	const allowed = "allow_last_owner_removal = true"
	for setting, limit := range map[string]struct {
		holds          func(wayToTake) bool
		plan, apply    string
		evenWhereIsSet string // in each member, members and members_exclusive
	}{
		"":                                    {holds: func(wayToTake) bool { return false }},
		"min_owners = 1":                      {holds: func(wayToTake) bool { return false }},
		"min_owners = 2":                      {holds: func(wayToTake) bool { return true }, plan: "Apply will refuse to leave fewer than 2 owners", apply: "min_owners of the provider block is 2"},
		`required_owners = ["B@example.com"]`: {holds: func(wayToTake) bool { return true }, plan: "b@example.com is a required owner", apply: "required_owners of the provider block contains this address", evenWhereIsSet: allowed},
		"max_removals = 0":                    {holds: func(w wayToTake) bool { return w.removes }, plan: "Apply will refuse to remove more than 0 people", apply: "The limit is max_removals of the provider block"},
		"max_removals = 1":                    {holds: func(wayToTake) bool { return false }},
	} {
		for name, way := range waysToTake() {
			t.Run(setting+"/"+name, func(t *testing.T) {
				t.Parallel()
				playing(t, func(t *testing.T) {
					srv := newFake(t)
					srv.AddMember(bEmail, "organization-admin")
					block := providerBlock(setting)
					if limit.evenWhereIsSet != "" {
						way.before, way.after = allowing(way.before, limit.evenWhereIsSet), allowing(way.after, limit.evenWhereIsSet)
					}
					tf := newTerraform(t, srv)
					tf.configure(block + way.before)
					tf.must("apply", "-auto-approve")
					tf.configure(block + way.after)
					out := tf.must("plan")
					before := srv.Grants(bEmail)
					out2, ok := tf.run("apply", "-auto-approve")
					taken := slices.ContainsFunc(before, func(grant string) bool { return !slices.Contains(srv.Grants(bEmail), grant) })
					if !limit.holds(way) {
						if !ok || !taken {
							t.Errorf("apply is refused: %s", out2)
						}
						return
					}
					wantText(t, out, limit.plan)
					_, refusal, _ := strings.Cut(out2, "Error: ")
					wantText(t, refusal, limit.apply)
					if ok || taken {
						t.Errorf("it is taken:\n%s", out2)
					}
				})
			})
		}
	}
}

// allowing puts a line into each block that has such a setting.
func allowing(hcl, line string) string {
	for _, typeName := range []string{"member", "members", "members_exclusive"} {
		start := `resource "elasticcloud_` + typeName + `"`
		if before, after, found := strings.Cut(hcl, start); found {
			hcl = before + start + strings.Replace(after, "{\n", "{\n  "+line+"\n", 1)
		}
	}
	return hcl
}

// The limit is for all resources of a run together. Further removals are refused, and people
// who already have no access do not count.
func TestMaxRemovalsOfARun(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for _, name := range []string{"p", "q", "r"} {
			srv.AddMember(name+"@example.com", "billing-admin")
		}
		srv.AddInvitation("old@example.com", "billing-admin")
		srv.Expire("old@example.com")
		block := providerBlock("max_removals = 2")
		team := ""
		for _, name := range []string{"p", "q", "r"} {
			team += member(name, name+"@example.com")
		}
		tf := newTerraform(t, srv)
		tf.configure(block + team)
		tf.must("apply", "-auto-approve")
		tf.configure(block + exclusive(`["owner@example.com", "p@example.com", "q@example.com", "r@example.com"]`))
		wantText(t, tf.must("plan"), "This plan removes 3 people so far, among them", "Apply will refuse to remove more than 2 people")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeds")
		}
		wantText(t, out, "One run may remove at most 2 of the organization's people, and this run has already removed 2.")
		if n := len(srv.Emails()); n != 2 { // the owner, and one of the three
			t.Errorf("left are %q", srv.Emails())
		}
		tf.must("apply", "-auto-approve") // another run
		wantEmails(t, srv, "owner@example.com")
	})
}

// If the provider block allows an organization without an owner, no resource has to allow
// it.
func TestMinOwnersZero(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		block := providerBlock("min_owners = 0")
		tf := newTerraform(t, srv)
		tf.configure(block + member("owner", "owner@example.com", roles("organization-admin")))
		tf.must("apply", "-auto-approve")
		tf.configure(block + member("owner", "owner@example.com", roles("billing-admin")))
		wantText(t, tf.must("plan"), "The organization is left without an owner")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "owner@example.com", "billing-admin")
	})
}

// A plan warns once of required owners who are not owners, and an apply does not.
func TestRequiredOwnersAreMissing(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		srv.AddInvitation("glass@example.com", "organization-admin")
		tf := newTerraform(t, srv)
		tf.configure(providerBlock(`required_owners = ["owner@example.com", "glass@example.com", "Nobody@example.com"]`) +
			member("p", "p@example.com") + member("q", "q@example.com"))
		out := tf.must("plan", "-out=saved")
		wantText(t, out, "2 required owners are not active owners", "contains Nobody@example.com, glass@example.com.")
		if n := strings.Count(out, "required owners are"); n != 1 {
			t.Errorf("it says so %d times", n)
		}
		if out := tf.must("apply", "saved"); strings.Contains(out, "required owners") {
			t.Errorf("apply says it again: %s", out)
		}
	})
}

// Where a limit refuses a change of everybody, nobody is invited or changed either.
func TestLimitsOfEverybody(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"max_removals = 0":                    "max_removals of the provider block",
		`required_owners = ["b@example.com"]`: "required_owners of the provider block",
		"min_owners = 2":                      "min_owners of the provider block",
	} {
		for _, after := range []string{"c@example.com: billing-admin", "b@example.com: billing-admin"} {
			t.Run(setting+"/"+after, func(t *testing.T) {
				t.Parallel()
				playing(t, func(t *testing.T) {
					if strings.HasPrefix(setting, "max") && strings.HasPrefix(after, "b") {
						t.Skip("nobody is removed")
					}
					srv := newFake(t)
					srv.AddMember(bEmail, "organization-admin")
					block := providerBlock(setting)
					tf := newTerraform(t, srv)
					tf.configure(block + people(ownerListed, bEmail+": organization-admin"))
					tf.must("apply", "-auto-approve")
					srv.ResetLedger()
					tf.configure(block + people(ownerListed, "d@example.com: billing-admin", after))
					out, ok := tf.run("apply", "-auto-approve")
					if ok {
						t.Error("it is applied")
					}
					_, refusal, _ := strings.Cut(out, "Error: ")
					wantText(t, refusal, want)
					wantWrites(t, srv)
				})
			})
		}
	}
}

// A plan that removes a required owner who has not joined says so.
func TestRequiredOwnerWhoIsInvitedGoes(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		block := providerBlock(`required_owners = ["glass@example.com"]`)
		tf := newTerraform(t, srv)
		tf.configure(block + member("glass", "glass@example.com", roles("organization-admin")))
		tf.must("apply", "-auto-approve")
		tf.configure(block)
		wantText(t, tf.must("plan"), "Warning: glass@example.com is a required owner")
		if _, ok := tf.run("apply", "-auto-approve"); ok {
			t.Error("the invitation is revoked")
		}
	})
}
