// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// What this run made, changed or kept stays, and no other run's is that.
func TestKeptStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		if _, found, err := o.RoleMappings.Keep(t.Context(), "owners", func(cloud.RoleMapping) bool { return true }); !found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, "added", "billing-admin")); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"owners", "added"} {
			if err := o.RoleMappings.Dismiss(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
		wantMappings(t, srv, o, "added", "owners")

		other := newOrganization(t, config(srv))
		if _, found, err := other.RoleMappings.Keep(t.Context(), "added", func(cloud.RoleMapping) bool { return false }); !found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		if err := other.RoleMappings.Dismiss(t.Context(), "added"); err != nil { // as it is another one than wanted
			t.Error(err)
		}
		if got := srv.RoleMappings(); len(got) != 1 {
			t.Errorf("there are %+v", got)
		}
	})
}

func TestKeptDomainStays(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, config(srv))
	for _, ensured := range []bool{false, true} {
		srv.ClaimDomain("example.com")
		run := newOrganization(t, config(srv))
		if err := run.Ensure(t.Context(), DomainObject("Example.com"), func() bool { return ensured }); err != nil {
			t.Error(err)
		}
		if err := run.Domains.Dismiss(t.Context(), "example.com"); err != nil {
			t.Error(err)
		}
		if got := len(srv.Domains()) == 1; got != ensured {
			t.Errorf("it stays: %t, want %t", got, ensured)
		}
	}
	wantDomains(t, srv, o, "example.com")
}

// A caller who arrives while a deletion is under way finds what it leaves.
func TestEnsureWaitsForDismissal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		under := make(chan struct{})
		srv.Before(deleteMapping, func() {
			close(under)
			time.Sleep(time.Minute - time.Second) // a call may take a minute
		})
		var group sync.WaitGroup
		group.Go(func() {
			if err := o.RoleMappings.Dismiss(t.Context(), "owners"); err != nil {
				t.Error(err)
			}
		})
		<-under
		if _, found, err := o.RoleMappings.Keep(t.Context(), "owners", func(cloud.RoleMapping) bool { return true }); found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		group.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		err := o.Dismiss(t.Context(), IdPObject, func() error {
			cancel()
			return o.Ensure(ctx, IdPObject, func() bool { return true })
		})
		if !errors.Is(err, context.Canceled) || o.Keeps(IdPObject) {
			t.Errorf("a run that is stopped: %v", err)
		}
	})
}

// A deletion that waits for another mapping ends if the run keeps its mapping.
func TestDismissalIsOverWhereKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "billing-admin")
		srv.Enforce(true)
		done := make(chan error, 1)
		go func() { done <- o.RoleMappings.Dismiss(t.Context(), "owners") }()
		time.Sleep(patience - time.Second)
		wantCount(t, srv, getOrganization, 1) // which says that SSO is enforced
		if _, found, err := o.RoleMappings.Keep(t.Context(), "owners", func(cloud.RoleMapping) bool { return true }); !found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		synctest.Wait()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("it still waits")
		}
		wantMappings(t, srv, o, "owners", "staff")
	})
}

// Without any other mapping too, the removal of the last one waits for what takes
// its place, and for the end of the enforcement.
func TestOnlyAdminMappingWaits(t *testing.T) {
	t.Parallel()
	for name, relieve := range map[string]func(context.Context, *cloudtest.Server, *Organization) error{
		"another one comes": func(ctx context.Context, srv *cloudtest.Server, o *Organization) error {
			return o.RoleMappings.Add(ctx, mappingOf(t, srv, "admins", "organization-admin"))
		},
		"the enforcement ends": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error {
			return o.Enforcement.Dismiss(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, o := withIdP(t)
				addOwners(srv)
				srv.Enforce(true)
				start := time.Now()
				var group sync.WaitGroup
				group.Go(func() {
					if err := o.RoleMappings.Delete(t.Context(), "owners"); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(patience - time.Second)
				wantCount(t, srv, getOrganization, 1)
				if err := relieve(t.Context(), srv, o); err != nil {
					t.Error(err)
				}
				group.Wait()
				wantTook(t, "all of it", start, patience-time.Second)
			})
		})
	}
}
