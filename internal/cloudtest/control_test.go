// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"net/http"
	"strconv"
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

// Single sign-on can be played from nothing to enforced.
func TestControlOfSSO(t *testing.T) {
	t.Parallel()
	s := New(t, Control(), Plain(), WantsSignIn())
	code := newCode(t, s, "example.com")
	record := "name=" + challengeLabel + "example.com&value=" + code
	const signInOwner = "/_fake/sign-in?email=owner@example.com&group=elastic+owners"
	steps := []struct {
		method, path string
		status       int
		want         string // in the body
	}{
		{"POST", "/_fake/add?email=owner@example.com&grant=organization-admin", 200, `"status": "active"`},
		{"POST", "/_fake/add?email=owner@example.com", 400, "is a member already"},
		{"POST", "/_fake/invite?email=b+1@example.com&grant=billing-admin", 200, `"status": "invited"`},
		{"POST", "/_fake/invite?email=b+1@example.com", 400, "b+1@example.com"},
		{"GET", "/_fake/state", 200, `"challenge_record_value": "` + code + `"`},
		{"POST", "/_fake/publish?name=x", 400, "no record was given"},
		{"POST", "/_fake/publish?" + record, 200, `"claimed": false`},
		{"POST", "/_fake/withdraw?" + record, 200, `"idp": null`},
		{"POST", "/_fake/withdraw?" + record, 400, "has no TXT record"},
		{"POST", "/_fake/publish?" + record, 200, `"role_mappings": []`},
		{"POST", signInOwner, 400, "no SAML IdP is configured"},
		{"GET", "/_fake/idp-metadata.xml", 200, "<md:EntityDescriptor"},
	}
	for _, step := range steps {
		a := control(t, s, step.method, step.path)
		if a.status != step.status || !strings.Contains(string(a.body), step.want) {
			t.Errorf("%s %s: %d %s", step.method, step.path, a.status, a.body)
		}
	}
	verify(t, s, "example.com", 200, "")
	metadata := parseMetadata(t, string(control(t, s, "GET", "/_fake/idp-metadata.xml").body))
	configuration := s.idp.Configuration("acme")
	equal(t, "issuer", metadata.EntityID, configuration.Issuer)
	expect(t, s, "PUT", idpPath, idpBody(t, configuration), 200, "")
	s.AddRoleMapping("owners", true, AnyOf(Group("elastic owners")), "organization-admin", "billing-admin")
	expect(t, s, "PUT", "/organizations/{org}", enforce, 403, "org.enforcement.sso_login_required")
	control(t, s, "POST", signInOwner)
	equalList(t, "grants", s.Grants("owner@example.com"), "billing-admin", "organization-admin")
	expect(t, s, "PUT", "/organizations/{org}", enforce, 200, "")
	state := string(control(t, s, "GET", "/_fake/state").body)
	for _, want := range []string{
		`"domain": "example.com"`, `"claimed": true`, `"issuer": "` + configuration.Issuer, `"certificates": 1`,
		`"sso_login_url": "` + s.URL + "/sso/saml/acme-", `"group": "elastic owners"`, `"sso_enforced": true`,
	} {
		if !strings.Contains(state, want) {
			t.Errorf("no %s in %s", want, state)
		}
	}
}

// A record that is published here would not be seen.
func TestControlPublishesWhereTheServiceLooks(t *testing.T) {
	t.Parallel()
	s := New(t, Control(), AskDNS("127.0.0.1:1"))
	a := control(t, s, "POST", "/_fake/publish?name=x&value=y")
	if a.status != 400 || !strings.Contains(string(a.body), "asks the DNS server at 127.0.0.1:1") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestControlIsOffByDefault(t *testing.T) {
	t.Parallel()
	s := Start()
	defer s.Close()
	equal(t, "status", control(t, s, "GET", "/_fake/state").status, 401)
	equal(t, "violations", len(s.Violations()), 1)
}

// The browser that signs in at the fake may have other pages open: they change nothing.
func TestControlRefusesOtherPages(t *testing.T) {
	t.Parallel()
	s := New(t, Control())
	for origin, status := range map[string]int{"": 200, s.URL: 200, "https://evil.example": 403} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/_fake/add?email=a"+strconv.Itoa(len(s.Emails()))+"@example.com", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != status {
			t.Errorf("from %q: %d, %v", origin, resp.StatusCode, err)
		}
	}
	equal(t, "people", len(s.Emails()), 2)
}
