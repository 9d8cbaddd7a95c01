// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getOrganization = "GET /organizations/{organization_id}"
	putOrganization = "PUT /organizations/{organization_id}"
)

// withIdP returns an organization with an IdP, for a test in a bubble, and a
// client of it.
func withIdP(t *testing.T, opts ...cloudtest.Option) (*cloudtest.Server, *Client) {
	t.Helper()
	srv := newServer(t, opts...)
	srv.ConfigureIdP(cloudtest.IdP{Enabled: true, LoginIdentifierPrefix: "a", Issuer: "i", SSOURL: "https://i", Certificates: []string{newCertificate()}})
	return srv, newClient(t, config(srv))
}

func wantEnforcement(t *testing.T, client *Client, organizationID string, want Enforcement) {
	t.Helper()
	o, err := client.GetOrganization(t.Context(), organizationID)
	if err != nil || o.Enforcement != want || o.ID == "" || o.Name == "" {
		t.Errorf("got %+v, %v; want %d", o, err, want)
	}
}

func TestSetEnforcement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t)
		wantEnforcement(t, client, srv.OrganizationID, EnforcementOff)
		srv.Fail(cloudtest.Fault{Route: putOrganization, Status: 503, After: true})
		if shown, err := client.SetEnforcement(t.Context(), srv.OrganizationID, true); err != nil || shown != EnforcementOn || !srv.Enforced() {
			t.Fatalf("%v", err)
		}
		wantEnforcement(t, client, srv.OrganizationID, EnforcementOn)
		if shown, err := client.SetEnforcement(t.Context(), srv.OrganizationID, false); err != nil || shown != EnforcementOff || srv.Enforced() {
			t.Fatalf("%v", err)
		}
		bodies := map[string]bool{}
		for _, r := range srv.Writes() {
			bodies[string(r.Body)] = true
		}
		if len(bodies) != 2 || !bodies[`{"enforce_authentication_method":null}`] || !bodies[`{"enforce_authentication_method":"sso"}`] {
			t.Errorf("sent %v", bodies)
		}
	})
}

func TestEnforcementUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t, cloudtest.OmitEnforcement())
		srv.Enforce(true)
		wantEnforcement(t, client, srv.OrganizationID, EnforcementUnknown)
		client = newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
			return answer(200, nil, `{"id":"1","name":"One","enforce_authentication_method":"passkey"}`), nil
		})
		wantEnforcement(t, client, srv.OrganizationID, EnforcementUnknown)
		client = newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) { return answer(200, nil, `{}`), nil })
		if o, err := client.GetOrganization(t.Context(), srv.OrganizationID); err == nil {
			t.Errorf("from nowhere: %+v", o)
		}
	})
}

// The field may be absent, null or any text.
func TestEnforcementIsAnOptionalText(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]Organization{
		``: {}, `null`: {Enforcement: EnforcementOff, EnforcementShown: true}, `""`: {Enforcement: EnforcementOff, EnforcementShown: true},
		`"sso"`: {Enforcement: EnforcementOn, EnforcementShown: true}, `"passkey"`: {EnforcementShown: true}, `{"any":["x"]}`: {EnforcementShown: true}, `["sso"]`: {EnforcementShown: true}, `{"any":["sso"]}`: {EnforcementShown: true},
	} {
		client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
			if field == "" {
				return answer(200, nil, `{"id":"1"}`), nil
			}
			return answer(200, nil, `{"id":"1","enforce_authentication_method":`+field+`}`), nil
		})
		got, err := client.GetOrganization(t.Context(), "1")
		if err != nil || got.Enforcement != want.Enforcement || got.EnforcementShown != want.EnforcementShown {
			t.Errorf("%s is %+v, %v", field, got, err)
		}
	}
}

// The user gets the service's message unchanged.
func TestEnforcementRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, client := withIdP(t, cloudtest.KeyMayNotEnforce())
		_, err := client.SetEnforcement(t.Context(), srv.OrganizationID, true)
		if err == nil || !strings.Contains(err.Error(), "sign in through single sign-on with the current configuration before you enforce it") {
			t.Errorf("got %v", err)
		}
		if n := srv.Count(putOrganization); n != 1 {
			t.Errorf("%d tries", n)
		}
	})
}

// A cursor that is returned twice must neither be followed forever nor end the list:
// the service may not know the parameter for another page.
func TestPagesGoRound(t *testing.T) {
	t.Parallel()
	calls := 0
	client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) {
		calls++
		return answer(200, nil, fmt.Sprintf(`{"organizations":[{"id":"%d"}],"next_page":"%c"}`, calls, 'a'+calls%2)), nil
	})
	if organizations, err := client.ListOrganizations(t.Context()); err == nil || len(organizations) > 0 || calls != 3 {
		t.Errorf("%v, %v after %d calls", organizations, err, calls)
	}
}
