// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func mustParse(t *testing.T, s string) cloud.Grant {
	t.Helper()
	g, err := cloud.ParseGrant(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Every owner is taken away at the same time, each in another way: one stays.
func TestOwnersGoAtTheSameTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(5*time.Millisecond))
		for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
			srv.AddMember(email, "organization-admin")
		}
		d := newOrganization(t, config(srv)).People
		var group sync.WaitGroup
		errs := make([]error, 3)
		group.Go(func() { errs[0] = d.Dismiss(t.Context(), "a@example.com", false) })
		group.Go(func() {
			errs[1] = d.Unassign(t.Context(), "b@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin})
		})
		group.Go(func() { _, _, errs[2] = d.Ensure(t.Context(), Wanted{Email: "c@example.com"}) })
		group.Wait()
		refused := 0
		for _, err := range errs {
			var last *LastOwnerError
			if errors.As(err, &last) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if refused != 1 {
			t.Errorf("%d were refused: %v", refused, errs)
		}
	})
}

// Another run takes the other owner away between the look and the write: then
// the write is taken back.
func TestTheOtherOwnerGoesMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(d *People) error{
			"removed": func(d *People) error { return d.Dismiss(t.Context(), "a@example.com", false) },
			"unassigned": func(d *People) error {
				return d.Unassign(t.Context(), "a@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin})
			},
			"changed": func(d *People) error {
				_, _, err := d.Ensure(t.Context(), Wanted{Email: "a@example.com", Grants: []cloud.Grant{{Role: "billing-admin"}}})
				return err
			},
		} {
			srv := newServer(t)
			srv.AddMember("a@example.com", "organization-admin", "deployment-viewer:x")
			srv.AddMember("b@example.com", "organization-admin")
			srv.Before(deleteRoles, func() { srv.Ungrant("b@example.com", "organization-admin") })
			d := newOrganization(t, config(srv)).People
			var last *LastOwnerError
			if err := change(d); !errors.As(err, &last) || !strings.Contains(err.Error(), "was undone") {
				t.Errorf("%s: %v", name, err)
			}
			want := "[deployment-viewer:x organization-admin]"
			if got := fmt.Sprint(srv.Grants("a@example.com")); got != want {
				t.Errorf("%s: left is %s, want %s", name, got, want)
			}
			if got := fmt.Sprint(look(t, d, "a@example.com").Grants(srv.OrganizationID)); got != want {
				t.Errorf("%s: the view has %s", name, got)
			}
		}
	})
}

// The same, and the result of undoing the write is unknown. That does not count as a
// lost answer to the change itself, which the lists show.
func TestTheOtherOwnerGoesMeanwhileAndTheServiceFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, "organization-admin", "deployment-viewer:x")
		srv.AddMember("b@example.com", "organization-admin")
		srv.Before(deleteRoles, func() {
			srv.Ungrant("b@example.com", "organization-admin")
			srv.Fail(cloudtest.Fault{Route: postRoles, Status: 503, Times: -1})
		})
		_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, "deployment-viewer:x")})
		var last *LastOwnerError
		if !errors.As(err, &last) || !last.Made || !strings.Contains(err.Error(), "could not be undone") {
			t.Errorf("got %v", err)
		}
	})
}

// An owner whom this run made does not count if another run has demoted them since. The
// service's list shows no owner then, although it may lag behind a write of this run.
// An owner who is in the list a bit later does count.
func TestOwnerMadeByThisRunGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(d *People) error{
			"removed": func(d *People) error { return d.Dismiss(t.Context(), "a@example.com", false) },
			"unassigned": func(d *People) error {
				return d.Unassign(t.Context(), "a@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin})
			},
		} {
			for _, meanwhile := range []bool{false, true} {
				srv := newServer(t)
				srv.AddMember("a@example.com", "organization-admin")
				srv.AddMember("b@example.com")
				d := newOrganization(t, config(srv)).People
				if _, err := d.Assign(t.Context(), "b@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin}); err != nil {
					t.Fatal(err)
				}
				if meanwhile {
					srv.Before(deleteRoles, func() { srv.Ungrant("b@example.com", "organization-admin") })
				} else {
					srv.Ungrant("b@example.com", "organization-admin")
				}
				var last *LastOwnerError
				if err := change(d); !errors.As(err, &last) || strings.Contains(err.Error(), "was undone") != meanwhile {
					t.Errorf("%s, meanwhile %t: %v", name, meanwhile, err)
				}
				if got := srv.Grants("a@example.com"); !slices.Equal(got, []string{"organization-admin"}) {
					t.Errorf("%s, meanwhile %t: a holds %v", name, meanwhile, got)
				}
			}
		}
	})
}

