// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A client cannot tell a server in the same process from one behind a socket.
func TestInProcessIsLikeASocket(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, s *Server) string { return tell(s, request(t, s, "GET", "/organizations", "")) }
	post := func(t *testing.T, s *Server) string {
		return tell(s, request(t, s, "POST", invitations, `{"emails":["not an address"]}`))
	}
	failing := func(f Fault, then func(*testing.T, *Server) string) func(*testing.T, *Server) string {
		return func(t *testing.T, s *Server) string {
			s.Fail(f)
			return then(t, s)
		}
	}
	tests := []struct {
		name    string
		do      func(*testing.T, *Server) string
		want    string // a part of the expected result
		options []Option
	}{
		{"a plain reply", get, "200 | Content-Length: 69 | Content-Type: application/json | ", nil},
		{"an error of the service", post, "400 | ", nil},
		{"a request with a body", func(t *testing.T, s *Server) string {
			r := request(t, s, "POST", invitations, invite)
			r.Header.Set("User-Agent", "test/1.0")
			_, err := roundTrip(s, r)
			got := s.Requests()[0]
			return fmt.Sprintf("%v %s %s %s %s %d", err, got.Route, got.Body, got.Header.Get("Content-Type"), got.Header.Get("User-Agent"), got.Status)
		}, `<nil> POST /organizations/{organization_id}/invitations {"emails":["a@example.com"]} application/json test/1.0 201`, nil},
		{"a path with escapes", func(t *testing.T, s *Server) string {
			said := tell(s, request(t, s, "DELETE", "/organizations/{org}/invitations/a%2Cb%2F", ""))
			return said + " " + strings.TrimPrefix(s.Requests()[0].Path, "/api/v1/organizations/"+s.OrganizationID)
		}, " /invitations/a%2Cb%2F", nil},
		{"a reply out of place", failing(Fault{Body: "<html>", ContentType: "text/html", Header: http.Header{"x-odd": {"1", "2"}}}, get),
			"200 | Content-Length: 6 | Content-Type: text/html | Date: 1 | X-Odd: 1, 2 | X-Request-Id: 1 | <html>", nil},
		{"a status", failing(Fault{Status: 503, Header: http.Header{"Retry-After": {"1"}}}, get), "503 | ", nil},
		{"no reply", failing(Fault{Drop: true}, get), "EOF before a reply", nil},
		{"no reply to what was done", failing(Fault{Drop: true, After: true}, post), "EOF before a reply", nil},
		{"half a reply", failing(Fault{Cut: true}, get), `200 with 69 bytes: unexpected EOF after {"organizations":`, nil},
		{"a late reply", get, "200 | ", []Option{Latency(5 * time.Millisecond)}},
		{"patience that ends before the reply", failing(Fault{Hang: time.Hour}, func(t *testing.T, s *Server) string {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			defer cancel()
			return tell(s, request(t, s, "GET", "/organizations", "").WithContext(ctx))
		}), "deadline exceeded before a reply", nil},
		{"a client that leaves while it waits", failing(Fault{Hang: time.Hour}, func(t *testing.T, s *Server) string {
			ctx, cancel := context.WithCancel(t.Context())
			s.Before("GET /organizations", cancel)
			return tell(s, request(t, s, "GET", "/organizations", "").WithContext(ctx))
		}), "canceled before a reply", nil},
		{"a client that has left", func(t *testing.T, s *Server) string {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			said := tell(s, request(t, s, "GET", "/organizations", "").WithContext(ctx))
			return fmt.Sprintf("%s, %d requests", said, len(s.Requests()))
		}, "canceled before a reply, 0 requests", nil},
		{"a client that leaves in the middle of the reply", func(t *testing.T, s *Server) string {
			ctx, cancel := context.WithCancel(t.Context())
			s.Fail(Fault{Body: strings.Repeat("long", 8<<20)}) // more than the buffers of a socket take
			resp, err := client(s).Do(request(t, s, "GET", "/organizations", "").WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if _, err := io.ReadFull(resp.Body, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
			cancel()
			_, err = io.ReadAll(resp.Body)
			return ended(err)
		}, "canceled", nil},
		{"a handler that ends its goroutine", func(t *testing.T, s *Server) string {
			over := make(chan struct{})
			s.t = endingTest{t, over}
			s.Before("GET /organizations", func() { s.Remove("nobody@example.com") })
			said := get(t, s)
			<-over
			return said
		}, "EOF before a reply", nil},
		{"a server that is closed", func(t *testing.T, s *Server) string {
			s.Close()
			return get(t, s)
		}, "dial before a reply", nil},
	}
	ways := map[string]func(*testing.T, func(*testing.T)){
		"in process": func(t *testing.T, f func(*testing.T)) { f(t) },
		"in a bubble": func(t *testing.T, f func(*testing.T)) {
			synctest.Test(t, f)
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := append([]Option{Plain()}, test.options...)
			bySocket := test.do(t, New(t, options...))
			if !strings.Contains(bySocket, test.want) {
				t.Errorf("by socket: %s\nwithout: %s", bySocket, test.want)
			}
			for way, run := range ways {
				run(t, func(t *testing.T) {
					if got := test.do(t, New(t, append(options, InProcess())...)); got != bySocket {
						t.Errorf("%s: %s\nby socket:  %s", way, got, bySocket)
					}
				})
			}
		})
	}
}

