// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// withOkta leads from nothing to enforced SSO, with an IdP that needs the addresses of
// Elastic Cloud first.
const withOkta = `
resource "elasticcloud_domain_claim" "d" {
  domain = "example.com"
}
resource "elasticcloud_domain_verification" "d" {
  domain                 = elasticcloud_domain_claim.d.domain
  challenge_record_value = elasticcloud_domain_claim.d.challenge_record_value
}
resource "elasticcloud_saml_service_provider" "this" {
  login_identifier_prefix = "acme"
  depends_on              = [elasticcloud_domain_verification.d]
}
resource "okta_app_saml" "elastic" {
  label       = "Elastic Cloud"
  sso_url     = elasticcloud_saml_service_provider.this.acs_url
  recipient   = elasticcloud_saml_service_provider.this.acs_url
  destination = elasticcloud_saml_service_provider.this.acs_url
  audience    = elasticcloud_saml_service_provider.this.sp_entity_id
}
resource "elasticcloud_saml_idp" "okta" {
  login_identifier_prefix = elasticcloud_saml_service_provider.this.login_identifier_prefix
  issuer                  = okta_app_saml.elastic.entity_url
  sso_url                 = okta_app_saml.elastic.http_post_binding
  certificates            = [okta_app_saml.elastic.certificate]
}
resource "elasticcloud_role_mapping" "owners" {
  name       = "owners"
  rule       = { any = [{ group = "elastic-owners" }] }
  roles      = ["organization-admin"]
  depends_on = [elasticcloud_saml_idp.okta]
}
resource "elasticcloud_sso_enforcement" "this" {
  depends_on = [elasticcloud_role_mapping.owners]
}
`

// wantSSO checks that people sign in through Okta, and that the next plan is empty.
func wantSSO(tf terraform, srv *cloudtest.Server, okta *oktaProvider) {
	tf.t.Helper()
	wantText(tf.t, tf.must("plan"), "No changes.")
	wantText(tf.t, tf.must("plan", "-refresh=false"), "No changes.")
	if _, err := srv.SignIn(okta.idp, "alice@example.com", "elastic-owners"); err != nil || !srv.Enforced() {
		tf.t.Errorf("nobody can sign in, enforced: %t: %v", srv.Enforced(), err)
	}
}

// wantOnlyEnforcement checks that a plan warns of the enforcement and of nothing else.
func wantOnlyEnforcement(t *testing.T, plan string) {
	t.Helper()
	wantText(t, plan, "Warning: SSO becomes the only way to sign in")
	if strings.Count(plan, "Warning: ") > 1 {
		t.Errorf("the plan warns of more: %s", plan)
	}
}

// wantNothing checks that everything is gone.
func wantNothing(t *testing.T, srv *cloudtest.Server, okta *oktaProvider) {
	t.Helper()
	if srv.Enforced() || srv.IdP() != nil || len(srv.Domains())+len(srv.RoleMappings()) > 0 || okta.count(0) > 0 {
		t.Errorf("left: enforced %t, IdP %v, domains %v, mappings %v, %d applications", srv.Enforced(), srv.IdP(), srv.Domains(), srv.RoleMappings(), okta.count(0))
	}
}

// One apply leads from nothing to enforced SSO, although each side needs the other one
// first. One destroy reverts it.
func TestSSOInOneApplyWithOkta(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		publishAlways(srv, "example.com")
		tf, okta := newTerraformWithOkta(t, srv)
		tf.configure(withOkta)
		wantOnlyEnforcement(t, tf.must("plan"))
		wantText(t, tf.must("apply", "-auto-approve"), "7 added, 0 changed, 0 destroyed")
		wantSSO(tf, srv, okta)
		if idp := srv.IdP(); !idp.Enabled || idp.Issuer != okta.idp.Issuer {
			t.Errorf("configured is %+v", idp)
		}
		wantText(t, tf.must("destroy", "-auto-approve"), "7 destroyed")
		wantNothing(t, srv, okta)
	})
}