// A demotion is made as soon as lists that lag show the promotion of the same run, with
// few looks until then.
func TestDemotionWaitsForLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lag = 10 * time.Second
		srv := newServer(t, cloudtest.Lag(lag))
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember("b@example.com")
		d := newOrganization(t, config(srv)).People
		if _, err := d.Assign(t.Context(), "b@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin}); err != nil {
			t.Fatal(err)
		}
		start, before := time.Now(), srv.Count(getMembers)
		if _, _, err := d.Ensure(t.Context(), Wanted{Email: "a@example.com"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < lag || took > patience+lagWindow { // until they show the demotion, too
			t.Errorf("it took %s", took)
		}
		if looks := srv.Count(getMembers) - before; looks > 14 {
			t.Errorf("looked %d times", looks)
		}
		if got := srv.Grants("a@example.com"); len(got) > 0 {
			t.Errorf("a holds %v", got)
		}
	})
}

// A promotion by another run is seen in the end.
func TestDemotionSeesAPromotionElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember("b@example.com")
		d := newOrganization(t, config(srv)).People
		look(t, d, "a@example.com")
		srv.Before(getMembers, func() { // the look before the write
			time.AfterFunc(time.Second, func() { srv.Grant("b@example.com", "organization-admin") })
		})
		start := time.Now()
		if _, _, err := d.Ensure(t.Context(), Wanted{Email: "a@example.com"}); err != nil {
			t.Error(err)
		}
		wantTook(t, "the demotion", start, patience)
		if got := srv.Grants("a@example.com"); len(got) > 0 {
			t.Errorf("left is %v", got)
		}
	})
}

// A demotion waits for a promotion of the same run, and no longer than for that.
func TestDemotionWaitsForAPromotion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember("b@example.com")
		d := newOrganization(t, config(srv)).People
		start := time.Now()
		demoted := make(chan error, 1)
		go func() {
			_, _, err := d.Ensure(t.Context(), Wanted{Email: "a@example.com"})
			demoted <- err
		}()
		if _, err := d.Assign(t.Context(), "b@example.com", cloud.Grant{Role: "billing-admin"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(patience - time.Second)
		select {
		case err := <-demoted:
			t.Fatalf("the last owner was demoted: %v", err)
		default:
		}
		if _, err := d.Assign(t.Context(), "b@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin}); err != nil {
			t.Fatal(err)
		}
		if err := <-demoted; err != nil {
			t.Fatal(err)
		}
		wantTook(t, "the demotion", start, patience-time.Second)
		if got := srv.Grants("a@example.com"); len(got) != 0 {
			t.Errorf("a holds %v", got)
		}
	})
}

// A demotion that waits for another owner does not delay others, who wait until nothing
// is under way.
func TestDemotionThatWaitsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember("b@example.com")
		d := newOrganization(t, config(srv)).People
		var group sync.WaitGroup
		group.Go(func() {
			var last *LastOwnerError
			if _, _, err := d.Ensure(t.Context(), Wanted{Email: "a@example.com"}); !errors.As(err, &last) {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		start := time.Now()
		if _, err := d.Assign(t.Context(), "b@example.com", cloud.Grant{Role: "billing-admin"}); err != nil {
			t.Error(err)
		}
		wantTook(t, "the assignment", start, 0)
		group.Wait()
	})
}

// An owner whom this run made counts when the lists show it, even if they lag for
// longer than Config.Patience.
func TestDemotionWaitsForAPromotionToShow(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{20 * time.Second, lagWindow} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t, cloudtest.Lag(lag))
			srv.AddMember("a@example.com", "organization-admin")
			srv.AddMember("b@example.com")
			time.Sleep(lag) // until both are shown
			d := newOrganization(t, config(srv)).People
			var group sync.WaitGroup
			for email, grants := range map[string][]cloud.Grant{"a@example.com": nil, "b@example.com": {{Role: cloud.RoleOrganizationAdmin}}} {
				group.Go(func() {
					if _, _, err := d.Ensure(t.Context(), Wanted{Email: email, Grants: grants}); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			wantGrants(t, srv, "a@example.com")
			wantGrants(t, srv, "b@example.com", "organization-admin")
		})
	}
}

