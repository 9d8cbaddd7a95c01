// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// RoleAssignments is what a person holds, grouped as the service returned it. It keeps
// the parts that this client does not know, such as other scopes and fields, and writes
// them back. The zero value holds nothing.
type RoleAssignments struct {
	assignments     []assignment
	unknown         map[string]json.RawMessage // branches other than organization, deployment, project and cloud_connected_resource
	unknownProjects map[string]json.RawMessage // project types
}

// assignment is one element of a known branch.
type assignment struct {
	// kind is deployment, a project type, cloud-connected, or empty for the
	// organization.
	kind             string
	roleID           string
	organizationID   string
	all              bool
	ids              []string
	applicationRoles []string                   // nil if there is no list, which differs from an empty one
	unknown          map[string]json.RawMessage // fields
}

// connectedBranch is the service's name for the roles of kindConnected.
const connectedBranch = "cloud_connected_resource"

// NewRoleAssignments groups grants for a request. Grants that differ only in their
// resource become one assignment.
func NewRoleAssignments(organizationID string, grants []Grant) RoleAssignments {
	var r RoleAssignments
	groups := map[Grant]int{} // by the grant without its resource
	for _, g := range Without(grants, nil) {
		group := g
		group.Resource = ""
		at, found := groups[group]
		if g.Resource == "" || g.Resource == AllResources || !found {
			a := assignment{kind: g.Kind(), roleID: g.Role, organizationID: organizationID, applicationRoles: g.ApplicationRoleList()}
			switch g.Resource {
			case "":
			case AllResources:
				a.all = true
			default:
				groups[group] = len(r.assignments)
				a.ids = []string{g.Resource}
			}
			r.assignments = append(r.assignments, a)
			continue
		}
		r.assignments[at].ids = append(r.assignments[at].ids, g.Resource)
	}
	return r
}

// Grants returns the grants in one organization, sorted and without duplicates. It
// omits what cannot be written as a grant string; see BeyondGrants.
func (r RoleAssignments) Grants(organizationID string) []Grant {
	var grants []Grant
	for _, a := range r.assignments {
		grants = append(grants, a.grants(organizationID)...)
	}
	return Without(grants, nil)
}

func (a assignment) grants(organizationID string) []Grant {
	if a.organizationID != "" && a.organizationID != organizationID {
		return nil
	}
	if slices.Contains(a.applicationRoles, "") {
		return nil // a role without a name is not the same as a missing list of roles
	}
	var resources []string
	switch {
	case a.kind == "":
		resources = []string{""}
	case a.all:
		resources = []string{AllResources}
	default:
		resources = a.ids
	}
	var grants []Grant
	for _, resource := range resources {
		g := NewGrant(a.roleID, resource, a.applicationRoles)
		if parsed, err := ParseGrant(g.String()); err == nil && parsed == g && g.Kind() == a.kind {
			grants = append(grants, g)
		}
	}
	return grants
}

// Change returns the assignments with some grants added and others removed. Everything
// else in them stays unchanged.
func (r RoleAssignments) Change(organizationID string, add, remove []Grant) RoleAssignments {
	changed := RoleAssignments{unknown: r.unknown, unknownProjects: r.unknownProjects}
	for _, a := range r.assignments {
		held := a.grants(organizationID)
		kept := Without(held, remove)
		switch {
		case len(kept) == len(Without(held, nil)) && !a.isEmpty():
			changed.assignments = append(changed.assignments, a)
		case len(kept) > 0:
			a.ids = slices.DeleteFunc(slices.Clone(a.ids), func(id string) bool {
				return slices.Contains(remove, NewGrant(a.roleID, id, a.applicationRoles))
			})
			changed.assignments = append(changed.assignments, a)
		}
	}
	fresh := NewRoleAssignments(organizationID, Without(add, changed.Grants(organizationID)))
	changed.assignments = append(changed.assignments, fresh.assignments...)
	return changed
}

// BeyondGrants returns the assignments that cannot be written as grants, in the form in
// which they can be sent.
func (r RoleAssignments) BeyondGrants(organizationID string) RoleAssignments {
	beyond := RoleAssignments{unknown: r.unknown, unknownProjects: r.unknownProjects}
	for _, a := range r.assignments {
		if len(a.unknown) > 0 || len(a.grants(organizationID)) == 0 && !a.isEmpty() {
			beyond.assignments = append(beyond.assignments, a)
		}
	}
	return beyond
}

// isEmpty reports whether an assignment on resources names no resource, in any form
// that this client knows. The service returns such assignments, but does not accept
// them.
func (a assignment) isEmpty() bool {
	return a.kind != "" && !a.all && len(a.ids) == 0 && len(a.unknown) == 0
}

// MakesOwner reports whether organization-admin is among the assignments. It does not
// build all grants, because it is called for every member.
func (r RoleAssignments) MakesOwner(organizationID string) bool {
	return slices.ContainsFunc(r.assignments, func(a assignment) bool {
		return a.roleID == RoleOrganizationAdmin && len(a.grants(organizationID)) > 0
	})
}

// String returns the service's JSON, for a message.
func (r RoleAssignments) String() string { return printableJSON(r) }

