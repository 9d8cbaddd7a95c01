// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getOrganizations  = "GET /organizations"
	getMembers        = "GET /organizations/{organization_id}/members"
	getInvitations    = "GET /organizations/{organization_id}/invitations"
	postInvitations   = "POST /organizations/{organization_id}/invitations"
	deleteInvitations = "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}"
	deleteMembers     = "DELETE /organizations/{organization_id}/members/{user_ids}"
	postRoles         = "POST /users/{user_id}/role_assignments"
	deleteRoles       = "DELETE /users/{user_id}/role_assignments"
)

// roundTripFunc is a service with no network, for what the fake does not do.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newClientOf(t testing.TB, c Config, service roundTripFunc) *Client {
	t.Helper()
	c.Endpoint, c.APIKey, c.Transport = "https://service.example", "key", service
	return newClient(t, c)
}

func answer(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func TestParseEndpoint(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://api.elastic-cloud.com":                   "https://api.elastic-cloud.com",
		"https://api.elastic-cloud.com/":                  "https://api.elastic-cloud.com",
		"https://api.elastic-cloud.com//":                 "https://api.elastic-cloud.com",
		"https://api.elastic-cloud.com/api/v1":            "https://api.elastic-cloud.com",
		"https://api.elastic-cloud.com/api/v1/":           "https://api.elastic-cloud.com",
		"https://api.elastic-cloud.com//api/v1":           "https://api.elastic-cloud.com",
		" https://api.elastic-cloud.com\n":                "https://api.elastic-cloud.com",
		"HTTPS://api.elastic-cloud.com":                   "https://api.elastic-cloud.com",
		"https://proxy.example:8443/elastic/api/v1/":      "https://proxy.example:8443/elastic",
		"https://proxy.example/a%2Fb%25/api/v1":           "https://proxy.example/a%2Fb%25",
		"http://127.0.0.1:9200":                           "http://127.0.0.1:9200",
		"http://127.9.9.9":                                "http://127.9.9.9",
		"http://[::1]:9200/api/v1":                        "http://[::1]:9200",
		"http://localhost:9200/":                          "http://localhost:9200",
		"http://LocalHost":                                "http://LocalHost",
		"https://api.us-gov-east-1.aws.elastic-cloud.com": "https://api.us-gov-east-1.aws.elastic-cloud.com",
	} {
		if got, err := ParseEndpoint(in); err != nil || got != want {
			t.Errorf("ParseEndpoint(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	t.Parallel()
	for in, problem := range map[string]string{
		"":                                     "is not a URL",
		" ":                                    "is not a URL",
		"api.elastic-cloud.com":                "is not a URL",
		"localhost:9200":                       "is not a URL",
		"//api.elastic-cloud.com":              "must begin with https://",
		"https://":                             "is not a URL",
		"https:///api/v1":                      "is not a URL",
		"https://:443":                         "is not a URL",
		"https://host:port":                    "is not a URL",
		"https://two words":                    "is not a URL",
		"https://host/%zz":                     "is not a URL",
		"ftp://api.elastic-cloud.com":          "must begin with https://",
		"http://api.elastic-cloud.com":         "in the clear",
		"http://10.0.0.1":                      "in the clear",
		"http://0.0.0.0":                       "in the clear",
		"http://127.0.0.1.example.com":         "in the clear",
		"http://localhost.example.com":         "in the clear",
		"http://[::2]":                         "in the clear",
		"https://host?x=1":                     "has a query or a fragment",
		"https://host#fragment":                "has a query or a fragment",
		"https://user@host":                    "must not contain a user name",
		"https://user:s3cret@host":             "must not contain a user name",
		"http://user:s3cret@host":              "must not contain a user name",
		"ftp://user:s3cret@host":               "must not contain a user name",
		"http://user:s3cret@127.0.0.1":         "must not contain a user name",
		"https://user:s3cret@host:port/api/v1": "must not contain a user name",
	} {
		got, err := ParseEndpoint(in)
		if err == nil {
			t.Errorf("ParseEndpoint(%q) = %q, want an error", in, got)
			continue
		}
		if !strings.Contains(err.Error(), problem) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("ParseEndpoint(%q): %v; want %q and no password", in, err, problem)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ endpoint, key, problem string }{
		{"http://example.com", "key", "in the clear"},
		{DefaultEndpoint, "", "no API key"},
		{DefaultEndpoint, "s3cret\n", "line break"},
		{DefaultEndpoint, "s3 cret", "space"},
		{DefaultEndpoint, "s3cret\x00", "control character"},
	} {
		_, err := New(Config{Endpoint: test.endpoint, APIKey: test.key})
		if err == nil || !strings.Contains(err.Error(), test.problem) || strings.Contains(err.Error(), "cret") {
			t.Errorf("with the key %q: %v, want %q", test.key, err, test.problem)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	client := newClient(t, config(srv))
	if _, err := client.ListMembers(t.Context(), srv.OrganizationID); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateInvitations(t.Context(), srv.OrganizationID, InvitationRequest{Emails: []string{"a@example.com"}}); err != nil {
		t.Fatal(err)
	}
	for i, contentType := range []string{"", "application/json"} {
		r := srv.Requests()[i]
		for name, want := range map[string]string{
			"Authorization": "ApiKey " + srv.Key,
			"User-Agent":    "test/1.0",
			"Accept":        "application/json",
			"Content-Type":  contentType,
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", r.Route, name, got, want)
			}
		}
		if hasBody := len(r.Body) > 0; hasBody != (contentType != "") {
			t.Errorf("%s was sent with the body %q", r.Route, r.Body)
		}
	}
	if body := string(srv.Requests()[1].Body); body != `{"emails":["a@example.com"]}` {
		t.Errorf("the invitation says more than was asked for: %s", body)
	}
}

// A value must stay one segment of the path, with any content.
func TestPathSegments(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"123":          "123",
		"a/b":          "a%2Fb",
		"a b":          "a%20b",
		"a,b":          "a%2Cb",
		"100%":         "100%25",
		"%2F":          "%252F",
		"../members/x": "..%2Fmembers%2Fx",
		"a?b#c":        "a%3Fb%23c",
		"{user_id}":    "%7Buser_id%7D",
		"ü":            "%C3%BC",
	} {
		srv := cloudtest.New(t)
		err := newClient(t, config(srv)).AddRoleAssignments(t.Context(), id, NewRoleAssignments(srv.OrganizationID, []Grant{{Role: "billing-admin"}}))
		if !HasCode(err, CodeInvalidTargetUser) {
			t.Errorf("%q: %v", id, err)
		}
		requests := srv.Requests()
		if len(requests) != 1 || requests[0].Path != "/api/v1/users/"+want+"/role_assignments" {
			t.Errorf("%q was sent to %v, want %s", id, paths(requests), want)
		}
	}
}

func paths(requests []cloudtest.Request) []string {
	var paths []string
	for _, r := range requests {
		paths = append(paths, r.Method+" "+r.Path)
	}
	return paths
}

func TestListsInPath(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	var ids []string
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		ids = append(ids, srv.AddMember(email))
	}
	client := newClient(t, config(srv))
	if err := client.DeleteMembers(t.Context(), srv.OrganizationID, ids[0], ids[2]); err != nil {
		t.Fatal(err)
	}
	if got := srv.Emails(); !slices.Equal(got, []string{"b@example.com"}) {
		t.Errorf("left are %v", got)
	}
	if got := srv.Writes(); len(got) != 1 || !strings.HasSuffix(got[0].Path, "/"+ids[0]+","+ids[2]) {
		t.Errorf("sent: %v", paths(got))
	}
}

// With nothing in the last segment, a DELETE might mean everybody.
func TestEmptyValuesAreNotSent(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	client := newClient(t, config(srv))
	ctx := t.Context()
	for what, call := range map[string]func() error{
		"no member":              func() error { return client.DeleteMembers(ctx, srv.OrganizationID) },
		"an empty member":        func() error { return client.DeleteMembers(ctx, srv.OrganizationID, "") },
		"an empty one of two":    func() error { return client.DeleteMembers(ctx, srv.OrganizationID, "1", "") },
		"no invitation":          func() error { return client.DeleteInvitations(ctx, srv.OrganizationID) },
		"an empty invitation":    func() error { return client.DeleteInvitations(ctx, srv.OrganizationID, "") },
		"roles of nobody":        func() error { return client.AddRoleAssignments(ctx, "", RoleAssignments{}) },
		"roles taken off nobody": func() error { return client.RemoveRoleAssignments(ctx, "", RoleAssignments{}) },
	} {
		if err := call(); err == nil || Unsure(err) {
			t.Errorf("%s: %v, want a plain refusal", what, err)
		}
	}
	if sent := srv.Requests(); len(sent) > 0 {
		t.Errorf("sent: %v", paths(sent))
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	defer elsewhere.Close()
	srv := cloudtest.New(t)
	client := newClient(t, config(srv))
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv.Fail(cloudtest.Fault{Status: status, Header: http.Header{"Location": {elsewhere.URL + "/api/v1/organizations"}}, Times: 2})
		_, err := client.ListOrganizations(t.Context())
		_, postErr := client.CreateInvitations(t.Context(), testOrganization, InvitationRequest{Emails: []string{"a@example.com"}})
		for _, err := range []error{err, postErr} {
			var apiErr *Error
			if !errors.As(err, &apiErr) || apiErr.Status != status || !strings.Contains(err.Error(), "redirects") {
				t.Errorf("%d: %v", status, err)
			}
		}
		if Unsure(postErr) {
			t.Errorf("%d: a redirected invitation was not carried out", status)
		}
	}
	if n := arrived.Load(); n > 0 {
		t.Errorf("%d requests reached the other host", n)
	}
	if n := len(srv.Requests()); n != 10 {
		t.Errorf("%d requests for ten calls", n)
	}
}

func TestReplyOverTheBound(t *testing.T) {
	t.Parallel()
	calls, read := 0, 0
	client := newClientOf(t, Config{MaxRetries: 3, RetryWait: time.Millisecond}, func(*http.Request) (*http.Response, error) {
		calls++
		resp := answer(200, nil, "")
		resp.Body = io.NopCloser(readerFunc(func(p []byte) (int, error) {
			for i := range p {
				p[i] = ' '
			}
			read += len(p)
			return len(p), nil
		}))
		return resp, nil
	})
	_, err := client.ListMembers(t.Context(), testOrganization)
	if !errors.Is(err, errReplyTooLarge) || calls != 1 || read != maxReply+1 {
		t.Errorf("%v after %d calls and %d bytes", err, calls, read)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWrongJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"<html>", `[]`, `{"members":[`, `{"members":{},"invitations":{},"organizations":{}}`,
		`{"members":[{"user_id":1}],"invitations":[{"token":1}],"organizations":[{"id":1}]}`,
	} {
		srv := cloudtest.New(t)
		srv.Fail(cloudtest.Fault{Body: body, Times: -1})
		client := newClient(t, config(srv))
		_, membersErr := client.ListMembers(t.Context(), srv.OrganizationID)
		_, invitationsErr := client.ListInvitations(t.Context(), srv.OrganizationID)
		_, organizationsErr := client.ListOrganizations(t.Context())
		for what, err := range map[string]error{"members": membersErr, "invitations": invitationsErr, "organizations": organizationsErr} {
			var apiErr *Error
			if !errors.As(err, &apiErr) || apiErr.Status != 200 || !strings.Contains(err.Error(), "does not match the API contract") {
				t.Errorf("%s from %s: %v", what, body, err)
			}
		}
		if n := len(srv.Requests()); n != 3 {
			t.Errorf("%d requests for three calls", n)
		}
		if strings.HasPrefix(body, "<") { // something in between, which has removed nobody
			if err := client.DeleteMembers(t.Context(), srv.OrganizationID, "1"); !Unsure(err) {
				t.Errorf("removing a member: %v", err)
			}
		}
	}
}

// An organization has an owner at least. A reply without any list of members,
// taken for an empty one, would make everybody look gone.
func TestReplyWithoutMembers(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `{"members":null}`, `{"message":"hello"}`} {
		srv := cloudtest.New(t)
		srv.Fail(cloudtest.Fault{Route: getMembers, Body: body, Times: -1})
		members, err := newClient(t, config(srv)).ListMembers(t.Context(), srv.OrganizationID)
		if err == nil || !strings.Contains(err.Error(), "does not match the API contract") {
			t.Errorf("%s: %+v, %v", body, members, err)
		}
	}
}

// A key that was refused once is not tried again, in any call.
func TestRefusedKeyIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.Fail(cloudtest.Fault{Status: http.StatusUnauthorized})
	client := newClient(t, config(srv))
	_, first := client.ListMembers(t.Context(), srv.OrganizationID)
	if !HasStatus(first, http.StatusUnauthorized) {
		t.Fatalf("got %v", first)
	}
	for range 3 {
		_, err := client.ListOrganizations(t.Context())
		if err == nil || err.Error() != first.Error() {
			t.Errorf("got %v, want %v", err, first)
		}
		if _, err := client.SetEnforcement(t.Context(), srv.OrganizationID, true); Unsure(err) || !HasStatus(err, http.StatusUnauthorized) {
			t.Errorf("got %v", err)
		}
	}
	if n := len(srv.Requests()); n != 1 {
		t.Errorf("%d requests are made", n)
	}
}

