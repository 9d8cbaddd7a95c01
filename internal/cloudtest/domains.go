// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

const (
	listDomainsRoute  = "GET /organizations/{organization_id}/domains"
	generateCodeRoute = "POST /organizations/{organization_id}/domains/_generate_verification_code"
	verifyDomainRoute = "POST /organizations/{organization_id}/domains/_verify"
	deleteDomainRoute = "DELETE /organizations/{organization_id}/domains"
)

var domainHandlers = map[string]handler{
	listDomainsRoute:  (*Server).listDomains,
	generateCodeRoute: (*Server).generateCode,
	verifyDomainRoute: (*Server).verifyDomain,
	deleteDomainRoute: (*Server).deleteDomain,
}

const (
	// challengeLabel is the first part of the name of a domain's TXT record.
	challengeLabel = "_elastic_domain_challenge."
	maxDomains     = 10
	// statusRetryWith means that the TXT record is not visible yet.
	statusRetryWith = 449
)

// domain is one claimed domain.
type domain struct {
	name   string // lower case
	number int    // order of claiming
}

type domainRequest struct {
	Domain string `json:"domain_claim_request"`
}

// changes are the routes that change domains or role mappings. An organization accepts
// one such change at a time.
var changes = []string{
	verifyDomainRoute, deleteDomainRoute,
	addRoleMappingsRoute, replaceRoleMappingsRoute, deleteAllRoleMappingsRoute,
	updateRoleMappingRoute, deleteRoleMappingsRoute,
}

// beginChange notes a change of an organization's domains or role mappings while it is
// being answered, and reports whether another one is under way. Then the change is
// refused, so it does not block a third one. A change whose client has disconnected
// does not block others either.
func (s *Server) beginChange(c call, r *http.Request) (concurrent bool) {
	if !slices.Contains(changes, c.route) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.organization(c)
	if o == nil {
		return false
	}
	if o.change != nil && o.change.Context().Err() == nil {
		return true
	}
	o.change = r
	return false
}

func (s *Server) endChange(c call, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.organization(c); o != nil && o.change == r {
		o.change = nil
	}
}

func (s *Server) listDomains(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	shown, _ := s.view(o)
	names := []string{}
	for _, d := range slices.SortedFunc(maps.Values(shown.domains), func(a, b domain) int { return a.number - b.number }) {
		names = append(names, s.writer.mixCase(d.name))
	}
	return listReply(s, c, "domains", names)
}

// generateCode returns a new code each time, unless SameCode is set. Only the latest
// code is valid.
func (s *Server) generateCode(c call) reply {
	o, name, failure := s.domainCall(c)
	if failure != nil {
		return *failure
	}
	if !s.sameCode || o.codes[name] == "" {
		o.codes[name] = randomHex(32)
	}
	return reply{status: http.StatusOK, body: map[string]string{"verification": o.codes[name]}}
}

// lookUpChallenge returns the TXT records for a call that verifies a domain.
func (s *Server) lookUpChallenge(c call) []string {
	var request domainRequest
	if c.route != verifyDomainRoute || decodeStrictly(c.body, &request) != nil {
		return nil // verifyDomain returns the error
	}
	return s.lookupTXT(challengeLabel + fold(request.Domain))
}

// verifyDomain claims a domain whose code is in DNS.
func (s *Server) verifyDomain(c call) reply {
	o, name, failure := s.domainCall(c)
	if failure != nil {
		return *failure
	}
	switch {
	case c.concurrent:
		return concurrentChange(o)
	case s.claimed(name):
		return fail(http.StatusBadRequest, "org.domain_claim.already_exists", "the domain %s is claimed already", name)
	case len(o.now.domains) == maxDomains:
		return fail(http.StatusBadRequest, "org.domain_claim.limit_exceeded", "an organization can claim %d domains at most", maxDomains)
	case o.codes[name] == "" || !slices.Contains(c.published, o.codes[name]):
		return reply{status: statusRetryWith, body: struct{}{}}
	}
	s.claim(o, name)
	return reply{status: http.StatusOK, body: struct{}{}}
}

func (s *Server) deleteDomain(c call) reply {
	o, name, failure := s.domainCall(c)
	if failure != nil {
		return *failure
	}
	if c.concurrent {
		return concurrentChange(o)
	}
	if _, ok := o.now.domains[name]; !ok {
		return fail(http.StatusNotFound, "org.domain_claim.not_found", "the domain %s is not claimed", name)
	}
	if o.identity != nil {
		return fail(http.StatusBadRequest, "org.idp.idp_configured", "a domain cannot be given up while a SAML IdP is configured")
	}
	delete(o.now.domains, name)
	s.changed(o)
	return reply{status: http.StatusOK, body: struct{}{}}
}

// domainCall reads what the calls on one domain have in common.
func (s *Server) domainCall(c call) (*organization, string, *reply) {
	o := s.organization(c)
	if o == nil {
		rep := organizationNotFound(c)
		return nil, "", &rep
	}
	var request domainRequest
	if err := decodeStrictly(c.body, &request); err != nil {
		rep := fail(http.StatusBadRequest, "root.invalid_request", "%v", err)
		return nil, "", &rep
	}
	return o, fold(request.Domain), nil
}

func concurrentChange(o *organization) reply {
	return fail(http.StatusConflict, "org.domain_claim.concurrent_organization_modification",
		"organization %s is being changed by another request", o.id)
}

// claimed reports whether any organization has claimed a domain.
func (s *Server) claimed(name string) bool {
	return s.elsewhere[name] || slices.ContainsFunc(s.organizations, func(o *organization) bool {
		_, ok := o.now.domains[name]
		return ok
	})
}

// claim uses up the code: after the claim is lost, a new claim needs a new code.
func (s *Server) claim(o *organization, name string) {
	s.counter++
	delete(o.codes, name)
	o.now.domains[name] = domain{name: name, number: s.counter}
	s.changed(o)
}

// ClaimDomain claims a domain for the organization, long ago.
func (s *Server) ClaimDomain(name string) {
	s.helper()
	s.verb(func(o *organization) error {
		if s.claimed(fold(name)) {
			return fmt.Errorf("%s is claimed already", name)
		}
		s.claim(o, fold(name))
		return nil
	})
}

// ClaimElsewhere claims a domain for somebody else's organization.
func (s *Server) ClaimElsewhere(name string) {
	s.helper()
	s.verb(func(*organization) error {
		if s.claimed(fold(name)) {
			return fmt.Errorf("%s is claimed already", name)
		}
		s.elsewhere[fold(name)] = true
		return nil
	})
}

// LoseDomain ends the organization's claim of a domain, even if an IdP is configured.
func (s *Server) LoseDomain(name string) {
	s.helper()
	s.verb(func(o *organization) error {
		if _, ok := o.now.domains[fold(name)]; !ok {
			return fmt.Errorf("%s is not claimed", name)
		}
		delete(o.now.domains, fold(name))
		s.changed(o)
		return nil
	})
}

// Domains returns the claimed domains, sorted.
func (s *Server) Domains() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.organizations[0].now.domains))
}

// VerificationCode returns the latest code of a domain, as a user reads it in the
// reply. It returns "" if there is none.
func (s *Server) VerificationCode(domain string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.organizations[0].codes[strings.ToLower(domain)]
}