// IsZero reports whether nothing is held. With it, encoding/json omits an empty field.
func (r RoleAssignments) IsZero() bool {
	return len(r.assignments) == 0 && len(r.unknown) == 0 && len(r.unknownProjects) == 0
}

// UnmarshalJSON reads the service's RoleAssignments.
func (r *RoleAssignments) UnmarshalJSON(data []byte) error {
	*r = RoleAssignments{}
	var branches map[string]json.RawMessage
	if err := json.Unmarshal(data, &branches); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(branches)) {
		switch name {
		case "organization":
			if err := r.unmarshalBranch("", name, branches[name]); err != nil {
				return err
			}
		case kindDeployment:
			if err := r.unmarshalBranch(name, name, branches[name]); err != nil {
				return err
			}
		case connectedBranch:
			if err := r.unmarshalBranch(kindConnected, name, branches[name]); err != nil {
				return err
			}
		case "project":
			var projects map[string]json.RawMessage
			if err := json.Unmarshal(branches[name], &projects); err != nil {
				return fmt.Errorf("role_assignments.project: %w", err)
			}
			for _, kind := range slices.Sorted(maps.Keys(projects)) {
				if !slices.Contains(projectTypes, kind) {
					r.unknownProjects = keep(r.unknownProjects, kind, projects[kind])
				} else if err := r.unmarshalBranch(kind, "project."+kind, projects[kind]); err != nil {
					return err
				}
			}
		default:
			r.unknown = keep(r.unknown, name, branches[name])
		}
	}
	return nil
}

func (r *RoleAssignments) unmarshalBranch(kind, name string, data json.RawMessage) error {
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal(data, &elements); err != nil {
		return fmt.Errorf("role_assignments.%s: %w", name, err)
	}
	for _, fields := range elements {
		a := assignment{kind: kind}
		known := map[string]any{
			"role_id": &a.roleID, "organization_id": &a.organizationID, "application_roles": &a.applicationRoles,
		}
		if kind != "" { // on the organization, a scope would be something unknown
			known["all"], known[a.idsField()] = &a.all, &a.ids
		}
		for field, value := range fields {
			target, ok := known[field]
			if !ok {
				a.unknown = keep(a.unknown, field, value)
			} else if err := json.Unmarshal(value, target); err != nil {
				return fmt.Errorf("role_assignments.%s.%s: %w", name, field, err)
			}
		}
		r.assignments = append(r.assignments, a)
	}
	return nil
}

// idsField returns the name of the field with the resource IDs.
func (a assignment) idsField() string {
	switch a.kind {
	case kindDeployment:
		return "deployment_ids"
	case kindConnected:
		return "resource_ids"
	}
	return "project_ids"
}

// keep adds a value to the unknown fields, unless it is empty.
func keep(unknown map[string]json.RawMessage, name string, value json.RawMessage) map[string]json.RawMessage {
	switch string(value) {
	case "null", "[]", "{}":
		return unknown
	}
	if unknown == nil {
		unknown = map[string]json.RawMessage{}
	}
	unknown[name] = value
	return unknown
}

// MarshalJSON writes the service's RoleAssignments.
func (r RoleAssignments) MarshalJSON() ([]byte, error) {
	branches := map[string]any{}
	for name, value := range r.unknown {
		branches[name] = value
	}
	projects := map[string]any{}
	for name, value := range r.unknownProjects {
		projects[name] = value
	}
	elements := map[string][]any{}
	for _, a := range r.assignments {
		elements[a.kind] = append(elements[a.kind], a.fields())
	}
	for kind, list := range elements {
		switch kind {
		case "":
			branches["organization"] = list
		case kindDeployment:
			branches[kind] = list
		case kindConnected:
			branches[connectedBranch] = list
		default:
			projects[kind] = list
		}
	}
	if len(projects) > 0 {
		branches["project"] = projects
	}
	return json.Marshal(branches)
}

func (a assignment) fields() map[string]any {
	fields := map[string]any{"role_id": a.roleID, "organization_id": a.organizationID}
	for name, value := range a.unknown {
		fields[name] = value
	}
	switch {
	case a.kind == "":
	case a.all:
		fields["all"] = true
	case len(a.ids) > 0:
		fields[a.idsField()] = a.ids
	}
	if a.applicationRoles != nil {
		fields["application_roles"] = a.applicationRoles
	}
	return fields
}

// AddRoleAssignments grants roles to a member and keeps the others (POST
// /users/{user_id}/role_assignments). A role that the member already holds is not an
// error.
//
//api:operation addRoleAssignments
func (c *Client) AddRoleAssignments(ctx context.Context, userID string, r RoleAssignments) error {
	return c.do(ctx, request{
		method: http.MethodPost,
		route:  "/users/{user_id}/role_assignments",
		args:   [][]string{{userID}},
		in:     r,
	})
}

// RemoveRoleAssignments revokes roles of a member (DELETE
// /users/{user_id}/role_assignments). A role that the member does not hold is not an
// error.
//
//api:operation removeRoleAssignments
func (c *Client) RemoveRoleAssignments(ctx context.Context, userID string, r RoleAssignments) error {
	return c.do(ctx, request{
		method: http.MethodDelete,
		route:  "/users/{user_id}/role_assignments",
		args:   [][]string{{userID}},
		in:     r,
	})
}
