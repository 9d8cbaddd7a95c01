// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func TestRuleEqual(t *testing.T) {
	t.Parallel()
	group, email := func(s string) RoleMappingCondition { return RoleMappingCondition{Group: s} }, func(s string) RoleMappingCondition { return RoleMappingCondition{Email: s} }
	anyOf := func(conditions ...RoleMappingCondition) RoleMappingRule { return RoleMappingRule{Any: conditions} }
	for _, test := range []struct {
		a, b RoleMappingRule
		want bool
	}{
		{anyOf(group("a"), email("*@Example.com")), anyOf(email("*@example.COM"), group("a")), true},
		{anyOf(email("A@example.com"), email("a@example.com")), anyOf(email("a@example.com")), true},
		{anyOf(group("a")), anyOf(group("A")), false}, // groups are the IdP's
		{anyOf(group("a")), RoleMappingRule{All: []RoleMappingCondition{group("a")}}, false},
		{anyOf(group("a")), anyOf(group("a"), group("b")), false},
		{anyOf(group("a")), anyOf(email("a")), false},
		{anyOf(), RoleMappingRule{All: []RoleMappingCondition{}}, true},
	} {
		if got := test.a.Equal(test.b); got != test.want || test.b.Equal(test.a) != got {
			t.Errorf("%v and %v: %t", test.a, test.b, got)
		}
	}
}

// A rule that the service returns in lower case is the one that was sent.
func TestRuleInLowerCase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t, cloudtest.LowerPatterns())
		m := RoleMapping{Name: "owners", Enabled: true, RoleAssignments: NewRoleAssignments(srv.OrganizationID, []Grant{{Role: RoleOrganizationAdmin}}),
			Rule: RoleMappingRule{All: []RoleMappingCondition{{Email: "*@Example.com"}, {Group: "Owners"}}}}
		if err := client.AddRoleMapping(t.Context(), srv.OrganizationID, m); err != nil {
			t.Fatal(err)
		}
		if mappings, err := client.ListRoleMappings(t.Context(), srv.OrganizationID); err != nil || len(mappings) != 1 || !mappings[0].Rule.Equal(m.Rule) {
			t.Errorf("got %+v, %v", mappings, err)
		}
	})
}
