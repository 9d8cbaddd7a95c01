// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// invited is an organization in which Alice is invited to more than the
// provider knows.
func invited(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := newFake(t)
	srv.AddInvitation("alice@example.com", "deployment-editor:a", "elasticsearch-viewer:*+x+y")
	srv.AddUnknownAssignment("alice@example.com", "connected_cluster", `[{"role_id":"cluster-admin"}]`)
	return srv
}

var toAlice = map[string]any{"email": "Alice@example.com"}

// wantStillInvited fails unless Alice is invited to what she was invited to.
func wantStillInvited(t *testing.T, srv *cloudtest.Server) {
	t.Helper()
	if got := srv.Status("alice@example.com"); got != "invited" {
		t.Errorf("she is %s", got)
	}
	wantGrants(t, srv, "alice@example.com", "deployment-editor:a", "elasticsearch-viewer:*+x+y")
	if got := srv.UnknownAssignments("alice@example.com")["connected_cluster"]; got != `[{"role_id":"cluster-admin"}]` {
		t.Errorf("of what the provider does not know, %q is promised", got)
	}
}

func TestResendInvitation(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare  func(*cloudtest.Server)
		warning  string
		progress string
	}{
		"open":    {func(*cloudtest.Server) {}, "the invitation expires at", "revoking the invitation, and"},
		"expired": {func(srv *cloudtest.Server) { srv.Expire("alice@example.com") }, "but the invitation expired", "revoking the invitation, which has expired, and"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := invited(t)
				test.prepare(srv)
				c := actionCore(t, srv)
				before := srv.Tokens()
				warnings, progress, err := c.act(t.Context(), resend, map[string]any{"email": "Alice@example.com", "invitation_expires_in": "7d"})
				if err != nil {
					t.Fatal(err)
				}
				wantLines(t, warnings, test.warning)
				wantLines(t, warnings, "Alice@example.com gets a new invitation by e-mail: ")
				wantLines(t, warnings, "The action sends a new invitation with the same grants and revokes the old one: deployment-editor:a, elasticsearch-viewer:*+x+y.")
				wantLines(t, progress, "Alice@example.com: "+test.progress+" sending a new one that offers deployment-editor:a, elasticsearch-viewer:*+x+y",
					"Alice@example.com: the new invitation is sent, and valid until "+time.Now().UTC().Add(7*24*time.Hour).Format("2006-01-02T"))
				wantStillInvited(t, srv)
				wantWrites(t, srv, dropInv, postInv)
				wantMails(t, srv, 1)
				if after := srv.Tokens(); len(after) != len(before)+1 {
					t.Errorf("there were %d invitations, not one more than %d", len(after), len(before))
				}
				wantText(t, string(srv.Writes()[1].Body), `"expires_in":"7d"`)
			})
		})
	}
}

// To a member nothing is sent, and for nobody there is nothing to send again.
func TestResendInvitationWithoutOne(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddMember("alice@example.com", "deployment-viewer:*")
		srv.AddInvitation("bob@example.com", "deployment-viewer:*")
		srv.SSOLogin("bob@example.com")
		c := actionCore(t, srv)
		for _, email := range []string{"alice@example.com", "bob@example.com"} { // an invitation is left over of the second
			warnings, progress, err := c.act(t.Context(), resend, map[string]any{"email": email})
			if err != nil {
				t.Fatal(err)
			}
			wantLines(t, warnings)
			wantLines(t, progress, email+": is already a member, so no invitation is sent")
		}
		warnings, progress, err := c.act(t.Context(), resend, map[string]any{"email": "carol@example.com"})
		wantLines(t, warnings, "carol@example.com is neither a member nor invited: ")
		wantLines(t, progress)
		wantError(t, err, "Could not send the invitation of carol@example.com again: This person is neither a member of the organization nor invited to it. Invite this person with an elasticcloud_member.")
		wantWrites(t, srv)
		wantMails(t, srv, 0)
	})
}

// The action looks at the service when it is invoked, not when its run began.
func TestResendInvitationLooksAnew(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.planAction(t.Context(), server, resend, toAlice); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // what is read at one moment is read once
		srv.AddInvitation("alice@example.com", "billing-admin")
		if _, err := c.invoke(t.Context(), server, resend, toAlice); err != nil {
			t.Fatal(err)
		}
		wantGrants(t, srv, "alice@example.com", "billing-admin")
		wantMails(t, srv, 1)
	})
}

