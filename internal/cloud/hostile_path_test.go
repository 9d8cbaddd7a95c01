// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// recorder is a service that takes everything and notes what arrives.
type recorder struct {
	mu       sync.Mutex
	requests []string // method and target, as they are sent
	injected []string // values of headers that no client sends
	bodies   []string
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body) // a body that breaks off is one that did not arrive
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, req.Method+" "+req.RequestURI)
	r.bodies = append(r.bodies, string(body))
	r.injected = append(r.injected, req.Header.Values("X-Injected")...)
	_, _ = io.WriteString(w, "{}")
}

func (r *recorder) take() (requests, bodies, injected []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests, bodies, injected = r.requests, r.bodies, r.injected
	r.requests, r.bodies, r.injected = nil, nil, nil
	return requests, bodies, injected
}

// oddValues try to be something else than one value.
var oddValues = []string{
	"", ".", "..", "...", "../", "../..", "../members", "..\\", "./.", "a/../../b", "/", "//", "//evil.example/", "http://evil.example/", "@evil.example",
	"%2e", "%2e%2e", "%2E%2E%2F", "..%2f", "..%252f", "%00", "\x00", "%0d%0a", "a\r\nX-Injected: 1", "a HTTP/1.1\r\nX-Injected: 1\r\n\r\nDELETE /", "a\nb", "a\tb",
	"?", "a?b=c", "#", "a#b", ";", "a;b=c", "&", "=", ":", "*", "a,b", ",", ",,", "{user_id}", "{organization_id}", " ", " a ", "+", "\"", "<>", "|", "^", "`", "~", "é", "\u202e", "\u2028", "\ufeff", "𝔞", "\xff\xfe",
	strings.Repeat("a", 3000), "_verify", "_generate_verification_code",
}

// For every route with a parameter, a value with any content arrives as one segment, or
// the call is refused before it is sent.
func TestHostilePaths(t *testing.T) {
	t.Parallel()
	const organization = "/api/v1/organizations/" + testOrganization
	roles := NewRoleAssignments(testOrganization, []Grant{{Role: "billing-admin"}})
	for name, test := range map[string]struct {
		before, after string // the value in the path
		call          func(context.Context, *Client, string) error
	}{
		"DELETE members": {"DELETE " + organization + "/members/", "", func(ctx context.Context, c *Client, v string) error { return c.DeleteMembers(ctx, testOrganization, v) }},
		"DELETE members, the second": {"DELETE " + organization + "/members/1,", "",
			func(ctx context.Context, c *Client, v string) error {
				return c.DeleteMembers(ctx, testOrganization, "1", v)
			}},
		"DELETE invitations": {"DELETE " + organization + "/invitations/", "",
			func(ctx context.Context, c *Client, v string) error {
				return c.DeleteInvitations(ctx, testOrganization, v)
			}},
		"POST users": {"POST /api/v1/users/", "/role_assignments",
			func(ctx context.Context, c *Client, v string) error { return c.AddRoleAssignments(ctx, v, roles) }},
		"DELETE users": {"DELETE /api/v1/users/", "/role_assignments",
			func(ctx context.Context, c *Client, v string) error { return c.RemoveRoleAssignments(ctx, v, roles) }},
		"PUT role_mappings": {"PUT " + organization + "/role_mappings/", "",
			func(ctx context.Context, c *Client, v string) error {
				return c.UpdateRoleMapping(ctx, testOrganization, v, RoleMapping{Name: v})
			}},
		"DELETE role_mappings": {"DELETE " + organization + "/role_mappings/", "",
			func(ctx context.Context, c *Client, v string) error {
				return c.DeleteRoleMapping(ctx, testOrganization, v)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &recorder{}
			client := hostileClient(t, service.ServeHTTP)
			for _, value := range oddValues {
				err := test.call(t.Context(), client, value)
				cloudtest.WantHarmless(t, err, hostileKey)
				requests, _, _ := service.take()
				wantSegment(t, value, test.before, test.after, requests, err)
			}
		})
	}
}

// wantSegment fails the test unless the value arrived between before and after
// as one segment, or the call was refused.
func wantSegment(t *testing.T, value, before, after string, requests []string, err error) {
	t.Helper()
	if len(requests) == 0 && err != nil {
		return
	}
	if len(requests) != 1 {
		t.Errorf("%q makes %d requests: %q, %v", value, len(requests), requests, err)
		return
	}
	segment, rightBegin := strings.CutPrefix(requests[0], before)
	segment, rightEnd := strings.CutSuffix(segment, after)
	arrived, badEscape := url.PathUnescape(segment)
	if !rightBegin || !rightEnd || badEscape != nil || arrived != value || strings.ContainsAny(segment, "/\\?#,;") || segment == "." || segment == ".." {
		t.Errorf("%q arrives as %q", value, requests[0])
	}
}

