// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

const (
	listRoleMappingsRoute      = "GET /organizations/{organization_id}/role_mappings"
	addRoleMappingsRoute       = "POST /organizations/{organization_id}/role_mappings"
	replaceRoleMappingsRoute   = "PUT /organizations/{organization_id}/role_mappings"
	deleteAllRoleMappingsRoute = "DELETE /organizations/{organization_id}/role_mappings"
	updateRoleMappingRoute     = "PUT /organizations/{organization_id}/role_mappings/{role_name}"
	deleteRoleMappingsRoute    = "DELETE /organizations/{organization_id}/role_mappings/{role_name}"
)

var roleMappingHandlers = map[string]handler{
	listRoleMappingsRoute:      (*Server).listRoleMappings,
	addRoleMappingsRoute:       (*Server).addRoleMappings,
	replaceRoleMappingsRoute:   (*Server).replaceRoleMappings,
	deleteAllRoleMappingsRoute: (*Server).deleteAllRoleMappings,
	updateRoleMappingRoute:     (*Server).updateRoleMapping,
	deleteRoleMappingsRoute:    (*Server).deleteRoleMappings,
}

// maxRoleMappings is a guess: the documentation says that there is a limit, but not
// which.
const maxRoleMappings = 500

type roleMapping struct {
	holding
	name    string
	enabled bool
	rule    Rule
	number  int // order of creation
}

type (
	roleMappingWire struct {
		Name            string         `json:"name"`
		Enabled         bool           `json:"enabled"`
		Rule            ruleWire       `json:"rule"`
		RoleAssignments map[string]any `json:"role_assignments"`
	}
	roleMappingRequest struct {
		Name            string          `json:"name"`
		Enabled         bool            `json:"enabled"`
		Rule            ruleWire        `json:"rule"`
		RoleAssignments json.RawMessage `json:"role_assignments"`
	}
	roleMappingsRequest struct {
		Mappings []roleMappingRequest `json:"mappings"`
	}
	roleMappingUpdate struct {
		Mapping roleMappingRequest `json:"mapping"`
	}
	ruleWire struct {
		Any *[]conditionWire `json:"any,omitempty"`
		All *[]conditionWire `json:"all,omitempty"`
	}
	conditionWire struct {
		Group *string `json:"group,omitempty"`
		Email *string `json:"email,omitempty"`
	}
)

// mappingCode returns a code for role mappings.
func mappingCode(code string) string { return "org.role_mapping_rule." + code }

func (s *Server) listRoleMappings(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	shown, _ := s.view(o)
	mappings := []roleMappingWire{}
	for _, m := range shown.mappingsInOrder() {
		roles := s.writer.roles(m.holding, o.id)
		if roles == nil {
			roles = map[string]any{} // a mapping always has the field
		}
		mappings = append(mappings, roleMappingWire{m.name, m.enabled, s.writer.rule(m.rule), roles})
	}
	return listReply(s, c, "mappings", mappings)
}

func (s state) mappingsInOrder() []roleMapping {
	return slices.SortedFunc(maps.Values(s.roleMappings), func(a, b roleMapping) int { return a.number - b.number })
}

// addRoleMappings adds all mappings of a request, or none.
func (s *Server) addRoleMappings(c call) reply {
	return s.writeRoleMappings(c, http.StatusCreated, func(o *organization) map[string]roleMapping {
		return maps.Clone(o.now.roleMappings)
	})
}

func (s *Server) replaceRoleMappings(c call) reply {
	return s.writeRoleMappings(c, http.StatusOK, func(*organization) map[string]roleMapping {
		return map[string]roleMapping{}
	})
}

// writeRoleMappings adds the mappings of a request to the ones that keep returns.
func (s *Server) writeRoleMappings(c call, status int, keep func(*organization) map[string]roleMapping) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	var request roleMappingsRequest
	if c.concurrent {
		return concurrentChange(o)
	}
	if err := decodeStrictly(c.body, &request); err != nil {
		return fail(http.StatusBadRequest, "root.invalid_request", "%v", err)
	}
	mappings := keep(o)
	for _, wire := range request.Mappings {
		m, err := s.decodeRoleMapping(o, wire)
		if err != nil {
			return failWith(err)
		}
		if _, taken := mappings[m.name]; taken {
			return roleMappingExists(m.name)
		}
		s.counter++
		m.number = s.counter
		mappings[m.name] = m
	}
	return s.setRoleMappings(o, mappings, reply{status: status, body: struct{}{}})
}

