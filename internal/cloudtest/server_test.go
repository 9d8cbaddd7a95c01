// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// answer is a reply as a client gets it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is the first error code of the body.
func (a answer) code(t *testing.T) string {
	t.Helper()
	var failure struct {
		Errors []struct{ Code, Message string } `json:"errors"`
	}
	if err := json.Unmarshal(a.body, &failure); err != nil || len(failure.Errors) == 0 {
		return ""
	}
	code := failure.Errors[0].Code
	if got := a.header.Get("x-cloud-error-codes"); got != code {
		t.Errorf("x-cloud-error-codes %q, body %q", got, code)
	}
	if a.header.Get("X-Request-Id") == "" {
		t.Error("error reply without X-Request-Id")
	}
	if failure.Errors[0].Message == "" {
		t.Error("error reply without a message")
	}
	return code
}

// try sends a request below /api/v1; {org} in path and body is filled in.
func try(t *testing.T, s *Server, method, path, body string) (answer, error) {
	t.Helper()
	fill := strings.NewReplacer("{org}", s.OrganizationID)
	var content io.Reader
	if body != "" {
		content = strings.NewReader(fill.Replace(body))
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+apiRoot+fill.Replace(path), content)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "ApiKey "+s.Key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return roundTrip(s, r)
}

// client returns a client that reaches a server, with a socket or without.
func client(s *Server) *http.Client {
	return &http.Client{Transport: s.Transport()}
}

func roundTrip(s *Server, r *http.Request) (answer, error) {
	resp, err := client(s).Do(r)
	if err != nil {
		return answer{}, err
	}
	text, err := io.ReadAll(resp.Body)
	if closeErr := resp.Body.Close(); err == nil {
		err = closeErr
	}
	return answer{resp.StatusCode, resp.Header, text}, err
}

func do(t *testing.T, s *Server, method, path, body string) answer {
	t.Helper()
	a, err := try(t, s, method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// expect sends a request and checks status and error code.
func expect(t *testing.T, s *Server, method, path, body string, status int, code string) answer {
	t.Helper()
	a := do(t, s, method, path, body)
	if got := a.code(t); a.status != status || got != code {
		t.Errorf("%s %s: got %d %q, want %d %q\n%s", method, path, a.status, got, status, code, a.body)
	}
	return a
}

func decode[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return value
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func equalList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// recorder is a test that notes what New reports instead of failing.
type recorder struct {
	testing.TB
	errors, fatals []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.fatals = append(r.fatals, fmt.Sprintf(format, args...))
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := New(t)
	for _, header := range []string{"", s.Key, "Bearer " + s.Key, "ApiKey " + s.Key + "x", "apikey " + s.Key} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/v1/organizations", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", header)
		a, err := roundTrip(s, r)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "status", a.status, http.StatusUnauthorized)
		equal(t, "code", a.code(t), "root.unauthenticated")
	}
}

func TestServersDiffer(t *testing.T) {
	t.Parallel()
	a, b := New(t), New(t)
	if a.Key == b.Key || a.OrganizationID == b.OrganizationID || a.AddMember("a@example.com") == b.AddMember("a@example.com") {
		t.Error("two servers have an identifier in common")
	}
}

func TestReadOnlyKey(t *testing.T) {
	t.Parallel()
	s := New(t, ReadOnlyKey())
	id := s.AddMember("a@example.com")
	expect(t, s, "GET", "/organizations/{org}/members", "", 200, "")
	expect(t, s, "DELETE", "/organizations/{org}/members/"+id, "", 403, "root.unauthorized")
	expect(t, s, "POST", "/organizations/{org}/invitations", `{"emails":["b@example.com"]}`, 403, "root.unauthorized")
	expect(t, s, "POST", "/users/"+id+"/role_assignments", `{}`, 403, "root.unauthorized")
	equalList(t, "emails", s.Emails(), "a@example.com")
}

