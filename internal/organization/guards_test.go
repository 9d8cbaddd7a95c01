// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var admin = cloud.Grant{Role: cloud.RoleOrganizationAdmin}

// A member who was not an owner when the lists were read may be the last one by now.
func TestRemovedMemberBecameTheLastOwner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember(alice, "billing-admin")
		d := newOrganization(t, config(srv)).People
		look(t, d, alice)
		srv.Grant(alice, "organization-admin")
		srv.Ungrant("a@example.com", "organization-admin")
		time.Sleep(2 * justNow)
		var last *LastOwnerError
		if err := d.Dismiss(t.Context(), alice, false); !errors.As(err, &last) {
			t.Errorf("got %v", err)
		}
		if got := srv.Writes(); len(got) > 0 {
			t.Errorf("sent %v", routes(got))
		}
		if err := d.Dismiss(t.Context(), alice, true); err != nil {
			t.Errorf("where it is allowed: %v", err)
		}
	})
}

// A mapping that did not make owners when the list was read may be the last one that
// does by now.
func TestMappingBecameTheLastOwnersMapping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "billing-admin")
		if _, err := o.RoleMappings.List(t.Context()); err != nil {
			t.Fatal(err)
		}
		other := newOrganization(t, config(srv))
		if err := other.RoleMappings.Update(t.Context(), "staff", mappingOf(t, srv, "staff", "organization-admin")); err != nil {
			t.Fatal(err)
		}
		if err := other.RoleMappings.Delete(t.Context(), "owners"); err != nil {
			t.Fatal(err)
		}
		srv.Enforce(true)
		time.Sleep(2 * justNow)
		sent := len(srv.Writes())
		var last *LastAdminMappingError
		if err := o.RoleMappings.Delete(t.Context(), "staff"); !errors.As(err, &last) {
			t.Errorf("deleted: %v", err)
		}
		if err := o.RoleMappings.Update(t.Context(), "staff", mappingOf(t, srv, "staff", "billing-admin")); !errors.As(err, &last) {
			t.Errorf("changed: %v", err)
		}
		if got := srv.Writes()[sent:]; len(got) > 0 {
			t.Errorf("sent %v", routes(got))
		}
	})
}

// A mapping of this run that another run deleted does not count, and one that the
// lists do not show yet counts as soon as they do.
func TestOwnersMappingOfThisRun(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			srv, o := withIdP(t, cloudtest.Lag(5*time.Second))
			addOwners(srv)
			srv.Enforce(true)
			time.Sleep(time.Minute) // so that lists show all of that
			if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, "new", "organization-admin")); err != nil {
				t.Fatal(err)
			}
			if deleted {
				other := newOrganization(t, config(srv))
				time.Sleep(10 * time.Second)
				if err := other.RoleMappings.Delete(t.Context(), "new"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
			}
			err := o.RoleMappings.Delete(t.Context(), "owners")
			var last *LastAdminMappingError
			if deleted != errors.As(err, &last) || !deleted && err != nil {
				t.Errorf("deleted %t: %v", deleted, err)
			}
		})
	}
}

// Two owners are demoted at once, by two runs or through two aliases of the
// provider, and lists lag: one of them stays.
func TestTwoOwnersGoWhileListsLag(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, time.Second, 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t, cloudtest.Lag(lag))
			emails := []string{"a@example.com", "b@example.com"}
			for _, email := range emails {
				srv.AddMember(email, "organization-admin")
			}
			time.Sleep(time.Minute)
			errs := make([]error, len(emails))
			var group sync.WaitGroup
			for i, email := range emails {
				d := newOrganization(t, config(srv)).People
				group.Go(func() {
					time.Sleep(time.Duration(i) * 300 * time.Millisecond)
					errs[i] = d.Unassign(t.Context(), email, admin)
				})
			}
			group.Wait()
			owners := slices.DeleteFunc(slices.Clone(emails), func(email string) bool { return len(srv.Grants(email)) == 0 })
			var last *LastOwnerError
			if len(owners) == 0 || !errors.As(errors.Join(errs...), &last) {
				t.Errorf("lag %v: %v are owners, %v", lag, owners, errs)
			}
		})
	}
}

// So it is within a run, however long lists lag: what a run took away it never
// counts again.
func TestTwoOwnersGoInARun(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t, cloudtest.Lag(lag))
			emails := []string{"a@example.com", "b@example.com"}
			for _, email := range emails {
				srv.AddMember(email, "organization-admin")
			}
			time.Sleep(2 * lag)
			d := newOrganization(t, config(srv)).People
			errs := together(len(emails), func(i int) error { return d.Unassign(t.Context(), emails[i], admin) })
			owners := slices.DeleteFunc(slices.Clone(emails), func(email string) bool { return len(srv.Grants(email)) == 0 })
			var last *LastOwnerError
			if len(owners) != 1 || !errors.As(errors.Join(errs...), &last) {
				t.Errorf("lag %v: %v are owners, %v", lag, owners, errs)
			}
		})
	}
}

