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

// Mail is an e-mail that the service sent to invite somebody.
type Mail struct {
	To string // lower case
	At time.Time
}

// look returns what somebody holds as a member or, failing that, is promised.
func (o *organization) look(email string) holding {
	if m, ok := o.now.members[fold(email)]; ok {
		return m.holding
	}
	return o.now.invitations[fold(email)].holding
}

// Grants returns what the member or, if none, the invitation holds, sorted.
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

// Status is "active", "invited", "expired" or "none".
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

// Emails returns the address of every member and invitation, sorted.
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

// Mails returns the e-mails that the service sent because of the API.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Tokens returns every invitation token that there ever was.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens)
}

// AddUnknownAssignment gives a member or, if none, the person with an open
// invitation something in a branch of role_assignments that a client does not
// know, such as "connected_cluster", "platform" or "project.newtype".
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

// UnknownAssignments returns what AddUnknownAssignment or a request put there:
// branch to compact JSON.
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

// Untouchable keeps the key from resources of a kind, such as deployment or
// security: requests that name one of them in roles, and invitations to all of the
// kind, answer 403. The ID "*" stands for roles on all of the kind.
func (s *Server) Untouchable(kind string, ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.untouchable[scope{branchOf(kind + "-"), id}] = true
	}
}
