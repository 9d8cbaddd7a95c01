// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

const (
	addRoleAssignmentsRoute    = "POST /users/{user_id}/role_assignments"
	removeRoleAssignmentsRoute = "DELETE /users/{user_id}/role_assignments"
)

var roleAssignmentHandlers = map[string]handler{
	addRoleAssignmentsRoute:    (*Server).addRoleAssignments,
	removeRoleAssignmentsRoute: (*Server).removeRoleAssignments,
}

// Wire structs of the contract. Optional arrays are pointers, because a missing array
// and an empty one differ.
type (
	organizationAssignment struct {
		RoleID           string    `json:"role_id"`
		OrganizationID   string    `json:"organization_id"`
		ApplicationRoles *[]string `json:"application_roles,omitempty"`
	}
	deploymentAssignment struct {
		RoleID           string    `json:"role_id"`
		OrganizationID   string    `json:"organization_id"`
		All              *bool     `json:"all,omitempty"`
		DeploymentIDs    *[]string `json:"deployment_ids,omitempty"`
		ApplicationRoles *[]string `json:"application_roles,omitempty"`
	}
	projectAssignment struct {
		RoleID           string    `json:"role_id"`
		OrganizationID   string    `json:"organization_id"`
		All              *bool     `json:"all,omitempty"`
		ProjectIDs       *[]string `json:"project_ids,omitempty"`
		ApplicationRoles *[]string `json:"application_roles,omitempty"`
	}
	connectedAssignment struct {
		RoleID         string    `json:"role_id"`
		OrganizationID string    `json:"organization_id"`
		All            *bool     `json:"all,omitempty"`
		ResourceIDs    *[]string `json:"resource_ids,omitempty"`
	}
)

// assignment has the fields that the four have in common.
type assignment struct {
	roleID           string
	organizationID   string
	all              *bool
	ids              *[]string
	applicationRoles *[]string
}

func (s *Server) addRoleAssignments(c call) reply {
	return s.changeRoleAssignments(c, s.plus)
}

func (s *Server) removeRoleAssignments(c call) reply {
	return s.changeRoleAssignments(c, s.minus)
}

func (s *Server) changeRoleAssignments(c call, change func(holding, roleList) holding) reply {
	o, m := s.memberByID(c.params["user_id"])
	if o == nil {
		return fail(http.StatusBadRequest, "role_assignments.invalid_target_user_id",
			"%s is not a member of the organization", c.params["user_id"])
	}
	roles, err := decodeRoles(c.body, o.id)
	if err != nil {
		return failWith(err)
	}
	if err := s.untouchableIn(roles); err != nil {
		return failWith(err)
	}
	if err := s.needlessIn(roles, m, change); err != nil {
		return failWith(err)
	}
	m.holding = change(m.holding, roles)
	o.now.members[m.email] = m
	s.changed(o)
	return reply{status: http.StatusOK, body: struct{}{}}
}

// needlessIn refuses a grant that changes nothing, with StrictGrants.
func (s *Server) needlessIn(roles roleList, m member, change func(holding, roleList) holding) *apiError {
	if !s.strictGrants {
		return nil
	}
	for _, g := range roles.grants {
		if maps.Equal(change(m.holding, roleList{grants: []grant{g}}).grants, m.grants) {
			return invalidRoles("role_assignments", "%s changes nothing for user %s", g.role, m.userID)
		}
	}
	return nil
}

// scope is what a role may be given on: one resource, or with "*" all resources of a
// branch.
type scope struct{ branch, on string }

func (g grant) scope() scope { return scope{branchOf(g.role), g.on} }

// untouchableIn refuses roles on resources that the key may not touch.
func (s *Server) untouchableIn(roles roleList) *apiError {
	for _, g := range roles.grants {
		if s.untouchable[g.scope()] {
			return unauthorizedRoles()
		}
	}
	return nil
}

// untouchableInInvitation also refuses roles on all resources of a branch in which the
// key may not touch a resource.
func (s *Server) untouchableInInvitation(roles roleList) *apiError {
	for _, g := range roles.grants {
		for one := range s.untouchable {
			if g.on == "*" && one.branch == branchOf(g.role) {
				return unauthorizedRoles()
			}
		}
	}
	return s.untouchableIn(roles)
}

// unauthorizedRoles does not say which grant is the reason.
func unauthorizedRoles() *apiError {
	return &apiError{
		status:  http.StatusForbidden,
		code:    "role_assignments.unauthorized_role_assignments",
		message: "not allowed to assign these roles",
	}
}

// decodeRoles parses the role_assignments of a request, in the order of the branches'
// names. It decodes branches of the contract strictly, and keeps the others unchanged.
func decodeRoles(raw json.RawMessage, organizationID string) (roleList, *apiError) {
	roles := roleList{unknown: map[string]json.RawMessage{}}
	var branches map[string]json.RawMessage
	if err := json.Unmarshal(raw, &branches); err != nil {
		return roles, invalidRoles("role_assignments", "%v", err)
	}
	for _, branch := range slices.Sorted(maps.Keys(branches)) {
		raw := branches[branch]
		var err *apiError
		switch branch {
		case "organization", "deployment", connectedBranch:
			err = roles.addBranch(branch, branch, raw, organizationID)
		case "project":
			err = roles.addProjects(raw, organizationID)
		default:
			err = roles.addUnknown(branch, raw)
		}
		if err != nil {
			return roles, err
		}
	}
	return roles, nil
}

