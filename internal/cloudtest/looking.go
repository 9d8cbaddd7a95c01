// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Mail is an e-mail that the service sent for an invitation.
type Mail struct {
	To string // lower case
	At time.Time
}

// look returns what a person holds as a member, or else what is promised to them.
func (o *organization) look(email string) holding {
	if m, ok := o.now.members[fold(email)]; ok {
		return m.holding
	}
	return o.now.invitations[fold(email)].holding
}

// Grants returns what the member holds, or else what the invitation promises, sorted.
func (s *Server) Grants(email string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.organizations[0].look(email)
	return held.texts()
}

func (h holding) texts() []string {
	var texts []string
	for _, g := range h.sorted() {
		texts = append(texts, g.String())
	}
	return texts
}

// Status returns "active", "invited", "expired" or "none".
func (s *Server) Status(email string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status(email)
}

func (s *Server) status(email string) string {
	o := s.organizations[0]
	if _, ok := o.now.members[fold(email)]; ok {
		return "active"
	}
	i, ok := o.now.invitations[fold(email)]
	switch {
	case !ok:
		return "none"
	case i.expired(s.now()):
		return "expired"
	default:
		return "invited"
	}
}

// Emails returns the addresses of all members and invitations, sorted.
func (s *Server) Emails() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.emails()
}

func (s *Server) emails() []string {
	o := s.organizations[0]
	emails := slices.Collect(maps.Keys(o.now.members))
	emails = slices.AppendSeq(emails, maps.Keys(o.now.invitations))
	slices.Sort(emails)
	return slices.Compact(emails)
}

// Mails returns the e-mails that the service sent because of API requests.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Tokens returns the tokens of all invitations so far.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens)
}

// AddUnknownAssignment gives a member, or else the person with a pending invitation,
// access in a branch of role_assignments that a client does not know, such as
// "connected_cluster", "platform" or "project.newtype".
func (s *Server) AddUnknownAssignment(email, branch, rawJSON string) {
	s.helper()
	s.verb(func(o *organization) error {
		raw, err := compactJSON([]byte(rawJSON))
		if err != nil {
			return fmt.Errorf("branch %s: %w", branch, err)
		}
		known := branch == "organization" || branch == "deployment" || branch == "project" || branch == connectedBranch ||
			slices.Contains(projectTypes, strings.TrimPrefix(branch, "project."))
		if known {
			return fmt.Errorf("branch %s is known: use grants", branch)
		}
		more := roleList{unknown: map[string]json.RawMessage{branch: raw}}
		key := fold(email)
		if m, ok := o.now.members[key]; ok {
			m.holding = s.plus(m.holding, more)
			o.now.members[key] = m
		} else if i, ok := o.now.invitations[key]; ok {
			i.holding = s.plus(i.holding, more)
			o.now.invitations[key] = i
		} else {
			return fmt.Errorf("%s is neither a member nor invited", email)
		}
		s.changed(o)
		return nil
	})
}

// UnknownAssignments returns what AddUnknownAssignment or a request has added: compact
// JSON by branch.
func (s *Server) UnknownAssignments(email string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.organizations[0].look(email)
	branches := map[string]string{}
	for branch, raw := range held.unknown {
		branches[branch] = string(raw)
	}
	return branches
}

// StopDeployment stops a deployment, so that it is Untouchable.
func (s *Server) StopDeployment(id string) { s.Untouchable("deployment", id) }

// Untouchable makes resources of a kind, such as deployment or security, inaccessible
// for the key. Requests for roles on them answer 403, and so do invitations with roles
// on all resources of the kind. The ID "*" means roles on all resources of the kind.
func (s *Server) Untouchable(kind string, ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.untouchable[scope{branchOf(kind + "-"), id}] = true
	}
}
