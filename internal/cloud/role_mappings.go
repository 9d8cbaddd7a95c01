// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
)

const roleMappingsRoute = "/organizations/{organization_id}/role_mappings"

// RoleMapping gives roles to those who sign in through SSO and whom its rule
// is for.
type RoleMapping struct {
	// Name is unique in the organization.
	Name            string          `json:"name"`
	Enabled         bool            `json:"enabled"`
	Rule            RoleMappingRule `json:"rule"`
	RoleAssignments RoleAssignments `json:"role_assignments"`
}

// RoleMappingRule has either Any, of which one condition has to be met, or
// All. The service does not keep the order of conditions.
type RoleMappingRule struct {
	Any []RoleMappingCondition `json:"any,omitempty"`
	All []RoleMappingCondition `json:"all,omitempty"`
}

// RoleMappingCondition is a pattern of a group or, if not, of an e-mail
// address; * matches zero or more characters.
type RoleMappingCondition struct {
	Group string `json:"group,omitempty"`
	Email string `json:"email,omitempty"`
}

// GivesOrganizationAdmin tells that the mapping is enabled and makes owners.
func (m RoleMapping) GivesOrganizationAdmin(organizationID string) bool {
	return m.Enabled && slices.ContainsFunc(m.RoleAssignments.Grants(organizationID), func(g Grant) bool {
		return g.Role == RoleOrganizationAdmin
	})
}

// RoleMappings lists every role mapping
// (GET /organizations/{organization_id}/role_mappings).
func (c *Client) RoleMappings(ctx context.Context) ([]RoleMapping, error) {
	var reply struct {
		Mappings []RoleMapping `json:"mappings"`
	}
	r := request{method: http.MethodGet, route: roleMappingsRoute, out: &reply}
	if err := c.doInOrganization(ctx, r); err != nil {
		return nil, err
	}
	if reply.Mappings == nil {
		return nil, r.unpromised("it has no list of role mappings")
	}
	return reply.Mappings, nil
}

// AddRoleMapping adds one role mapping
// (POST /organizations/{organization_id}/role_mappings). It is not repeated
// where the first try may have gone through.
func (c *Client) AddRoleMapping(ctx context.Context, m RoleMapping) error {
	return c.doInOrganization(ctx, request{
		method: http.MethodPost,
		route:  roleMappingsRoute,
		once:   true,
		in:     map[string][]RoleMapping{"mappings": {m}},
	})
}

// UpdateRoleMapping replaces the role mapping of a name, which m may rename
// (PUT /organizations/{organization_id}/role_mappings/{role_name}). One that is
// not there fails with CodeRoleMappingNotFound.
func (c *Client) UpdateRoleMapping(ctx context.Context, name string, m RoleMapping) error {
	return c.doInOrganization(ctx, request{
		method: http.MethodPut,
		route:  roleMappingsRoute + "/{role_name}",
		args:   [][]string{{name}},
		in:     map[string]RoleMapping{"mapping": m},
	})
}

// DeleteRoleMapping deletes the role mapping of a name
// (DELETE /organizations/{organization_id}/role_mappings/{role_name}). One that
// is not there fails with CodeRoleMappingNotFound. A name with a comma in it is
// refused: to the service it would be the names of several other mappings. See
// Settings.DeleteRoleMapping.
func (c *Client) DeleteRoleMapping(ctx context.Context, name string) error {
	r := request{
		method: http.MethodDelete,
		route:  roleMappingsRoute + "/{role_name}",
		args:   [][]string{{name}},
	}
	if strings.Contains(name, ",") {
		return &Error{Call: r.name(), Err: errors.New("a role mapping with a comma in its name cannot be deleted by its name")}
	}
	return c.doInOrganization(ctx, r)
}