func TestKeyExpires(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(time.Hour)
	s := New(t, KeyExpires(end))
	a := do(t, s, "GET", "/organizations", "")
	equal(t, "header", a.header.Get("X-Elastic-Api-Key-Expiration"), end.UTC().Format(time.RFC3339))
	a = do(t, s, "GET", "/organizations/none", "")
	equal(t, "header of an error", a.header.Get("X-Elastic-Api-Key-Expiration"), end.UTC().Format(time.RFC3339))
	s.Advance(time.Hour)
	a = expect(t, s, "GET", "/organizations", "", 401, "root.unauthenticated")
	equal(t, "header without authentication", a.header.Get("X-Elastic-Api-Key-Expiration"), "")
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := New(t, RateLimit(2, 90*time.Second), Clock(func() time.Time { return now }))
	for _, remaining := range []string{"1", "0"} {
		a := expect(t, s, "GET", "/organizations", "", 200, "")
		equal(t, "remaining", a.header.Get("x-ratelimit-remaining"), remaining)
		equal(t, "limit", a.header.Get("x-ratelimit-limit"), "2")
		equal(t, "interval", a.header.Get("x-ratelimit-interval"), "90")
		equal(t, "Retry-After", a.header.Get("Retry-After"), "")
	}
	s.Advance(30*time.Second + time.Millisecond)
	a := expect(t, s, "GET", "/organizations", "", 429, "root.rate_limit_exceeded")
	equal(t, "Retry-After", a.header.Get("Retry-After"), "60")
	equal(t, "remaining", a.header.Get("x-ratelimit-remaining"), "0")
	s.Advance(60 * time.Second)
	expect(t, s, "GET", "/organizations", "", 200, "")
}

func TestRateLimitSilent(t *testing.T) {
	t.Parallel()
	s := New(t, RateLimit(1, time.Hour), RateLimitSilent())
	for _, a := range []answer{
		expect(t, s, "GET", "/organizations", "", 200, ""),
		expect(t, s, "GET", "/organizations", "", 429, "root.rate_limit_exceeded"),
	} {
		for _, name := range []string{"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-interval", "Retry-After"} {
			equal(t, name, a.header.Get(name), "")
		}
	}
}

func TestUnchecked(t *testing.T) {
	t.Parallel()
	const wrong = "/organizations?no_such_parameter=1"
	for checked, options := range map[bool][]Option{true: nil, false: {Unchecked()}} {
		s := Start(options...)
		a := expect(t, s, "GET", wrong, "", 200, "")
		equal(t, "noticed", len(s.Violations()) > 0, checked)
		equal(t, "sent", s.Requests()[0].Sent, len(a.body))
		s.Close()
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(t, Latency(time.Minute), InProcess())
		start := time.Now()
		expect(t, s, "GET", "/organizations", "", 200, "")
		equal(t, "it took", time.Since(start), time.Minute)
	})
}

func TestListen(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		if s, err := Open(Listen(address)); err == nil {
			s.Close()
			t.Errorf("listens on %s", address)
		}
	}
	s := Start(Listen("localhost:0"))
	expect(t, s, "GET", "/organizations", "", 200, "")
	s.Close()
	s.Close()
}

