// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const invite = `{"emails":["a@example.com"]}`

func TestFaultStatus(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.Fail(Fault{Route: "GET /organizations", Times: 2, Status: 503, Code: "root.unavailable", Message: "later",
		Header: http.Header{"Retry-After": {"1"}}})
	expect(t, s, "GET", "/organizations/{org}", "", 200, "")
	for range 2 {
		a := expect(t, s, "GET", "/organizations", "", 503, "root.unavailable")
		equal(t, "Retry-After", a.header.Get("Retry-After"), "1")
		if !strings.Contains(string(a.body), `"later"`) {
			t.Errorf("body %s", a.body)
		}
	}
	expect(t, s, "GET", "/organizations", "", 200, "")
	equal(t, "status in the ledger", s.Requests()[1].Status, 503)
}

func TestFaultTimes(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.Fail(Fault{Status: 500})
	expect(t, s, "GET", "/organizations", "", 500, "root.injected_fault")
	expect(t, s, "GET", "/organizations", "", 200, "")
	s.Fail(Fault{Times: -1, Status: 418}) // not in the contract, which is for the service only
	for range 3 {
		expect(t, s, "GET", "/organizations/{org}/members", "", 418, "root.injected_fault")
	}
	s.ClearFaults()
	expect(t, s, "GET", "/organizations", "", 200, "")
}

func TestFaultBeforeAndAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault Fault
		reply bool // whether the client gets a whole reply
		done  bool // whether the write happens
	}{
		{"status", Fault{Status: 502}, true, false},
		{"status after", Fault{Status: 502, After: true}, true, true},
		{"drop", Fault{Drop: true}, false, false},
		{"drop after", Fault{Drop: true, After: true}, false, true},
		{"cut", Fault{Cut: true}, false, true},
		{"cut error", Fault{Cut: true, Status: 500}, false, false},
		{"raw", Fault{Body: "<html>", ContentType: "text/html"}, true, false},
		{"raw after", Fault{Body: "<html>", After: true}, true, true},
		{"late", Fault{Hang: time.Hour}, true, true},
		{"late after", Fault{Hang: time.Hour, After: true}, true, true},
		{"header only", Fault{Header: http.Header{"X-More": {"1"}}}, true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := New(t, InProcess())
				s.Fail(test.fault)
				start := time.Now()
				a, err := try(t, s, "POST", invitations, invite)
				equal(t, "it took", time.Since(start), test.fault.Hang)
				equal(t, "whole reply", err == nil, test.reply)
				equal(t, "done", s.Status("a@example.com") == "invited", test.done)
				equal(t, "requests", s.Count("POST /organizations/{organization_id}/invitations"), 1)
				switch {
				case test.fault.Status != 0 && test.reply:
					equal(t, "status", a.status, test.fault.Status)
				case test.fault.Body != "":
					equal(t, "status", a.status, 200)
					equal(t, "body", string(a.body), test.fault.Body)
				case test.reply:
					equal(t, "status", a.status, 201)
				}
				if test.fault.ContentType != "" {
					equal(t, "content type", a.header.Get("Content-Type"), test.fault.ContentType)
				}
				for name := range test.fault.Header {
					equal(t, name, a.header.Get(name), "1")
				}
			})
		})
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(t, InProcess())
		s.Fail(Fault{Hang: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		s.Before("GET /organizations", cancel)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/api/v1/organizations", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := roundTrip(s, r); err == nil {
			t.Error("there was a reply")
		}
		equal(t, "status in the ledger", s.Requests()[0].Status, 0)
	})
}

func TestCloseEndsHanging(t *testing.T) {
	t.Parallel()
	closing := func(t *testing.T, options ...Option) {
		s := Start(options...)
		s.Fail(Fault{Hang: time.Hour})
		arrived, failed := make(chan struct{}), make(chan error)
		s.Before("GET /organizations", func() { close(arrived) })
		go func() {
			_, err := try(t, s, "GET", "/organizations", "")
			failed <- err
		}()
		<-arrived
		equal(t, "entries while it hangs", len(s.Requests()), 1)
		s.Close()
		if err := <-failed; err == nil {
			t.Error("there was a reply")
		}
	}
	closing(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		closing(t, InProcess())
		equal(t, "it took", time.Since(start), 0)
	})
}

// Requests are checked against the contract with every fault.
func TestFaultDoesNotExcuseTheRequest(t *testing.T) {
	t.Parallel()
	s := Start()
	defer s.Close()
	s.Fail(Fault{Status: 500})
	do(t, s, "POST", invitations, `{}`)
	equal(t, "violations", len(s.Violations()), 1)
}

func TestFaultSkipsAndSpreads(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.Fail(Fault{Route: "GET /organizations", Skip: 2, Status: 503})
	for _, status := range []int{200, 200, 503, 200} {
		expect(t, s, "GET", "/organizations", "", status, map[int]string{503: "root.injected_fault"}[status])
	}
	s.Fail(Fault{Route: "GET /organizations", Skip: 1, Spread: true, Times: -1, Status: 401})
	expect(t, s, "GET", "/organizations", "", 200, "")
	expect(t, s, "GET", "/organizations/{org}", "", 200, "")
	expect(t, s, "GET", "/organizations", "", 401, "root.injected_fault")
	expect(t, s, "GET", "/organizations/{org}", "", 401, "root.injected_fault")
}

// An observer sees every state, even if the reply is lost.
func TestObserve(t *testing.T) {
	t.Parallel()
	s := New(t)
	var seen []string
	s.Observe(func() { seen = append(seen, s.Status("a@example.com")) })
	expect(t, s, "GET", "/organizations", "", 200, "")
	s.Fail(Fault{Drop: true, After: true})
	if _, err := try(t, s, "POST", "/organizations/{org}/invitations", invite); err == nil {
		t.Error("a dropped reply came")
	}
	s.Fail(Fault{Status: 503})
	expect(t, s, "GET", "/organizations", "", 503, "root.injected_fault")
	s.Observe(nil)
	expect(t, s, "GET", "/organizations", "", 200, "")
	equal(t, "seen", strings.Join(seen, " "), "none invited")
}

func TestSetLag(t *testing.T) {
	t.Parallel()
	s := New(t, Plain())
	listed := func() int {
		return strings.Count(string(expect(t, s, "GET", "/organizations/{org}/invitations", "", 200, "").body), `"token"`)
	}
	s.AddInvitation("b@example.com")
	equal(t, "invitations before the lag", listed(), 1)
	s.SetLag(time.Hour)
	expect(t, s, "POST", "/organizations/{org}/invitations", invite, 201, "")
	equal(t, "invitations while lists lag", listed(), 1)
	s.SetLag(0)
	equal(t, "invitations after the lag", listed(), 2)
}
