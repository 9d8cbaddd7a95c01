// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

const (
	claimStays     = "cannot be given up yet"
	idpChanges     = "Warning: The SAML IdP changes while SSO is enforced"
	lastOwners     = "is the last role mapping that grants organization-admin"
	afterMapping   = "resource \"elasticcloud_sso_enforcement\" \"this\" {\n  depends_on = [elasticcloud_role_mapping.owners]\n}\n"
	dependsOnIdP   = "depends_on = [elasticcloud_saml_idp.idp]"
	secondClaimHCL = "resource \"elasticcloud_domain_claim\" \"e\" {\n  domain = \"example.org\"\n}\n"
)

func wantNoText(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(out, text) {
			t.Errorf("%q is in what was printed:\n%s", text, out[:min(len(out), 8000)])
		}
	}
}

// slowly makes the next call of a route take so long that what is planned at the
// same time is planned before.
func slowly(srv *cloudtest.Server, route string) {
	srv.Before(route, func() { time.Sleep(time.Second) })
}

// The service keeps a domain as long as there is an IdP: the plan says so,
// whatever else it does.
func TestDomainClaimThatHasToStay(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		srv.ClaimDomain("example.org")
		certificate := quoted(longLived(t, "idp"))
		tf := newTerraform(t, srv)
		idp, owners := samlIdP(certificate), mapping("owners", "owners", ownersRule, roles("organization-admin"), dependsOnIdP)
		tf.configure(claimOf("example.com") + secondClaimHCL + idp + owners + afterMapping)
		tf.must("apply", "-auto-approve")

		tf.configure(claimOf("example.com") + samlIdP(certificate, `issuer = "urn:other"`) + owners)
		wantText(t, tf.must("plan"), "Warning: The claim of example.org "+claimStays, "Terraform may carry out the rest of the plan")
		tf.configure(claimOf("example.net") + secondClaimHCL + idp + owners + afterMapping)
		srv.ClaimDomain("example.net")
		wantText(t, tf.must("plan"), "Warning: The claim of example.com "+claimStays, "Warning: The claim of example.net is adopted")
		tf.configure(idp + owners + afterMapping)
		srv.ResetLedger()
		wantText(t, tf.must("plan"), "Warning: The claim of example.com "+claimStays, "Warning: The claim of example.org "+claimStays)
		if n := srv.Count(getIdP); n < 1 || n > 2 { // by the refresh of the IdP, and for both claims
			t.Errorf("the IdP was read %d times", n)
		}
		tf.configure(claimOf("example.com") + secondClaimHCL + idp + owners + afterMapping)
		wantNoText(t, tf.must("plan"), "Warning")

		srv.LoseDomain("example.org") // and of nothing there is to be given up
		tf.configure(claimOf("example.com") + idp + owners + afterMapping)
		wantNoText(t, tf.must("plan"), claimStays)
		srv.ClaimDomain("example.org")
		srv.RemoveIdP()
		wantNoText(t, tf.must("plan"), claimStays)
	})
}

// A destruction at the same time is known if it is planned before the service has answered.
// If it is planned later, the warning is true in both cases.
func TestDomainClaimThatGoesWithTheIdP(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		tf.configure(claimOf("example.com") + samlIdP(quoted(longLived(t, "idp")), "depends_on = [elasticcloud_domain_claim.d]"))
		tf.must("apply", "-auto-approve")
		tf.configure("")
		slowly(srv, getDomains)
		wantNoText(t, tf.must("plan"), claimStays)
		tf.must("apply", "-auto-approve")
		wantDomains(t, srv)

		early := newDomainOwner(t)
		claim := block{Type: "elasticcloud_domain_claim", Attributes: map[string]any{"domain": "example.com"}}
		wantText(t, planWarnings(t, early, map[string]block{"a": claim, "b": idpBlock(t, "urn:idp")}, nil),
			claimStays, "Add depends_on = [elasticcloud_domain_verification.<name>] to the elasticcloud_saml_idp.")
	})
}

// Destroying everything succeeds, and its plan has no warnings.
func TestSSODestroyIsCalm(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	publishCode(srv)
	tf := example(t, srv, "sso")
	tf.must("apply", "-auto-approve", "-var=enforce=true")
	for _, args := range [][]string{{"plan", "-destroy"}, {"plan", "-destroy", "-refresh=false"}, {"destroy", "-auto-approve"}} {
		out := tf.must(append(args, "-var=enforce=true")...)
		wantText(t, out, "0 to add, 0 to change, 6 to destroy")
		wantNoText(t, out, idpChanges, "refuse", lastOwners, claimStays)
	}
}

// What holds only as long as SSO is enforced is not said by the plan that ends
// the enforcement, where it can know; where it cannot, it is said for the other
// case.
func TestSSOEnforcementEndsInTheSamePlan(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		certificate := quoted(longLived(t, "idp"))
		owners := mapping("owners", "owners", ownersRule, roles("organization-admin"), dependsOnIdP)
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(certificate) + owners + afterMapping)
		tf.must("apply", "-auto-approve")
		for _, test := range []struct{ hcl, want string }{
			{samlIdP(certificate, `issuer = "urn:other"`) + owners, "1 to change, 1 to destroy"},
			{samlIdP(certificate, "enabled = false") + owners, "Warning: The SAML IdP is disabled while SSO is enforced"},
			{samlIdP(certificate), `Warning: Access by the role mapping "owners" changes`},
			{"", "0 to change, 3 to destroy"},
		} {
			tf.configure(test.hcl)
			slowly(srv, getIdP)
			slowly(srv, getMap)
			out := tf.must("plan")
			wantText(t, out, test.want)
			wantNoText(t, out, idpChanges, lastOwners)
		}
		tf.must("apply", "-auto-approve")

		early := newDomainOwner(t)
		all := func(issuer string) map[string]block {
			owners := mappingBlock("owners", "owners", "organization-admin")
			owners.After = "a"
			return map[string]block{"a": idpBlock(t, issuer), "b": owners, "c": {Type: "elasticcloud_sso_enforcement", After: "b"}}
		}
		first := all("urn:idp")
		second := map[string]block{"a": all("urn:other")["a"]}
		wantText(t, planWarnings(t, early, first, second), idpChanges, lastOwners, "or end the enforcement",
			"Members can sign in through this IdP only, unless the same run ends the enforcement. These changes can keep them from signing in: - issuer changes.")
	})
}