// While lists lag, the write for which a guard waits may not have had its turn yet.
func TestOwnerStaysWaitsWhileListsLag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Lag(lagWindow))
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember("b@example.com")
		time.Sleep(lagWindow) // until both are shown
		d := newOrganization(t, config(srv)).People
		var group sync.WaitGroup
		group.Go(func() { // one after the other, as with -parallelism=1
			for _, role := range []string{"billing-admin", cloud.RoleOrganizationAdmin} {
				if _, err := d.Assign(t.Context(), "b@example.com", cloud.Grant{Role: role}); err != nil {
					t.Error(err)
				}
			}
		})
		stays, err := d.OwnerStays(t.Context(), map[string]bool{"a@example.com": true})
		if !stays || err != nil {
			t.Errorf("an owner stays: %t, %v", stays, err)
		}
		group.Wait()
	})
}

// When a person's roles move from one resource to another in one run, in any order, the
// roles that both give stay.
func TestUnassignKeepsWhatTheRunGives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		viewer := mustParse(t, "deployment-viewer:*")
		for name, give := range map[string]func(d *People) error{
			"to roles": func(d *People) error {
				_, _, err := d.Ensure(t.Context(), Wanted{Email: "A@example.com", Grants: []cloud.Grant{viewer}})
				return err
			},
			"to another assignment": func(d *People) error {
				_, err := d.Assign(t.Context(), "A@example.com", viewer)
				return err
			},
		} {
			for _, takeFirst := range []bool{false, true} {
				srv := newServer(t)
				srv.AddMember("owner@example.com", "organization-admin")
				srv.AddMember("a@example.com", "deployment-viewer:*")
				d := newOrganization(t, config(srv)).People
				steps := []func() error{
					func() error { return give(d) },
					func() error { return d.Unassign(t.Context(), "a@example.com", viewer) },
				}
				if takeFirst {
					slices.Reverse(steps)
				}
				for _, step := range steps {
					if err := step(); err != nil {
						t.Fatal(err)
					}
				}
				if got := srv.Grants("a@example.com"); !slices.Equal(got, []string{"deployment-viewer:*"}) {
					t.Errorf("%s, taken first %t: a holds %v", name, takeFirst, got)
				}
			}
		}
	})
}

// The grant of the last owner moves in the same way: a removal does not wait for
// another owner if the same person keeps the grant.
func TestUnassignOfTheLastOwnerKeepsWhatTheRunGives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		owner := cloud.Grant{Role: cloud.RoleOrganizationAdmin}
		for name, give := range map[string]func(d *People) error{
			"to roles": func(d *People) error {
				_, _, err := d.Ensure(t.Context(), Wanted{Email: "A@example.com", Grants: []cloud.Grant{owner}})
				return err
			},
			"to another assignment": func(d *People) error {
				_, err := d.Assign(t.Context(), "A@example.com", owner)
				return err
			},
		} {
			srv := newServer(t)
			srv.AddMember("a@example.com", "organization-admin")
			d := newOrganization(t, config(srv)).People
			taken := make(chan error, 1)
			start := time.Now()
			go func() { taken <- d.Unassign(t.Context(), "a@example.com", owner) }()
			time.Sleep(patience - time.Second)
			select {
			case err := <-taken:
				t.Fatalf("%s: the last owner was demoted: %v", name, err)
			default:
			}
			if err := give(d); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := <-taken; err != nil {
				t.Errorf("%s: %v", name, err)
			}
			wantTook(t, name, start, patience-time.Second)
			if writes := srv.Writes(); len(writes) > 0 {
				t.Errorf("%s: sent %v", name, routes(writes))
			}
		}
	})
}

func TestAssign(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "deployment-viewer:*+x")
		srv.AddInvitation("b@example.com")
		d := newOrganization(t, config(srv)).People
		for _, test := range []struct {
			email, grant string
			joined       bool
			err          error
			writes       int
		}{
			{"A@example.com", "deployment-viewer:*+x", true, nil, 0},
			{"a@example.com", "billing-admin", true, nil, 1},
			{"b@example.com", "billing-admin", false, nil, 1},
			{"c@example.com", "billing-admin", false, ErrUnknownPerson, 1},
		} {
			joined, err := d.Assign(t.Context(), test.email, mustParse(t, test.grant))
			if joined != test.joined || !errors.Is(err, test.err) || len(srv.Writes()) != test.writes {
				t.Errorf("%s to %s: joined %t, %v after %d writes", test.grant, test.email, joined, err, len(srv.Writes()))
			}
		}
	})
}

