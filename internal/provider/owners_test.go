// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// ownerless is an organization whose owners are all the test's.
func ownerless(t *testing.T, owners ...string) *cloudtest.Server {
	t.Helper()
	srv := cloudtest.New(t, cloudtest.InProcess())
	for _, email := range owners {
		srv.AddMember(email, "organization-admin")
	}
	return srv
}

func owners(srv *cloudtest.Server) (owners []string) {
	for _, email := range srv.Emails() {
		for _, grant := range srv.Grants(email) {
			if grant == "organization-admin" && srv.Status(email) == "active" {
				owners = append(owners, email)
			}
		}
	}
	return owners
}

// Two owners are destroyed in one apply: one stays, and the error names the
// person and the way out.
func TestOwnersDestroyedTogether(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com", "bob@example.com")
		hcl := member("alice", "alice@example.com", roles("organization-admin")) + member("bob", "bob@example.com")
		playSteps(t, srv,
			resource.TestStep{Config: hcl},
			resource.TestStep{Config: hcl, Destroy: true, ExpectError: spaced("is the last active member who holds organization-admin. Without an owner, nobody could manage the organization.")},
			resource.TestStep{Config: hcl, Destroy: true, ExpectError: regexp.MustCompile(`Could not remove (alice|bob)@example.com from the organization`), PreConfig: func() {
				if got := owners(srv); len(got) != 1 {
					t.Errorf("owners left: %v", got)
				}
			}},
			resource.TestStep{Config: hcl, Destroy: true, ExpectError: spaced("First grant organization-admin to another active member")},
			resource.TestStep{ // invited again and accepted, which does not make two owners of bob's
				Config: member("alice", "alice@example.com", roles("organization-admin"), "allow_last_owner_removal = true") +
					member("bob", "bob@example.com", "allow_last_owner_removal = true"),
			},
		)
		if got := srv.Emails(); len(got) != 0 {
			t.Errorf("allow_last_owner_removal left %v", got)
		}
	})
}

func TestOwnersPlanWarns(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com", "bob@example.com")
		tf := newTerraform(t, srv)
		tf.configure(member("alice", "alice@example.com", roles("organization-admin")) + member("bob", "bob@example.com"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan", "-destroy"), "loses organization-admin", "is removed from the organization. Other owners before this plan: ",
			"is the last owner", "Apply refuses this unless the same apply grants organization-admin to another active member.")
		tf.configure(member("alice", "alice@example.com", roles("organization-admin")))
		wantText(t, tf.must("plan"), "Warning: bob@example.com loses organization-admin", "Other owners before this plan: alice@example.com.")
		srv.Remove("bob@example.com")
		tf.configure(member("alice", "alice@example.com", roles("organization-admin"), "allow_last_owner_removal = true"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan", "-destroy"), "Warning: The organization is left without an owner")
	})
}

// What is said of owners does not depend on which resource is planned first,
// so that two plans of the same say the same.
func TestOwnersPlanIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com", "bob@example.com", "owner@example.com", "spare@example.com")
		tf := newTerraform(t, srv)
		alice := member("alice", "alice@example.com", roles("organization-admin"))
		tf.configure(alice + member("bob", "bob@example.com"))
		tf.must("apply", "-auto-approve")
		tf.configure(member("alice", "alice@example.com", roles("billing-admin")))
		wantText(t, tf.must("plan"),
			"alice@example.com is no longer an owner of the organization. Other owners before this plan: bob@example.com, owner@example.com, spare@example.com.",
			"bob@example.com is removed from the organization. Other owners before this plan: alice@example.com, owner@example.com, spare@example.com.")
		srv.Remove("owner@example.com")
		srv.Remove("spare@example.com")
		wantText(t, tf.must("plan"), "is the last owner", "All other owners lose organization-admin in this plan too.")
	})
}

// A grant that is not known yet may take the place of organization-admin.
func TestOwnersPlanWarnsOfAnUnknownAssignment(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := ownerless(t, "alice@example.com", "bob@example.com")
		tf := newTerraform(t, srv)
		hcl := func(role string) string {
			return late("grant", role) + "resource \"elasticcloud_role_assignment\" \"alice\" {\n  email = \"alice@example.com\"\n  role  = terraform_data.grant.output\n}\n"
		}
		tf.configure(hcl("organization-admin"))
		tf.must("apply", "-auto-approve")
		tf.configure(hcl("billing-admin"))
		wantText(t, tf.must("plan"), "Warning: alice@example.com may lose organization-admin", "these people are no longer owners: alice@example.com. Other owners before this plan: bob@example.com.")
		tf.must("apply", "-auto-approve")
		wantGrants(t, srv, "alice@example.com", "billing-admin")
	})
}

