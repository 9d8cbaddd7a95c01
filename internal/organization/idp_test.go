// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getIdP    = "GET /organizations/{organization_id}/idp"
	putIdP    = "PUT /organizations/{organization_id}/idp"
	deleteIdP = "DELETE /organizations/{organization_id}/idp"
)

// The configured IdP is read once for all callers, and again after an error.
func TestIdPConfigured(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	idp := newOrganization(t, config(srv)).IdP
	srv.Fail(cloudtest.Fault{Route: getIdP, Status: 403})
	if _, err := idp.Configured(t.Context()); err == nil {
		t.Error("no error")
	}
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	for range 3 {
		if there, err := idp.Configured(t.Context()); err != nil || there != IdPObject {
			t.Errorf("%v, %v", there, err)
		}
	}
	if n := srv.Count(getIdP); n != 2 {
		t.Errorf("it was read %d times", n)
	}
	srv.RemoveIdP()
	if there, err := newOrganization(t, config(srv)).IdP.Configured(t.Context()); err != nil || there != (Object{}) {
		t.Errorf("without one: %v, %v", there, err)
	}
	srv.ConfigureIdP(placeholder)
	if there, err := newOrganization(t, config(srv)).IdP.Configured(t.Context()); err != nil || there != ServiceProviderObject {
		t.Errorf("with the placeholder: %v, %v", there, err)
	}
}

// The IdP is deleted, also if the answer is lost, and if it is gone already; but not
// while SSO is enforced, and not if the run keeps it.
func TestDismissIdP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		srv.Enforce(true)
		if err := o.IdP.Dismiss(t.Context()); !errors.Is(err, ErrEnforced) || srv.IdP() == nil {
			t.Errorf("while SSO is enforced: %v", err)
		}
		srv.Enforce(false)
		srv.Fail(cloudtest.Fault{Route: deleteIdP, Status: 504, After: true})
		for _, when := range []string{"where the answer is lost", "where it is gone"} {
			if err := o.IdP.Dismiss(t.Context()); err != nil || srv.IdP() != nil {
				t.Errorf("%s: %v", when, err)
			}
		}
		srv, o = withIdP(t)
		if err := o.Ensure(t.Context(), IdPObject, func() bool { return true }); err != nil {
			t.Fatal(err)
		}
		if err := o.IdP.Dismiss(t.Context()); err != nil || srv.IdP() == nil {
			t.Errorf("where the run keeps it: %v", err)
		}
	})
}

// An IdP is not disabled while SSO is enforced, according to the service and to the
// writes of this run. If the same run ends the enforcement, Put waits for that.
func TestDisableIdP(t *testing.T) {
	t.Parallel()
	put := func(t *testing.T, o *Organization, enabled bool) error {
		t.Helper()
		wanted, err := o.IdP.Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wanted.Enabled = enabled
		_, err = o.IdP.Put(t.Context(), wanted, func(shown cloud.IdP) bool { return shown.Enabled == enabled })
		return err
	}
	for name, test := range map[string]struct {
		opts    []cloudtest.Option
		enabled bool
		enforce func(*testing.T, *cloudtest.Server, *Organization)
		refused bool
		takes   time.Duration
	}{
		"while it is enforced": {refused: true, takes: 15 * time.Second, enforce: func(_ *testing.T, srv *cloudtest.Server, _ *Organization) { srv.Enforce(true) }},
		"while this run enforced it and the service hides that": {opts: []cloudtest.Option{cloudtest.OmitEnforcement()}, refused: true, takes: 15 * time.Second,
			enforce: func(t *testing.T, srv *cloudtest.Server, o *Organization) {
				addOwners(srv)
				var err error
				if lockErr := o.Ensure(t.Context(), EnforcementObject, func() bool { err = o.Enforcement.Begin(t.Context()); return err == nil }); err != nil || lockErr != nil {
					t.Fatal(err, lockErr)
				}
				srv.Enforce(false) // so that the service would take it
			}},
		"when this run ends it": {takes: 5 * time.Second, enforce: func(t *testing.T, srv *cloudtest.Server, o *Organization) {
			srv.Enforce(true)
			time.AfterFunc(5*time.Second, func() {
				if err := o.Enforcement.Dismiss(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}},
		"when this run ends what the service hides": {opts: []cloudtest.Option{cloudtest.OmitEnforcement()}, takes: 5 * time.Second, enforce: func(t *testing.T, srv *cloudtest.Server, o *Organization) {
			srv.Enforce(true)
			time.AfterFunc(5*time.Second, func() {
				if err := o.Enforcement.Dismiss(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}},
		"while it is not enforced": {enforce: func(*testing.T, *cloudtest.Server, *Organization) {}},
		"that stays enabled":       {enabled: true, enforce: func(_ *testing.T, srv *cloudtest.Server, _ *Organization) { srv.Enforce(true) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, o := withIdP(t, test.opts...)
				srv.ClaimDomain("example.com")
				test.enforce(t, srv, o)
				start := time.Now()
				err := put(t, o, test.enabled)
				if test.refused != errors.Is(err, ErrEnforced) || !test.refused && err != nil {
					t.Errorf("got %v", err)
				}
				if took := time.Since(start); took < test.takes || took > test.takes+time.Second {
					t.Errorf("it took %s, want %s", took, test.takes)
				}
				if n := len(srv.Writes()); test.refused && len(test.opts) == 0 && n > 0 {
					t.Errorf("%d writes were sent", n)
				}
				if n := srv.Count(putIdP); n == 0 && !test.refused {
					t.Errorf("%d writes were sent", n)
				}
				if enabled := srv.IdP().Enabled; enabled != (test.enabled || test.refused) {
					t.Errorf("it is enabled: %t", enabled)
				}
			})
		})
	}
}
