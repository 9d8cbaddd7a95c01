// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func enforce(srv *cloudtest.Server) {
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	srv.Enforce(true)
}

func TestListEnforcement(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		query := listBlock{typeName: "elasticcloud_sso_enforcement", include: true}
		if got := c.names(t, query); len(got) > 0 {
			t.Errorf("%q is listed where members choose", got)
		}
		enforce(srv)
		if got := c.names(t, query); !slices.Equal(got, []string{"SSO is enforced"}) {
			t.Errorf("%q is listed", got)
		}
		config, err := c.adopt(t.Context(), []listBlock{query})
		if err != nil || len(config) != 1 {
			t.Errorf("%d are adopted: %v", len(config), err)
		}
		wantWrites(t, srv)
	})
}

// Where the service does not say, nothing is listed, with a warning, and where
// it does not answer, that is an error.
func TestListEnforcementUnknown(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.OmitEnforcement())
		enforce(srv)
		c := actionCore(t, srv)
		query := listBlock{typeName: "elasticcloud_sso_enforcement"}
		for _, fails := range []bool{false, true} {
			server, err := c.start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if fails {
				srv.Fail(cloudtest.Fault{Route: getOrganization, Status: 403, Times: -1})
			}
			results, warnings, err := c.list(t.Context(), server, query)
			if len(results) > 0 {
				t.Errorf("%d are listed", len(results))
			}
			if fails {
				wantError(t, err, "Could not read whether SSO is enforced")
				continue
			}
			if err != nil {
				t.Error(err)
			}
			wantLines(t, warnings, "Elastic Cloud does not tell whether SSO is enforced")
		}
	})
}