// The last owner cannot be demoted, by whatever resource, and nothing else of
// the change is done. With another owner it goes through.
func TestLastOwnerStays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after, summary string }{
		"update": {
			before:  member("alice", "alice@example.com", roles("organization-admin")),
			after:   member("alice", "alice@example.com", roles("billing-admin")),
			summary: "Could not change alice@example.com",
		},
		"taken over": {
			before:  member("bob", "bob@example.com"),
			after:   member("alice", "alice@example.com", roles("billing-admin")),
			summary: "Could not add alice@example.com to the organization",
		},
		"assignment": {
			before:  assignment("alice", `"alice@example.com"`, "organization-admin"),
			after:   assignment("bob", `"bob@example.com"`, "deployment-viewer:*"),
			summary: "Could not revoke organization-admin of alice@example.com",
		},
		"replaced": {
			before:  member("alice", "alice@example.com"),
			after:   member("alice", "dave@example.com"),
			summary: "Could not remove alice@example.com from the organization",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := ownerless(t, "alice@example.com")
				srv.AddMember("bob@example.com", "deployment-viewer:*")
				srv.AddInvitation("carol@example.com", "organization-admin") // does not count
				playSteps(t, srv,
					resource.TestStep{Config: test.before},
					resource.TestStep{Config: test.after, ExpectError: spaced(test.summary), PreConfig: srv.ResetLedger},
					resource.TestStep{Config: test.after, ExpectError: spaced("alice@example.com is the last active member who holds organization-admin")},
					resource.TestStep{Config: test.after, PreConfig: func() {
						wantGrants(t, srv, "alice@example.com", "organization-admin")
						for _, r := range srv.Writes() {
							if strings.Contains(string(r.Body), "billing-admin") || r.Route == dropRoles {
								t.Errorf("sent %s %s", r.Route, r.Body)
							}
						}
						srv.AddMember("spare@example.com", "organization-admin")
					}},
				)
				if got := owners(srv); !slices.Equal(got, []string{"spare@example.com"}) {
					t.Errorf("owners are %v", got)
				}
			})
		})
	}
}

// One person is promoted and another demoted, in no order: the demotion waits.
func TestOwnersSwap(t *testing.T) {
	t.Parallel()
	for name, hcl := range map[string]func(alice, bob string) string{
		"roles": func(alice, bob string) string {
			return member("alice", "alice@example.com", roles(alice)) + member("bob", "bob@example.com", roles(bob))
		},
		"assignments": func(alice, bob string) string {
			hcl := ""
			if alice == "organization-admin" {
				hcl += assignment("alice", `"alice@example.com"`, alice)
			}
			if bob == "organization-admin" {
				hcl += assignment("bob", `"bob@example.com"`, bob)
			}
			return hcl
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := ownerless(t, "alice@example.com")
				srv.AddMember("bob@example.com", "billing-admin")
				tf := newTerraform(t, srv)
				tf.configure(hcl("organization-admin", "billing-admin"))
				tf.must("apply", "-auto-approve")
				tf.configure(hcl("billing-admin", "organization-admin"))
				// the promotion is late
				srv.Fail(cloudtest.Fault{Route: postRoles, Hang: 300e6})
				tf.must("apply", "-auto-approve")
				if got := owners(srv); len(got) != 1 || got[0] != "bob@example.com" {
					t.Errorf("owners are %v", got)
				}
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}

// Somebody who holds organization-admin in two forms may lose one of them.
func TestOwnerKeepsAnotherForm(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := cloudtest.New(t, cloudtest.InProcess())
		srv.AddMember("alice@example.com", "organization-admin", "organization-admin+auditor")
		playSteps(t, srv,
			resource.TestStep{Config: member("alice", "alice@example.com", roles("organization-admin+auditor"), "allow_last_owner_removal = false")},
			resource.TestStep{Config: member("alice", "alice@example.com", "allow_last_owner_removal = true"),
				PreConfig: func() { wantGrants(t, srv, "alice@example.com", "organization-admin+auditor") }},
		)
	})
}
