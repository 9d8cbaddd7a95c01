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

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func TestLastAdminMapping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "billing-admin")
		srv.Enforce(true)

		disabled := mappingOf(t, srv, "owners", "organization-admin")
		disabled.Enabled = false
		for name, write := range map[string]func() error{
			"deleted":  func() error { return o.RoleMappings.Delete(t.Context(), "owners") },
			"disabled": func() error { return o.RoleMappings.Update(t.Context(), "owners", disabled) },
			"other roles": func() error {
				return o.RoleMappings.Update(t.Context(), "owners", mappingOf(t, srv, "owners", "billing-admin"))
			},
		} {
			var last *LastAdminMappingError
			start := time.Now()
			if err := write(); !errors.As(err, &last) || last.Name != "owners" || !strings.Contains(err.Error(), `"owners" is the last`) {
				t.Errorf("%s: %v", name, err)
			}
			wantTook(t, name, start, patience)
		}
		if writes := srv.Writes(); len(writes) > 0 {
			t.Errorf("sent %v", routes(writes))
		}
		if err := o.RoleMappings.Update(t.Context(), "owners", mappingOf(t, srv, "owners", "organization-admin", "billing-admin")); err != nil {
			t.Errorf("one that keeps giving it: %v", err)
		}
		srv.AddRoleMapping("root", true, cloudtest.AnyOf(cloudtest.Group("root")), "organization-admin") // behind the view's back
		if err := o.RoleMappings.Delete(t.Context(), "owners"); err != nil {
			t.Errorf("another one gives it: %v", err)
		}
		srv.Enforce(false)
		for _, name := range []string{"staff", "root"} {
			if err := o.RoleMappings.Delete(t.Context(), name); err != nil {
				t.Errorf("SSO is not enforced: %v", err)
			}
		}
		wantMappings(t, srv, o)
	})
}

// If it is unknown whether SSO is enforced, the service's own refusal counts.
func TestLastAdminMappingUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t, cloudtest.OmitEnforcement())
		addOwners(srv)
		srv.Enforce(true)
		if err := o.RoleMappings.Delete(t.Context(), "owners"); !cloud.HasStatus(err, 400) {
			t.Errorf("got %v", err)
		}
		srv.Enforce(false)
		if err := o.RoleMappings.Delete(t.Context(), "owners"); err != nil {
			t.Error(err)
		}
	})
}

// Two that go at the same time cannot each count on the other.
func TestLastAdminMappingsTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		names := []string{"one", "two"}
		for _, name := range names {
			srv.AddRoleMapping(name, true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
		}
		srv.Enforce(true)
		errs := make([]error, len(names))
		var group sync.WaitGroup
		for i, name := range names {
			group.Go(func() { errs[i] = o.RoleMappings.Delete(t.Context(), name) })
		}
		group.Wait()
		var last *LastAdminMappingError
		refused := slices.IndexFunc(errs, func(err error) bool { return err != nil })
		if refused < 0 || !errors.As(errs[refused], &last) || errs[1-refused] != nil {
			t.Errorf("got %v", errs)
		}
		wantMappings(t, srv, o, names[refused])
	})
}

// What gives organization-admin in the place of the last one may be on the way.
func TestLastAdminMappingIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		addOwners(srv)
		srv.AddRoleMapping("staff", true, cloudtest.AnyOf(cloudtest.Group("staff")), "billing-admin")
		srv.Enforce(true)
		start := time.Now()
		var group sync.WaitGroup
		group.Go(func() {
			if err := o.RoleMappings.Delete(t.Context(), "owners"); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(patience - time.Second)
		wantCount(t, srv, getOrganization, 1) // which says that SSO is enforced
		if err := o.RoleMappings.Add(t.Context(), mappingOf(t, srv, "admins", "organization-admin")); err != nil {
			t.Error(err)
		}
		group.Wait()
		wantTook(t, "the deletion", start, patience-time.Second)
		wantMappings(t, srv, o, "admins", "staff")
	})
}