// The same if the removal is sent once more: the service refuses it, because the person
// is gone, but lists still show them.
func TestOwnerWhoIsGoneCountsNeverAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Lag(time.Hour))
		srv.AddMember(alice, "organization-admin")
		srv.AddMember("b@example.com", "organization-admin")
		time.Sleep(2 * time.Hour)
		d := newOrganization(t, config(srv)).People
		var missing *NotShownError
		if err := d.Dismiss(t.Context(), alice, false); !errors.As(err, &missing) {
			t.Errorf("she is gone, and lists do not show it: %v", err)
		}
		var last *LastOwnerError
		if err := d.Unassign(t.Context(), "b@example.com", admin); !errors.As(err, &last) {
			t.Errorf("the last owner: %v", err)
		}
		wantGrants(t, srv, "b@example.com", "organization-admin")
	})
}

// If the key sees no owner, there may still be one.
func TestNoOwnerIsVisible(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice)
		srv.AddMember("b@example.com")
		if stays, err := newOrganization(t, config(srv)).People.OwnerStays(t.Context(), map[string]bool{alice: true}); stays || err != nil {
			t.Errorf("%t, %v", stays, err)
		}
	})
}

// Only the client repeats a deletion of a domain, even if it waits: the lock is not
// held for twenty minutes.
func TestDomainDeletionIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.ClaimDomain("example.com")
		srv.Fail(cloudtest.Fault{Route: deleteDomain, Status: 503, Times: -1})
		c := config(srv)
		c.MaxRetries = 4
		if err := newOrganization(t, c).Domains.Dismiss(t.Context(), "example.com"); err == nil {
			t.Error("no error")
		}
		wantCount(t, srv, deleteDomain, 5)
	})
}

// The view does not keep a member whose removal was carried out without an answer.
func TestRemovalWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice)
		// Not even the repetitions are answered, by whose 404 one would know.
		srv.Fail(cloudtest.Fault{Route: deleteMembers, Drop: true, After: true, Times: -1})
		d := newOrganization(t, config(srv)).People
		if err := d.Dismiss(t.Context(), alice, false); err != nil || look(t, d, alice).Exists() {
			t.Errorf("%v; she is %q", err, standing(look(t, d, alice)))
		}
	})
}

// A mapping whose renaming was not answered is found under its new name.
func TestRenamedWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"done, dropped": {Drop: true, After: true},
		"done, 503":     {Status: 503, After: true},
		"not done":      {Status: 503},
		"twice":         {Status: 503, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				o := newOrganization(t, config(srv))
				addOwners(srv)
				srv.AddRoleMapping("old", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin")
				fault.Route = putMapping
				srv.Fail(fault)
				if err := o.RoleMappings.Update(t.Context(), "old", mappingOf(t, srv, "new", "billing-admin")); err != nil {
					t.Fatal(err)
				}
				wantMappings(t, srv, o, "new", "owners")
			})
		})
	}
}

// Two that change names at once do not wait for each other.
func TestMappingsThatSwapNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(time.Second))
		o := newOrganization(t, config(srv))
		addOwners(srv)
		var group sync.WaitGroup
		for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
			group.Go(func() { _ = o.RoleMappings.Update(t.Context(), names[0], mappingOf(t, srv, names[1], "billing-admin")) }) // neither exists
		}
		group.Wait()
	})
}

// A caller who joins a batch after all others have given up is written all the same.
func TestBatchOfThoseWhoGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		look(t, d, alice)
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			var group sync.WaitGroup
			group.Go(func() { _, _, _ = d.Ensure(ctx, Wanted{Email: "gone@example.com"}) })
			synctest.Wait()
			group.Go(cancel)
			group.Go(func() {
				if _, _, err := d.Ensure(t.Context(), Wanted{Email: alice}); err != nil {
					t.Error(err)
				}
			})
			group.Wait()
			if err := d.Dismiss(t.Context(), alice, false); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A hundred callers who need new lists share a few.
func TestRefreshesShareLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(100*time.Millisecond))
		for i := range 200 {
			srv.AddMember(number(i))
		}
		d := newOrganization(t, config(srv)).People
		look(t, d, alice)
		together(100, func(i int) error { _, err := d.FindAnew(t.Context(), number(i)); return err })
		wantCount(t, srv, getMembers, 3)
		// So do callers whose writes are not answered.
		srv.Fail(cloudtest.Fault{Route: postRoles, Status: 503, Times: -1})
		together(200, func(i int) error {
			_, _, err := d.Ensure(t.Context(), Wanted{Email: number(i), Grants: []cloud.Grant{{Role: "billing-admin"}}})
			return err
		})
		if n := srv.Count(getMembers) - 3; n > 30 {
			t.Errorf("200 changes that fail made %d lists", n)
		}
	})
}

// What this run took away, another run may have given back: the guards go by what
// the service lists, too.
func TestGivenBackByAnotherRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember(alice, "organization-admin", "billing-admin")
		d := newOrganization(t, config(srv)).People
		if err := d.Unassign(t.Context(), alice, admin); err != nil {
			t.Fatal(err)
		}
		srv.Grant(alice, "organization-admin")
		srv.Ungrant("a@example.com", "organization-admin")
		time.Sleep(2 * justNow)
		var last *LastOwnerError
		if err := d.Dismiss(t.Context(), alice, false); !errors.As(err, &last) || srv.Status(alice) != "active" {
			t.Errorf("the last owner: %v; she is %s", err, srv.Status(alice))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "organization-admin")
		other := newOrganization(t, config(srv))
		for _, err := range []error{
			o.RoleMappings.Update(t.Context(), "staff", mappingOf(t, srv, "staff", "billing-admin")),
			other.RoleMappings.Update(t.Context(), "staff", mappingOf(t, srv, "staff", "organization-admin")),
			other.RoleMappings.Delete(t.Context(), "owners"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		srv.Enforce(true)
		time.Sleep(2 * justNow)
		sent := len(srv.Writes())
		var last *LastAdminMappingError
		if err := o.RoleMappings.Delete(t.Context(), "staff"); !errors.As(err, &last) || len(srv.Writes()) > sent {
			t.Errorf("the last mapping: %v", err)
		}
	})
}

// SSO is not enforced with a mapping that only this run knows.
func TestEnforcementCountsWhatIsListed(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			srv, o := withIdP(t, cloudtest.Lag(5*time.Second))
			time.Sleep(time.Minute)
			if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, "owners", "organization-admin")); err != nil {
				t.Fatal(err)
			}
			if deleted {
				time.Sleep(10 * time.Second)
				if err := newOrganization(t, config(srv)).RoleMappings.Delete(t.Context(), "owners"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
			}
			err := o.Enforcement.Begin(t.Context())
			if errors.Is(err, ErrNoOwnersMapping) != deleted || srv.Enforced() == deleted {
				t.Errorf("deleted %t: %v, enforced %t", deleted, err, srv.Enforced())
			}
		})
	}
}

// The only mapping that is left makes no owners, as somebody deleted the one that
// did: it may go once the same run has ended the enforcement.
func TestOnlyMappingThatMakesNoOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		srv.AddRoleMapping("team", true, cloudtest.AnyOf(cloudtest.Group("team")), "billing-admin")
		srv.Enforce(true)
		time.AfterFunc(5*time.Second, func() {
			if err := o.Enforcement.Dismiss(t.Context()); err != nil {
				t.Error(err)
			}
		})
		start := time.Now()
		if err := o.RoleMappings.Delete(t.Context(), "team"); err != nil {
			t.Error(err)
		}
		wantTook(t, "it", start, 5*time.Second)
	})
}

// What a deletion left behind under another name is guarded by that name, and does
// not stay in the view.
func TestLeftOverMapping(t *testing.T) {
	t.Parallel()
	const left = "a;b (to be deleted)"
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		srv.AddRoleMapping(left, true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
		srv.Enforce(true)
		var last *LastAdminMappingError
		if err := o.RoleMappings.Dismiss(t.Context(), "a,b"); !errors.As(err, &last) || len(srv.Writes()) > 0 {
			t.Errorf("the last mapping: %v", err)
		}
		srv.Enforce(false)
		if err := o.RoleMappings.Dismiss(t.Context(), "a,b"); err != nil {
			t.Error(err)
		}
		if m, found, err := o.RoleMappings.Find(t.Context(), "a,b"); found || err != nil || len(srv.RoleMappings()) > 0 {
			t.Errorf("still there: %v, %v", m, err)
		}
	})
}