// endingTest is a test that ends the goroutine, as t.Fatal does, and fails no
// test.
type endingTest struct {
	testing.TB
	over chan struct{}
}

func (e endingTest) Helper() {}
func (e endingTest) Fatalf(string, ...any) {
	defer close(e.over)
	runtime.Goexit()
}

// request is a request that is not sent yet; see try.
func request(t *testing.T, s *Server, method, path, body string) *http.Request {
	t.Helper()
	fill := strings.NewReplacer("{org}", s.OrganizationID)
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+apiRoot+fill.Replace(path), strings.NewReader(fill.Replace(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "ApiKey "+s.Key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// tell makes a request, and says what the client sees that is the same from
// one server to the next.
func tell(s *Server, r *http.Request) string {
	resp, err := client(s).Do(r)
	if err != nil {
		return ended(err) + " before a reply"
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Sprintf("%d with %d bytes: %s after %s", resp.StatusCode, resp.ContentLength, ended(err), text[:17])
	}
	said := []string{}
	for name, values := range resp.Header {
		if name == "X-Request-Id" || name == "Date" { // whose values differ each time
			values = []string{fmt.Sprint(len(values))}
		}
		said = append(said, name+": "+strings.Join(values, ", "))
	}
	slices.Sort(said)
	body := strings.ReplaceAll(string(text), s.OrganizationID, "{org}")
	return fmt.Sprintf("%d | %s | %s", resp.StatusCode, strings.Join(said, " | "), body)
}

// ended says what kind of error it is, as the texts differ.
func ended(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline exceeded"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected EOF"
	case errors.Is(err, io.EOF):
		return "EOF"
	case errors.As(err, &op) && op.Op == "dial":
		return "dial"
	}
	return fmt.Sprint(err)
}

// A request to another host does not reach the server, and the client learns that it
// was not sent.
func TestInProcessIsNobodyElse(t *testing.T) {
	t.Parallel()
	s := New(t, InProcess())
	for _, url := range []string{"https://organization.invalid:8443/", "http://organization.invalid/", "https://example.com/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = roundTrip(s, r)
		equal(t, url, ended(err), "dial")
	}
	equal(t, "requests", len(s.Requests()), 0)
}

// Close waits for requests that are being handled.
func TestInProcessCloseWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(t, InProcess())
		s.Before("GET /organizations", func() { time.Sleep(time.Hour) })
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		equal(t, "the reply", tell(s, request(t, s, "GET", "/organizations", "").WithContext(ctx)), "deadline exceeded before a reply")
		equal(t, "the client waited", time.Since(start), time.Minute)
		s.Close()
		equal(t, "the server waited", time.Since(start), time.Hour)
	})
}

func TestInProcessDNS(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(t, InProcess())
		s.PublishTXT("Acme.example", "a value")
		equalList(t, "records", s.lookupTXT("acme.example"), "a value")
		equalList(t, "records of another", s.lookupTXT("www.acme.example"))
	})
}