// SSO is not enforced where the IdP does not take the registration, as in the guides for
// IdPs that come last: the enforcement depends on it.
func TestRegistrationAtTheIdPFails(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		publishAlways(srv, "example.com")
		tf, _ := newTerraformWithOkta(t, srv)
		registration := func(acs string) string {
			return fmt.Sprintf(`
resource "okta_app_saml" "registration" {
  label       = "Elastic Cloud"
  sso_url     = %[1]s
  recipient   = %[1]s
  destination = %[1]s
  audience    = elasticcloud_saml_idp.okta.sp_entity_id
}
`, acs)
		}
		both := strings.Replace(withOkta, "depends_on = [elasticcloud_role_mapping.owners]", "depends_on = [elasticcloud_role_mapping.owners, okta_app_saml.registration]", 1)
		tf.configure(both + registration(`"https://elsewhere.example.com/acs"`))
		out, ok := tf.run("apply", "-auto-approve")
		if wantText(t, out, "Okta refuses the application"); ok || srv.Enforced() || len(srv.RoleMappings()) == 0 {
			t.Errorf("apply succeeds: %t, enforced: %t, mappings: %v", ok, srv.Enforced(), srv.RoleMappings())
		}
		tf.configure(both + registration("elasticcloud_saml_idp.okta.acs_url"))
		tf.must("apply", "-auto-approve")
		if !srv.Enforced() {
			t.Error("SSO is not enforced")
		}
	})
}

// The example of the guide does the same with Terraform itself; once somebody has signed
// in, SSO is enforced.
func TestExampleSSOWithOkta(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	publishCode(srv)
	srv.Serve()
	okta := &oktaProvider{idp: cloudtest.NewTestIdP(), elastic: srv.URL + "/saml/", nested: true}
	hcl := strings.NewReplacer(`"okta/okta"`, `"elasticcloud-access/okta"`,
		`provider "elasticcloud" {}`, fmt.Sprintf("provider \"elasticcloud\" {\n  endpoint = %q\n  api_key  = %q\n}\n", srv.URL, srv.Key)).Replace(read(t, "sso-okta/main.tf"))
	both := factories()
	both["okta"] = func() (tfprotov6.ProviderServer, error) { return okta.server(), nil }
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: both, Steps: []resource.TestStep{
		{Config: hcl},
		{Config: strings.Replace(hcl, "default     = false", "default     = true", 1), PreConfig: func() {
			if _, err := srv.SignIn(okta.idp, "alice@example.com", "elastic-owners"); err != nil || srv.Enforced() {
				t.Errorf("enforced %t, and the sign-in: %v", srv.Enforced(), err)
			}
		}, Check: func(*tfstate.State) error {
			if !srv.Enforced() {
				return errors.New("SSO is not enforced")
			}
			return nil
		}},
	}})
	wantNothing(t, srv, okta)
}

// The service has other addresses once the IdP has taken the place of the placeholder. The
// apply says so, and the next one brings the application in line, without a replacement.
func TestAddressesChangeWithTheIdP(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cloudtest.Option{
		"addresses":                                          nil,
		"and they come back in another form":                 {cloudtest.NormalisesAddresses(cloudtest.AddressesWithSlash)},
		"and certificates encoded twice":                     {cloudtest.Certificates(cloudtest.CertificatesTwice)},
		"and whether SSO is enforced is not shown":           {cloudtest.OmitNoEnforcement()},
		"and the certificates of the IdP are not shown, too": {cloudtest.Certificates(cloudtest.CertificatesLeftOut)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t, append(opts, cloudtest.RenewsServiceProvider())...)
				publishAlways(srv, "example.com")
				tf, okta := newTerraformWithOkta(t, srv)
				tf.configure(withOkta)
				out, ok := tf.run("apply", "-auto-approve")
				if ok {
					t.Fatalf("apply succeeds: %s", out)
				}
				wantText(t, out, "Error: Elastic Cloud has other addresses now", "Elastic Cloud changed acs_url, sp_entity_id when it configured the IdP.", "Apply again")
				if srv.Enforced() || strings.Contains(tf.must("show"), "elasticcloud_saml_idp") {
					t.Error("the apply goes on with an IdP that nobody can sign in through, or has it in the state")
				}
				out = tf.must("plan")
				wantText(t, out, "okta_app_saml.elastic will be updated in-place", "3 to add, 1 to change, 0 to destroy")
				wantOnlyEnforcement(t, out)
				writes := srv.Count(putIdP)
				hidden := strings.Contains(name, "not shown, too")
				if out, ok = tf.run("apply", "-auto-approve"); ok == hidden {
					t.Errorf("the second apply succeeds: %t", ok)
				}
				if hidden && srv.Enforced() {
					t.Error("SSO is enforced, and nobody can sign in")
				}
				if hidden { // it is written anew, as it may be another one
					wantText(t, out, "Warning: Elastic Cloud has other addresses now", "Error: Could not enforce SSO")
					wantText(t, tf.must("apply", "-auto-approve"), "1 added, 2 changed, 0 destroyed")
				} else if srv.Count(putIdP) > writes {
					t.Error("the IdP is written again")
				}
				wantSSO(tf, srv, okta)
				tf.must("destroy", "-auto-approve")
				wantNothing(t, srv, okta)
			})
		})
	}
}

