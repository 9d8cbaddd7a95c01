// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// number is the address of the nth person of a test.
func number(n int) string { return fmt.Sprintf("person%03d@example.com", n) }

// together does something for n people at the same time, and returns the errors.
func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { errs[i] = do(i) })
	}
	group.Wait()
	return errs
}

func wantNoErrors(t *testing.T, errs []error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func wantCount(t *testing.T, srv *cloudtest.Server, route string, n int) {
	t.Helper()
	if got := srv.Count(route); got != n {
		t.Errorf("%d times %s, want %d", got, route, n)
	}
}

func ensureAll(t *testing.T, d *People, n int, w func(i int) Wanted) []error {
	t.Helper()
	return together(n, func(i int) error {
		wanted := w(i)
		if wanted.Email == "" {
			wanted.Email = number(i)
		}
		_, _, err := d.Ensure(t.Context(), wanted)
		return err
	})
}

func TestInvitedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		grants := parse(t, otherGrants...)
		wantNoErrors(t, ensureAll(t, d, 100, func(int) Wanted { return Wanted{Grants: grants} }))
		wantMails(t, srv, 100)
		wantCount(t, srv, postInvitations, 1)
		if n := len(srv.Requests()); n != 5 {
			t.Errorf("%d requests", n)
		}
		if got := fmt.Sprint(srv.Grants(number(42))); got != fmt.Sprint(otherGrants) || standing(look(t, d, number(42))) != "invited" {
			t.Errorf("one of them is promised %s, and has the status %q", got, standing(look(t, d, number(42))))
		}
	})
}

// What differs in roles or expiry cannot go in one request, and does not wait
// for the other either.
func TestInvitedApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		wantNoErrors(t, ensureAll(t, d, 40, func(i int) Wanted {
			return Wanted{Grants: parse(t, []string{"billing-admin", "deployment-viewer:*"}[i%2]), ExpiresIn: []string{"", "7d"}[i/2%2]}
		}))
		wantMails(t, srv, 40)
		wantCount(t, srv, postInvitations, 4)
		for i, grants := range []string{"[billing-admin]", "[deployment-viewer:*]"} {
			if got := fmt.Sprint(srv.Grants(number(i))); got != grants {
				t.Errorf("person %d is promised %s", i, got)
			}
		}
	})
}

// One address that the service refuses fails alone, at the cost of few requests.
func TestBadAddressFailsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		errs := ensureAll(t, d, 64, func(i int) Wanted {
			if i == 17 {
				return Wanted{Email: "nonsense"}
			}
			return Wanted{}
		})
		for i, err := range errs {
			if (err != nil) != (i == 17) || err != nil && !cloud.HasCode(err, "organization.invitation_invalid_email") {
				t.Errorf("person %d: %v", i, err)
			}
		}
		wantMails(t, srv, 63)
		if n := srv.Count(postInvitations); n > 13 {
			t.Errorf("%d requests", n)
		}
	})
}

// A refusal because of the key would be the same for each item, so the batch is not
// split.
func TestForbiddenBatchIsNotTakenApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Fail(cloudtest.Fault{Route: postInvitations, Status: 403, Times: -1})
		d := newOrganization(t, config(srv)).People
		for i, err := range ensureAll(t, d, 50, func(int) Wanted { return Wanted{} }) {
			if !cloud.HasStatus(err, 403) {
				t.Errorf("person %d: %v", i, err)
			}
		}
		wantCount(t, srv, postInvitations, 1)
	})
}

// If the answer to a batch is lost, nobody gets two e-mails, and the lists are read
// once for all.
func TestLostBatch(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"dropped before": {Drop: true},
		"dropped after":  {Drop: true, After: true},
		"500 before":     {Status: 500},
		"500 after":      {Status: 500, After: true},
		"cut":            {Cut: true},
		"one confirmed":  {Status: 201, After: true, Body: fmt.Sprintf(`{"invitations":[{"token":"t","email":%q,"expires_at":"2030-01-01T00:00:00Z"}]}`, number(7))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				fault.Route = postInvitations
				srv.Fail(fault)
				d := newOrganization(t, config(srv)).People
				wantNoErrors(t, ensureAll(t, d, 50, func(int) Wanted { return Wanted{Grants: parse(t, otherGrants...)} }))
				wantMails(t, srv, 50)
				wantCount(t, srv, getMembers, 3)
				if n := srv.Count(postInvitations); n > 2 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

func TestRemovedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		for i := range 100 {
			if i%2 == 0 {
				srv.AddMember(number(i))
			} else {
				srv.AddInvitation(number(i))
			}
		}
		d := newOrganization(t, config(srv)).People
		wantNoErrors(t, together(100, func(i int) error { return d.Dismiss(t.Context(), number(i), false) }))
		wantCount(t, srv, deleteMembers, 1)
		wantCount(t, srv, deleteInvitations, 1)
		if got := srv.Emails(); len(got) > 0 {
			t.Errorf("left are %v", got)
		}
	})
}

