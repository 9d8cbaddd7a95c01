// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// Faults that may pass, and some that do not.
var (
	passing = map[string]cloudtest.Fault{
		"429": {Status: 429}, "500": {Status: 500}, "502": {Status: 502}, "503": {Status: 503}, "504": {Status: 504},
		"drop": {Drop: true}, "cut": {Cut: true},
	}
	lasting = map[string]cloudtest.Fault{
		"400": {Status: 400}, "401": {Status: 401}, "403": {Status: 403}, "404": {Status: 404}, "409": {Status: 409}, "501": {Status: 501},
	}
)

// afterAll counts the requests of call, which meets a fault so many times.
func afterAll(t *testing.T, fault cloudtest.Fault, times int, call func(ctx context.Context, c *Client, organizationID string) error) (requests int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		fault.Times = times
		srv.Fail(fault)
		err = call(t.Context(), newClient(t, config(srv)), srv.OrganizationID)
		requests = len(srv.Requests())
	})
	return requests, err
}

func TestReadsAreRepeated(t *testing.T) {
	t.Parallel()
	list := func(ctx context.Context, c *Client, organizationID string) error {
		_, err := c.ListMembers(ctx, organizationID)
		return err
	}
	for name, fault := range passing {
		if n, err := afterAll(t, fault, 2, list); err != nil || n != 3 {
			t.Errorf("%s twice: %v after %d requests", name, err, n)
		}
		if n, err := afterAll(t, fault, -1, list); err == nil || n != 3 {
			t.Errorf("%s always: %v after %d requests, want an error after three", name, err, n)
		}
	}
	for name, fault := range lasting {
		if n, err := afterAll(t, fault, -1, list); err == nil || n != 1 {
			t.Errorf("%s: %v after %d requests, want an error after one", name, err, n)
		}
	}
}

// An invitation is an e-mail: one that may have gone out is not sent again.
func TestInvitationsAreNotRepeated(t *testing.T) {
	t.Parallel()
	invite := func(ctx context.Context, c *Client, organizationID string) error {
		_, err := c.CreateInvitations(ctx, organizationID, InvitationRequest{Emails: []string{"a@example.com"}})
		return err
	}
	for name, fault := range passing {
		n, err := afterAll(t, fault, 1, invite)
		switch {
		case name == "429" && (err != nil || n != 2):
			t.Errorf("%s: %v after %d requests, want none after two", name, err, n)
		case name != "429" && (n != 1 || !Unsure(err)):
			t.Errorf("%s: %v after %d requests, want an unsure error after one", name, err, n)
		}
	}
	for name, fault := range lasting {
		if n, err := afterAll(t, fault, 1, invite); err == nil || n != 1 || Unsure(err) != (name == "501") {
			t.Errorf("%s: %v after %d requests", name, err, n)
		}
	}
}

// What never left this machine is safe to repeat.
func TestRefusedConnectionsAreRepeated(t *testing.T) {
	t.Parallel()
	calls := 0
	c := Config{Endpoint: "http://127.0.0.1:1", APIKey: "key", MaxRetries: 3, RetryWait: time.Millisecond,
		Log: func(context.Context, Call) { calls++ }}
	_, err := newClient(t, c).CreateInvitations(t.Context(), testOrganization, InvitationRequest{Emails: []string{"a@example.com"}})
	if err == nil || Unsure(err) || calls != 4 {
		t.Errorf("%v after %d calls; want a sure error after four", err, calls)
	}
}

