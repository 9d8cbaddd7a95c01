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
	settings map[string]json.RawMessage // fields of a PUT on which nothing here depends
	now      state
	past     []snapshot // oldest first; kept only while lists lag

	codes        map[string]string // the latest challenge of a domain
	change       *http.Request     // the change of domains or role mappings that is under way
	ssoSuffix    string            // what the service adds to a login_identifier_prefix
	samlSuffix   string            // of the service's SAML addresses; "" at first
	identity     *identityProvider // nil if none is configured
	enforcingSSO bool
}

// state is what lists show of an organization. The keys of people are e-mail addresses
// in lower case; the same person may be a member and have a pending invitation. The
// keys of domains are in lower case, and those of role mappings are their names.
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

// snapshot copies only the maps, because their values are replaced and never changed.
func (o *organization) snapshot(at time.Time) snapshot {
	return snapshot{at: at, state: o.now.clone()}
}

// view returns the state that lists show to the key, and the time of that state.
func (s *Server) view(o *organization) (state, time.Time) {
	shown, at := s.lagging(o)
	if s.seesNobody {
		shown.members, shown.invitations = nil, nil
	}
	return shown, at
}

// lagging returns the state of as long ago as lists lag.
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

// changed is called after every change of an organization. For the lag, everything that
// a test sets up before the first request happened long ago.
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

// SetLag changes the lag of lists, as Lag does. Zero ends it. What exists now is shown
// at once.
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

// listOrganizations returns pages of one, so that clients have to handle pages as soon
// as there are two organizations.
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

// organization returns the organization of a call, or nil.
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

// AddOrganization adds an organization that the key sees. It is empty, and AddMemberTo is
// the only verb that reaches it.
func (s *Server) AddOrganization(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := newOrganization(id, name)
	if s.started {
		s.beginHistory(o)
	}
	s.organizations = append(s.organizations, o)
}

// fold returns an e-mail address or a domain in the form that compares.
func fold(name string) string {
	return strings.ToLower(name)
}
