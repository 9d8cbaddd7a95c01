// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// fuzzClient is a client of a service without a network. It makes one try, so
// that no failure costs time.
func fuzzClient(t testing.TB, service roundTripFunc) *Client {
	client := newClientOf(t, Config{RetryWait: time.Nanosecond, Patience: time.Nanosecond}, service)
	client.config.APIKey = hostileKey
	return client
}

// answering gives a reply to every request for a route that ends in last, and
// an empty list to all others.
func answering(last string, status int, body []byte) roundTripFunc {
	return func(r *http.Request) (*http.Response, error) {
		resp := answer(200, nil, `{"members":[],"invitations":[],"mappings":[]}`)
		if strings.HasSuffix(r.URL.Path, last) {
			resp.StatusCode = status
			resp.Body = io.NopCloser(bytes.NewReader(body))
		}
		return resp, nil
	}
}

// FuzzRoleAssignments: what is read is written so that it is read in the same
// way again, and what is not known is not lost on the way.
func FuzzRoleAssignments(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `{"organization":[{"role_id":"organization-admin","organization_id":"1"}]}`,
		`{"deployment":[{"role_id":"deployment-editor","organization_id":"1","all":true,"application_roles":["b","a"]},{"role_id":"x","deployment_ids":["1","2"],"until":"noon"}]}`,
		`{"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","project_ids":["1"]}],"quantum":[{"x":[]}]},"galaxy":{"a":null}}`,
		`{"organization":[{"role_id":"organization-admin","all":true,"project_ids":["1"]}],"deployment":[null,{}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r RoleAssignments
		if err := json.Unmarshal(data, &r); err != nil {
			return
		}
		written, err := json.Marshal(r)
		if err != nil {
			t.Fatalf("%s is read and cannot be written: %v", data, err)
		}
		var again RoleAssignments
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s is written as %s: %v", data, written, err)
		}
		if before, after := r.Grants(testOrganization), again.Grants(testOrganization); !slices.Equal(before, after) {
			t.Fatalf("%s has %v, and is written as %s with %v", data, before, written, after)
		}
		if before, after := unknownIn(t, r), unknownIn(t, again); !reflect.DeepEqual(before, after) {
			t.Fatalf("%s has the unknown %v, and is written as %s with %v", data, before, written, after)
		}
		add := Grant{Role: "deployment-viewer", Resource: "new"}
		changed := r.Change(testOrganization, []Grant{add}, nil)
		if want := append(r.Grants(testOrganization), add); !reflect.DeepEqual(set(changed.Grants(testOrganization)), set(want)) {
			t.Fatalf("%s with %s is %v, want %v", data, add, changed.Grants(testOrganization), want)
		}
		if before, after := unknownIn(t, r), unknownIn(t, changed); !reflect.DeepEqual(before, after) {
			t.Fatalf("%s has the unknown %v, and with %s %v", data, before, add, after)
		}
	})
}

// unknownIn lists what a client does not know in assignments, each as it would
// be written.
func unknownIn(t *testing.T, r RoleAssignments) map[string]int {
	unknown := map[string]int{}
	note := func(where string, raw map[string]json.RawMessage) {
		for name, value := range raw {
			var meaning any
			if err := json.Unmarshal(value, &meaning); err != nil {
				t.Fatalf("%s.%s: %v", where, name, err)
			}
			if text := fmt.Sprintf("%v", meaning); text != "[]" && text != "map[]" && meaning != nil {
				unknown[where+"."+name+"="+text]++
			}
		}
	}
	note("", r.unknown)
	note("project", r.unknownProjects)
	for _, a := range r.assignments {
		note(a.kind+" "+a.roleID, a.unknown)
	}
	return unknown
}

// FuzzMembersReply: any list of members is refused, or gives members who can be
// looked up.
func FuzzMembersReply(f *testing.F) {
	f.Add(200, []byte(`{"members":[`+ownerEntry+`]}`))
	f.Add(200, []byte(`{"members":null}`))
	f.Add(502, []byte(`<html>`))
	for _, people := range strangePeople {
		f.Add(200, []byte(`{"members":[`+people.members+`]}`))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client := fuzzClient(t, answering("/members", status, body))
		members, err := client.Members(t.Context())
		checkError(t, err)
		if err != nil {
			return
		}
		if status >= 300 || !json.Valid(body) || members == nil && !bytes.Contains(body, []byte("[")) {
			t.Fatalf("%d with %q is taken for members", status, body)
		}
		d := client.Directory()
		everybody, err := d.People(t.Context())
		if err != nil || len(everybody) > len(members) || len(members) > 0 && len(everybody) == 0 {
			t.Fatalf("%d members are %d people, %v", len(members), len(everybody), err)
		}
		for _, m := range members {
			if p, err := d.Person(t.Context(), m.Email); m.Email != "" && (err != nil || p.Member == nil) {
				t.Fatalf("%q is not there, %v", m.Email, err)
			}
		}
		lookAtAll(t, d, everybody)
	})
}

// FuzzInvitationsReply: any list of invitations is refused, or gives people who
// can be looked up. Its tokens are in no error.
func FuzzInvitationsReply(f *testing.F) {
	f.Add(200, []byte(`{"invitations":[{"token":"t","email":"a@example.com","expires_at":"2030-01-01T00:00:00Z","expired":true}]}`))
	f.Add(200, []byte(`{"invitations":null}`))
	f.Add(404, []byte(`{"errors":[{"code":"organization.not_found","message":"no"}]}`))
	for _, people := range strangePeople {
		f.Add(200, []byte(`{"invitations":[`+people.invitations+`]}`))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client := fuzzClient(t, answering("/invitations", status, body))
		invitations, err := client.Invitations(t.Context())
		checkError(t, err)
		if err != nil {
			return
		}
		if status >= 300 || !json.Valid(body) {
			t.Fatalf("%d with %q is taken for invitations", status, body)
		}
		d := client.Directory()
		everybody, err := d.People(t.Context())
		if err != nil || len(everybody) > len(invitations) || len(invitations) > 0 && len(everybody) == 0 {
			t.Fatalf("%d invitations are %d people, %v", len(invitations), len(everybody), err)
		}
		lookAtAll(t, d, everybody)
	})
}

// FuzzRoleMappingsReply: any list of role mappings is refused, or gives mappings
// that can be found by their names and be written.
func FuzzRoleMappingsReply(f *testing.F) {
	f.Add(200, []byte(`{"mappings":[{"name":"owners","enabled":true,"rule":{"any":[{"group":"o"}]},"role_assignments":{"organization":[{"role_id":"organization-admin"}]}}]}`))
	f.Add(200, []byte(`{"mappings":[null,{"name":"a,b","rule":null},{"name":"a,b"}]}`))
	f.Add(200, []byte(`{"mappings":{}}`))
	f.Add(403, []byte(``))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client := fuzzClient(t, answering("/role_mappings", status, body))
		mappings, err := client.Settings().RoleMappings(t.Context())
		checkError(t, err)
		if err == nil && (status >= 300 || !json.Valid(body)) {
			t.Fatalf("%d with %q is taken for mappings", status, body)
		}
		for _, m := range mappings {
			if _, found, err := client.Settings().RoleMapping(t.Context(), m.Name); err != nil || !found {
				t.Fatalf("%q is not found, %v", m.Name, err)
			}
			if _, err := json.Marshal(m); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzErrorReply: whatever the service says of a failure, and in whatever form,
// the error can be printed.
func FuzzErrorReply(f *testing.F) {
	f.Add(404, "organization.not_found", "r1", []byte(`{"errors":[{"code":"organization.not_found","message":"no","fields":["a"]}]}`))
	f.Add(400, "a, b", "", []byte(`{"errors":[null]}`))
	f.Add(500, "", "", []byte(`<html>`))
	f.Add(401, "", "\x1b[2J", []byte(`{"errors":[{"message":"`+hostileKey+`\u001b[31m"}]}`))
	f.Add(302, "", "", []byte(``))
	f.Fuzz(func(t *testing.T, status int, codes, requestID string, body []byte) {
		if status < 300 {
			return // no failure
		}
		client := fuzzClient(t, func(*http.Request) (*http.Response, error) {
			return answer(status, http.Header{"X-Cloud-Error-Codes": {codes}, "X-Request-Id": {requestID}}, string(body)), nil
		})
		for _, err := range []error{client.DeleteMembers(t.Context(), "1"), client.Settings().DeleteDomain(t.Context(), "example.com")} {
			if err == nil && status != 404 {
				t.Fatalf("%d is taken for success", status)
			}
			if !strings.Contains(codes+requestID, hostileKey) { // a service that repeats the key there
				checkError(t, err)
			}
		}
	})
}

// FuzzParseEndpoint: what is taken is https, or a loopback address, with nothing
// beside scheme, host and path, and is taken again as it is.
func FuzzParseEndpoint(f *testing.F) {
	for _, s := range []string{
		DefaultEndpoint, DefaultEndpoint + "/api/v1/", "http://127.0.0.1:9200", "http://[::1]", "http://localhost", "http://localhost.example.com", "https://user:password@host",
		"http://[::ffff:127.0.0.1]", "http://127.0.0.1%2eexample.com", "http://[fe80::1%25lo]", "https://host/%2e%2e?x#y", "https:host", "HTTPS://HOST", "http://2130706433", "https://host\\@evil.example",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		base, err := ParseEndpoint(s)
		if err != nil {
			return
		}
		u, err := url.Parse(base)
		if err != nil {
			t.Fatalf("%q gives %q: %v", s, base, err)
		}
		if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			t.Fatalf("%q gives %q, which sends the key in the clear", s, base)
		}
		if u.User != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
			t.Fatalf("%q gives %q", s, base)
		}
		if again, err := ParseEndpoint(base); err != nil || again != base {
			t.Fatalf("%q gives %q, and that %q, %v", s, base, again, err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+apiPath+"/organizations", http.NoBody)
		if err != nil || req.URL.Hostname() != u.Hostname() || !strings.HasSuffix(req.URL.Path, "/api/v1/organizations") {
			t.Fatalf("%q gives %q, which calls %v, %v", s, base, req, err)
		}
	})
}
