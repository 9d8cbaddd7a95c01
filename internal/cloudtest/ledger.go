// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one API request that came in.
type Request struct {
	Method string
	Route  string // in the spelling of the contract: "GET /organizations/{organization_id}"
	Path   string // as it was sent, escapes and /api/v1 included
	Query  string // as it was sent
	Body   []byte
	Header http.Header
	Status int // of the reply; 0 while there is none, or never was one
	Sent   int // length of the reply's body
	At     time.Time
}

// hook is what Before registers.
type hook struct {
	route string
	run   func()
}

// record enters a request in the ledger, at once, so that one that hangs shows.
func (s *Server) record(op *operation, r *http.Request, body []byte) *Request {
	route := r.Method + " " + strings.TrimPrefix(r.URL.Path, apiRoot)
	if op != nil {
		route = op.route
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := &Request{
		Method: r.Method,
		Route:  route,
		Path:   r.URL.EscapedPath(),
		Query:  r.URL.RawQuery,
		Body:   body,
		Header: r.Header.Clone(),
		At:     s.now(),
	}
	s.ledger = append(s.ledger, entry)
	return entry
}

// setStatus runs before the reply is sent, so that whoever has the reply finds
// it in the ledger.
func (s *Server) setStatus(entry *Request, status, sent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.Status, entry.Sent = status, sent
}

// Requests returns the API requests in the order of their coming.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0, len(s.ledger))
	for _, entry := range s.ledger {
		requests = append(requests, *entry)
	}
	return requests
}

// Count returns the number of requests of a route.
func (s *Server) Count(route string) int {
	count := 0
	for _, r := range s.Requests() {
		if r.Route == route {
			count++
		}
	}
	return count
}

// Writes returns the requests other than GET.
func (s *Server) Writes() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return r.Method == http.MethodGet })
}

// ResetLedger forgets the requests so far.
func (s *Server) ResetLedger() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger = nil
}

// Before runs f once, right before the next request of a route is answered.
// The lock is not held: f may call verbs.
func (s *Server) Before(route string, f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = append(s.hooks, hook{route, f})
}

// Observe runs f after each request was answered by the service, before the
// reply is sent: for what has to hold at every moment. The lock is not held: f
// may call verbs. It replaces the f before.
func (s *Server) Observe(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observer = f
}

func (s *Server) observed() {
	s.mu.Lock()
	f := s.observer
	s.mu.Unlock()
	if f != nil {
		f()
	}
}

func (s *Server) takeHooks(route string) []func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []func()
	s.hooks = slices.DeleteFunc(s.hooks, func(h hook) bool {
		if h.route == route {
			due = append(due, h.run)
		}
		return h.route == route
	})
	return due
}

func (s *Server) checkRequest(op *operation, route string, r *http.Request, body []byte) {
	if s.unchecked {
		return
	}
	err := fmt.Errorf("the contract has no such route")
	if op != nil {
		err = op.checkRequest(r, body)
	}
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.violation("request %s: %v", route, err)
	}
}

// checkedItems is the length of a list above which a reply is taken to be in
// order: checking ten thousand people takes seconds under the race detector,
// and they are written by the same code as the first ones.
const checkedItems = 2000

func (s *Server) checkReply(op *operation, route string, rep reply, text []byte) {
	if op == nil || s.unchecked || rep.items > checkedItems {
		return // without an operation, the request was a violation already
	}
	if err := op.checkReply(rep.status, rep.header, text); err != nil && !s.deviates(route, err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.violation("reply %d to %s: %v", rep.status, route, err)
	}
}

// violation notes a breach of the contract. The lock is held.
func (s *Server) violation(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.violations = append(s.violations, text)
	if s.t != nil {
		s.t.Errorf("cloudtest: contract violated: %s", text)
	}
}

// Violations returns what broke the contract so far.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
