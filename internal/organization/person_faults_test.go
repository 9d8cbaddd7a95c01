// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// lags are how far lists may be behind. Looking again takes longer than that.
var lags = []time.Duration{0, 10 * time.Second}

// Every fault of the invitation and of its answer leads to exactly one e-mail.
func TestLostInvitation(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"dropped before":        {Drop: true},
		"dropped after":         {Drop: true, After: true},
		"500 before":            {Status: 500},
		"500 after":             {Status: 500, After: true},
		"cut":                   {Cut: true},
		"garbage after":         {Body: "<html>", After: true},
		"half an answer after":  {Status: 201, Body: `{"invitations":[]}`, After: true},
		"an empty answer after": {Status: 201, Body: `{}`, After: true},
	} {
		for start, begin := range starts {
			if start == "member" || start == "member invited" {
				continue
			}
			for _, lag := range lags {
				t.Run(fmt.Sprint(name, "/", start, "/", lag), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						srv := newServer(t, cloudtest.Lag(lag))
						begin(srv, heldGrants)
						once := fault
						once.Route = postInvitations
						srv.Fail(once)
						d := newOrganization(t, config(srv)).People
						p, change, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
						if err != nil {
							t.Fatal(err)
						}
						wantMails(t, srv, 1)
						if lag == 0 && !change.Invite {
							t.Errorf("what was changed is said to be %+v", change)
						}
						time.Sleep(lag) // the last look is another o's
						wantPerson(t, srv, p, "invited", otherGrants)
						wantPerson(t, srv, look(t, d, alice), "invited", otherGrants)
					})
				})
			}
		}
	}
}

func TestInvitationThatTakesTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Fail(cloudtest.Fault{Route: postInvitations, Hang: time.Hour, After: true})
		c := config(srv)
		start := time.Now()
		p, _, err := newOrganization(t, c).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
		if err != nil {
			t.Fatal(err)
		}
		// A minute is how long a call may take. The invitation is looked for at once.
		if took := time.Since(start); took < time.Minute || took > time.Minute+2*time.Second {
			t.Errorf("it took %v", took)
		}
		wantMails(t, srv, 1)
		wantPerson(t, srv, p, "invited", otherGrants)
	})
}

// If the answer to a revocation is lost, the promise of the invitation is not lost.
func TestLostRevocation(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"dropped": {Drop: true, After: true}, "500": {Status: 500, After: true}, "cut": {Cut: true},
	} {
		for wantedName, test := range map[string]struct {
			wanted Wanted
			grants []string
		}{
			"keep":  {Wanted{Email: alice, KeepGrants: true}, heldGrants},
			"other": {Wanted{Email: alice, Grants: parse(t, otherGrants...)}, otherGrants},
		} {
			t.Run(name+"/"+wantedName, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t)
					starts["expired"](srv, heldGrants)
					srv.AddUnknownAssignment(alice, "connected_cluster", `[{"role_id":"x"}]`)
					once := fault
					once.Route = deleteInvitations
					srv.Fail(once)
					p, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), test.wanted)
					if err != nil {
						t.Fatal(err)
					}
					if n := srv.Count(deleteInvitations); n != 2 {
						t.Errorf("revoked %d times", n)
					}
					wantMails(t, srv, 1)
					wantPerson(t, srv, p, "invited", test.grants)
					if got := srv.UnknownAssignments(alice)["connected_cluster"]; got != `[{"role_id":"x"}]` {
						t.Errorf("what is not known became %s", got)
					}
				})
			})
		}
	}
}

// An invitation that is found after a lost answer may be somebody else's.
func TestLostInvitationMeetsAnother(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		between func(*cloudtest.Server)
		status  string
		mails   int
	}{
		"invited in the console":     {func(srv *cloudtest.Server) { srv.AddInvitation(alice, "billing-admin") }, "invited", 1},
		"the same in the console":    {func(srv *cloudtest.Server) { srv.AddInvitation(alice, otherGrants...) }, "invited", 0},
		"joined through SSO":         {func(srv *cloudtest.Server) { srv.SSOLogin(alice, "billing-admin") }, "active", 0},
		"joined with all she should": {func(srv *cloudtest.Server) { srv.SSOLogin(alice, otherGrants...) }, "active", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.Before(postInvitations, func() { test.between(srv) })
				srv.Fail(cloudtest.Fault{Route: postInvitations, Drop: true})
				d := newOrganization(t, config(srv)).People
				p, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
				if err != nil {
					t.Fatal(err)
				}
				wantMails(t, srv, test.mails)
				wantPerson(t, srv, p, test.status, otherGrants)
			})
		})
	}
}

func TestInvitationThatDoesNotGoOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault cloudtest.Fault
		posts int
		text  string
	}{
		"refused":          {cloudtest.Fault{Status: 400, Code: "organization.invitations_pending_limit_exceeded", Message: "too many"}, 1, "no new one was sent"},
		"never answered":   {cloudtest.Fault{Drop: true}, 3, "it is not known whether a new one was sent"},
		"always 500":       {cloudtest.Fault{Status: 500}, 3, "it is not known whether a new one was sent"},
		"limited for good": {cloudtest.Fault{Status: 429}, 3, "no new one was sent"},
	} {
		for _, start := range []string{"nobody", "invited"} {
			t.Run(name+"/"+start, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t)
					starts[start](srv, heldGrants)
					fault := test.fault
					fault.Route, fault.Times = postInvitations, -1
					srv.Fail(fault)
					d := newOrganization(t, config(srv)).People
					wanted := Wanted{Email: alice, Grants: parse(t, otherGrants...)}
					p, _, err := d.Ensure(t.Context(), wanted)
					var apiErr *cloud.Error
					if !errors.As(err, &apiErr) || apiErr.Call != postInvitations {
						t.Fatalf("got %v", err)
					}
					revoked := "the old invitation is revoked, and " + test.text
					if strings.Contains(err.Error(), revoked) != (start == "invited") || strings.Contains(err.Error(), "revoked") != (start == "invited") {
						t.Errorf("the error does not say %q: %v", revoked, err)
					}
					if n := srv.Count(postInvitations); n != test.posts {
						t.Errorf("%d invitations were sent, want %d", n, test.posts)
					}
					wantMails(t, srv, 0)
					wantPerson(t, srv, p, "none", nil)

					srv.ClearFaults()
					p, _, err = d.Ensure(t.Context(), wanted)
					if err != nil {
						t.Fatal(err)
					}
					wantMails(t, srv, 1)
					wantPerson(t, srv, p, "invited", otherGrants)
				})
			})
		}
	}
}

// A change of grants that fails halfway returns what there is. It has not failed if the
// lists show that all of it is done.
func TestGrantsThatFailHalfWay(t *testing.T) {
	t.Parallel()
	added := append(slices.Clone(heldGrants), "security-viewer:*+analyst")
	for name, test := range map[string]struct {
		fault cloudtest.Fault
		want  []string
	}{
		"add refused":               {cloudtest.Fault{Route: postRoles, Status: 403}, heldGrants},
		"add never done":            {cloudtest.Fault{Route: postRoles, Status: 500}, heldGrants},
		"add done and no answer":    {cloudtest.Fault{Route: postRoles, Drop: true, After: true}, added},
		"add done and 500":          {cloudtest.Fault{Route: postRoles, Status: 500, After: true}, added},
		"remove refused":            {cloudtest.Fault{Route: deleteRoles, Status: 403}, added},
		"remove never done":         {cloudtest.Fault{Route: deleteRoles, Drop: true}, added},
		"remove done and no answer": {cloudtest.Fault{Route: deleteRoles, Drop: true, After: true}, otherGrants},
		"remove done and cut":       {cloudtest.Fault{Route: deleteRoles, Cut: true}, otherGrants},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				srv.AddMember(alice, heldGrants...)
				fault := test.fault
				fault.Times = -1
				srv.Fail(fault)
				d := newOrganization(t, config(srv)).People
				wanted := Wanted{Email: alice, Grants: parse(t, otherGrants...)}
				p, _, err := d.Ensure(t.Context(), wanted)
				var apiErr *cloud.Error
				if done := slices.Equal(test.want, otherGrants); done != (err == nil) || !done && (!errors.As(err, &apiErr) || apiErr.Call != test.fault.Route) {
					t.Errorf("got %v", err)
				}
				if n := srv.Count(deleteRoles); test.fault.Route == postRoles && n > 0 {
					t.Error("something was taken away although nothing was added")
				}
				wantPerson(t, srv, p, "active", test.want)

				srv.ClearFaults()
				p, _, err = d.Ensure(t.Context(), wanted)
				if err != nil {
					t.Error(err)
				}
				wantPerson(t, srv, p, "active", otherGrants)
				wantMails(t, srv, 0)
			})
		})
	}
}

