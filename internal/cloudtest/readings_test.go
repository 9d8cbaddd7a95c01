// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// identifiers are texts that differ from server to server.
var identifiers = regexp.MustCompile(`[0-9a-f]{64}|[0-9]{10}|-[0-9a-f]{6}\b`)

// tellStory plays a story that has something of everything on a server, and returns its
// requests with their replies. Identifiers are numbered, so that stories compare.
func tellStory(t *testing.T, configuration IdP, opts ...Option) []string {
	t.Helper()
	s := New(t, append([]Option{Plain(), InProcess(), Clock(fixedClock())}, opts...)...)
	var story []string
	send := func(method, path, body string) {
		a := do(t, s, method, path, body)
		story = append(story, fmt.Sprintf("%s %s %s: %d %s", method, path, body, a.status, a.body))
	}
	look := func() {
		for _, path := range []string{"", "/members", "/invitations", "/domains", "/role_mappings", "/idp"} {
			send("GET", "/organizations/{org}"+path, "")
		}
	}
	const absent, empty = "elasticsearch-viewer:a", "elasticsearch-viewer:b+"
	owner := s.AddMember("owner@example.com", "organization-admin")
	alice := s.AddMember("alice@example.com", "deployment-viewer:*+a", absent, empty)
	bob, carol := s.AddMember("bob@example.com"), s.AddMember("carol@example.com")
	look()

	// Single sign-on.
	for range 2 {
		send("POST", domainsPath+"/_generate_verification_code", domainBody("example.com"))
	}
	s.PublishTXT(challengeLabel+"example.com", s.VerificationCode("example.com"))
	send("POST", domainsPath+"/_verify", domainBody("example.com"))
	for range 2 {
		send("PUT", idpPath, idpBody(t, configuration))
	}
	mapping := strings.Replace(mappingJSON("owners", "organization-admin"), `{"group":"owners"}`, `{"email":"*@Example.COM"}`, 1)
	send("POST", mappingsPath, mappingsJSON(mapping, mappingJSON("x", "billing-admin"), mappingJSON("y", "billing-admin")))
	look()
	send("DELETE", mappingsPath+"/nobody", "")
	send("DELETE", mappingsPath+"/x,y", "")
	for _, method := range []string{`"sso"`, "null"} {
		send("PUT", "/organizations/{org}", `{"enforce_authentication_method":`+method+`}`)
	}

	// Grants.
	path := "/users/" + alice + "/role_assignments"
	send("POST", path, rolesJSON(t, "deployment-viewer:*+b"))
	send("POST", path, rolesJSON(t, "deployment-viewer:*+b"))
	send("POST", path, rolesJSON(t, "deployment-editor:a"))
	send("POST", path, rolesJSON(t, "deployment-editor:*"))
	look()
	send("DELETE", path, rolesJSON(t, "deployment-viewer:*+a", "billing-admin"))

	// Invitations.
	send("POST", invitations, `{"emails":["d@example.com","e@example.com","f@example.com"]}`)
	send("POST", invitations, `{"emails":["g@example.com","nonsense"]}`)
	look()
	two := append(s.Tokens(), "none", "none")[:2] // a rate limit may have kept them from coming
	send("DELETE", invitations+"/"+strings.Join(two, ","), "")
	s.Advance(defaultExpiry)
	look()
	send("POST", invitations, `{"emails":["f@example.com"]}`)
	look()

	// People who leave.
	send("DELETE", "/organizations/{org}/members/"+owner+","+bob, "")
	send("DELETE", "/organizations/{org}/members/"+carol, "")
	look()

	return numberIdentifiers(story...)
}

// numberIdentifiers replaces identifiers by numbers in the order of their coming.
func numberIdentifiers(texts ...string) []string {
	numbers := map[string]string{}
	for i := range texts {
		texts[i] = identifiers.ReplaceAllStringFunc(texts[i], func(id string) string {
			if numbers[id] == "" {
				numbers[id] = fmt.Sprintf("<%d>", len(numbers))
			}
			return numbers[id]
		})
	}
	return texts
}

// Each variant of each reading changes a reply of the story, which is otherwise the same
// each time.
func TestReadings(t *testing.T) {
	t.Parallel()
	configuration := testConfiguration()
	configuration.Issuer, configuration.SSOURL = "https://IdP.example", "https://IdP.example/sso/"
	configuration.Certificates = []string{padded(testCertificate()), padded(testCertificate())}
	told := tellStory(t, configuration)
	equalList(t, "the story told again", tellStory(t, configuration), told...)
	names := map[string]bool{}
	for _, reading := range Readings() {
		if !strings.HasSuffix(reading.Text, ".") || len(reading.Variants) == 0 {
			t.Errorf("reading %q has no sentence or no variant", reading.Text)
		}
		for _, variant := range reading.Variants {
			if names[variant.Name] {
				t.Errorf("there are two variants %q", variant.Name)
			}
			names[variant.Name] = true
			t.Run(variant.Name, func(t *testing.T) {
				t.Parallel()
				if slices.Equal(tellStory(t, configuration, variant.Options...), told) {
					t.Error("no reply of the story is another one")
				}
			})
		}
	}
}
