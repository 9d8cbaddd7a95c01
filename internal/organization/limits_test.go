// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// limited is a run's view with limits.
func limited(t *testing.T, srv *cloudtest.Server, limits Limits) *People {
	t.Helper()
	o := newOrganization(t, config(srv))
	o.config.Limits = limits
	return o.People
}

// Of many people who are removed at the same time, as many are removed as the limit
// allows. A removal that is refused for another reason does not count, and a person who
// is tried twice counts once.
func TestMaxRemovals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		names := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com"}
		for _, email := range names {
			srv.AddMember(email)
		}
		most := 2
		d := limited(t, srv, Limits{MaxRemovals: &most})
		var last *LastOwnerError
		if err := d.Dismiss(t.Context(), "owner@example.com", false); !errors.As(err, &last) {
			t.Errorf("the last owner: %v", err)
		}
		var mu sync.Mutex
		refused := 0
		var group sync.WaitGroup
		for _, email := range append(names, names...) {
			group.Go(func() {
				var tooMany *TooManyRemovalsError
				if err := d.Dismiss(t.Context(), email, false); errors.As(err, &tooMany) {
					mu.Lock()
					defer mu.Unlock()
					refused++
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if left := len(srv.Emails()); left != 3 || refused != 4 {
			t.Errorf("left are %q, refused were %d", srv.Emails(), refused)
		}
	})
}

// If more owners are required than there are, people who are not owners can still be
// removed.
func TestMinOwnersIsAboutOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		srv.AddMember("a@example.com")
		least := 2
		d := limited(t, srv, Limits{MinOwners: &least})
		for key, want := range map[string]bool{"a@example.com": true, "owner@example.com": false} {
			if stays, err := d.OwnerStays(t.Context(), map[string]bool{key: true}); stays != want || err != nil {
				t.Errorf("%s goes: %t, %v", key, stays, err)
			}
		}
		if err := d.Dismiss(t.Context(), "a@example.com", false); err != nil {
			t.Error(err)
		}
	})
}

// What was promised to a required owner is not revoked either, by a demotion or by a
// removal, even if removing the last owner is allowed.
func TestRequiredOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		srv.AddMember("glass@example.com", "organization-admin", "billing-admin")
		srv.AddInvitation("open@example.com", "organization-admin")
		d := limited(t, srv, Limits{Required: []string{"Glass@example.com", "open@example.com"}})
		_, _, demoted := limited(t, srv, d.o.config.Limits).Ensure(t.Context(), Wanted{Email: "glass@example.com", AllowLastOwnerRemoval: true})
		for what, err := range map[string]error{
			"demotion":               demoted,
			"removal":                d.Dismiss(t.Context(), "glass@example.com", true),
			"end":                    d.EndAccess(t.Context(), "glass@example.com", true),
			"assignment":             d.Unassign(t.Context(), "glass@example.com", admin),
			"removal of the invited": d.Dismiss(t.Context(), "open@example.com", true),
			"several":                d.ReserveRemovals([]string{"owner@example.com", "glass@example.com"}),
		} {
			var required *RequiredOwnerError
			if !errors.As(err, &required) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if got := srv.Writes(); len(got) > 0 {
			t.Errorf("sent %v", routes(got))
		}
		if err := d.Unassign(t.Context(), "glass@example.com", parse(t, "billing-admin")[0]); err != nil {
			t.Errorf("another grant: %v", err)
		}
	})
}

// An invited owner whom the run requires does not get a new invitation without the
// role.
func TestRequiredOwnerWhoIsInvited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		srv.AddInvitation("glass@example.com", "organization-admin")
		d := limited(t, srv, Limits{Required: []string{"glass@example.com"}})
		_, _, err := d.Ensure(t.Context(), Wanted{Email: "glass@example.com", Grants: parse(t, "billing-admin")})
		var required *RequiredOwnerError
		if !errors.As(err, &required) {
			t.Errorf("got %v", err)
		}
		wantMails(t, srv, 0)
	})
}

// A person who stays after all does not count as a removal, and a removed person does.
func TestMaxRemovalsOfWhoStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("owner@example.com", "organization-admin")
		for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
			srv.AddMember(email)
		}
		most := 1
		d := limited(t, srv, Limits{MaxRemovals: &most})
		if _, _, err := d.Ensure(t.Context(), Wanted{Email: "a@example.com", KeepGrants: true}); err != nil {
			t.Fatal(err)
		}
		if err := d.ReserveRemovals([]string{"a@example.com"}); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"a@example.com", "b@example.com", "b@example.com"} {
			if err := d.Dismiss(t.Context(), email, false); err != nil {
				t.Errorf("%s: %v", email, err)
			}
		}
		var tooMany *TooManyRemovalsError
		if err := d.Dismiss(t.Context(), "c@example.com", false); !errors.As(err, &tooMany) {
			t.Errorf("one too many: %v", err)
		}
	})
}
