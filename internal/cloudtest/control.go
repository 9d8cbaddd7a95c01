// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// controlRoot is where a program's users play the service's side.
const controlRoot = "/_fake/"

// personState is one person in GET /_fake/state.
type personState struct {
	Email   string                     `json:"email"`
	Status  string                     `json:"status"`
	UserID  string                     `json:"user_id,omitempty"`
	Grants  []string                   `json:"grants"`
	Unknown map[string]json.RawMessage `json:"unknown_assignments,omitempty"`
}

type organizationState struct {
	OrganizationID string        `json:"organization_id"`
	People         []personState `json:"people"`
	MailsSent      int           `json:"mails_sent"`
	Violations     []string      `json:"contract_violations"`
}

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	// A plus sign in a query stands for a space, yet neither an address nor a
	// grant typed by hand has spaces in it.
	plus := func(text string) string { return strings.ReplaceAll(text, " ", "+") }
	email := plus(r.URL.Query().Get("email"))
	var grants []string
	for _, text := range r.URL.Query()["grant"] {
		grants = append(grants, plus(text))
	}
	verbs := map[string]func(*organization) error{
		"POST /_fake/accept": func(o *organization) error { _, err := s.accept(o, email); return err },
		"POST /_fake/expire": func(o *organization) error { return s.expire(o, email) },
		"POST /_fake/remove": func(o *organization) error { return s.remove(o, email) },
		"POST /_fake/grant": func(o *organization) error {
			return s.regrantSome(o, email, grants, s.plus)
		},
		"POST /_fake/ungrant": func(o *organization) error {
			return s.regrantSome(o, email, grants, s.minus)
		},
		"GET /_fake/state": func(*organization) error { return nil },
	}
	verb, ok := verbs[r.Method+" "+r.URL.Path]
	if !ok {
		writeControl(w, http.StatusNotFound, map[string]string{"error": fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path)})
		return
	}
	if err := s.try(verb); err != nil {
		writeControl(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	writeControl(w, http.StatusOK, s.state())
}

func (s *Server) regrantSome(o *organization, email string, grants []string, change func(holding, roleList) holding) error {
	if len(grants) == 0 {
		return fmt.Errorf("no grant was given: &grant= is missing")
	}
	return s.regrant(o, email, grants, change)
}

// state is everything that a person trying things out wants to see.
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
	shown.Violations = append(shown.Violations, s.violations...)
	return shown
}

func writeControl(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	// An error means that the client went away, which is its own affair.
	_ = encoder.Encode(body)
}