// updateRoleMapping replaces one mapping. The new one may have another name.
func (s *Server) updateRoleMapping(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	var request roleMappingUpdate
	if c.concurrent {
		return concurrentChange(o)
	}
	if err := decodeStrictly(c.body, &request); err != nil {
		return fail(http.StatusBadRequest, "root.invalid_request", "%v", err)
	}
	old, ok := o.now.roleMappings[c.params["role_name"]]
	if !ok {
		return roleMappingNotFound(c.params["role_name"])
	}
	m, err := s.decodeRoleMapping(o, request.Mapping)
	if err != nil {
		return failWith(err)
	}
	mappings := maps.Clone(o.now.roleMappings)
	delete(mappings, old.name)
	if _, taken := mappings[m.name]; taken {
		return roleMappingExists(m.name)
	}
	m.number = old.number
	mappings[m.name] = m
	return s.setRoleMappings(o, mappings, reply{status: http.StatusOK, body: struct{}{}})
}

// deleteRoleMappings splits the names at every comma, even inside a name.
func (s *Server) deleteRoleMappings(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	if c.concurrent {
		return concurrentChange(o)
	}
	return s.deleteList(c.params["role_name"], mappingCode("role_mapping_not_found"), func(names []string) reply {
		mappings := maps.Clone(o.now.roleMappings)
		deleted := []string{}
		for _, name := range names {
			if _, ok := mappings[name]; ok {
				deleted = append(deleted, name)
			} else if s.refuseUnknownMappings {
				return roleMappingNotFound(name)
			}
			delete(mappings, name)
		}
		done := reply{status: http.StatusOK, body: map[string]any{"mappings": deleted}}
		if len(deleted) == 0 {
			return done
		}
		return s.setRoleMappings(o, mappings, done)
	})
}

func (s *Server) deleteAllRoleMappings(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	if c.concurrent {
		return concurrentChange(o)
	}
	return s.setRoleMappings(o, map[string]roleMapping{}, reply{status: http.StatusOK, body: struct{}{}})
}

func roleMappingNotFound(name string) reply {
	return fail(http.StatusNotFound, mappingCode("role_mapping_not_found"), "there is no role mapping %q", name)
}

func roleMappingExists(name string) reply {
	return fail(http.StatusBadRequest, mappingCode("role_mapping_already_exists"), "there is a role mapping %q already", name)
}

// setRoleMappings checks the rules for all mappings together. The first one needs an
// IdP through which people can sign in.
func (s *Server) setRoleMappings(o *organization, mappings map[string]roleMapping, done reply) reply {
	if len(mappings) > maxRoleMappings {
		return fail(http.StatusBadRequest, mappingCode("too_many_role_mappings"), "more than %d role mappings", maxRoleMappings)
	}
	if len(o.now.roleMappings) == 0 && len(mappings) > 0 && (o.identity == nil || !o.identity.Enabled) {
		return fail(http.StatusBadRequest, "org.idp.idp_not_configured", "configure and enable a SAML IdP before you add a role mapping")
	}
	givesAdmin := false
	for _, m := range mappings {
		givesAdmin = givesAdmin || m.enabled && m.grants[grant{role: "organization-admin"}]
	}
	if !givesAdmin && (len(mappings) > 0 || o.enforcingSSO) {
		return fail(http.StatusBadRequest, "org.role_mapping.no_organization_admin",
			"an enabled role mapping has to give organization-admin")
	}
	o.now.roleMappings = mappings
	s.changed(o)
	return done
}

func (s *Server) decodeRoleMapping(o *organization, wire roleMappingRequest) (roleMapping, *apiError) {
	m := roleMapping{name: wire.Name, enabled: wire.Enabled}
	if wire.Name == "" {
		return m, ruleError("syntax_error", "name", "a role mapping needs a name")
	}
	var err *apiError
	if m.rule, err = decodeRule(wire.Rule); err != nil {
		return m, err
	}
	roles, err := decodeRoles(wire.RoleAssignments, o.id)
	if err != nil {
		return m, err
	}
	if err := s.untouchableIn(roles); err != nil {
		return m, err
	}
	m.holding = s.hold(roles)
	return m, nil
}

func ruleError(code, field, format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, mappingCode(code), fmt.Sprintf(format, args...), []string{field}}
}
