// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

const theServiceProvider = "elasticcloud_saml_service_provider.sp"

// serviceProvider is the HCL of a service provider.
func serviceProvider(prefix string) string {
	return fmt.Sprintf("resource \"elasticcloud_saml_service_provider\" \"sp\" {\n  login_identifier_prefix = %q\n}\n", prefix)
}

// fromServiceProvider is the HCL of an IdP with the prefix of the service provider.
func fromServiceProvider(certificates string) string {
	return samlIdP(certificates, "login_identifier_prefix = "+theServiceProvider+".login_identifier_prefix")
}

// wantPlaceholder checks that the placeholder is what is configured.
func wantPlaceholder(t *testing.T, srv *cloudtest.Server, prefix string) {
	t.Helper()
	if idp := srv.IdP(); idp == nil || idp.Enabled || !strings.HasSuffix(idp.Issuer, "/placeholder") || idp.LoginIdentifierPrefix != prefix {
		t.Errorf("configured is %+v", idp)
	}
}

func TestSAMLServiceProvider(t *testing.T) {
	t.Parallel()
	srv := newDomainOwner(t)
	value := func(name string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(theServiceProvider, tfjsonpath.New(name), check)
	}
	beginsWith := func(prefix string) knownvalue.Check {
		return knownvalue.StringFunc(func(s string) error {
			if !strings.HasPrefix(s, prefix) {
				return fmt.Errorf("it is %q", s)
			}
			return nil
		})
	}
	runSteps(t, srv,
		resource.TestStep{
			Config: serviceProvider("acme"),
			ConfigStateChecks: []statecheck.StateCheck{
				value("id", knownvalue.StringExact(srv.OrganizationID)),
				value("login_identifier", beginsWith("acme-")),
				value("acs_url", beginsWith("http")),
				value("sp_entity_id", beginsWith("http")),
				value("metadata_url", beginsWith("http")),
				value("sso_login_url", beginsWith("http")),
				value("signing_certificates", knownvalue.ListSizeExact(1)),
				value("encryption_certificates", knownvalue.ListSizeExact(1)),
			},
		},
		resource.TestStep{Config: serviceProvider("acme"), ConfigPlanChecks: emptyPlan, PreConfig: func() {
			wantWrites(t, srv, putIdP)
			wantPlaceholder(t, srv, "acme")
		}},
		resource.TestStep{
			Config: serviceProvider("acme-2"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(theServiceProvider, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(theServiceProvider, tfjsonpath.New("login_identifier")),
				plancheck.ExpectUnknownValue(theServiceProvider, tfjsonpath.New("sso_login_url")),
				// what the application at the IdP has
				plancheck.ExpectKnownValue(theServiceProvider, tfjsonpath.New("acs_url"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(theServiceProvider, tfjsonpath.New("sp_entity_id"), knownvalue.NotNull()),
			}},
			ConfigStateChecks: []statecheck.StateCheck{value("login_identifier", beginsWith("acme-2-"))},
		},
		resource.TestStep{Config: serviceProvider("acme-2"), ConfigPlanChecks: emptyPlan, PreConfig: func() {
			wantWrites(t, srv, putIdP, putIdP)
			wantPlaceholder(t, srv, "acme-2")
		}},
		resource.TestStep{ResourceName: theServiceProvider, ImportState: true, ImportStateVerify: true},
	)
	if srv.IdP() != nil {
		t.Error("after destroy the placeholder is still there")
	}
}

// The plan shows changes in the console, and apply reverts them. If nothing is registered,
// the placeholder is registered again.
func TestSAMLServiceProviderDrift(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		tf.configure(serviceProvider("acme"))
		tf.must("apply", "-auto-approve")
		srv.ChangeIdP(func(i *cloudtest.IdP) { i.LoginIdentifierPrefix = "evil" })
		wantText(t, tf.must("plan"), `~ login_identifier_prefix = "evil" -> "acme"`, "0 to add, 1 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantPlaceholder(t, srv, "acme")
		wantText(t, tf.must("plan"), "No changes.")
		srv.RemoveIdP()
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
		tf.must("apply", "-auto-approve")
		wantPlaceholder(t, srv, "acme")
		tf.must("apply", "-auto-approve", "-replace="+theServiceProvider) // which adopts it
		wantWrites(t, srv, putIdP, putIdP, putIdP)
		srv.RemoveIdP()
		tf.must("destroy", "-auto-approve", "-refresh=false")
		wantWrites(t, srv, putIdP, putIdP, putIdP)
	})
}

// An IdP is left as it is: created, changed and destroyed, the resource only reads. The
// plan says so where the prefix is another one.
func TestSAMLServiceProviderOfAnIdP(t *testing.T) {
	t.Parallel()
	for _, enforced := range []bool{false, true} {
		t.Run(fmt.Sprintf("enforced %t", enforced), func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv, _ := withSSO(t)
				srv.Enforce(enforced)
				tf := newTerraform(t, srv)
				tf.configure(serviceProvider("acme"))
				wantNoText(t, tf.must("apply", "-auto-approve"), "Warning")
				wantText(t, tf.must("plan"), "No changes.")
				tf.configure(serviceProvider("other"))
				const warning = `Warning: The SAML IdP has another login_identifier_prefix`
				wantText(t, tf.must("apply", "-auto-approve"), warning, `with the prefix "acme"`)
				wantText(t, tf.must("plan"), "No changes.")
				wantText(t, tf.must("show"), `login_identifier = "acme-`)
				tf.must("destroy", "-auto-approve")
				wantText(t, tf.must("plan"), warning, "1 to add")
				wantWrites(t, srv)
				if srv.IdP() == nil {
					t.Error("the IdP is gone")
				}
			})
		})
	}
}