// A person who is gone already does not keep the others in the organization, and costs
// one look at the lists.
func TestRemovedTogetherWithSomeGone(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(srv *cloudtest.Server, email string){
		"members":     func(srv *cloudtest.Server, email string) { srv.AddMember(email) },
		"invitations": func(srv *cloudtest.Server, email string) { srv.AddInvitation(email) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				for i := range 60 {
					add(srv, number(i))
				}
				d := newOrganization(t, config(srv)).People
				look(t, d, number(0))
				for i := range 20 {
					srv.Remove(number(3 * i))
				}
				srv.ResetLedger()
				wantNoErrors(t, together(60, func(i int) error { return d.Dismiss(t.Context(), number(i), false) }))
				if got := srv.Emails(); len(got) > 0 {
					t.Errorf("left are %v", got)
				}
				if n := len(srv.Writes()); n > 2 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// A deletion whose answer is lost is repeated, and then finds nobody.
func TestLostRemovalOfMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		for i := range 60 {
			srv.AddMember(number(i))
		}
		srv.Fail(cloudtest.Fault{Route: deleteMembers, Status: 500, After: true})
		d := newOrganization(t, config(srv)).People
		wantNoErrors(t, together(60, func(i int) error { return d.Dismiss(t.Context(), number(i), false) }))
		wantCount(t, srv, deleteMembers, 2)
	})
}

// Servers between client and service limit the length of a path, so a batch has a
// limit, too.
func TestLongBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		for i := range 250 {
			srv.AddInvitation(number(i))
		}
		d := newOrganization(t, config(srv)).People
		wantNoErrors(t, together(250, func(i int) error { return d.Dismiss(t.Context(), number(i), false) }))
		writes := srv.Writes()
		for _, r := range writes {
			if tokens := strings.Count(r.Path, ",") + 1; len(r.Path) > longestBatch+200 || tokens > mostInBatch {
				t.Errorf("%d tokens in a path of %d", tokens, len(r.Path))
			}
		}
		if len(writes) > 4 {
			t.Errorf("%d requests", len(writes))
		}
	})
}

// A write that arrives while a batch of the same kind is under way is in the next
// batch.
func TestBatchWaitsForTheOneUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(100*time.Millisecond))
		d := newOrganization(t, config(srv)).People
		look(t, d, number(0))
		errs := together(4, func(i int) error {
			time.Sleep(time.Duration(i) * (gather + 5*time.Millisecond)) // too late for the one before
			_, _, err := d.Ensure(t.Context(), Wanted{Email: number(i)})
			return err
		})
		wantNoErrors(t, errs)
		wantCount(t, srv, postInvitations, 2)
	})
}

// A caller who gives up before the batch is sent is not in it. A caller who gives up
// afterwards learns the result.
func TestGivingUpInABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		look(t, d, alice)
		early, cancelEarly := context.WithCancel(t.Context())
		time.AfterFunc(gather-time.Millisecond, cancelEarly)
		late, cancelLate := context.WithCancel(t.Context())
		srv.Before(postInvitations, cancelLate)
		errs := together(3, func(i int) error {
			_, _, err := d.Ensure([]context.Context{early, late, t.Context()}[i], Wanted{Email: number(i)})
			return err
		})
		if !errors.Is(errs[0], context.Canceled) || errs[1] != nil || errs[2] != nil {
			t.Errorf("got %v", errs)
		}
		wantMails(t, srv, 2)
		if srv.Status(number(0)) != "none" {
			t.Error("somebody was invited whose caller had given up")
		}
	})
}

// A batch ends when all its callers have given up.
func TestBatchEndsWithItsLastCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Fail(cloudtest.Fault{Route: postInvitations, Status: 429, Header: map[string][]string{"Retry-After": {"50"}}, Times: -1})
		d := newOrganization(t, config(srv)).People
		ctx, cancel := context.WithCancel(t.Context())
		srv.Before(postInvitations, func() { time.AfterFunc(20*time.Millisecond, cancel) })
		start := time.Now()
		for i, err := range together(5, func(i int) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: number(i)})
			return err
		}) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("person %d: %v", i, err)
			}
		}
		wantTook(t, "all of it", start, gather+20*time.Millisecond)
		wantMails(t, srv, 0)
	})
}

// A person whom the lists show differently than wanted is remembered even if the rest
// of the batch is refused afterwards.
func TestFoundInABatchThatIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Before(postInvitations, func() { srv.AddInvitation(number(0), "billing-admin") })
		srv.Fail(cloudtest.Fault{Route: postInvitations, Status: 500})
		srv.Fail(cloudtest.Fault{Route: postInvitations, Status: 403, Times: -1})
		d := newOrganization(t, config(srv)).People
		for i, err := range ensureAll(t, d, 2, func(int) Wanted { return Wanted{Grants: parse(t, otherGrants...)} }) {
			if !cloud.HasStatus(err, 403) {
				t.Errorf("person %d: %v", i, err)
			}
		}
	})
}
