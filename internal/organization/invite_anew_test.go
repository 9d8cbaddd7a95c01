// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// anew sends Alice a new invitation.
var anew = Wanted{Email: alice, KeepGrants: true, Anew: true}

// From every state of a person: an invited person gets one e-mail and is promised the
// same, and nobody else gets an e-mail.
func TestResend(t *testing.T) {
	t.Parallel()
	for name, start := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				start(srv, heldGrants)
				srv.ResetLedger()
				p, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: strings.ToUpper(alice), ExpiresIn: "2d", KeepGrants: true, Anew: true})
				switch name {
				case "nobody":
					if !errors.Is(err, ErrUnknownPerson) {
						t.Errorf("got %v", err)
					}
				case "invited", "expired":
					wantPerson(t, srv, p, "invited", heldGrants)
					wantMails(t, srv, 1)
					if i, _ := p.Invitation(); time.Until(i.ExpiresAt) < 47*time.Hour || i.Expired {
						t.Errorf("it is open until %v", i.ExpiresAt)
					}
				default:
					wantPerson(t, srv, p, "active", heldGrants)
				}
				if name != "nobody" && err != nil {
					t.Error(err)
				}
				if name != "invited" && name != "expired" {
					wantMails(t, srv, 0)
					if got := writes(t, srv); len(got) > 0 {
						t.Errorf("written: %q", got)
					}
				}
			})
		})
	}
}

// Runs that send the same invitation again at the same time leave one. A run that first
// looks while there is none returns an error: see TestResendBetweenTwoInvitations.
func TestResendByTwoRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			srv := invitedWithMore(t)
			runs := []*People{newOrganization(t, config(srv)).People, newOrganization(t, config(srv)).People}
			for _, d := range runs {
				look(t, d, alice)
			}
			var group sync.WaitGroup
			for _, d := range runs {
				group.Go(func() {
					if _, _, err := d.Ensure(t.Context(), anew); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			wantInvitedWithMore(t, srv)
		}
	})
}

// A run that looks after another one has revoked the invitation, and before it sends
// the new one, finds nobody. It writes nothing, and does not disturb the other run.
func TestResendBetweenTwoInvitations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := invitedWithMore(t)
		late := newOrganization(t, config(srv)).People
		srv.Before(postInvitations, func() {
			before := len(writes(t, srv))
			if _, _, err := late.Ensure(t.Context(), anew); !errors.Is(err, ErrUnknownPerson) {
				t.Errorf("got %v", err)
			}
			if got := writes(t, srv)[before:]; len(got) > 0 {
				t.Errorf("written: %q", got)
			}
		})
		if _, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), anew); err != nil {
			t.Fatal(err)
		}
		wantInvitedWithMore(t, srv)
		wantMails(t, srv, 1)
	})
}

// invitedWithMore is an organization that Alice is invited to, with something
// that the o does not know.
func invitedWithMore(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := newServer(t)
	srv.AddInvitation(alice, heldGrants...)
	srv.AddUnknownAssignment(alice, "connected_cluster", `[{"role_id":"x"}]`)
	srv.ResetLedger()
	return srv
}

func wantInvitedWithMore(t *testing.T, srv *cloudtest.Server) {
	t.Helper()
	if got := srv.Grants(alice); srv.Status(alice) != "invited" || !slices.Equal(got, heldGrants) {
		t.Errorf("she is %s, with %q", srv.Status(alice), got)
	}
	if got := srv.UnknownAssignments(alice)["connected_cluster"]; got != `[{"role_id":"x"}]` {
		t.Errorf("what the o does not know became %q", got)
	}
}

// EndAccess also ends the access of a person whom the same run invited, which Dismiss
// does not.
func TestEndAccessOfWhomTheRunBroughtIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		ensure(t, d, alice, heldGrants...)
		if err := d.Dismiss(t.Context(), alice, false); err != nil {
			t.Fatal(err)
		}
		if got := srv.Status(alice); got != "invited" {
			t.Errorf("after Dismiss she is %s", got)
		}
		if err := d.EndAccess(t.Context(), alice, false); err != nil {
			t.Fatal(err)
		}
		if got := srv.Status(alice); got != "none" {
			t.Errorf("after EndAccess she is %s", got)
		}
	})
}

// CurrentPerson sees what came about since the lists were read.
func TestCurrentPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		look(t, d, alice)
		srv.AddMember(alice)
		if look(t, d, alice).Exists() {
			t.Error("the lists were read anew without a reason")
		}
		if p, err := d.FindAnew(t.Context(), alice); err != nil || p.Member == nil {
			t.Errorf("got %v, %v", p, err)
		}
		srv.Fail(cloudtest.Fault{Route: getMembers, Status: 403})
		if _, err := d.FindAnew(t.Context(), alice); err == nil {
			t.Error("there is no error")
		}
	})
}