// A change of an existing IdP may change the addresses too: the apply warns of that.
func TestAddressesChangeWithAChangeOfTheIdP(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t, cloudtest.RenewsServiceProvider())
		tf := newTerraform(t, srv)
		certificates := quoted(longLived(t, "idp"))
		tf.configure(samlIdP(certificates))
		wantNoText(t, tf.must("apply", "-auto-approve"), "Warning")
		tf.configure(samlIdP(certificates, `issuer = "urn:b"`))
		wantText(t, tf.must("apply", "-auto-approve"), "Warning: Elastic Cloud has other addresses now", "Elastic Cloud changed acs_url, sp_entity_id")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// Each call in between fails, in several ways. The state is correct: the next apply
// completes the work, or a destroy reverts it, without manual steps.
func TestSSOWithOktaFails(t *testing.T) {
	t.Parallel()
	ways := []cloudtest.Fault{
		{Status: 400, Code: "root.refused", Message: "not now"},
		{Status: 503, Times: -1},
		{Drop: true, After: true, Times: -1},
	}
	for _, renews := range []bool{false, true} {
		for i, way := range ways {
			if renews && i > 0 {
				continue // the ways differ in nothing that the addresses have to do with
			}
			t.Run(fmt.Sprintf("%d, renews %t", i, renews), func(t *testing.T) {
				t.Parallel()
				for n, more := 0, true; more; n++ {
					virtually(t, func(t *testing.T) { more = failsAt(t, n, way, renews) })
				}
			})
		}
	}
}

// hasStray reports whether an object exists that no state has, because the answer to its
// creation was lost. Only an apply adopts it. A placeholder does not count: it ends with
// the domain.
func hasStray(tf terraform, srv *cloudtest.Server) bool {
	tf.t.Helper()
	state := tf.must("show")
	idp := srv.IdP()
	return idp != nil && idp.Enabled && !strings.Contains(state, `"elasticcloud_saml_idp"`) ||
		len(srv.RoleMappings()) > 0 && !strings.Contains(state, `"elasticcloud_role_mapping"`) ||
		srv.Enforced() && !strings.Contains(state, `"elasticcloud_sso_enforcement"`)
}

// failsAt lets the call of a number fail in the first apply. It is false where there is no
// such call.
func failsAt(t *testing.T, n int, way cloudtest.Fault, renews bool) bool {
	t.Helper()
	var opts []cloudtest.Option
	if renews {
		opts = append(opts, cloudtest.RenewsServiceProvider())
	}
	srv := newFake(t, opts...)
	publishAlways(srv, "example.com")
	tf, okta := newTerraformWithOkta(t, srv)
	tf.configure(providerBlock("max_retries = 1") + withOkta)
	way.Skip = n
	srv.Fail(way)
	failed, ok := tf.run("apply", "-auto-approve")
	srv.ClearFaults()
	met := len(srv.Requests()) > n

	if n%2 == 1 && !hasStray(tf, srv) {
		if out, ok := tf.run("destroy", "-auto-approve"); !ok {
			t.Errorf("call %d: the destroy fails: %s\nafter %s", n, out, failed)
		}
		wantNothing(t, srv, okta)
		return met
	}
	for tries := 0; !ok && tries < 2; tries++ { // two, where the addresses change
		var out string
		if out, ok = tf.run("apply", "-auto-approve"); !ok && (!renews || !strings.Contains(out, "other addresses now")) {
			t.Errorf("call %d: the second apply fails: %s\nafter %s", n, out, failed)
			return met
		}
	}
	wantSSO(tf, srv, okta)
	if out, ok := tf.run("destroy", "-auto-approve"); !ok {
		t.Errorf("call %d: the destroy fails: %s", n, out)
	}
	wantNothing(t, srv, okta)
	return met
}
