// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// rank returns the position of a lock in the order of doc.go.
func rank(object Object) int {
	switch object {
	case ownersLock, ownersMappingLock:
		return 2
	case changesLock:
		return 3
	}
	return 1
}

// In every operation, an object is locked first, then one of the two locks of guards,
// and then the lock around a change. Only a mapping that changes its name has two
// objects, which are locked in the order of their names.
func TestOrderOfLocks(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(context.Context, *cloudtest.Server, *Organization) error{
		"a member is demoted": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error {
			_, _, err := o.People.Ensure(ctx, Wanted{Email: "a@example.com"})
			return err
		},
		"an owner is removed": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error {
			return o.People.Dismiss(ctx, "a@example.com", false)
		},
		"a grant is taken": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error {
			return o.People.Unassign(ctx, "a@example.com", cloud.Grant{Role: cloud.RoleOrganizationAdmin})
		},
		"an invitation is sent again": func(ctx context.Context, srv *cloudtest.Server, o *Organization) error {
			srv.AddInvitation(alice)
			_, _, err := o.People.Ensure(ctx, Wanted{Email: alice, KeepGrants: true, Anew: true})
			return err
		},
		"a domain goes": func(ctx context.Context, srv *cloudtest.Server, o *Organization) error {
			srv.RemoveIdP()
			return o.Domains.Dismiss(ctx, "example.com")
		},
		"a mapping gets another name": func(ctx context.Context, srv *cloudtest.Server, o *Organization) error {
			return o.RoleMappings.Update(ctx, "owners", cloud.RoleMapping{Name: "a", Enabled: true,
				Rule:            cloud.RoleMappingRule{Any: []cloud.RoleMappingCondition{{Group: "x"}}},
				RoleAssignments: cloud.NewRoleAssignments(srv.OrganizationID, []cloud.Grant{{Role: "billing-admin"}})})
		},
		"a mapping goes": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error {
			return o.RoleMappings.Dismiss(ctx, "owners")
		},
		"SSO is enforced": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error { return o.Enforcement.Begin(ctx) },
		"the enforcement ends": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error {
			return o.Enforcement.Dismiss(ctx)
		},
		"the IdP goes": func(ctx context.Context, _ *cloudtest.Server, o *Organization) error { return o.IdP.Dismiss(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, o := withIdP(t)
				srv.ClaimDomain("example.com")
				srv.AddMember("a@example.com", "organization-admin")
				srv.AddMember("b@example.com", "organization-admin")
				addOwners(srv)
				srv.AddRoleMapping("others", true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
				var held []Object
				locked := false
				o.locks.watch = func(object Object, taken bool) {
					if !taken {
						held = slices.DeleteFunc(held, func(other Object) bool { return other == object })
						return
					}
					locked = true
					for _, other := range held {
						if rank(other) > rank(object) || rank(other) == rank(object) && (other.kind != roleMappingKind || other.name >= object.name) {
							t.Errorf("%v is locked by who holds %v", object, other)
						}
					}
					held = append(held, object)
				}
				if err := do(t.Context(), srv, o); err != nil {
					t.Error(err)
				}
				if len(held) > 0 || !locked {
					t.Errorf("locked: %t, and still held: %v", locked, held)
				}
			})
		})
	}
}