func TestSAMLServiceProviderWithoutDomain(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure(serviceProvider("acme"))
		out, ok := tf.run("apply", "-auto-approve")
		if ok || srv.IdP() != nil {
			t.Errorf("it was created: %+v", srv.IdP())
		}
		wantText(t, out, "Error: Could not register the SAML service provider", "The organization has no claimed domain.", "Add depends_on = [elasticcloud_domain_verification.<name>] to the elasticcloud_saml_service_provider.")
		refuses(t, srv, serviceProvider("Acme"), "login_identifier_prefix", "lowercase letters, digits and hyphens")
	})
}

// The IdP takes the place of the placeholder: there is no other IdP in the way, by the plan
// and the apply, and nothing to say.
func TestSAMLIdPTakesThePlaceOfThePlaceholder(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cloudtest.Option{
		"as ever":                   nil,
		"addresses with a slash":    {cloudtest.NormalisesAddresses(cloudtest.AddressesWithSlash)},
		"addresses without a slash": {cloudtest.NormalisesAddresses(cloudtest.AddressesWithoutSlash)},
		"certificates joined":       {cloudtest.Certificates(cloudtest.CertificatesJoined)},
		"certificates left out":     {cloudtest.Certificates(cloudtest.CertificatesLeftOut)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newDomainOwner(t, opts...)
				tf := newTerraform(t, srv)
				both := serviceProvider("acme") + fromServiceProvider(quoted(longLived(t, "idp")))
				tf.configure(serviceProvider("acme"))
				tf.must("apply", "-auto-approve")
				tf.configure(both)
				out := tf.must("plan", "-out=plan")
				wantText(t, out, "1 to add, 0 to change, 0 to destroy")
				wantNoText(t, out, "Warning")
				tf.must("apply", "plan")
				wantText(t, tf.must("plan"), "No changes.")
				wantWrites(t, srv, putIdP, putIdP)
				if idp := srv.IdP(); !idp.Enabled || idp.Issuer != "https://idp.example/entity" {
					t.Errorf("configured is %+v", idp)
				}
				tf.must("destroy", "-auto-approve")
				wantWrites(t, srv, putIdP, putIdP, delIdP)
			})
		})
	}
}

// Another prefix of both is one apply: with the IdP there, the service provider only
// follows it.
func TestPrefixOfBothChanges(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		certificates := quoted(longLived(t, "idp"))
		tf.configure(serviceProvider("acme") + fromServiceProvider(certificates))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		tf.configure(serviceProvider("acme-2") + fromServiceProvider(certificates))
		wantText(t, tf.must("apply", "-auto-approve"), "0 added, 2 changed, 0 destroyed")
		wantWrites(t, srv, putIdP)
		wantText(t, tf.must("plan", "-refresh=false"), "No changes.")
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("apply", "-auto-approve", "-refresh-only")
		if out := tf.must("show"); strings.Count(out, `login_identifier = "acme-2-`) != 2 {
			t.Errorf("the login identifiers are not those of the new prefix: %s", out)
		}
	})
}

