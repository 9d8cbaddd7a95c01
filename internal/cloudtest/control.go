// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// controlRoot is the path under which the users of fakecloud act as the service.
const controlRoot = "/_fake/"

// personState is one person in GET /_fake/state.
type personState struct {
	Email   string                     `json:"email"`
	Status  string                     `json:"status"`
	UserID  string                     `json:"user_id,omitempty"`
	Grants  []string                   `json:"grants"`
	Unknown map[string]json.RawMessage `json:"unknown_assignments,omitempty"`
}

// domainState is one domain in GET /_fake/state, which is claimed or has a code.
type domainState struct {
	Domain               string `json:"domain"`
	Claimed              bool   `json:"claimed"`
	ChallengeRecordName  string `json:"challenge_record_name,omitempty"`
	ChallengeRecordValue string `json:"challenge_record_value,omitempty"`
}

type idpState struct {
	Enabled      bool   `json:"enabled"`
	Issuer       string `json:"issuer"`
	SSOURL       string `json:"sso_url"`
	Certificates int    `json:"certificates"`
	SSOLoginURL  string `json:"sso_login_url"`
}

type roleMappingState struct {
	Name    string   `json:"name"`
	Enabled bool     `json:"enabled"`
	Rule    ruleWire `json:"rule"`
	Grants  []string `json:"grants"`
}

type organizationState struct {
	OrganizationID string             `json:"organization_id"`
	People         []personState      `json:"people"`
	Domains        []domainState      `json:"domains"`
	IdP            *idpState          `json:"idp"`
	RoleMappings   []roleMappingState `json:"role_mappings"`
	SSOEnforced    bool               `json:"sso_enforced"`
	MailsSent      int                `json:"mails_sent"`
	Violations     []string           `json:"contract_violations"`
}

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	if origin, err := url.Parse(r.Header.Get("Origin")); err != nil || origin.Host != "" && origin.Host != r.Host {
		// The browser that signs in here may have other pages open.
		writeControl(w, http.StatusForbidden, map[string]string{"error": "the request is from a page of another origin"})
		return
	}
	query := r.URL.Query()
	// In a query, a plus sign means a space. But addresses and grants that people type
	// have no spaces.
	plus := func(text string) string { return strings.ReplaceAll(text, " ", "+") }
	email := plus(query.Get("email"))
	var grants []string
	for _, text := range query["grant"] {
		grants = append(grants, plus(text))
	}
	verbs := map[string]func(*organization) error{
		"POST /_fake/accept": func(o *organization) error { _, err := s.accept(o, email); return err },
		"POST /_fake/add":    func(o *organization) error { _, err := s.addMember(o, email, grants); return err },
		"POST /_fake/expire": func(o *organization) error { return s.expire(o, email) },
		"POST /_fake/invite": func(o *organization) error { return s.addInvitation(o, email, grants) },
		"POST /_fake/remove": func(o *organization) error { return s.remove(o, email) },
		"POST /_fake/grant": func(o *organization) error {
			return s.regrantSome(o, email, grants, s.plus)
		},
		"POST /_fake/ungrant": func(o *organization) error {
			return s.regrantSome(o, email, grants, s.minus)
		},
		"GET /_fake/state": func(*organization) error { return nil },
	}
	// These lock the server themselves if they need it.
	others := map[string]func() error{
		"POST /_fake/publish":  func() error { return s.publishByHand(query.Get("name"), query.Get("value")) },
		"POST /_fake/withdraw": func() error { return s.dns.withdraw(query.Get("name"), query.Get("value")) },
		"POST /_fake/sign-in":  func() error { _, err := s.SignIn(s.idp, email, query["group"]...); return err },
	}
	name := r.Method + " " + r.URL.Path
	if name == "GET /_fake/idp-metadata.xml" {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, s.idp.Metadata(Okta)) // an error means that the client has disconnected
		return
	}
	run, ok := others[name]
	if verb := verbs[name]; verb != nil {
		run, ok = func() error { return s.try(verb) }, true
	}
	if !ok {
		writeControl(w, http.StatusNotFound, map[string]string{"error": fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path)})
		return
	}
	if err := run(); err != nil {
		writeControl(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeControl(w, http.StatusOK, s.state())
}

// publishByHand publishes a TXT record on the DNS server that the service asks.
func (s *Server) publishByHand(name, value string) error {
	switch {
	case s.askDNS != "":
		return fmt.Errorf("the service asks the DNS server at %s: publish the record there", s.askDNS)
	case name == "" || value == "":
		return errors.New("no record was given: name= or &value= is missing")
	}
	s.PublishTXT(name, value)
	return nil
}

func (s *Server) regrantSome(o *organization, email string, grants []string, change func(holding, roleList) holding) error {
	if len(grants) == 0 {
		return fmt.Errorf("no grant was given: &grant= is missing")
	}
	return s.regrant(o, email, grants, change)
}

// state returns what a person wants to see who tries things out.
func (s *Server) state() organizationState {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.organizations[0]
	shown := organizationState{OrganizationID: o.id, MailsSent: len(s.mails), People: []personState{}, Violations: []string{}}
	for _, email := range s.emails() {
		held := o.look(email)
		shown.People = append(shown.People, personState{
			Email:   email,
			Status:  s.status(email),
			UserID:  o.now.members[email].userID,
			Grants:  append([]string{}, held.texts()...),
			Unknown: held.unknown,
		})
	}
	shown.Domains, shown.RoleMappings, shown.SSOEnforced = s.domainStates(o), s.roleMappingStates(o), o.enforcingSSO
	if o.identity != nil {
		shown.IdP = &idpState{o.identity.Enabled, o.identity.Issuer, o.identity.SSOURL, len(o.identity.trusted), s.ssoLoginURL(o)}
	}
	shown.Violations = append(shown.Violations, s.violations...)
	return shown
}

// domainStates returns the claimed domains, and those with a code.
func (s *Server) domainStates(o *organization) []domainState {
	states := []domainState{}
	for _, name := range slices.Sorted(maps.Keys(o.now.domains)) {
		states = append(states, domainState{Domain: name, Claimed: true})
	}
	for _, name := range slices.Sorted(maps.Keys(o.codes)) {
		states = append(states, domainState{Domain: name, ChallengeRecordName: challengeLabel + name, ChallengeRecordValue: o.codes[name]})
	}
	return states
}

func (s *Server) roleMappingStates(o *organization) []roleMappingState {
	states := []roleMappingState{}
	for _, m := range o.now.mappingsInOrder() {
		shown := m.show()
		states = append(states, roleMappingState{shown.Name, shown.Enabled, writer{plain: true}.rule(shown.Rule), shown.Grants})
	}
	return states
}

func writeControl(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	// An error means that the client has disconnected, which does not matter.
	_ = encoder.Encode(body)
}
