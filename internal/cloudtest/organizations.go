// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"
)

const putOrganizationRoute = "PUT /organizations/{organization_id}"

var organizationHandlers = map[string]handler{
	"GET /organizations":                   (*Server).listOrganizations,
	"GET /organizations/{organization_id}": (*Server).getOrganization,
	putOrganizationRoute:                   (*Server).putOrganization,
}

// organization is one organization with everything in it.
type organization struct {
	id, name string
	settings map[string]json.RawMessage // fields of a PUT that nothing here depends on
	now      state
	past     []snapshot // oldest first; kept only where lists lag

	codes        map[string]string // the newest challenge of a domain
	change       *http.Request     // of domains or role mappings, which is under way
	ssoSuffix    string            // what the service adds to a login_identifier_prefix
	samlSuffix   string            // of its own SAML addresses; "" at first
	identity     *identityProvider // nil where none is configured
	enforcingSSO bool
}

// state is what lists show of an organization. People are keyed by e-mail
// address in lower case; one and the same may be a member and have an open
// invitation. Domains are keyed in lower case, role mappings by their name.
type state struct {
	members      map[string]member
	invitations  map[string]invitation
	domains      map[string]domain
	roleMappings map[string]roleMapping
}

func (s state) clone() state {
	return state{
		members:      maps.Clone(s.members),
		invitations:  maps.Clone(s.invitations),
		domains:      maps.Clone(s.domains),
		roleMappings: maps.Clone(s.roleMappings),
	}
}

type snapshot struct {
	at time.Time
	state
}

func newOrganization(id, name string) *organization {
	return &organization{
		id:   id,
		name: name,
		now: state{
			members:      map[string]member{},
			invitations:  map[string]invitation{},
			domains:      map[string]domain{},
			roleMappings: map[string]roleMapping{},
		},
		settings:  map[string]json.RawMessage{},
		codes:     map[string]string{},
		ssoSuffix: randomHex(3),
	}
}

// snapshot copies the maps only: what is in them is replaced, never changed.
func (o *organization) snapshot(at time.Time) snapshot {
	return snapshot{at: at, state: o.now.clone()}
}

// view is the state that lists show the key, and the time that it is from.
func (s *Server) view(o *organization) (state, time.Time) {
	shown, at := s.lagging(o)
	if s.seesNobody {
		shown.members, shown.invitations = nil, nil
	}
	return shown, at
}

// lagging is the state as long ago as lists lag.
func (s *Server) lagging(o *organization) (state, time.Time) {
	if s.lag == 0 {
		return o.now, s.now()
	}
	at := s.now().Add(-s.lag)
	shown := 0
	for i, past := range o.past {
		if !past.at.After(at) {
			shown = i
		}
	}
	o.past = o.past[shown:]
	return o.past[0].state, at
}

// changed is called after every change of an organization. What tests set up
// before the first request was there long ago, as far as lag is concerned.
func (s *Server) changed(o *organization) {
	if s.lag > 0 && len(o.past) > 0 {
		o.past = append(o.past, o.snapshot(s.now()))
	}
}

// beginHistory makes the state before the first request the oldest one.
func (s *Server) beginHistory(o *organization) {
	if s.lag > 0 && len(o.past) == 0 {
		o.past = []snapshot{o.snapshot(time.Time{})}
	}
}

// SetLag lets lists lag from now on as Lag does, or with zero no more. What is
// there now shows at once.
func (s *Server) SetLag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag = d
	for _, o := range s.organizations {
		o.past = nil
		if d > 0 && s.started {
			s.beginHistory(o)
		}
	}
}

type organizationWire struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// listOrganizations has pages of one, so that clients cannot do without paging
// as soon as there are two organizations.
func (s *Server) listOrganizations(c call) reply {
	organizations := []organizationWire{}
	for _, o := range s.organizations {
		organizations = append(organizations, organizationWire{o.id, o.name})
	}
	return pageReply(s, c, "organizations", organizations, 1)
}

func (s *Server) getOrganization(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	return reply{status: http.StatusOK, body: s.writeOrganization(o)}
}

// organization finds the organization of a call, or nil.
func (s *Server) organization(c call) *organization {
	for _, o := range s.organizations {
		if o.id == c.params["organization_id"] {
			return o
		}
	}
	return nil
}

func organizationNotFound(c call) reply {
	return fail(http.StatusNotFound, "organization.not_found",
		"organization %s not found", c.params["organization_id"])
}

// AddOrganization lets the key see one more organization. It is empty, and AddMemberTo
// is the only verb that reaches it.
func (s *Server) AddOrganization(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := newOrganization(id, name)
	if s.started {
		s.beginHistory(o)
	}
	s.organizations = append(s.organizations, o)
}

// fold is the form of an e-mail address or a domain that compares.
func fold(name string) string {
	return strings.ToLower(name)
}