// Between the list and the write, somebody changes her access.
func TestEnsureMeetsAChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start   string
		route   string // right before which it happens
		between func(*cloudtest.Server)
		status  string
		mails   int
	}{
		"the invitation is accepted":         {"invited", deleteInvitations, func(srv *cloudtest.Server) { srv.Accept(alice) }, "active", 0},
		"she joins through SSO":              {"nobody", postInvitations, func(srv *cloudtest.Server) { srv.SSOLogin(alice, "billing-admin") }, "active", 0},
		"she joins once it is revoked":       {"invited", postInvitations, func(srv *cloudtest.Server) { srv.SSOLogin(alice) }, "active", 0},
		"the invitation is revoked":          {"invited", deleteInvitations, func(srv *cloudtest.Server) { srv.Remove(alice) }, "invited", 1},
		"the expired one is revoked":         {"expired", deleteInvitations, func(srv *cloudtest.Server) { srv.Remove(alice) }, "invited", 1},
		"somebody invites her":               {"nobody", postInvitations, func(srv *cloudtest.Server) { srv.AddInvitation(alice, "billing-admin") }, "invited", 1},
		"somebody invites her the same way":  {"nobody", postInvitations, func(srv *cloudtest.Server) { srv.AddInvitation(alice, otherGrants...) }, "invited", 0},
		"somebody invites her once revoked":  {"invited", postInvitations, func(srv *cloudtest.Server) { srv.AddInvitation(alice, "billing-admin") }, "invited", 1},
		"she is removed":                     {"member", postRoles, func(srv *cloudtest.Server) { srv.Remove(alice) }, "invited", 1},
		"she is removed after the first":     {"member", deleteRoles, func(srv *cloudtest.Server) { srv.Remove(alice) }, "invited", 1},
		"she is removed and invited":         {"member", postRoles, func(srv *cloudtest.Server) { srv.Remove(alice); srv.AddInvitation(alice, otherGrants...) }, "invited", 0},
		"she is removed and joins another":   {"member", postRoles, func(srv *cloudtest.Server) { srv.Remove(alice); srv.SSOLogin(alice, heldGrants...) }, "active", 0},
		"the grants go, and nobody objects":  {"member", deleteRoles, func(srv *cloudtest.Server) { srv.Ungrant(alice, heldGrants[0]) }, "active", 0},
		"the grants come, and nobody minds":  {"member", postRoles, func(srv *cloudtest.Server) { srv.Grant(alice, otherGrants...) }, "active", 0},
		"the invitation expires in the face": {"invited", deleteInvitations, func(srv *cloudtest.Server) { srv.Expire(alice) }, "invited", 1},
	} {
		for _, lag := range lags {
			t.Run(fmt.Sprint(name, "/", lag), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t, cloudtest.Lag(lag))
					starts[test.start](srv, heldGrants)
					met := false
					srv.Before(test.route, func() { met = true; test.between(srv) })
					d := newOrganization(t, config(srv)).People
					p, _, err := d.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
					if err != nil || !met {
						t.Fatalf("%v, change met: %v", err, met)
					}
					wantMails(t, srv, test.mails)
					time.Sleep(lag)
					wantPerson(t, srv, p, test.status, otherGrants)
				})
			})
		}
	}
}

// The promise of an old invitation is not for a person who joined and left since.
func TestPromiseEndsWithMembership(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddInvitation(alice, heldGrants...)
		srv.AddUnknownAssignment(alice, "connected_cluster", `[{"role_id":"x"}]`)
		srv.Before(deleteInvitations, func() { srv.Accept(alice) })
		srv.Before(postRoles, func() { srv.Remove(alice) })
		p, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...)})
		if err != nil {
			t.Fatal(err)
		}
		wantPerson(t, srv, p, "invited", otherGrants)
		if unknown := srv.UnknownAssignments(alice); len(unknown) > 0 {
			t.Errorf("she was promised %v again", unknown)
		}
	})
}

