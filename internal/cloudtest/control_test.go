// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"net/http"
	"strings"
	"testing"
)

func control(t *testing.T, s *Server, method, path string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := roundTrip(s, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestControl(t *testing.T) {
	t.Parallel()
	s := New(t, Control())
	s.AddInvitation("a+1@example.com", "billing-admin")
	s.AddInvitation("b@example.com")
	steps := []struct {
		method, path string
		status       int
		want         string // in the body
	}{
		{"GET", "/_fake/state", 200, `"status": "invited"`},
		{"POST", "/_fake/accept?email=a+1@example.com", 200, `"status": "active"`},
		{"POST", "/_fake/accept?email=a%2B1@example.com", 400, "a+1@example.com has no invitation"},
		{"POST", "/_fake/expire?email=b@example.com", 200, `"status": "expired"`},
		{"POST", "/_fake/grant?email=a%2B1@example.com&grant=elasticsearch-viewer:*+x+y", 200, `"elasticsearch-viewer:*+x+y"`},
		{"POST", "/_fake/grant?email=a%2B1@example.com", 400, "no grant was given"},
		{"POST", "/_fake/grant?email=a%2B1@example.com&grant=deployment-editor", 400, "has no scope"},
		{"POST", "/_fake/ungrant?email=a%2B1@example.com&grant=billing-admin", 200, `"elasticsearch-viewer:*+x+y"`},
		{"POST", "/_fake/remove?email=b@example.com", 200, `"a+1@example.com"`},
		{"POST", "/_fake/remove?email=b@example.com", 400, "neither a member nor invited"},
		{"GET", "/_fake/accept?email=b@example.com", 404, "there is no GET"},
	}
	for _, step := range steps {
		a := control(t, s, step.method, step.path)
		if a.status != step.status || !strings.Contains(string(a.body), step.want) {
			t.Errorf("%s %s: %d %s", step.method, step.path, a.status, a.body)
		}
	}
	equalList(t, "grants", s.Grants("a+1@example.com"), "elasticsearch-viewer:*+x+y")
	equalList(t, "emails", s.Emails(), "a+1@example.com")
	equal(t, "API requests", len(s.Requests()), 0)
}

func TestControlIsOffByDefault(t *testing.T) {
	t.Parallel()
	s := Start()
	defer s.Close()
	equal(t, "status", control(t, s, "GET", "/_fake/state").status, 401)
	equal(t, "violations", len(s.Violations()), 1)
}
