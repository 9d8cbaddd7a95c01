// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// What this run made, changed or kept stays, and no other run's is that.
func TestEnsuredStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t)
		addOwners(srv)
		settings := client.Settings()
		if _, found, err := settings.KeepRoleMapping(t.Context(), "owners", func(RoleMapping) bool { return true }); !found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		if err := settings.AddRoleMapping(t.Context(), mappingOf(t, srv, "added", "billing-admin")); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"owners", "added"} {
			if err := settings.DismissRoleMapping(t.Context(), name); err != nil {
				t.Error(err)
			}
		}
		wantMappings(t, srv, client, "added", "owners")

		other := newClient(t, config(srv)).Settings()
		if _, found, err := other.KeepRoleMapping(t.Context(), "added", func(RoleMapping) bool { return false }); !found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		if err := other.DismissRoleMapping(t.Context(), "added"); err != nil { // as it is another one than wanted
			t.Error(err)
		}
		if got := srv.RoleMappings(); len(got) != 1 {
			t.Errorf("there are %+v", got)
		}
	})
}

func TestEnsuredDomainStays(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	client := newClient(t, config(srv))
	for _, ensured := range []bool{false, true} {
		srv.ClaimDomain("example.com")
		settings := newClient(t, config(srv)).Settings()
		if err := settings.Ensure(t.Context(), DomainSetting("Example.com"), func() bool { return ensured }); err != nil {
			t.Error(err)
		}
		if err := settings.DismissDomain(t.Context(), "example.com"); err != nil {
			t.Error(err)
		}
		if got := len(srv.Domains()) == 1; got != ensured {
			t.Errorf("it stays: %t, want %t", got, ensured)
		}
	}
	wantDomains(t, srv, client, "example.com")
}

// Who comes while a deletion is under way finds what it leaves.
func TestEnsureWaitsForDismissal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t)
		addOwners(srv)
		settings := client.Settings()
		under := make(chan struct{})
		srv.Before(deleteMapping, func() {
			close(under)
			time.Sleep(time.Minute - time.Second) // a call may take a minute
		})
		var group sync.WaitGroup
		group.Go(func() {
			if err := settings.DismissRoleMapping(t.Context(), "owners"); err != nil {
				t.Error(err)
			}
		})
		<-under
		if _, found, err := settings.KeepRoleMapping(t.Context(), "owners", func(RoleMapping) bool { return true }); found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		group.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		err := settings.Dismiss(t.Context(), IdPSetting, func() error {
			cancel()
			return settings.Ensure(ctx, IdPSetting, func() bool { return true })
		})
		if !errors.Is(err, context.Canceled) || settings.IsEnsured(IdPSetting) {
			t.Errorf("a run that is stopped: %v", err)
		}
	})
}

// A deletion that waits for another mapping is over where its own is kept.
func TestDismissalIsOverWhereKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "billing-admin")
		srv.Enforce(true)
		settings := client.Settings()
		done := make(chan error, 1)
		go func() { done <- settings.DismissRoleMapping(t.Context(), "owners") }()
		time.Sleep(patience - time.Second)
		wantCount(t, srv, getOrganization, 1) // which says that SSO is enforced
		if _, found, err := settings.KeepRoleMapping(t.Context(), "owners", func(RoleMapping) bool { return true }); !found || err != nil {
			t.Errorf("%t, %v", found, err)
		}
		synctest.Wait()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("it goes on waiting")
		}
		wantMappings(t, srv, client, "owners", "staff")
	})
}

// Without any other mapping too, the removal of the last one waits for what takes
// its place, and for the end of the enforcement.
func TestOnlyAdminMappingWaits(t *testing.T) {
	t.Parallel()
	for name, relieve := range map[string]func(context.Context, *cloudtest.Server, *Settings) error{
		"another one comes": func(ctx context.Context, srv *cloudtest.Server, s *Settings) error {
			return s.AddRoleMapping(ctx, mappingOf(t, srv, "admins", "organization-admin"))
		},
		"the enforcement ends": func(ctx context.Context, _ *cloudtest.Server, s *Settings) error { return s.EndEnforcement(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, client := withIdP(t)
				addOwners(srv)
				srv.Enforce(true)
				start := time.Now()
				var group sync.WaitGroup
				group.Go(func() {
					if err := client.Settings().DeleteRoleMapping(t.Context(), "owners"); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(patience - time.Second)
				wantCount(t, srv, getOrganization, 1)
				if err := relieve(t.Context(), srv, client.Settings()); err != nil {
					t.Error(err)
				}
				group.Wait()
				wantTook(t, "all of it", start, patience-time.Second)
			})
		})
	}
}
