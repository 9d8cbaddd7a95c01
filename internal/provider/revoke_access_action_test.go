// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func TestRevokeAccess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare  func(*cloudtest.Server)
		warnings []string
		progress []string
		writes   []string
	}{
		"invited": {
			prepare:  func(srv *cloudtest.Server) { srv.AddInvitation("alice@example.com", "billing-admin") },
			warnings: []string{"Alice@example.com loses access to the organization: The invitation of this person offers billing-admin."},
			progress: []string{"Alice@example.com: revoking the invitation, which offers billing-admin"},
			writes:   []string{dropInv},
		},
		"expired": {
			prepare: func(srv *cloudtest.Server) {
				srv.AddInvitation("alice@example.com")
				srv.Expire("alice@example.com")
			},
			warnings: []string{"The invitation of this person offers no roles."},
			progress: []string{"Alice@example.com: revoking the invitation, which offers no roles"},
			writes:   []string{dropInv},
		},
		"member": {
			prepare: func(srv *cloudtest.Server) {
				srv.AddMember("alice@example.com", "deployment-editor:a", "billing-admin")
			},
			warnings: []string{"Alice@example.com loses access to the organization: This person is a member and holds billing-admin, deployment-editor:a."},
			progress: []string{"Alice@example.com: removing the member, who has billing-admin, deployment-editor:a"},
			writes:   []string{dropMem},
		},
		"member, and an invitation is left over": {
			prepare: func(srv *cloudtest.Server) {
				srv.AddInvitation("alice@example.com", "billing-admin")
				srv.SSOLogin("alice@example.com", "deployment-viewer:*")
			},
			warnings: []string{"This person is a member and holds deployment-viewer:*. The invitation of this person offers billing-admin."},
			progress: []string{"Alice@example.com: removing the member, who has deployment-viewer:*", "Alice@example.com: revoking the invitation, which offers billing-admin"},
			writes:   []string{dropMem, dropInv},
		},
		"owner beside another": {
			prepare:  func(srv *cloudtest.Server) { srv.AddMember("alice@example.com", "organization-admin") },
			warnings: []string{"This person is a member and holds organization-admin.", "Alice@example.com loses organization-admin: Alice@example.com is removed from the organization. Other owners before this plan: owner@example.com."},
			progress: []string{"Alice@example.com: removing the member, who has organization-admin"},
			writes:   []string{dropRoles, dropMem},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				test.prepare(srv)
				c := actionCore(t, srv)
				warnings, progress, err := c.act(t.Context(), revoke, toAlice)
				if err != nil {
					t.Fatal(err)
				}
				wantLines(t, warnings, test.warnings...)
				wantLines(t, progress, append(test.progress, "Alice@example.com: no longer has access")...)
				wantWrites(t, srv, test.writes...)
				wantEmails(t, srv, "owner@example.com")
				wantMails(t, srv, 0)
			})
		})
	}
}

// For an unknown person there is nothing to do, which is not an error.
func TestRevokeAccessOfNobody(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		warnings, progress, err := c.act(t.Context(), revoke, toAlice)
		if err != nil {
			t.Fatal(err)
		}
		wantLines(t, warnings)
		wantLines(t, progress, "Alice@example.com: neither a member nor invited, so there is nothing to revoke")
		wantWrites(t, srv)
	})
}

func TestRevokeAccessOfLastOwner(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddInvitation("alice@example.com", "organization-admin") // does not count
		c := actionCore(t, srv)
		owner := map[string]any{"email": "owner@example.com"}
		warnings, progress, err := c.act(t.Context(), revoke, owner)
		wantLines(t, warnings, "This person is a member and holds organization-admin.", "owner@example.com is the last owner: ")
		wantLines(t, progress, "owner@example.com: removing the member, who has organization-admin")
		wantError(t, err, "Could not end the access of owner@example.com: owner@example.com is the last active member who holds organization-admin",
			"Remaining access: This person is a member and holds organization-admin.", "set allow_last_owner_removal = true")
		wantWrites(t, srv)
		wantEmails(t, srv, "alice@example.com", "owner@example.com")

		owner["allow_last_owner_removal"] = true
		warnings, _, err = c.act(t.Context(), revoke, owner)
		if err != nil {
			t.Fatal(err)
		}
		wantLines(t, warnings, "This person is a member and holds organization-admin.", "The organization is left without an owner: ")
		wantWrites(t, srv, dropMem)
		wantEmails(t, srv, "alice@example.com")
	})
}