// If the IdP is destroyed and the service provider stays, its addresses end with the IdP. The
// plan warns, in any order, and the next apply registers them again.
func TestServiceProviderIsLeftWithoutAnIdP(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		idp := idpBlock(t, "urn:idp")
		sp := block{Type: samlServiceProviderType, Attributes: map[string]any{"login_identifier_prefix": "acme"}}
		for _, addresses := range [][2]string{{"a", "b"}, {"b", "a"}} {
			for range 4 {
				srv := newDomainOwner(t)
				c := startCore(t, srv)
				idp.After = addresses[0]
				both := map[string]block{addresses[0]: sp, addresses[1]: idp}
				c.mustApply(t, both)
				c.set()
				p, err := c.Plan(t.Context(), map[string]block{addresses[0]: sp}, terraformtest.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if len(p.Diagnostics) != 1 || p.Diagnostics[0].Summary != "The plan leaves no SAML service provider" {
					t.Errorf("the plan says %v", p.Diagnostics)
				}
				if _, err := c.Apply(t.Context(), p); err != nil || srv.IdP() != nil {
					t.Errorf("the IdP stays: %v", err)
				}
				c.mustApply(t, map[string]block{addresses[0]: sp})
				wantPlaceholder(t, srv, "acme")
				wantEmpty(t, c, map[string]block{addresses[0]: sp})
				if p, err = c.Plan(t.Context(), nil, terraformtest.Options{}); err != nil || len(p.Diagnostics) > 0 {
					t.Errorf("to destroy both says %v, %v", p.Diagnostics, err)
				}
			}
		}
	})
}

// The placeholder does not count as an IdP: it is not in the state as one, is not imported or
// listed, and does not keep a claim. The data source shows it.
func TestPlaceholderIsNoIdP(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		idp := samlIdP(quoted(longLived(t, "idp")))
		tf.configure(idp)
		tf.must("apply", "-auto-approve")
		srv.RemoveIdP()
		other := newTerraform(t, srv)
		other.configure(serviceProvider("acme") + claimOf("example.com"))
		other.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
		tf.must("destroy", "-auto-approve", "-refresh=false")
		wantPlaceholder(t, srv, "acme")
		refusesImports(t, srv, idp, theIdP, map[string]string{srv.OrganizationID: "The organization has no IdP, only the placeholder of an elasticcloud_saml_service_provider."})
		if got := mustRead(t, srv, "elasticcloud_saml_idp", nil); fmt.Sprint(got["configured"]) == "false" || !strings.Contains(fmt.Sprint(got["issuer"]), "/placeholder") {
			t.Errorf("the data source shows %v", got)
		}
		tf.configure("resource \"elasticcloud_sso_enforcement\" \"this\" {}\n")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("SSO is enforced")
		}
		wantText(t, out, "there is no SAML IdP, so nobody could sign in")
		wantNoText(t, other.must("destroy", "-auto-approve"), "Warning")
		if srv.IdP() != nil || len(srv.Domains()) > 0 {
			t.Errorf("left: %+v, %v", srv.IdP(), srv.Domains())
		}
	})
}

// A query offers no placeholder to adopt.
func TestPlaceholderIsNotListed(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		seedPlaceholder(srv)
		if names := startCore(t, srv).names(t, listBlock{typeName: samlIdPType}); len(names) > 0 {
			t.Errorf("listed is %v", names)
		}
	})
}

// A placeholder that no state has does not keep the last domain. With another domain, the
// plan warns.
func TestPlaceholderGoesWithTheLastDomain(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		tf.configure(serviceProvider("acme"))
		tf.must("apply", "-auto-approve")
		srv.ClaimDomain("example.org")
		claims := newTerraform(t, srv)
		claims.configure(claimOf("example.com"))
		claims.must("apply", "-auto-approve")
		out, ok := claims.run("destroy", "-auto-approve")
		if ok {
			t.Error("the claim is given up")
		}
		wantText(t, out, "Warning: The claim of example.com cannot be given up yet", "destroy the elasticcloud_saml_service_provider in the same run", "Error: Could not give up example.com")
		wantPlaceholder(t, srv, "acme")
		srv.LoseDomain("example.org")
		wantNoText(t, claims.must("destroy", "-auto-approve"), "Warning")
		if srv.IdP() != nil || len(srv.Domains()) > 0 {
			t.Errorf("left: %+v, %v", srv.IdP(), srv.Domains())
		}
	})
}

// Someone configures an IdP between plan and apply, so that the addresses are not as planned:
// the update fails, and the next refresh updates the state.
func TestServiceProviderChangesMeanwhile(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t, cloudtest.RenewsServiceProvider())
		tf := newTerraform(t, srv)
		tf.configure(serviceProvider("acme"))
		tf.must("apply", "-auto-approve")
		tf.configure(serviceProvider("acme-2"))
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Errorf("apply succeeds: %s", out)
		}
		wantText(t, out, "Error: Elastic Cloud has other addresses now", "Elastic Cloud changed acs_url, sp_entity_id since the plan was made, or because of this change.")
		wantText(t, tf.must("apply", "-auto-approve"), "No changes.")
		wantPlaceholder(t, srv, "acme-2")
	})
}