func TestLag(t *testing.T) {
	t.Parallel()
	s := New(t, Lag(time.Minute), Clock(fixedClock()))
	s.AddMember("old@example.com", "billing-admin")
	s.AddInvitation("open@example.com")
	equal(t, "set up before the first request", countMembers(t, s), 1)

	expect(t, s, "POST", "/organizations/{org}/invitations", `{"emails":["new@example.com"]}`, 201, "")
	s.Accept("open@example.com")
	s.Grant("old@example.com", "organization-admin")
	equal(t, "members at once", countMembers(t, s), 1)
	equal(t, "invitations at once", len(listedInvitations(t, s)), 1)
	// Writes decide on the state as it is.
	expect(t, s, "POST", "/organizations/{org}/invitations", `{"emails":["new@example.com"]}`, 400, "organization.invitation_already_exists")
	expect(t, s, "POST", "/organizations/{org}/invitations", `{"emails":["open@example.com"]}`, 400, "organization.user_organization_already_belongs")

	s.Advance(59 * time.Second)
	equal(t, "members a second early", countMembers(t, s), 1)
	s.Advance(time.Second)
	equal(t, "members in time", countMembers(t, s), 2)
	equal(t, "invitation in time", listedInvitations(t, s)[0].email(), "new@example.com")

	s.Expire("new@example.com")
	equal(t, "expired at once", listedInvitations(t, s)[0].Expired, false)
	s.Advance(time.Minute)
	equal(t, "expired in time", listedInvitations(t, s)[0].Expired, true)
}

func fixedClock() func() time.Time {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time { return now }
}

func TestLedger(t *testing.T) {
	t.Parallel()
	s := New(t)
	do(t, s, "GET", "/organizations/{org}", "")
	do(t, s, "GET", "/organizations/none/members", "")
	do(t, s, "POST", "/organizations/{org}/invitations", `{"emails":["a@example.com"]}`)
	do(t, s, "DELETE", "/organizations/{org}/invitations/a%2Cb%2F", "")

	equal(t, "count", s.Count("GET /organizations/{organization_id}"), 1)
	equal(t, "requests", len(s.Requests()), 4)
	writes := s.Writes()
	equal(t, "writes", len(writes), 2)
	equal(t, "body", string(writes[0].Body), `{"emails":["a@example.com"]}`)
	equal(t, "status", writes[0].Status, 201)
	equal(t, "header", writes[0].Header.Get("Content-Type"), "application/json")
	equal(t, "route", writes[1].Route, "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}")
	equal(t, "path", writes[1].Path, "/api/v1/organizations/"+s.OrganizationID+"/invitations/a%2Cb%2F")
	if writes[1].At.IsZero() {
		t.Error("no time")
	}
	s.ResetLedger()
	equal(t, "after reset", len(s.Requests()), 0)
}

func TestBefore(t *testing.T) {
	t.Parallel()
	s := New(t)
	calls := 0
	s.Before("GET /organizations/{organization_id}/members", func() {
		calls++
		s.AddMember("late@example.com")
	})
	do(t, s, "GET", "/organizations/{org}", "")
	equal(t, "calls by another route", calls, 0)
	equal(t, "members", countMembers(t, s), 1)
	equal(t, "members later", countMembers(t, s), 1)
	equal(t, "calls", calls, 1)
}

func TestContractViolations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path, body string
		want                     string
	}{
		{"unknown route", "GET", "/nothing", "", "no such route"},
		{"empty path parameter", "GET", "/organizations//members", "", "no such route"},
		{"unknown method", "PATCH", "/organizations", "", "no such route"},
		{"query parameter", "GET", "/organizations/{org}/members?size=1", "", `query parameter "size"`},
		{"body where there is none", "DELETE", "/organizations/{org}/members/1", `{}`, "no request body"},
		{"body left out", "POST", "/organizations/{org}/invitations", "", "body is missing"},
		{"no JSON", "POST", "/organizations/{org}/invitations", `{`, "not JSON"},
		{"required field", "POST", "/organizations/{org}/invitations", `{"expires_in":"1d"}`, "emails"},
		{"wrong type", "POST", "/organizations/{org}/invitations", `{"emails":"a@example.com"}`, "/emails"},
		{"null", "POST", "/organizations/{org}/invitations", `{"emails":["a@example.com"],"role_assignments":{"deployment":null}}`, "nullable"},
		{"deep", "POST", "/users/1/role_assignments", `{"deployment":[{"role_id":"deployment-viewer"}]}`, "organization_id"},
		{"made-up cursor", "GET", "/organizations?next_page=2", "", "next_page"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := Start()
			defer s.Close()
			do(t, s, test.method, test.path, test.body)
			got := s.Violations()
			if len(got) != 1 || !strings.Contains(got[0], test.want) {
				t.Errorf("got %q, want one with %q", got, test.want)
			}
		})
	}
}