func (l *roleList) addProjects(raw json.RawMessage, organizationID string) *apiError {
	var types map[string]json.RawMessage
	if err := json.Unmarshal(raw, &types); err != nil {
		return invalidRoles("project", "%v", err)
	}
	for _, projectType := range slices.Sorted(maps.Keys(types)) {
		raw := types[projectType]
		field := "project." + projectType
		var err *apiError
		if slices.Contains(projectTypes, projectType) {
			err = l.addBranch(projectType, field, raw, organizationID)
		} else {
			err = l.addUnknown(field, raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addUnknown stores a branch unchanged. An empty one holds nothing.
func (l *roleList) addUnknown(branch string, raw json.RawMessage) *apiError {
	compact, err := compactJSON(raw)
	if err != nil {
		return invalidRoles(branch, "%v", err)
	}
	if text := string(compact); text != "[]" && text != "{}" && text != "null" {
		l.unknown[branch] = compact
	}
	return nil
}

// addBranch decodes one branch of the contract, and adds its grants.
func (l *roleList) addBranch(branch, field string, raw json.RawMessage, organizationID string) *apiError {
	assignments, err := decodeAssignments(branch, raw)
	if err != nil {
		return invalidRoles(field, "%v", err)
	}
	for i, a := range assignments {
		if problem := a.problem(branch, organizationID); problem != "" {
			return invalidRoles(fmt.Sprintf("%s[%d]", field, i), "%s", problem)
		}
		for _, on := range a.scopes(branch) {
			l.grants = append(l.grants, newGrant(a.roleID, on, deref(a.applicationRoles)))
		}
	}
	return nil
}

func decodeAssignments(branch string, raw json.RawMessage) ([]assignment, error) {
	var assignments []assignment
	switch branch {
	case "organization":
		var wire []organizationAssignment
		if err := decodeStrictly(raw, &wire); err != nil {
			return nil, err
		}
		for _, a := range wire {
			assignments = append(assignments, assignment{a.RoleID, a.OrganizationID, nil, nil, a.ApplicationRoles})
		}
	case "deployment":
		var wire []deploymentAssignment
		if err := decodeStrictly(raw, &wire); err != nil {
			return nil, err
		}
		for _, a := range wire {
			assignments = append(assignments, assignment{a.RoleID, a.OrganizationID, a.All, a.DeploymentIDs, a.ApplicationRoles})
		}
	case connectedBranch:
		var wire []connectedAssignment
		if err := decodeStrictly(raw, &wire); err != nil {
			return nil, err
		}
		for _, a := range wire {
			assignments = append(assignments, assignment{a.RoleID, a.OrganizationID, a.All, a.ResourceIDs, nil})
		}
	default:
		var wire []projectAssignment
		if err := decodeStrictly(raw, &wire); err != nil {
			return nil, err
		}
		for _, a := range wire {
			assignments = append(assignments, assignment{a.RoleID, a.OrganizationID, a.All, a.ProjectIDs, a.ApplicationRoles})
		}
	}
	return assignments, nil
}

// problem returns what is wrong with an assignment of a branch, or "".
func (a assignment) problem(branch, organizationID string) string {
	all := a.all != nil && *a.all
	name := a.roleID[strings.LastIndex(a.roleID, "-")+1:]
	switch {
	case a.roleID == "":
		return "role_id is missing"
	case a.organizationID != organizationID:
		return fmt.Sprintf("organization_id %q is another organization", a.organizationID)
	case branchOf(a.roleID) != branch || branch != "organization" && name == "":
		return fmt.Sprintf("role_id %q does not belong to %s", a.roleID, branch)
	case slices.Contains(deref(a.applicationRoles), ""):
		return "an application role is empty"
	case branch == "organization":
		return ""
	case all && a.ids != nil:
		return "all excludes IDs"
	case !all && len(deref(a.ids)) == 0:
		return "either all or IDs are required"
	case slices.Contains(deref(a.ids), "") || slices.Contains(deref(a.ids), "*"):
		return "an ID is invalid"
	}
	return ""
}

// scopes returns the scopes of a valid assignment.
func (a assignment) scopes(branch string) []string {
	switch {
	case branch == "organization":
		return []string{""}
	case a.ids == nil:
		return []string{"*"}
	default:
		return *a.ids
	}
}

func invalidRoles(field, format string, args ...any) *apiError {
	return &apiError{
		status:  http.StatusBadRequest,
		code:    "role_assignments.invalid_role_assignments",
		message: field + ": " + fmt.Sprintf(format, args...),
		fields:  []string{field},
	}
}

// decodeStrictly decodes JSON, and refuses fields that are not in the contract.
func decodeStrictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if decoder.More() {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}

func deref[T any](p *[]T) []T {
	if p == nil {
		return nil
	}
	return *p
}
