// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// call is one request to a route of the contract.
type call struct {
	route  string
	params map[string]string // of the path, unescaped
	query  url.Values
	body   []byte
	// concurrent means that another change of the same organization's domains or role
	// mappings was under way when this one arrived.
	concurrent   bool
	undone, part bool              // as in Fault
	tokens       map[string]string // of invitations, by e-mail address, that a reply has already
	published    []string          // values of the TXT record, for a call that verifies a domain
}

// reply is the answer of a handler.
type reply struct {
	status int
	body   any         // encoded as JSON, except for rawXML
	header http.Header // may be nil
	items  int         // of a list
}

// rawXML is a body that is sent unchanged.
type rawXML []byte

// encode returns the body as it is sent, and its content type.
func (r reply) encode() ([]byte, string) {
	if text, ok := r.body.(rawXML); ok {
		return text, "application/xml"
	}
	return marshal(r.body), "application/json"
}

// handler answers a call. The lock is held.
type handler func(*Server, call) reply

// handlers are the routes of the fake, from all areas.
var handlers = merge(organizationHandlers, memberHandlers, invitationHandlers, roleAssignmentHandlers,
	domainHandlers, idpHandlers, roleMappingHandlers)

func merge(areas ...map[string]handler) map[string]handler {
	all := map[string]handler{}
	for _, area := range areas {
		maps.Copy(all, area)
	}
	return all
}

// answer returns the service's own reply.
func (s *Server) answer(c call, r *http.Request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		s.started = true
		for _, o := range s.organizations {
			s.beginHistory(o)
		}
	}
	limits, exceeded := s.countRate()
	rep := fail(http.StatusTooManyRequests, "root.rate_limit_exceeded", "too many requests")
	if !exceeded {
		rep = s.answerWithinLimit(c, r)
	}
	if rep.header == nil {
		rep.header = http.Header{}
	}
	maps.Copy(rep.header, limits)
	return rep
}

func (s *Server) answerWithinLimit(c call, r *http.Request) reply {
	now := s.now()
	expires := s.keyExpires
	_, hasKey := r.Header["Authorization"]
	// An IdP that loads the metadata has no key.
	if public := c.route == idpMetadataRoute && !hasKey; !public &&
		(r.Header.Get("Authorization") != "ApiKey "+s.Key || !expires.IsZero() && !now.Before(expires)) {
		return fail(http.StatusUnauthorized, "root.unauthenticated", "the API key is not valid")
	}
	handle, ok := handlers[c.route]
	var rep reply
	switch {
	case !ok:
		rep = fail(http.StatusNotFound, "root.resource_not_found", "there is nothing at %s", r.URL.Path)
	case s.readOnlyKey && r.Method != http.MethodGet:
		rep = fail(http.StatusForbidden, "root.unauthorized", "the API key may not do this")
	default:
		rep = s.carryOut(handle, c)
	}
	if !expires.IsZero() {
		if rep.header == nil {
			rep.header = http.Header{}
		}
		rep.header.Set("X-Elastic-Api-Key-Expiration", expires.UTC().Format(time.RFC3339))
	}
	return rep
}

// countRate counts a request, and reports whether it exceeds the limit.
func (s *Server) countRate() (http.Header, bool) {
	header := http.Header{}
	if s.rateLimit == 0 {
		return header, false
	}
	now := s.now()
	if now.Sub(s.windowStart) >= s.ratePer {
		s.windowStart, s.windowCount = now, 0
	}
	s.windowCount++
	if s.rateSilent {
		return header, s.windowCount > s.rateLimit
	}
	header.Set("X-Ratelimit-Limit", strconv.Itoa(s.rateLimit))
	header.Set("X-Ratelimit-Remaining", strconv.Itoa(max(0, s.rateLimit-s.windowCount)))
	header.Set("X-Ratelimit-Interval", strconv.Itoa(wholeSeconds(s.ratePer)))
	if s.windowCount <= s.rateLimit {
		return header, false
	}
	header.Set("Retry-After", strconv.Itoa(wholeSeconds(s.windowStart.Add(s.ratePer).Sub(now))))
	return header, true
}

func wholeSeconds(d time.Duration) int {
	return int((d + time.Second - 1) / time.Second)
}

// apiError is the content of an error reply.
type apiError struct {
	status  int
	code    string
	message string
	fields  []string
}

func fail(status int, code, format string, args ...any) reply {
	return failWith(&apiError{status: status, code: code, message: fmt.Sprintf(format, args...)})
}

func failWith(e *apiError) reply {
	type failure struct {
		Code    string   `json:"code"`
		Message string   `json:"message"`
		Fields  []string `json:"fields,omitempty"`
	}
	return reply{
		status: e.status,
		body:   map[string]any{"errors": []failure{{e.code, e.message, e.fields}}},
		header: http.Header{"X-Cloud-Error-Codes": {e.code}},
	}
}
