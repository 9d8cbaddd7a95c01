// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// place is one request of a run: the nth of its route.
type place struct {
	route string
	skip  int
}

// places are all requests of a run in which nothing fails.
func places(t *testing.T, opts ...cloudtest.Option) (all []place) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, append(opts, cloudtest.Plain())...)
		configureSSO(srv)
		try(t.Context(), t, srv, first, second)
		count := map[string]int{}
		for _, r := range srv.Requests() {
			all = append(all, place{r.Route, count[r.Route]})
			count[r.Route]++
		}
	})
	if len(all) < 40 {
		t.Fatalf("there are %d requests", len(all))
	}
	return all
}

// tryFault runs the probe on an organization in which something fails, and checks that
// everything is undone. Only what the service refuses to delete may be left, and then
// the probe says so.
func tryFault(t *testing.T, prepare func(*testing.T, *cloudtest.Server) context.Context, opts ...cloudtest.Option) result {
	t.Helper()
	var r result
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, append(opts, cloudtest.Plain())...)
		configureSSO(srv)
		before := state(t, srv)
		r = try(prepare(t, srv), t, srv, first, second)
		wantOwnWrites(t, srv, r, first, second)
		if state(t, srv) != before {
			t.Errorf("before %s, after %s\n%s", before, state(t, srv), r.stderr)
		}
	})
	return r
}

// Each request of a run fails once, in each way, also after it was carried out. The
// probe undoes everything that it made.
func TestEachRequestFails(t *testing.T) {
	t.Parallel()
	late := []cloudtest.Option{cloudtest.Lag(3 * time.Second)} // what no reply has told of shows only then
	for name, test := range map[string]struct {
		fault cloudtest.Fault
		opts  []cloudtest.Option
	}{
		"403":      {fault: cloudtest.Fault{Status: http.StatusForbidden}},
		"500":      {fault: cloudtest.Fault{Status: http.StatusInternalServerError, Times: 10}}, // also when it is repeated
		"no reply": {fault: cloudtest.Fault{Drop: true, After: true}, opts: late},
		"no JSON":  {fault: cloudtest.Fault{Body: "<html>"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range places(t, test.opts...) {
				fault := test.fault
				fault.Route, fault.Skip = at.route, at.skip
				tryFault(t, func(t *testing.T, srv *cloudtest.Server) context.Context {
					srv.Fail(fault)
					return t.Context()
				}, test.opts...)
				if t.Failed() {
					t.Fatalf("at %+v", at)
				}
			}
		})
	}
}

// Ctrl-C at each request, also if lists show late what was made, and if more was made
// than the reply says.
func TestStopped(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cloudtest.Option{
		"at once":        nil,
		"later, in part": {cloudtest.Lag(3 * time.Second), cloudtest.InvitesInPart()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := range len(places(t, opts...)) - 6 { // the last ones are of the comparison
				r := tryFault(t, func(t *testing.T, srv *cloudtest.Server) context.Context {
					ctx, stop := context.WithCancel(t.Context())
					t.Cleanup(stop)
					answered := 0
					srv.Observe(func() {
						if answered++; answered == at+1 {
							stop()
						}
					})
					return ctx
				}, opts...)
				if r.code != exitFailed || !strings.Contains(r.stderr, "context canceled") {
					t.Errorf("exit code %d\n%s", r.code, r.stderr)
				}
				if t.Failed() {
					t.Fatalf("at request %d", at)
				}
			}
		})
	}
}

// A request whose connection broke is carried out later, after the probe has looked for
// the role mapping without finding it.
func TestCarriedOutLate(t *testing.T) {
	t.Parallel()
	const post = "POST /organizations/{organization_id}/role_mappings"
	tryFault(t, func(t *testing.T, srv *cloudtest.Server) context.Context {
		srv.Fail(cloudtest.Fault{Route: post, Drop: true})
		after := 0
		srv.Observe(func() {
			requests := srv.Requests()
			i := slices.IndexFunc(requests, func(r cloudtest.Request) bool { return r.Route == post })
			if i < 0 {
				return
			}
			if after++; after != 3 { // listed and not found, deleted and not found, and listed once more
				return
			}
			name := regexp.MustCompile(`terraform-probe-[a-z0-9]+`).Find(requests[i].Body)
			srv.AddRoleMapping(string(name), false, cloudtest.AnyOf(cloudtest.Group("x")))
		})
		return t.Context()
	})
}