// OwnerStays returns at once if an owner stays. If not, this run or another may make an
// owner in the meantime.
func TestOwnerStays(t *testing.T) {
	t.Parallel()
	const meanwhile = patience - time.Second
	for name, test := range map[string]struct {
		owners, goes string
		meanwhile    func(srv *cloudtest.Server, d *People)
		want         bool
		lists        int
		takes        time.Duration
	}{
		"another stays":         {owners: "a@example.com b@example.com", goes: "a@example.com", want: true, lists: 1},
		"nobody is one":         {goes: "a@example.com c@example.com", lists: 2, takes: patience},
		"all go":                {owners: "a@example.com b@example.com", goes: "a@example.com b@example.com", lists: 2, takes: patience},
		"promoted by this run":  {owners: "a@example.com", goes: "a@example.com", meanwhile: promote("c@example.com"), want: true, lists: 1, takes: meanwhile},
		"who goes too":          {owners: "a@example.com", goes: "a@example.com c@example.com", meanwhile: promote("c@example.com"), lists: 3, takes: patience},
		"promoted by another":   {owners: "a@example.com", goes: "a@example.com", meanwhile: func(srv *cloudtest.Server, _ *People) { srv.Grant("c@example.com", "organization-admin") }, want: true, lists: 2, takes: patience},
		"an invitation, though": {owners: "a@example.com", goes: "a@example.com", meanwhile: func(srv *cloudtest.Server, _ *People) { srv.AddInvitation("d@example.com", "organization-admin") }, lists: 2, takes: patience},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				for _, email := range strings.Fields(test.owners) {
					srv.AddMember(email, "organization-admin")
				}
				srv.AddMember("c@example.com")
				goes := map[string]bool{}
				for _, email := range strings.Fields(test.goes) {
					goes[email] = true
				}
				d := newOrganization(t, config(srv)).People
				if test.meanwhile != nil {
					time.AfterFunc(meanwhile, func() { test.meanwhile(srv, d) })
				}
				start := time.Now()
				got, err := d.OwnerStays(t.Context(), goes)
				if err != nil || got != test.want {
					t.Errorf("%t, %v", got, err)
				}
				wantTook(t, "it", start, test.takes)
				wantCount(t, srv, getMembers, test.lists)
				time.Sleep(time.Second) // until the promotion is confirmed
			})
		})
	}
}

func promote(email string) func(*cloudtest.Server, *People) {
	return func(_ *cloudtest.Server, d *People) {
		_, _ = d.Assign(context.Background(), email, cloud.Grant{Role: cloud.RoleOrganizationAdmin}) // the owners show what became of it
	}
}

func TestOwnerStaysEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin")
		ctx, stop := context.WithTimeout(t.Context(), patience/2)
		defer stop()
		start := time.Now()
		if stays, err := newOrganization(t, config(srv)).People.OwnerStays(ctx, map[string]bool{"a@example.com": true}); stays || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%t, %v", stays, err)
		}
		wantTook(t, "it", start, patience/2)
	})
}

// A person who has left cannot get organization-admin back, and the error says so.
func TestTheDemotedOwnerIsGoneMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin", "deployment-viewer:x")
		srv.AddMember("b@example.com", "organization-admin")
		srv.Before(deleteRoles, func() { srv.Ungrant("b@example.com", "organization-admin") })
		srv.Before(postRoles, func() { srv.Remove("a@example.com") })
		_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: "a@example.com", Grants: parse(t, "deployment-viewer:x")})
		var last *LastOwnerError
		if !errors.As(err, &last) || !last.Made || !strings.Contains(err.Error(), "could not be undone") {
			t.Errorf("got %v", err)
		}
	})
}

// A run that was allowed to take the last owner away has seen one: what it does not see
// afterwards is gone. One that made an owner itself has not.
func TestPartial(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		owner   bool
		run     func(context.Context, *People) error
		partial bool
	}{
		"an owner is there":   {owner: true, run: func(context.Context, *People) error { return nil }},
		"an owner is removed": {owner: true, run: func(ctx context.Context, d *People) error { return d.Dismiss(ctx, "a@example.com", true) }},
		"an owner is demoted": {owner: true, run: func(ctx context.Context, d *People) error {
			_, _, err := d.Ensure(ctx, Wanted{Email: "a@example.com", AllowLastOwnerRemoval: true})
			return err
		}},
		"none is there": {run: func(context.Context, *People) error { return nil }, partial: true},
		"one is made": {run: func(ctx context.Context, d *People) error {
			_, err := d.Assign(ctx, "b@example.com", admin)
			return err
		}, partial: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				if test.owner {
					srv.AddMember("a@example.com", "organization-admin")
				}
				srv.AddMember("b@example.com")
				d := newOrganization(t, config(srv)).People
				if _, err := d.All(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := test.run(t.Context(), d); err != nil {
					t.Fatal(err)
				}
				if got := d.Partial(); got != test.partial {
					t.Errorf("the view is partial: %t", got)
				}
			})
		})
	}
}