// What happens between the look and the writes.
func TestResendInvitationMeanwhile(t *testing.T) {
	t.Parallel()
	t.Run("accepted", func(t *testing.T) {
		t.Parallel()
		virtually(t, func(t *testing.T) {
			srv := invited(t)
			c := actionCore(t, srv)
			srv.Before(dropInv, func() { srv.Accept("alice@example.com") })
			_, progress, err := c.act(t.Context(), resend, toAlice)
			if err != nil {
				t.Fatal(err)
			}
			wantText(t, progress[len(progress)-1], "Alice@example.com: has joined meanwhile, so no invitation is sent")
			wantMails(t, srv, 0)
		})
	})
	t.Run("sent anew by somebody else, with other roles", func(t *testing.T) {
		t.Parallel()
		virtually(t, func(t *testing.T) {
			srv := invited(t)
			c := actionCore(t, srv)
			srv.Before(dropInv, func() {
				srv.Remove("alice@example.com")
				srv.AddInvitation("alice@example.com", "billing-admin")
			})
			if _, _, err := c.act(t.Context(), resend, toAlice); err != nil {
				t.Fatal(err)
			}
			wantGrants(t, srv, "alice@example.com", "billing-admin")
			wantMails(t, srv, 0)
		})
	})
	t.Run("accepted, and the lists lag for long", func(t *testing.T) {
		t.Parallel()
		virtually(t, func(t *testing.T) {
			srv := invited(t)
			c := actionCore(t, srv)
			srv.SetLag(200 * time.Millisecond)
			srv.Before(dropInv, func() { srv.Accept("alice@example.com") })
			if _, _, err := c.act(t.Context(), resend, toAlice); err != nil {
				t.Fatal(err)
			}
			wantMails(t, srv, 0)
		})
	})
}

// Whatever fails, the old invitation is there, or the new one, or the error has
// what is needed to send it.
func TestResendInvitationFaults(t *testing.T) {
	t.Parallel()
	lost := []string{"Could not send the invitation of Alice@example.com again: the old invitation is revoked, and ",
		"It promised deployment-editor:a, elasticsearch-viewer:*+x+y, and access that this version of the provider does not know: ", `"connected_cluster":[{"role_id":"cluster-admin"}]`,
		"Invite this person again, with an elasticcloud_member that has the roles of the invitation"}
	for name, test := range map[string]struct {
		fault cloudtest.Fault
		want  []string // in the error; none where it succeeds
		mails int
		gone  bool
	}{
		"the new one is refused":                     {cloudtest.Fault{Route: postInv, Status: 403, Code: "role_assignments.unauthorized_role_assignments", Message: "no"}, append(lost, "no new one was sent", "no (role_assignments.unauthorized_role_assignments)"), 0, true},
		"the new one fails, lasting":                 {cloudtest.Fault{Route: postInv, Status: 500, Times: -1}, append(lost, "it is not known whether a new one was sent", "answered 500"), 0, true},
		"the new one fails once":                     {cloudtest.Fault{Route: postInv, Status: 500}, nil, 1, false},
		"the answer to the new one is lost":          {cloudtest.Fault{Route: postInv, After: true, Drop: true}, nil, 1, false},
		"the revocation is refused":                  {cloudtest.Fault{Route: dropInv, Status: 403}, []string{"Could not send the invitation of Alice@example.com again: ", "answered 403"}, 0, false},
		"the revocation fails, lasting":              {cloudtest.Fault{Route: dropInv, Status: 500, Times: -1}, []string{"Could not send the invitation of Alice@example.com again: it is not known whether the old invitation is revoked. It promised deployment-editor:a, ", "answered 500", "Run the action again. If it does not find the invitation: Invite this person again"}, 0, false},
		"the answer to the revocation is lost":       {cloudtest.Fault{Route: dropInv, After: true, Drop: true}, nil, 1, false},
		"the answers to revocations are lost, lasts": {cloudtest.Fault{Route: dropInv, After: true, Status: 502, Times: -1}, nil, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := invited(t)
				c := actionCore(t, srv)
				srv.Fail(test.fault)
				_, _, err := c.act(t.Context(), resend, toAlice)
				if len(test.want) == 0 && err != nil {
					t.Fatal(err)
				}
				if len(test.want) > 0 {
					wantError(t, err, test.want...)
				}
				wantMails(t, srv, test.mails)
				if test.gone {
					if got := srv.Status("alice@example.com"); got != "none" {
						t.Errorf("she is %s", got)
					}
					return
				}
				wantStillInvited(t, srv)
			})
		})
	}
}

// A stop after the revocation does not interrupt the change.
func TestResendInvitationStopped(t *testing.T) {
	t.Parallel()
	for route, mails := range map[string]int{getMem: 0, dropInv: 1} {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := invited(t)
				c := actionCore(t, srv)
				server, err := c.start(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				srv.Before(route, stop)
				srv.Fail(cloudtest.Fault{Route: route, Hang: 50 * time.Millisecond})
				_, err = c.invoke(ctx, server, resend, toAlice)
				if mails == 0 {
					wantError(t, err, "Could not look up Alice@example.com")
				} else if err != nil {
					t.Errorf("it fails with %v", err)
				}
				wantMails(t, srv, mails)
				wantStillInvited(t, srv)
			})
		})
	}
}

// Sending an invitation of an elasticcloud_member again causes no diff for it.
func TestResendInvitationOfMember(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		config := map[string]block{"alice": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com", "roles": []string{"billing-admin"}}}}
		c.mustApply(t, config)
		if _, _, err := c.act(t.Context(), resend, toAlice); err != nil {
			t.Fatal(err)
		}
		wantEmpty(t, c, config)
		wantMails(t, srv, 2)
		if emails := srv.Emails(); !slices.Equal(emails, []string{"alice@example.com", "owner@example.com"}) {
			t.Errorf("there are %v", emails)
		}
	})
}
