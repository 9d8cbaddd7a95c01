// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getIdP    = "GET /organizations/{organization_id}/idp"
	deleteIdP = "DELETE /organizations/{organization_id}/idp"
)

// Whether there is an IdP is looked up once for all who ask, and again after an
// error.
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
		if there, err := idp.Configured(t.Context()); err != nil || !there {
			t.Errorf("%t, %v", there, err)
		}
	}
	if n := srv.Count(getIdP); n != 2 {
		t.Errorf("it was read %d times", n)
	}
	srv.RemoveIdP()
	if there, err := newOrganization(t, config(srv)).IdP.Configured(t.Context()); err != nil || there {
		t.Errorf("without one: %t, %v", there, err)
	}
}

// It goes where the answer is lost, too, and where it is gone already; not while
// SSO is enforced, and not where the run keeps it.
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
