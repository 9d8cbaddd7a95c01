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

// Request is one API request that the server received.
type Request struct {
	Method string
	Route  string // as in the contract: "GET /organizations/{organization_id}"
	Path   string // as it was sent, with escapes and /api/v1
	Query  string // as it was sent
	Body   []byte
	Header http.Header
	Status int // of the reply; 0 without a reply
	Sent   int // length of the reply's body
	At     time.Time
}

// hook is a function that Before registers.
type hook struct {
	route string
	run   func()
}

// record adds a request to the ledger when it arrives, so that a request that hangs is
// in it.
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

// setStatus runs before the reply is sent, so that a client that has the reply finds it
// in the ledger.
func (s *Server) setStatus(entry *Request, status, sent int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry.Status, entry.Sent = status, sent
}

// Requests returns the API requests in the order of their arrival.
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

// ResetLedger removes all requests from the ledger.
func (s *Server) ResetLedger() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger = nil
}

// Before calls f once, right before the next request of a route is answered. f may call
// verbs, because the lock is not held.
func (s *Server) Before(route string, f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = append(s.hooks, hook{route, f})
}

// Observe calls f after each request, before the reply is sent. It is for conditions
// that hold at every moment. f may call verbs, because the lock is not held. A second
// call replaces f.
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

// checkedItems is the largest number of items in a list that is checked against the
// contract. Checking ten thousand people takes seconds under the race detector, and all
// items are written by the same code.
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

// violation notes a violation of the contract. The caller holds the lock.
func (s *Server) violation(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.violations = append(s.violations, text)
	if s.t != nil {
		s.t.Errorf("cloudtest: contract violated: %s", text)
	}
}

// Violations returns the violations of the contract so far.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}