// An IdP that is disabled while SSO is enforced is an error in the plan, whatever
// shows the enforcement, and also where apply meets it first.
func TestIdPDisabledWhileEnforced(t *testing.T) {
	t.Parallel()
	const refused = "Error: Cannot disable the SAML IdP while SSO is enforced"
	certificate := longLived(t, "idp")
	enabled, disabled := samlIdP(quoted(certificate)), samlIdP(quoted(certificate), "enabled = false")
	owners := mapping("owners", "owners", ownersRule, roles("organization-admin"), dependsOnIdP)
	for _, hidden := range []bool{false, true} {
		t.Run(fmt.Sprintf("hidden %t", hidden), func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				var opts []cloudtest.Option
				if hidden {
					opts = append(opts, cloudtest.OmitEnforcement())
				}
				srv := newDomainOwner(t, opts...)
				tf := newTerraform(t, srv)
				refuses := func(hcl string, texts ...string) {
					t.Helper()
					tf.configure(hcl)
					out, ok := tf.run("plan")
					if ok {
						t.Error("it is planned")
					}
					wantText(t, out, append(texts, refused, "Nobody could sign in any more. Keep the IdP enabled.")...)
				}
				const beside = "The configuration has an elasticcloud_sso_enforcement."
				refuses(disabled+owners+afterMapping, beside) // all of it is new
				tf.configure(enabled + owners)
				tf.must("apply", "-auto-approve")
				tf.configure(disabled + owners)
				tf.must("apply", "-auto-approve")
				refuses(disabled+owners+afterMapping, beside) // the enforcement is new
				tf.configure(enabled + owners + afterMapping)
				tf.must("apply", "-auto-approve")
				refuses(disabled+owners+afterMapping, beside)

				// the plan was made before somebody else enforced it
				tf.configure(enabled + owners)
				tf.must("apply", "-auto-approve")
				tf.configure(disabled + owners)
				tf.must("plan", "-out=plan")
				srv.Enforce(true)
				srv.ResetLedger()
				out, ok := tf.run("apply", "plan")
				if ok {
					t.Error("it is disabled")
				}
				if wantText(t, out, "Error: "); !hidden {
					wantText(t, out, "Error: Could not configure the SAML IdP", "SSO is enforced in the organization. Nobody could sign in any more.")
					wantWrites(t, srv)
					wantText(t, tf.must("plan"), "Warning: The SAML IdP is disabled while SSO is enforced")
				}
			})
		})
	}
}

// The end of the enforcement in the same plan is enough, also where it is planned
// and made later.
func TestIdPDisabledWhenTheEnforcementEnds(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		certificate := quoted(longLived(t, "idp"))
		owners := mapping("owners", "owners", ownersRule, roles("organization-admin"), dependsOnIdP)
		tf := newTerraform(t, srv)
		tf.configure(samlIdP(certificate) + owners + afterMapping)
		tf.must("apply", "-auto-approve")
		tf.configure(samlIdP(certificate, "enabled = false") + owners + strings.Replace(afterMapping, "{\n", "{\n  count = 0\n", 1))
		tf.must("plan") // the enforcement is planned after the IdP
		tf.configure(samlIdP(certificate, "enabled = false") + owners)
		wantText(t, tf.must("plan", "-out=plan"), "Warning: The SAML IdP is disabled while SSO is enforced", "1 to change, 1 to destroy")
		srv.Before(putOrg, func() { time.Sleep(3 * time.Second) })
		tf.must("apply", "plan")
		if srv.Enforced() || srv.IdP().Enabled {
			t.Errorf("SSO is enforced: %t, the IdP is enabled: %t", srv.Enforced(), srv.IdP().Enabled)
		}
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func idpBlock(t *testing.T, issuer string) block {
	t.Helper()
	return block{Type: "elasticcloud_saml_idp", Attributes: map[string]any{
		"login_identifier_prefix": "acme", "issuer": issuer, "sso_url": "https://idp.example/sso", "enabled": true, "certificates": []string{longLived(t, "idp")}}}
}

// planWarnings applies a configuration and returns the warnings of the plan of the next one.
// Destructions are planned last, in the order of their addresses.
func planWarnings(t *testing.T, srv *cloudtest.Server, before, after map[string]block) string {
	t.Helper()
	ctx, cancel := timeout()
	defer cancel()
	c := startCore(t, srv)
	if err := c.apply(ctx, before); err != nil {
		t.Fatal(err)
	}
	changes, err := c.planWith(ctx, after, terraformtest.Options{OneByOne: true})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, ch := range changes {
		for _, d := range ch.Planned.Diagnostics {
			texts = append(texts, "Warning: "+d.Summary+" "+strings.Join(strings.Fields(d.Detail), " "))
		}
	}
	return strings.Join(texts, "\n")
}