// No repetition makes a certificate valid.
func TestBadCertificateIsNotRepeated(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	calls := 0
	c := Config{Endpoint: srv.URL, APIKey: "key", MaxRetries: 3, RetryWait: time.Millisecond,
		Log: func(context.Context, Call) { calls++ }}
	if _, err := newClient(t, c).ListMembers(t.Context(), testOrganization); err == nil || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestBodyIsSentAgainWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		id := srv.AddMember("a@example.com", "billing-admin", "deployment-editor:x")
		srv.Fail(cloudtest.Fault{Route: deleteRoles, Drop: true})
		srv.Fail(cloudtest.Fault{Route: deleteRoles, Status: 503})
		roles := NewRoleAssignments(srv.OrganizationID, []Grant{{Role: "deployment-editor", Resource: "x"}})
		if err := newClient(t, config(srv)).RemoveRoleAssignments(t.Context(), id, roles); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"deployment":[{"deployment_ids":["x"],"organization_id":%q,"role_id":"deployment-editor"}]}`, srv.OrganizationID)
		sent := srv.Requests()
		if len(sent) != 3 {
			t.Fatalf("%d requests", len(sent))
		}
		for i, r := range sent {
			if string(r.Body) != want {
				t.Errorf("request %d has the body %s, want %s", i, r.Body, want)
			}
		}
		if got := fmt.Sprint(srv.Grants("a@example.com")); got != "[billing-admin]" {
			t.Errorf("left is %s", got)
		}
	})
}

type canned struct {
	status int
	header http.Header
	body   string
}

// scripted is a service that gives one reply after the other and notes when.
type scripted struct {
	replies []canned
	at      []time.Time
}

func (s *scripted) serve(*http.Request) (*http.Response, error) {
	s.at = append(s.at, time.Now())
	r := s.replies[len(s.at)-1]
	return answer(r.status, r.header, r.body), nil
}

const noMembers = `{"members":[]}`

func TestRetryAfterIsKeptTo(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]time.Duration{"7": 7 * time.Second, "3600": time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{replies: []canned{{429, http.Header{"Retry-After": {asked}}, ""}, {200, nil, noMembers}}}
			if _, err := newClientOf(t, Config{MaxRetries: 1}, s.serve).ListMembers(t.Context(), testOrganization); err != nil {
				t.Fatal(err)
			}
			if got := s.at[1].Sub(s.at[0]); got != want {
				t.Errorf("asked for %s: waited %v", asked, got)
			}
		})
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"some left":       {http.Header{"X-Ratelimit-Remaining": {"1"}, "X-Ratelimit-Interval": {"10"}}, 0},
		"none left":       {http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"10"}}, 10 * time.Second},
		"a duration":      {http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"20ms"}}, 20 * time.Millisecond},
		"absurd":          {http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"86400"}}, time.Minute},
		"an absurd time":  {http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"24h"}}, time.Minute},
		"no interval":     {http.Header{"X-Ratelimit-Remaining": {"0"}}, 0},
		"nothing is said": {http.Header{"X-Ratelimit-Interval": {"10"}}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{replies: []canned{{200, test.header, noMembers}, {200, nil, noMembers}}}
			// The wait is longer than what one call may take, and no part of it.
			client := newClientOf(t, Config{RequestTimeout: 10 * time.Millisecond}, s.serve)
			for range 2 {
				if _, err := client.ListMembers(t.Context(), testOrganization); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if got := s.at[len(s.at)-1].Sub(s.at[0]); len(s.at) != 2 || got != test.want {
				t.Errorf("%s: %d calls, the last after %v, want %v", name, len(s.at), got, test.want)
			}
		})
	}
}

// A repetition is held back too.
func TestRateLimitOfRepetitions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"30"}, "Retry-After": {"1"}}
		s := &scripted{replies: []canned{{429, limit, ""}, {200, nil, noMembers}}}
		if _, err := newClientOf(t, Config{MaxRetries: 1, RequestTimeout: time.Second}, s.serve).ListMembers(t.Context(), testOrganization); err != nil {
			t.Fatal(err)
		}
		if got := s.at[1].Sub(s.at[0]); got != 30*time.Second {
			t.Errorf("repeated after %v", got)
		}
	})
}

func TestCancelledContextEndsEveryWait(t *testing.T) {
	t.Parallel()
	none := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"50"}}
	for name, replies := range map[string][]canned{
		"for a repetition":   {{503, http.Header{"Retry-After": {"50"}}, ""}},
		"for the rate limit": {{503, none, ""}, {200, nil, noMembers}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &scripted{replies: replies}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			_, err := newClientOf(t, Config{MaxRetries: 3}, s.serve).ListMembers(ctx, testOrganization)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Second || len(s.at) != 1 {
				t.Errorf("%s: %v after %v and %d calls", name, err, time.Since(start), len(s.at))
			}
		})
	}
}

func TestCallsEndWithTheirTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		client := newClientOf(t, Config{MaxRetries: 2, RequestTimeout: 10 * time.Second}, func(r *http.Request) (*http.Response, error) {
			calls++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		start := time.Now()
		_, err := client.ListMembers(t.Context(), testOrganization)
		took := time.Since(start)
		// Three calls, and pauses of up to one and two seconds.
		if err == nil || calls != 3 || took < 30*time.Second || took > 33*time.Second {
			t.Errorf("%v after %d calls in %v", err, calls, took)
		}
	})
}

// An answer that arrived counts, also for a caller who has just given up.
func TestAnswerAfterCancelling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := config(srv)
		c.Log = func(context.Context, Call) { cancel() }
		made, err := newClient(t, c).CreateInvitations(ctx, srv.OrganizationID, InvitationRequest{Emails: []string{"a@example.com"}})
		if err != nil || len(made) != 1 {
			t.Errorf("%v, %v; an e-mail went out", made, err)
		}
		if _, err := newClient(t, c).ListMembers(ctx, srv.OrganizationID); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := srv.Count(getMembers); n != 0 {
			t.Error("a call was made for a caller who had given up")
		}
	})
}

func TestNoRetries(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
		calls.Add(1)
		return answer(503, nil, ""), nil
	})
	var apiErr *Error
	if _, err := client.ListMembers(t.Context(), testOrganization); !errors.As(err, &apiErr) || apiErr.Status != 503 || calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

// A write that is under way when its caller gives up may still end, a read not.
func TestGrace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		takes time.Duration
		call  func(context.Context, *Client) error
		after time.Duration
		err   error
	}{
		{500 * time.Millisecond, func(ctx context.Context, c *Client) error { return c.DeleteMembers(ctx, testOrganization, "1") }, 500 * time.Millisecond, nil},
		{time.Hour, func(ctx context.Context, c *Client) error { return c.DeleteMembers(ctx, testOrganization, "1") }, 100*time.Millisecond + Grace, context.Canceled},
		{500 * time.Millisecond, func(ctx context.Context, c *Client) error { _, err := c.ListMembers(ctx, testOrganization); return err }, 100 * time.Millisecond, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			client := newClientOf(t, Config{MaxRetries: 4}, func(r *http.Request) (*http.Response, error) {
				calls++
				return answer(http.StatusOK, nil, noMembers), pace.Sleep(r.Context(), test.takes)
			})
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			start := time.Now()
			err := test.call(ctx, client)
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) || time.Since(start) != test.after || calls != 1 {
				t.Errorf("%v after %v and %d calls, want %v after %v", err, time.Since(start), calls, test.err, test.after)
			}
			if err != nil && test.takes == time.Hour && !Unsure(err) {
				t.Error("it may have been carried out")
			}
		})
	}
}

// MaxWait bounds what the service asks for, in the repetition of a call and in
// the pace of all calls.
func TestMaxWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Fail(cloudtest.Fault{Status: 429, Times: 3, Header: http.Header{"Retry-After": {"3600"}}})
		c := config(srv)
		c.MaxWait, c.MaxRetries = 5*time.Second, 4
		start := time.Now()
		if _, err := newClient(t, c).ListMembers(t.Context(), srv.OrganizationID); err != nil {
			t.Error(err)
		}
		wantTook(t, "three pauses", start, 3*c.MaxWait)
	})
}

// A call that was refused because of the rate limit has waited for its turn already,
// and others may be waiting for it. So it is sent before calls that began later.
func TestRefusedForItsRateGoesAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		client := newClientOf(t, Config{MaxRetries: 1}, func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			order = append(order, path.Base(r.URL.Path))
			first := len(order) == 1
			mu.Unlock()
			if first {
				return answer(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, ""), nil
			}
			return answer(http.StatusOK, nil, "{}"), pace.Sleep(r.Context(), 10*time.Second)
		})
		var group sync.WaitGroup
		call := func(id string) {
			group.Go(func() {
				if err := client.DeleteMembers(t.Context(), testOrganization, id); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		call("refused")
		for i := range 20 {
			call(strconv.Itoa(i))
		}
		group.Wait()
		if at := slices.Index(order[1:], "refused"); at > 1 {
			t.Errorf("it is made after %d others: %v", at, order)
		}
	})
}

// A call without a valid URL is not repeated, and the target of a redirect does not
// matter.
func TestFailuresThatStayAreNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, calls := time.Now(), 0
		client := newClient(t, Config{Endpoint: "https://[fe80::1%25en0]", APIKey: "key", MaxRetries: 3, Log: func(context.Context, Call) { calls++ }})
		if _, err := client.ListMembers(t.Context(), testOrganization); err == nil || calls > 0 || time.Since(start) > 0 {
			t.Errorf("%v after %d calls and %v", err, calls, time.Since(start))
		}
		client = newClientOf(t, Config{MaxRetries: 3}, func(*http.Request) (*http.Response, error) {
			calls++
			return answer(http.StatusFound, http.Header{"Location": {"://"}}, ""), nil
		})
		_, err := client.CreateInvitations(t.Context(), testOrganization, InvitationRequest{Emails: []string{"a@example.com"}})
		if err == nil || Unsure(err) || calls != 1 {
			t.Errorf("%v after %d calls", err, calls)
		}
	})
}