func TestUnknownRouteIsShapedLikeTheAPI(t *testing.T) {
	t.Parallel()
	s := Start()
	defer s.Close()
	expect(t, s, "GET", "/nothing", "", 404, "root.resource_not_found")
	equal(t, "violations", len(s.Violations()), 1)
}

func TestContractContentType(t *testing.T) {
	t.Parallel()
	s := Start()
	defer s.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		s.URL+"/api/v1/organizations/"+s.OrganizationID+"/invitations", bytes.NewReader([]byte(`{"emails":["a@example.com"]}`)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "ApiKey "+s.Key)
	r.Header.Set("Content-Type", "text/plain")
	if _, err := roundTrip(s, r); err != nil {
		t.Fatal(err)
	}
	if got := s.Violations(); len(got) != 1 || !strings.Contains(got[0], "text/plain") {
		t.Errorf("violations %q", got)
	}
}

// The fake's own replies are held against the contract as well.
func TestContractChecksReplies(t *testing.T) {
	t.Parallel()
	op, _ := loadContract().find("GET", "/api/v1/organizations/1/members")
	header := http.Header{"Content-Type": {"application/json"}}
	tests := []struct {
		name   string
		status int
		body   string
		ok     bool
	}{
		{"good", 200, `{"members":[{"user_id":"1","organization_id":"2","member_since":"2026-01-02T03:04:05.678Z"}]}`, true},
		{"no members", 200, `{}`, false},
		{"null array", 200, `{"members":[{"user_id":"1","organization_id":"2","member_since":"2026-01-02T03:04:05Z","role_assignments":{"deployment":null}}]}`, false},
		{"bad time", 200, `{"members":[{"user_id":"1","organization_id":"2","member_since":"yesterday"}]}`, false},
		{"status of another call", 201, `{"members":[]}`, false},
		{"400 is not listed", 400, `{"errors":[{"code":"a","message":"b"}]}`, false},
		{"403 may come anywhere", 403, `{"errors":[{"code":"a","message":"b"}]}`, true},
		{"429 in another shape", 429, `{}`, false},
		{"500", 500, `{"errors":[]}`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if err := op.checkReply(test.status, header, []byte(test.body)); (err == nil) != test.ok {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestNewReportsToTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	s := New(r)
	do(t, s, "GET", "/nothing", "")
	if len(r.errors) != 1 || !strings.Contains(r.errors[0], "GET /nothing") {
		t.Errorf("errors %q", r.errors)
	}
	s.Accept("nobody@example.com")
	if len(r.fatals) != 1 || !strings.Contains(r.fatals[0], "nobody@example.com has no invitation") {
		t.Errorf("fatals %q", r.fatals)
	}
}

// Many clients and verbs at a time: what counts is the race detector.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := New(t, Lag(time.Millisecond))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			email := fmt.Sprintf("person%d@example.com", i)
			s.Before("GET /organizations/{organization_id}/members", func() { s.Emails() })
			for range 5 {
				expect(t, s, "POST", invitations, `{"emails":["`+email+`"],"role_assignments":{"connected_cluster":[{"role_id":"x"}]}}`, 201, "")
				listedInvitations(t, s)
				id := s.Accept(email)
				expect(t, s, "POST", "/users/"+id+"/role_assignments", `{"organization":[{"role_id":"billing-admin","organization_id":"{org}"}]}`, 200, "")
				listedMembers(t, s)
				s.Grants(email)
				s.Requests()
				expect(t, s, "DELETE", "/organizations/{org}/members/"+id, "", 200, "")
			}
		})
	}
	group.Wait()
	equal(t, "mails", len(s.Mails()), 40)
	equal(t, "people", len(s.Emails()), 0)
}