// A renaming that was not carried out does not replace a mapping that somebody else
// has given the new name.
func TestRenamedOverAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		o := newOrganization(t, config(srv))
		addOwners(srv)
		srv.AddRoleMapping("old", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin")
		if _, err := o.RoleMappings.List(t.Context()); err != nil {
			t.Fatal(err)
		}
		renamed := mappingOf(t, srv, "new", "billing-admin")
		srv.AddRoleMapping("new", true, cloudtest.AnyOf(cloudtest.Group("strangers")), "deployment-viewer:*")
		srv.Fail(cloudtest.Fault{Route: putMapping, Status: 503})
		if err := o.RoleMappings.Update(t.Context(), "old", renamed); err == nil {
			t.Error("no error")
		}
		for _, m := range srv.RoleMappings() {
			if m.Name == "new" && fmt.Sprint(m.Grants) != "[deployment-viewer:*]" {
				t.Errorf("replaced by %v", m.Grants)
			}
		}
	})
}

// The lists are read for as long as they may lag behind: for the guard, then before the
// write is sent once more, and after that.
func TestShownOrNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Lag(time.Hour))
		srv.AddMember("a@example.com", "organization-admin")
		srv.AddMember(alice, "organization-admin")
		time.Sleep(2 * time.Hour)
		start := time.Now()
		var missing *NotShownError
		if err := newOrganization(t, config(srv)).People.Unassign(t.Context(), alice, admin); !errors.As(err, &missing) {
			t.Error(err)
		}
		if took := time.Since(start); took < 3*lagWindow || took > 5*lagWindow {
			t.Errorf("it took %s", took)
		}
	})
}

// A caller who gives up in a batch for which others wait gets an error that says that
// the result is unknown.
func TestGivenUpInABatchOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddInvitation(alice, "billing-admin")
		srv.AddInvitation("bob@example.com", "billing-admin")
		d := newOrganization(t, config(srv)).People
		look(t, d, alice)
		srv.Fail(cloudtest.Fault{Route: deleteInvitations, Status: 429, Header: http.Header{"Retry-After": {"30"}}})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		start := time.Now()
		group.Go(func() {
			_, _, err := d.Ensure(ctx, anew)
			var revoked *RevokedError
			if !errors.As(err, &revoked) || !revoked.Unconfirmed || !errors.Is(err, context.Canceled) || time.Since(start) > 10*time.Second {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
		group.Go(func() {
			if _, _, err := d.Ensure(t.Context(), Wanted{Email: "bob@example.com", KeepGrants: true, Anew: true}); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second)
		cancel()
		group.Wait()
	})
}

// A condition that held before the first attempt of a write may not hold before the
// second, which follows after the lists have not shown the first for a long time. So
// the guards check it again.
func TestGuardsBeforeTheSecondTry(t *testing.T) {
	t.Parallel()
	const putOrganization = "PUT /organizations/{organization_id}"
	for name, test := range map[string]struct {
		route     string
		meanwhile func(*cloudtest.Server)
		write     func(context.Context, *Organization) error
		refused   func(error) bool
	}{
		"the IdP goes": {deleteIdP, func(srv *cloudtest.Server) { srv.Enforce(true) },
			func(ctx context.Context, o *Organization) error { return o.IdP.Dismiss(ctx) },
			func(err error) bool { return errors.Is(err, ErrEnforced) }},
		"a mapping goes": {deleteMapping, func(srv *cloudtest.Server) { srv.Enforce(true); srv.RemoveRoleMapping("others") },
			func(ctx context.Context, o *Organization) error { return o.RoleMappings.Delete(ctx, "owners") }, isLastAdmin},
		"a mapping goes that made no owners": {deleteMapping, func(srv *cloudtest.Server) {
			srv.Enforce(true)
			srv.ChangeRoleMapping("staff", func(m *cloudtest.RoleMapping) { m.Grants = []string{"organization-admin"} })
			srv.RemoveRoleMapping("others")
			srv.RemoveRoleMapping("owners")
		}, func(ctx context.Context, o *Organization) error { return o.RoleMappings.Delete(ctx, "staff") }, isLastAdmin},
		"SSO is enforced": {putOrganization, func(srv *cloudtest.Server) { srv.RemoveRoleMapping("owners"); srv.RemoveRoleMapping("others") },
			func(ctx context.Context, o *Organization) error { return o.Enforcement.Begin(ctx) },
			func(err error) bool { return errors.Is(err, ErrNoOwnersMapping) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, o := withIdP(t)
				addOwners(srv)
				srv.AddRoleMapping("others", true, cloudtest.AnyOf(cloudtest.Group("others")), "organization-admin")
				srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "billing-admin")
				srv.Fail(cloudtest.Fault{Route: test.route, Undone: true})
				time.AfterFunc(10*time.Second, func() { test.meanwhile(srv) })
				if err := test.write(t.Context(), o); !test.refused(err) || !isNotShown(err) { // that it was sent is said, too
					t.Errorf("got %v", err)
				}
				if n := srv.Count(test.route); n != 1 {
					t.Errorf("it was sent %d times", n)
				}
			})
		})
	}
}