func TestKeyExpires(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	srv := cloudtest.New(t, cloudtest.KeyExpires(at))
	client := newClient(t, config(srv))
	if got := client.KeyExpires(); !got.IsZero() {
		t.Errorf("before any call: %v", got)
	}
	if _, err := client.ListMembers(t.Context(), srv.OrganizationID); err != nil {
		t.Fatal(err)
	}
	if got := client.KeyExpires(); !got.Equal(at) {
		t.Errorf("the key expires %v, want %v", got, at)
	}
	later := at.Add(time.Hour)
	for _, value := range []string{later.Format(http.TimeFormat), "soon", ""} {
		client.readKeyExpiration(http.Header{"X-Elastic-Api-Key-Expiration": {value}})
		if got := client.KeyExpires(); !got.Equal(later) {
			t.Errorf("after %q the key expires %v, want %v", value, got, later)
		}
	}
}

// The log gets every HTTP call, repetitions too, and nothing secret.
func TestLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(time.Second))
		srv.Fail(cloudtest.Fault{Drop: true})
		srv.Fail(cloudtest.Fault{Status: 503})
		var calls []Call
		c := config(srv)
		c.Log = func(_ context.Context, call Call) { calls = append(calls, call) }
		if _, err := newClient(t, c).ListMembers(t.Context(), srv.OrganizationID); err != nil {
			t.Fatal(err)
		}
		if len(calls) != 3 {
			t.Fatalf("%d calls are logged: %v", len(calls), calls)
		}
		for i, want := range []struct {
			status int
			failed bool
		}{{0, true}, {503, false}, {200, false}} {
			if got := calls[i]; got.Name != getMembers || got.Status != want.status || (got.Err != nil) != want.failed || got.Bytes == 0 != want.failed || got.Duration != time.Second {
				t.Errorf("call %d: %+v", i, got)
			}
		}
	})
}

type countedBody struct {
	io.Reader
	closed *int
}

func (b countedBody) Close() error {
	*b.closed++
	return nil
}

func TestRepliesAreClosed(t *testing.T) {
	t.Parallel()
	closed := 0
	client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
		resp := answer(200, nil, "")
		resp.Body = countedBody{strings.NewReader(`{"members":[]}`), &closed}
		return resp, nil
	})
	if _, err := client.ListMembers(t.Context(), testOrganization); err != nil || closed != 1 {
		t.Errorf("%v, and the reply was closed %d times", err, closed)
	}
}