// What the service does not let go of is said, with what to do.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	for route, want := range map[string]string{
		"DELETE /organizations/{organization_id}/invitations/{invitation_tokens}": "An invitation of " + first + " may still be pending. Look in the console",
		"DELETE /organizations/{organization_id}/role_mappings/{role_name}":       "may still exist. It is disabled. Look in the console",
	} {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newFake(t, cloudtest.Plain())
				configureSSO(srv)
				before := state(t, srv)
				srv.Fail(cloudtest.Fault{Route: route, Status: http.StatusForbidden, Code: "root.unauthorized", Times: -1})
				r := try(t.Context(), t, srv, first)
				if state(t, srv) == before {
					t.Fatal("nothing is left")
				}
				if r.code != exitFailed || !strings.Contains(r.stderr, want) || !strings.Contains(r.stdout, "before and after: different in") {
					t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
				}
				wantOwnWrites(t, srv, r, first)
			})
		})
	}
}

// If lists cannot be read again, the probe says that it does not know what is left.
func TestNotSeenAgain(t *testing.T) {
	t.Parallel()
	r := tryFault(t, func(t *testing.T, srv *cloudtest.Server) context.Context {
		srv.Fail(cloudtest.Fault{Route: "GET /organizations/{organization_id}/invitations", Status: http.StatusForbidden, Skip: 3, Times: -1})
		return t.Context()
	})
	if r.code != exitFailed || !strings.Contains(r.stderr, "may still be pending") || !strings.Contains(r.stdout, "lists that could not be read: invitations") {
		t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// Somebody accepts the invitation in the meantime. The probe does not remove the new
// member.
func TestAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		srv.Before("DELETE /organizations/{organization_id}/invitations/{invitation_tokens}", func() { srv.Accept(first) })
		r := try(t.Context(), t, srv, first)
		if r.code != exitFailed || !strings.Contains(r.stderr, "differs from before in members") || srv.Status(first) != "active" {
			t.Errorf("exit code %d, %s\n%s", r.code, srv.Status(first), r.stderr)
		}
		wantOwnWrites(t, srv, r, first)
	})
}

// The probe undoes its changes even after a bug in the probe.
func TestPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		before := state(t, srv)
		p, err := newProbe(settings{key: srv.Key, endpoint: srv.URL, emails: []string{first}, transport: srv.Transport()}, t.Output())
		if err == nil {
			err = p.look(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		invited := false
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is hidden")
				}
			}()
			p.try(t.Context(), experiment{name: "a mistake", run: func(p *probe, ctx context.Context) error {
				_, err := p.invite(ctx, "", nil, first)
				invited = err == nil && srv.Status(first) == "invited"
				panic("a mistake")
			}})
		}()
		if !invited || state(t, srv) != before {
			t.Errorf("invited %v, after %s", invited, state(t, srv))
		}
	})
}

// Somebody else is changing domains or role mappings at the same time: it is tried again.
func TestConcurrentChange(t *testing.T) {
	t.Parallel()
	r := tryFault(t, func(t *testing.T, srv *cloudtest.Server) context.Context {
		for _, route := range []string{"POST /organizations/{organization_id}/role_mappings", "DELETE /organizations/{organization_id}/role_mappings/{role_name}"} {
			srv.Fail(cloudtest.Fault{Route: route, Status: http.StatusConflict, Code: cloud.CodeDomainsChanging, Times: 3})
		}
		return t.Context()
	})
	want := asAssumed()
	wantReadings(t, r, want)
	if r.code != exitDone {
		t.Errorf("exit code %d\n%s", r.code, r.stderr)
	}
}
