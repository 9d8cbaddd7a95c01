// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// fuzzClient is a client of a service without a network. It makes one try, so
// that no failure costs time.
func fuzzClient(t testing.TB, service roundTripFunc) *Client {
	client := newClientOf(t, Config{RetryWait: time.Nanosecond}, service)
	client.config.APIKey = hostileKey
	return client
}

// FuzzRoleAssignments: assignments that were read are written so that they read the
// same again, and unknown parts are not lost.
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

// FuzzErrorReply: any error reply of the service, in any form, becomes an error that is
// safe to print.
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
		for _, err := range []error{client.DeleteMembers(t.Context(), testOrganization, "1"), client.DeleteDomainClaim(t.Context(), testOrganization, "example.com")} {
			if err == nil && status != 404 {
				t.Fatalf("%d is taken for success", status)
			}
			if !strings.Contains(codes+requestID, hostileKey) { // a service that repeats the key there
				cloudtest.WantHarmless(t, err, hostileKey)
			}
		}
	})
}

// FuzzParseEndpoint: an accepted endpoint is https or a loopback address, has only
// scheme, host and path, and is accepted again unchanged.
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
