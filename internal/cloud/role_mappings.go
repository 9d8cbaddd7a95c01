// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const roleMappingsRoute = "/organizations/{organization_id}/role_mappings"

// RoleMapping gives roles to people who sign in through SSO and match its rule.
type RoleMapping struct {
	// Name is unique in the organization.
	Name            string          `json:"name"`
	Enabled         bool            `json:"enabled"`
	Rule            RoleMappingRule `json:"rule"`
	RoleAssignments RoleAssignments `json:"role_assignments"`
}

// RoleMappingRule has either Any, of which one condition has to be met, or All. The
// service does not keep the order of conditions.
type RoleMappingRule struct {
	Any []RoleMappingCondition `json:"any,omitempty"`
	All []RoleMappingCondition `json:"all,omitempty"`
}

// Equal reports whether two rules match the same people. It ignores the order of
// conditions, and the case of e-mail patterns, which the service may return in lower
// case.
func (r RoleMappingRule) Equal(other RoleMappingRule) bool {
	folded := func(conditions []RoleMappingCondition) []RoleMappingCondition {
		sorted := slices.Clone(conditions)
		for i := range sorted {
			sorted[i].Email = Fold(sorted[i].Email)
		}
		slices.SortFunc(sorted, func(a, b RoleMappingCondition) int {
			return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Email, b.Email))
		})
		return slices.Compact(sorted)
	}
	return slices.Equal(folded(r.Any), folded(other.Any)) && slices.Equal(folded(r.All), folded(other.All))
}

// String writes the rule on one line, such as any of: email "*@example.com", group
// "owners".
func (r RoleMappingRule) String() string {
	conditions, word := r.Any, "any of: "
	if len(r.All) > 0 {
		conditions, word = r.All, "all of: "
	}
	var parts []string
	for _, c := range conditions {
		switch {
		case c.Group != "":
			parts = append(parts, fmt.Sprintf("group %q", c.Group))
		case c.Email != "":
			parts = append(parts, fmt.Sprintf("email %q", c.Email))
		}
	}
	if len(parts) == 0 {
		return "a rule that this version of the provider does not know"
	}
	slices.Sort(parts)
	return word + strings.Join(parts, ", ")
}

// RoleMappingCondition is a pattern for a group or for an e-mail address. In a pattern,
// * matches zero or more characters.
type RoleMappingCondition struct {
	Group string `json:"group,omitempty"`
	Email string `json:"email,omitempty"`
}

// GivesOrganizationAdmin reports whether the mapping is enabled and makes owners.
func (m RoleMapping) GivesOrganizationAdmin(organizationID string) bool {
	return m.Enabled && m.RoleAssignments.MakesOwner(organizationID)
}

// MayBe reports whether a mapping of a reply may be the wanted one, apart from its
// name. A reply may show an empty list of application roles like a missing one.
func (m RoleMapping) MayBe(wanted RoleMapping, organizationID string) bool {
	grants := wanted.RoleAssignments.Grants(organizationID)
	add, remove := DiffGrants(ShownAs(m.RoleAssignments.Grants(organizationID), grants), grants)
	return m.Enabled == wanted.Enabled && m.Rule.Equal(wanted.Rule) && len(add)+len(remove) == 0
}

// ListRoleMappings lists all role mappings (GET
// /organizations/{organization_id}/role_mappings). A missing list counts as empty,
// because the service may omit it if there are no mappings.
//
//api:operation listRoleMappings
func (c *Client) ListRoleMappings(ctx context.Context, organizationID string) ([]RoleMapping, error) {
	mappings, _, err := listAll[RoleMapping](ctx, c, roleMappingsRoute, "mappings", organizationID)
	if err != nil {
		return nil, err
	}
	return mappings, nil
}

// AddRoleMapping adds one role mapping (POST
// /organizations/{organization_id}/role_mappings). The call is not repeated if the
// first attempt may have been carried out.
//
//api:operation addRoleMappings
func (c *Client) AddRoleMapping(ctx context.Context, organizationID string, m RoleMapping) error {
	return c.do(ctx, request{
		method: http.MethodPost,
		route:  roleMappingsRoute,
		args:   [][]string{{organizationID}},
		once:   true,
		in:     map[string][]RoleMapping{"mappings": {m}},
	})
}

// UpdateRoleMapping replaces the role mapping with a name; m may rename it (PUT
// /organizations/{organization_id}/role_mappings/{role_name}). If it does not exist,
// the error has CodeRoleMappingNotFound. A rename is not repeated if the first attempt
// may have been carried out, because the old name would not exist then.
//
//api:operation updateRoleMapping
func (c *Client) UpdateRoleMapping(ctx context.Context, organizationID, name string, m RoleMapping) error {
	return c.do(ctx, request{
		method: http.MethodPut,
		route:  roleMappingsRoute + "/{role_name}",
		args:   [][]string{{organizationID}, {name}},
		once:   m.Name != name,
		in:     map[string]RoleMapping{"mapping": m},
	})
}

// DeleteRoleMapping deletes the role mapping with a name (DELETE
// /organizations/{organization_id}/role_mappings/{role_name}). If it does not exist,
// the error has CodeRoleMappingNotFound, even if the service only omits it from the
// list of deleted mappings. A name with a comma is refused, because the service would
// take it for the names of several mappings.
//
//api:operation deleteRoleMappings
func (c *Client) DeleteRoleMapping(ctx context.Context, organizationID, name string) error {
	var reply struct {
		Deleted []string `json:"mappings"`
	}
	r := request{
		method: http.MethodDelete,
		route:  roleMappingsRoute + "/{role_name}",
		args:   [][]string{{organizationID}, {name}},
		out:    &reply,
	}
	if strings.Contains(name, ",") {
		return &Error{Call: r.name(), Err: errors.New("a role mapping with a comma in its name cannot be deleted by its name")}
	}
	if err := c.do(ctx, r); err != nil {
		return err
	}
	if reply.Deleted != nil && !slices.Contains(reply.Deleted, name) {
		return &Error{Call: r.name(), Status: http.StatusNotFound, Sent: true,
			Failures: []Failure{{Code: CodeRoleMappingNotFound, Message: "the service deleted no role mapping of this name"}}}
	}
	return nil
}