// The action ends the access of somebody whom the same run brought in, and of
// somebody who came after its lists were read. The next plan shows that.
func TestRevokeAccessInARun(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		config := map[string]block{"alice": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com"}}}
		changes, err := c.plan(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		// One process carries both out, as in one apply.
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.Server = func() tfprotov6.ProviderServer { return server }
		if err := c.carryOut(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		wantEmails(t, srv, "alice@example.com", "owner@example.com")
		srv.AddMember("bob@example.com")
		for _, email := range []string{"alice@example.com", "bob@example.com"} {
			if _, err := c.invoke(t.Context(), server, revoke, map[string]any{"email": email}); err != nil {
				t.Fatal(err)
			}
		}
		wantEmails(t, srv, "owner@example.com")
	})
}

// The plan says where the configuration would bring the person in again.
func TestRevokeAccessOfConfiguredMember(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "billing-admin")
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.Server = func() tfprotov6.ProviderServer { return server }
		if _, err := c.plan(t.Context(), map[string]block{"alice": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com"}}}); err != nil {
			t.Fatal(err)
		}
		warnings, err := c.planAction(t.Context(), server, revoke, toAlice)
		if err != nil {
			t.Fatal(err)
		}
		wantLines(t, warnings, "This configuration has an elasticcloud_member for this person, so the next apply sends an invitation.")
	})
}

func TestRevokeAccessMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		route string
		meet  func(*cloudtest.Server)
	}{
		"accepted": {dropInv, func(srv *cloudtest.Server) { srv.Accept("alice@example.com") }},
		"revoked":  {dropInv, func(srv *cloudtest.Server) { srv.Remove("alice@example.com") }},
		"accepted, and the lists lag": {dropInv, func(srv *cloudtest.Server) {
			srv.SetLag(10 * time.Millisecond)
			srv.Accept("alice@example.com")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddInvitation("alice@example.com", "billing-admin")
				c := actionCore(t, srv)
				srv.Before(test.route, func() { test.meet(srv) })
				if _, _, err := c.act(t.Context(), revoke, toAlice); err != nil {
					t.Fatal(err)
				}
				wantEmails(t, srv, "owner@example.com")
			})
		})
	}
}

// Whatever fails, the error says what access is left.
func TestRevokeAccessFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  cloudtest.Fault
		want   []string // in the error; none where it succeeds
		status string
	}{
		"the removal is refused":                   {cloudtest.Fault{Route: dropMem, Status: 403, Times: -1}, []string{"answered 403", "Remaining access: This person is a member and holds billing-admin. The invitation of this person offers deployment-viewer:*."}, "active"},
		"the removal fails, lasting":               {cloudtest.Fault{Route: dropMem, Status: 500, Times: -1}, []string{"answered 500", "Remaining access: This person is a member and holds billing-admin."}, "active"},
		"the demotion fails, lasting":              {cloudtest.Fault{Route: dropRoles, Status: 500, Times: -1}, []string{"answered 500", "Remaining access: This person is a member and holds billing-admin, organization-admin."}, "active"},
		"the revocation fails, lasting":            {cloudtest.Fault{Route: dropInv, Status: 500, Times: -1}, []string{"answered 500", "Remaining access: The invitation of this person offers deployment-viewer:*."}, "invited"},
		"the removal fails once":                   {cloudtest.Fault{Route: dropMem, Status: 503}, nil, "none"},
		"the answer to the removal is lost":        {cloudtest.Fault{Route: dropMem, After: true, Drop: true}, nil, "none"},
		"the answers to the revocation, lasting":   {cloudtest.Fault{Route: dropInv, After: true, Status: 502, Times: -1}, nil, "none"},
		"nothing can be seen after it was removed": {cloudtest.Fault{Route: dropInv, Status: 500, Times: -1, Spread: true}, []string{"answered 500"}, "invited"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				srv.AddInvitation("alice@example.com", "deployment-viewer:*")
				srv.SSOLogin("alice@example.com", "billing-admin", "organization-admin")
				c := actionCore(t, srv)
				srv.Fail(test.fault)
				_, _, err := c.act(t.Context(), revoke, toAlice)
				if len(test.want) == 0 && err != nil {
					t.Fatal(err)
				}
				if len(test.want) > 0 {
					wantError(t, err, append(test.want, "Could not end the access of Alice@example.com: ")...)
				}
				if got := srv.Status("alice@example.com"); got != test.status {
					t.Errorf("she is %s, want %s", got, test.status)
				}
				srv.ClearFaults()
				if _, _, err := c.act(t.Context(), revoke, toAlice); err != nil {
					t.Errorf("the next try fails: %v", err)
				}
				wantEmails(t, srv, "owner@example.com")
			})
		})
	}
}

// A run that is stopped says so, and the next one ends the access.
func TestRevokeAccessStopped(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "billing-admin")
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		srv.Before(dropMem, stop)
		srv.Fail(cloudtest.Fault{Route: dropMem, Hang: time.Minute})
		start := time.Now()
		_, err = c.invoke(ctx, server, revoke, toAlice)
		wantError(t, err, "Could not end the access of Alice@example.com: ")
		if took := time.Since(start); took > promptly {
			t.Errorf("it took %v", took)
		}
		wantEmails(t, srv, "alice@example.com", "owner@example.com")
		srv.ClearFaults()
		if _, _, err := c.act(t.Context(), revoke, toAlice); err != nil {
			t.Fatal(err)
		}
		wantEmails(t, srv, "owner@example.com")
	})
}
