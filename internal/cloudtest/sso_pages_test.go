// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/base64"
	"encoding/xml"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browse does what a browser does, redirects included.
func browse(t *testing.T, s *Server, method, address string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := roundTrip(s, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var hiddenField = regexp.MustCompile(`name="(SAMLRequest|RelayState)" value="([^"]*)"`)

// beginSignIn opens the SSO login URL, and returns what the form sends to the IdP.
func beginSignIn(t *testing.T, s *Server, idp *TestIdP) (request []byte, relayState string) {
	t.Helper()
	a := browse(t, s, "GET", s.ssoLoginURL(s.organizations[0]), nil)
	fields := map[string]string{}
	for _, match := range hiddenField.FindAllStringSubmatch(string(a.body), -1) {
		fields[match[1]] = html.UnescapeString(match[2])
	}
	if a.status != 200 || !strings.Contains(string(a.body), `method="post" action="`+idp.SSOURL+`"`) {
		t.Fatalf("the SSO login URL: %d %s", a.status, a.body)
	}
	request, err := base64.StdEncoding.DecodeString(fields["SAMLRequest"])
	if err != nil || fields["RelayState"] == "" {
		t.Fatalf("the form has %v", fields)
	}
	return request, fields["RelayState"]
}

// endSignIn posts the IdP's response to the assertion consumer service.
func endSignIn(t *testing.T, s *Server, response []byte, relayState string) answer {
	t.Helper()
	return browse(t, s, "POST", s.acsURL(s.organizations[0]), url.Values{
		"SAMLResponse": {base64.StdEncoding.EncodeToString(response)},
		"RelayState":   {relayState},
	})
}

func respond(t *testing.T, s *Server, idp *TestIdP, request []byte, email string, groups ...string) []byte {
	t.Helper()
	response, err := idp.respond(request, s.spMetadata(s.organizations[0]), email, groups)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func wantPage(t *testing.T, a answer, status int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if a.status != status || !strings.Contains(html.UnescapeString(string(a.body)), text) {
			t.Errorf("got %d, want %d with %q: %s", a.status, status, text, a.body)
		}
	}
}

func TestSignInInBrowser(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]Option{nil, {InProcess()}} {
		s, idp := withSSO(t, opts...)
		s.AddRoleMapping("owners", true, AnyOf(Group("owners")), "organization-admin", "elasticsearch-viewer:*+<b>")
		request, relayState := beginSignIn(t, s, idp)
		response := respond(t, s, idp, request, "alice@example.com", "owners")
		wantPage(t, endSignIn(t, s, response, relayState), 200,
			"<h1>Signed in</h1>", `<p id="email">alice@example.com</p>`, `<li class="grant">organization-admin</li>`)
		equalList(t, "grants", s.Grants("alice@example.com"), "elasticsearch-viewer:*+<b>", "organization-admin")
		wantPage(t, endSignIn(t, s, response, relayState), 403, "<h1>Access denied</h1>", "each counts once")

		request, relayState = beginSignIn(t, s, idp)
		wantPage(t, endSignIn(t, s, respond(t, s, idp, request, "bob@example.com", "staff"), relayState), 200, "<li>no roles</li>")
		equal(t, "API requests", len(s.Requests()), 0)
	}
}

func TestSignInInBrowserRefused(t *testing.T) {
	t.Parallel()
	s, idp := withSSO(t)
	good := *s.IdP()
	attempt := func(email string, spoil func(*IdP), want string) {
		t.Helper()
		s.ConfigureIdP(good)
		request, relayState := beginSignIn(t, s, idp)
		if spoil != nil {
			s.ChangeIdP(spoil)
		}
		wantPage(t, endSignIn(t, s, respond(t, s, idp, request, email), relayState), 403, "Access denied", want)
	}
	attempt("a@other.example", nil, "other.example is not claimed")
	attempt("a@example.com", func(c *IdP) { c.Issuer += "/" }, "the Issuer should match")
	attempt("a@example.com", func(c *IdP) { c.Certificates = []string{testCertificate()} }, "the signature should be verifiable")
	attempt("a@example.com", func(c *IdP) { c.Enabled = false }, "the SAML IdP is disabled")

	s.ConfigureIdP(good)
	acs := s.acsURL(s.organizations[0])
	idp.Trust("https://other.example", acs)
	attempt("a@example.com", nil, "the Audience should match the sp_entity_id")
	idp.Trust(s.spEntityID(s.organizations[0]), "https://other.example/acs")
	attempt("a@example.com", nil, "the Destination and Recipient should match the acs")
	idp.Trust(s.spEntityID(s.organizations[0]), acs)

	first, firstState := beginSignIn(t, s, idp)
	_, secondState := beginSignIn(t, s, idp)
	response := respond(t, s, idp, first, "a@example.com")
	wantPage(t, endSignIn(t, s, response, secondState), 403, "InResponseTo")
	wantPage(t, endSignIn(t, s, response, "made-up<b>"), 403, "the RelayState should be that of a sign-in")
	wantPage(t, endSignIn(t, s, nil, firstState), 403, "a SAMLResponse should be sent")
	_, state := beginSignIn(t, s, idp)
	wantPage(t, browse(t, s, "POST", acs, url.Values{"SAMLResponse": {"%"}, "RelayState": {state}}), 403, "a SAMLResponse should be sent")
	wantPage(t, browse(t, s, "POST", s.URL+"/saml/other/acs", nil), 403, "the Destination should match the acs")
	wantPage(t, browse(t, s, "GET", s.URL+"/sso/saml/other", nil), 403, "no organization has this login identifier")
	s.RemoveIdP()
	wantPage(t, browse(t, s, "GET", s.URL+"/sso/saml/acme", nil), 403, "no SAML IdP is configured")
	equalList(t, "nobody joined", s.Emails())
}

// An IdP loads the metadata without an API key. Every other call needs one, and a wrong
// key is refused for the metadata, too.
func TestMetadataNeedsNoKey(t *testing.T) {
	t.Parallel()
	s, _ := withSSO(t)
	address := s.writeIdP(s.organizations[0]).MetadataURL
	var metadata struct {
		EntityID string `xml:"entityID,attr"`
	}
	a := browse(t, s, "GET", address, nil)
	if err := xml.Unmarshal(a.body, &metadata); err != nil {
		t.Fatal(err)
	}
	equal(t, "entity ID", metadata.EntityID, s.spEntityID(s.organizations[0]))
	equal(t, "status of the IdP", browse(t, s, "GET", strings.TrimSuffix(address, "/metadata.xml"), nil).status, 401)
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "ApiKey wrong")
	a, err = roundTrip(s, r)
	if err != nil || a.status != 401 {
		t.Errorf("with a wrong key: %d, %v", a.status, err)
	}
}