// The organization's ID is in nearly every path.
func TestHostileOrganizationID(t *testing.T) {
	t.Parallel()
	for _, value := range oddValues {
		service := &recorder{}
		srv := httptest.NewServer(service)
		client := newClient(t, Config{Endpoint: srv.URL, APIKey: hostileKey, RequestTimeout: time.Minute, RetryWait: time.Millisecond})
		for method, call := range map[string]func() error{
			"PUT ":    func() error { _, err := client.SetEnforcement(t.Context(), value, true); return err },
			"DELETE ": func() error { return client.DeleteIdP(t.Context(), value) },
		} {
			err := call()
			cloudtest.WantHarmless(t, err, hostileKey)
			requests, _, _ := service.take()
			after := map[string]string{"PUT ": "", "DELETE ": "/idp"}[method]
			wantSegment(t, value, method+"/api/v1/organizations/", after, requests, err)
		}
		srv.Close()
	}
}

// A value in a body arrives as it is, and never gets into a header.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	service := &recorder{}
	client := hostileClient(t, service.ServeHTTP)
	for _, value := range oddValues {
		grant := Grant{Role: "deployment-viewer", Resource: value, ApplicationRoles: "x"}
		for name, call := range map[string]func() error{
			"a domain":          func() error { return client.DeleteDomainClaim(t.Context(), testOrganization, value) },
			"a domain to claim": func() error { return client.VerifyDomainClaim(t.Context(), testOrganization, value) },
			"an invitation": func() error {
				_, err := client.CreateInvitations(t.Context(), testOrganization, InvitationRequest{Emails: []string{value}, ExpiresIn: value})
				return err
			},
			"a role mapping": func() error {
				return client.AddRoleMapping(t.Context(), testOrganization, RoleMapping{Name: value, Rule: RoleMappingRule{Any: []RoleMappingCondition{{Group: value, Email: value}}}})
			},
			"a deployment": func() error {
				return client.AddRoleAssignments(t.Context(), "1", NewRoleAssignments(value, []Grant{grant}))
			},
			"an issuer": func() error {
				_, err := client.PutIdP(t.Context(), testOrganization, IdP{Issuer: value, SSOURL: value, LoginIdentifierPrefix: value, Certificates: []string{value}})
				return err
			},
		} {
			cloudtest.WantHarmless(t, call(), hostileKey)
			requests, bodies, injected := service.take()
			if len(requests) != 1 || len(injected) > 0 || !strings.HasPrefix(bodies[0], "{") || strings.ContainsFunc(requests[0], func(r rune) bool { return r < ' ' }) {
				t.Errorf("%s %q: %q with %q and %q", name, value, requests, bodies, injected)
			}
		}
	}
}

// A value in a header cannot begin another header or another request.
func TestHostileHeaders(t *testing.T) {
	t.Parallel()
	service := &recorder{}
	srv := httptest.NewServer(service)
	defer srv.Close()
	for _, odd := range []string{"a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\rX-Injected: 1", "a\r\n\r\nDELETE /api/v1/organizations/1/idp HTTP/1.1\r\n", "a\x00", "a\x1b[2J", "a\x7f", "a\u2028X-Injected: 1", "a\u0085X"} {
		if _, err := New(Config{Endpoint: srv.URL, APIKey: odd}); err == nil {
			t.Errorf("the key %q is taken", odd)
		} else if strings.Contains(err.Error(), "a") && strings.Contains(err.Error(), odd) {
			t.Errorf("the key %q is in %v", odd, err)
		}
		client := newClient(t, Config{Endpoint: srv.URL, APIKey: hostileKey, UserAgent: odd, RequestTimeout: time.Minute, RetryWait: time.Millisecond})
		err := client.DeleteIdP(t.Context(), testOrganization)
		cloudtest.WantHarmless(t, err, hostileKey)
		requests, _, injected := service.take()
		if len(injected) > 0 || len(requests) > 1 || len(requests) == 0 && err == nil {
			t.Errorf("the user agent %q: %q, %q, %v", odd, requests, injected, err)
		}
	}
}

// In no call does a redirect carry the key to another host, or to another path of the
// same host, in any form of the address.
func TestHostileRedirects(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	t.Cleanup(func() {
		elsewhere.Close()
		if n := arrived.Load(); n > 0 {
			t.Errorf("%d requests reached the other host", n)
		}
	})
	host := strings.TrimPrefix(elsewhere.URL, "http://")
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		for _, location := range []string{
			elsewhere.URL, elsewhere.URL + "/api/v1/organizations", "//" + host + "/", "http://user:password@" + host + "/", "HTTP:" + host, "/elsewhere", "../..", "?", "", ":", "http://[::1", "javascript:alert(1)", "\x1b[2J",
		} {
			t.Run(fmt.Sprintf("%d %q", status, location), func(t *testing.T) {
				t.Parallel()
				service := &recorder{}
				client := hostileClient(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header()["Location"] = []string{location}
					w.Header().Set("Refresh", "0; url="+elsewhere.URL)
					w.WriteHeader(status)
					service.ServeHTTP(httptest.NewRecorder(), r)
				})
				for name, call := range everyCall(client) {
					service.take()
					err := call(t.Context())
					cloudtest.WantHarmless(t, err, hostileKey)
					if err == nil || !strings.Contains(err.Error(), "redirect") && !strings.Contains(err.Error(), "Location") {
						t.Errorf("%s: %v", name, err)
					}
					requests, _, _ := service.take()
					for _, request := range requests {
						if !strings.Contains(request, " /api/v1/organizations") && !strings.Contains(request, " /api/v1/users/1/role_assignments") {
							t.Errorf("%s makes the request %q", name, request)
						}
					}
				}
			})
		}
	}
}