// A plan that showed no e-mail is kept to when a member is gone.
func TestNoInvitationForAMemberWhoIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, heldGrants...)
		srv.Before(postRoles, func() { srv.Remove(alice) })
		p, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, otherGrants...), NoInvitation: true})
		if !errors.Is(err, ErrNotThere) {
			t.Errorf("got %v", err)
		}
		wantMails(t, srv, 0)
		wantPerson(t, srv, p, "none", nil)
		if n := srv.Count(postInvitations); n > 0 {
			t.Errorf("%d invitations were sent", n)
		}
	})
}

func TestDismissMeetsAChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start   string
		route   string
		between func(*cloudtest.Server)
	}{
		"the invitation is accepted":  {"invited", deleteInvitations, func(srv *cloudtest.Server) { srv.Accept(alice) }},
		"the invitation is revoked":   {"invited", deleteInvitations, func(srv *cloudtest.Server) { srv.Remove(alice) }},
		"the expired one is gone":     {"expired", deleteInvitations, func(srv *cloudtest.Server) { srv.Remove(alice) }},
		"the member is removed":       {"member", deleteMembers, func(srv *cloudtest.Server) { srv.Remove(alice) }},
		"both are gone":               {"member invited", deleteMembers, func(srv *cloudtest.Server) { srv.Remove(alice) }},
		"the member accepts as well":  {"member invited", deleteMembers, func(srv *cloudtest.Server) { srv.Accept(alice) }},
		"the removed member comes in": {"member invited", deleteInvitations, func(srv *cloudtest.Server) { srv.Accept(alice) }},
	} {
		for _, lag := range lags {
			t.Run(fmt.Sprint(name, "/", lag), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t, cloudtest.Lag(lag))
					starts[test.start](srv, heldGrants)
					srv.Before(test.route, func() { test.between(srv) })
					d := newOrganization(t, config(srv)).People
					if err := d.Dismiss(t.Context(), alice, false); err != nil {
						t.Fatal(err)
					}
					if p := look(t, d, alice); p.Exists() || srv.Status(alice) != "none" {
						t.Errorf("she is %q, and in the service %s", standing(p), srv.Status(alice))
					}
					if lag == 0 && name == "the invitation is accepted" {
						wantLists(t, srv, 3) // found at once, so the only further list is the one that confirms it
					}
				})
			})
		}
	}
}

func TestDismissMeetsAFault(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"dropped before": {Drop: true}, "dropped after": {Drop: true, After: true}, "500 after": {Status: 500, After: true}, "429": {Status: 429}, "cut": {Cut: true},
	} {
		for start, route := range map[string]string{"invited": deleteInvitations, "expired": deleteInvitations, "member": deleteMembers, "member invited": deleteMembers} {
			t.Run(name+"/"+start, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := newServer(t)
					starts[start](srv, heldGrants)
					once := fault
					once.Route = route
					srv.Fail(once)
					d := newOrganization(t, config(srv)).People
					if err := d.Dismiss(t.Context(), alice, false); err != nil {
						t.Fatal(err)
					}
					wantPerson(t, srv, look(t, d, alice), "none", nil)
				})
			})
		}
	}
}

// A refusal stays an error, and she stays.
func TestDismissRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, start := range []string{"invited", "member"} {
			srv := newServer(t, cloudtest.ReadOnlyKey())
			starts[start](srv, heldGrants)
			d := newOrganization(t, config(srv)).People
			var apiErr *cloud.Error
			if err := d.Dismiss(t.Context(), alice, false); !errors.As(err, &apiErr) || apiErr.Status != 403 {
				t.Errorf("%s: %v", start, err)
			}
			if p := look(t, d, alice); standing(p) != start || srv.Status(alice) == "none" {
				t.Errorf("she is %q, and in the service %s", standing(p), srv.Status(alice))
			}
		}
	})
}

// Looking for somebody who may have accepted ends with the context, and an unfinished
// look does not count as success.
func TestDismissEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Lag(time.Hour))
		srv.AddInvitation(alice)
		c := config(srv)
		c.RetryWait = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.Log = func(_ context.Context, call cloud.Call) {
			if call.Name == deleteInvitations {
				cancel()
			}
		}
		srv.Before(deleteInvitations, func() { srv.Accept(alice) })
		if err := newOrganization(t, c).People.Dismiss(ctx, alice, false); err == nil {
			t.Error("she may be a member now")
		}
	})
}
