// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// partOf returns the part of a call that is done with Fault.Part: the first of the
// things that the call names.
//
//   - a DELETE with a list: its first entry
//   - an invitation: its first address; for one address, its first grant
//   - a request for roles: its first grant
//   - a list of role mappings: the first; for one mapping, its first grant; for one
//     grant, the first condition of its rule
//   - the IdP: its first certificate
//   - an organization: its first field by name
//
// The first grant is the first in the order of decodeRoles. partOf reports false if the
// call names only one thing, or nothing that the service accepts. Such a call is done
// as usual. If the service refuses the part alone, nothing is done. For example, it
// refuses a first role mapping that does not give organization-admin.
func (s *Server) partOf(c call) (call, bool) {
	o := s.organization(c)
	if userID, named := c.params["user_id"]; named {
		o, _ = s.memberByID(userID)
	}
	if o == nil {
		return c, false
	}
	part, ok := c, false
	switch c.route {
	case deleteMembersRoute:
		part.params, ok = firstEntry(c.params, "user_ids")
	case deleteInvitationsRoute:
		part.params, ok = firstEntry(c.params, "invitation_tokens")
	case deleteRoleMappingsRoute:
		part.params, ok = firstEntry(c.params, "role_name")
	case createInvitationsRoute:
		part.body, ok = rewrite(c.body, func(r *invitationRequest) bool {
			return onlyFirst(&r.Emails) || firstGrant(&r.RoleAssignments, o.id)
		})
	case addRoleAssignmentsRoute, removeRoleAssignmentsRoute:
		part.body, ok = rewrite(c.body, func(r *json.RawMessage) bool { return firstGrant(r, o.id) })
	case addRoleMappingsRoute, replaceRoleMappingsRoute:
		part.body, ok = rewrite(c.body, func(r *roleMappingsRequest) bool {
			return onlyFirst(&r.Mappings) || len(r.Mappings) == 1 && r.Mappings[0].part(o.id)
		})
	case updateRoleMappingRoute:
		part.body, ok = rewrite(c.body, func(r *roleMappingUpdate) bool { return r.Mapping.part(o.id) })
	case putIdPRoute:
		part.body, ok = rewrite(c.body, func(r *idpConfigurationWire) bool { return onlyFirst(&r.SAML.PublicCertificate) })
	case putOrganizationRoute:
		part.body, ok = rewrite(c.body, func(r *map[string]json.RawMessage) bool {
			fields := slices.Sorted(maps.Keys(*r))
			maps.DeleteFunc(*r, func(field string, _ json.RawMessage) bool { return field != fields[0] })
			return len(fields) > 1
		})
	}
	return part, ok
}

// firstEntry keeps only the first entry of a list in the path.
func firstEntry(params map[string]string, list string) (map[string]string, bool) {
	first, _, more := strings.Cut(params[list], ",")
	params = maps.Clone(params)
	params[list] = first
	return params, more
}

// rewrite changes a body, and returns what change reports.
func rewrite[T any](body []byte, change func(*T) bool) ([]byte, bool) {
	var request T
	if decodeStrictly(body, &request) != nil || !change(&request) {
		return nil, false
	}
	return marshal(request), true
}

// onlyFirst keeps only the first item of a list, and reports whether there were more.
func onlyFirst[T any](list *[]T) bool {
	if list == nil || len(*list) < 2 {
		return false
	}
	*list = (*list)[:1]
	return true
}

// part keeps only the first grant of a mapping or, if it has only one, the first
// condition.
func (r *roleMappingRequest) part(organizationID string) bool {
	return firstGrant(&r.RoleAssignments, organizationID) || onlyFirst(r.Rule.Any) || onlyFirst(r.Rule.All)
}

// firstGrant keeps only the first grant of role_assignments, if they have more.
func firstGrant(raw *json.RawMessage, organizationID string) bool {
	roles, err := decodeRoles(*raw, organizationID)
	if err != nil || len(roles.grants) == 0 || len(roles.grants)+len(roles.unknown) == 1 {
		return false
	}
	first := holding{grants: map[grant]bool{roles.grants[0]: true}}
	*raw = marshal(writer{plain: true}.roles(first, organizationID))
	return true
}
