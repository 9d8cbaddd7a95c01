// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

const (
	enforcement    = "elasticcloud_sso_enforcement.this"
	enforcementHCL = "resource \"elasticcloud_sso_enforcement\" \"this\" {}\n"
)

// withOwners is withSSO and a mapping that makes owners.
func withOwners(t *testing.T, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv, _ := withSSO(t, opts...)
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
	return srv
}

func TestSSOEnforcement(t *testing.T) {
	t.Parallel()
	srv := withOwners(t)
	testSteps(t, srv,
		resource.TestStep{Config: enforcementHCL, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(enforcement, tfjsonpath.New("id"), knownvalue.StringExact(srv.OrganizationID))}},
		resource.TestStep{Config: enforcementHCL, ConfigPlanChecks: emptyPlan, PreConfig: func() {
			if !srv.Enforced() {
				t.Error("SSO is not enforced")
			}
		}},
		resource.TestStep{ResourceName: enforcement, ImportState: true, ImportStateVerify: true},
		resource.TestStep{Config: enforcementHCL, PreConfig: func() { srv.Enforce(false) }}, // by hand; turned on again
	)
	wantWrites(t, srv, putOrg, putOrg, putOrg)
	wantBody(t, srv.Writes()[0], `{"enforce_authentication_method":"sso"}`)
	wantBody(t, srv.Writes()[2], `{"enforce_authentication_method":null}`)
	if srv.Enforced() {
		t.Error("SSO is still enforced")
	}
}

func TestSSOEnforcementIdentity(t *testing.T) {
	t.Parallel()
	testneeds.Identity(t)
	srv := withOwners(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, enforcementHCL), ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(enforcement, map[string]knownvalue.Check{
				"organization_id": knownvalue.StringExact(srv.OrganizationID)})}},
			{ResourceName: enforcement, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

// What would lock everybody out is refused before anything is written.
func TestSSOEnforcementRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		breaks func(*cloudtest.Server)
		want   string
	}{
		"no IdP":       {func(srv *cloudtest.Server) { srv.RemoveIdP() }, "there is no SAML IdP, so nobody could sign in. SSO was not enforced."},
		"disabled IdP": {func(srv *cloudtest.Server) { srv.ChangeIdP(func(idp *cloudtest.IdP) { idp.Enabled = false }) }, "the SAML IdP is disabled, so nobody could sign in"},
		"no mapping":   {func(srv *cloudtest.Server) { srv.RemoveRoleMapping("owners") }, "no enabled role mapping gives organization-admin"},
		"disabled mapping": {func(srv *cloudtest.Server) {
			srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Enabled = false })
		}, "no enabled role mapping gives organization-admin"},
		"other mapping": {func(srv *cloudtest.Server) {
			srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Grants = []string{"billing-admin"} })
		}, "no enabled role mapping gives organization-admin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := withOwners(t)
				test.breaks(srv)
				playSteps(t, srv, resource.TestStep{Config: enforcementHCL, ExpectError: spaced(test.want)})
				wantWrites(t, srv)
			})
		})
	}
}

// The service's word against a key that may not reaches the user unchanged.
func TestSSOEnforcementKeyMayNot(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t, cloudtest.KeyMayNotEnforce())
		tf := newTerraform(t, srv)
		tf.configure(enforcementHCL)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Could not enforce SSO", "answered 403 Forbidden", "PUT /organizations/{organization_id}", "Sign in once at sso_login_url")
		if strings.Contains(out, "needs the role") {
			t.Errorf("blames the key: %s", out)
		}
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
	})
}

// Where the service does not say whether SSO is enforced, the resource stays.
func TestSSOEnforcementUnknown(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t, cloudtest.OmitEnforcement())
		tf := newTerraform(t, srv)
		tf.configure(enforcementHCL)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		wantText(t, tf.must("plan", "-refresh=false"), "No changes.")
		tf.wantImported(srv, enforcementHCL, map[string]string{enforcement: srv.OrganizationID})
		tf.must("destroy", "-auto-approve")
		wantWrites(t, srv, putOrg, putOrg)
	})
}

// What is not enforced cannot be imported.
func TestSSOEnforcementImportOfNothing(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		tf := newTerraform(t, srv)
		tf.configure(enforcementHCL + "import {\n  to = " + enforcement + "\n  id = \"" + srv.OrganizationID + "\"\n}\n")
		out, ok := tf.run("plan")
		if ok {
			t.Error("the import succeeded")
		}
		wantText(t, out, "SSO is not enforced in the organization "+srv.OrganizationID)
	})
}
