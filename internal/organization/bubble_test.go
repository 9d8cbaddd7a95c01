// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// Tests of anything that waits run in a bubble, where waiting takes no time:
//
//	func TestX(t *testing.T) {
//		t.Parallel()
//		synctest.Test(t, func(t *testing.T) {
//			srv := newServer(t)
//			o := newOrganization(t, config(srv))
//			...
//		})
//	}
//
// The time in a bubble stops while one of its goroutines reads from a socket. Tests
// that need a real network use cloudtest.New instead of newServer, and must not
// check how long anything takes.

// How long a run waits if nothing else is configured.
const (
	patience = 15 * time.Second      // for another change in the run
	gather   = 30 * time.Millisecond // for more of a batch
)

// The calls that are counted.
const (
	getOrganizations  = "GET /organizations"
	getMembers        = "GET /organizations/{organization_id}/members"
	getInvitations    = "GET /organizations/{organization_id}/invitations"
	postInvitations   = "POST /organizations/{organization_id}/invitations"
	deleteInvitations = "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}"
	deleteMembers     = "DELETE /organizations/{organization_id}/members/{user_ids}"
	postRoles         = "POST /users/{user_id}/role_assignments"
	deleteRoles       = "DELETE /users/{user_id}/role_assignments"
	getOrganization   = "GET /organizations/{organization_id}"
)

// newServer returns an organization that has no socket, for a test in a bubble.
func newServer(t testing.TB, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	return cloudtest.New(t, append(opts, cloudtest.InProcess())...)
}

// setup is what an organization and its client are made of.
type setup struct {
	cloud.Config
	id               string
	patience, gather time.Duration
}

// config is for the organization of srv. In a bubble it waits as long as it does
// for users; with a socket it waits hardly at all.
func config(srv *cloudtest.Server) setup {
	c := setup{
		Config: cloud.Config{
			Endpoint:       srv.URL,
			APIKey:         srv.Key,
			UserAgent:      "test/1.0",
			MaxRetries:     2,
			RequestTimeout: time.Minute,
			Transport:      srv.Transport(),
		},
		id: srv.OrganizationID,
	}
	if c.Transport == nil {
		c.RetryWait, c.gather = time.Millisecond, 5*time.Millisecond
	}
	return c
}

func newOrganization(t testing.TB, c setup) *Organization {
	t.Helper()
	o, err := c.organization()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (c setup) organization() (*Organization, error) {
	client, err := cloud.New(c.Config)
	if err != nil {
		return nil, err
	}
	return New(client, Config{ID: c.id, Patience: c.patience, Gather: c.gather}), nil
}

// wantTook checks how long something took since start, in the time of a bubble.
func wantTook(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	const confirming = 200 * time.Millisecond // of what was written during that time
	if took := time.Since(start); took < want || took > want+confirming {
		t.Errorf("%s: it took %v, want %v", what, took, want)
	}
}

// withIdP returns an organization with an IdP, for a test in a bubble, and a run's
// view of it.
func withIdP(t *testing.T, opts ...cloudtest.Option) (*cloudtest.Server, *Organization) {
	t.Helper()
	srv := newServer(t, opts...)
	configureIdP(srv)
	return srv, newOrganization(t, config(srv))
}

// configureIdP has an IdP configured, without which no role mapping is taken.
func configureIdP(srv *cloudtest.Server) {
	srv.ConfigureIdP(cloudtest.IdP{Enabled: true, LoginIdentifierPrefix: "a", Issuer: "i", SSOURL: "https://i", Certificates: []string{cloudtest.NewTestIdP().Certificate()}})
}

func routes(requests []cloudtest.Request) []string {
	var routes []string
	for _, r := range requests {
		routes = append(routes, r.Route)
	}
	return routes
}

// roundTripFunc is a service with no network, for what the fake does not do.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// organizationOf is the organization of a service that answers with success.
func organizationOf(t testing.TB, answer func(*http.Request) string) *Organization {
	t.Helper()
	return newOrganization(t, setup{id: testOrganization, Config: cloud.Config{
		Endpoint: "https://service.example", APIKey: "key",
		Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer(r)))}, nil
		}),
	}})
}
