// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

const (
	getDomains   = "GET /organizations/{organization_id}/domains"
	askCode      = "POST /organizations/{organization_id}/domains/_generate_verification_code"
	verifyDomain = "POST /organizations/{organization_id}/domains/_verify"
	dropDomain   = "DELETE /organizations/{organization_id}/domains"

	theClaim     = "elasticcloud_domain_claim.d"
	verification = "elasticcloud_domain_verification.d"
)

// claimOf is the HCL of one claim.
func claimOf(domain string) string {
	return fmt.Sprintf("resource \"elasticcloud_domain_claim\" \"d\" {\n  domain = %q\n}\n", domain)
}

// chain is the HCL of a theClaim, its TXT record and its verification.
func chain(domain string, lines ...string) string {
	return claimOf(domain) + `
resource "dns_txt" "d" {
  name  = elasticcloud_domain_claim.d.challenge_record_name
  value = elasticcloud_domain_claim.d.challenge_record_value
}
resource "elasticcloud_domain_verification" "d" {
  domain                 = elasticcloud_domain_claim.d.domain
  challenge_record_value = elasticcloud_domain_claim.d.challenge_record_value
  depends_on             = [dns_txt.d]
  ` + strings.Join(lines, "\n  ") + "\n}\n"
}

func willBe(address string, a plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(address, a)
}

func wantDomains(t *testing.T, srv *cloudtest.Server, domains ...string) {
	t.Helper()
	if got := srv.Domains(); strings.Join(got, " ") != strings.Join(domains, " ") {
		t.Errorf("claimed are %v, want %v", got, domains)
	}
}

// The claim, its TXT record and its verification are created in one apply. The code is
// requested once, and the claimed domain causes no diff.
func TestDomainClaimInOneApply(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	verified := func(yes bool) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownValue(theClaim, tfjsonpath.New("verified"), knownvalue.Bool(yes)),
			statecheck.ExpectKnownValue(theClaim, tfjsonpath.New("domain"), knownvalue.StringExact("Example.com")),
			statecheck.ExpectKnownValue(theClaim, tfjsonpath.New("id"), knownvalue.StringExact("example.com")),
			statecheck.ExpectKnownValue(verification, tfjsonpath.New("id"), knownvalue.StringExact("example.com")),
		}
	}
	code := statecheck.CompareValue(compare.ValuesSame())
	sameCode := func() statecheck.StateCheck {
		return code.AddStateValue(theClaim, tfjsonpath.New("challenge_record_value"))
	}
	withDNS(t, srv, nil,
		resource.TestStep{Config: chain("Example.com"), ConfigStateChecks: append(verified(false), sameCode()), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(theClaim, tfjsonpath.New("challenge_record_name"), knownvalue.StringExact("_elastic_domain_challenge.example.com")),
			plancheck.ExpectUnknownValue(theClaim, tfjsonpath.New("challenge_record_value")),
		}}},
		resource.TestStep{RefreshState: true},
		resource.TestStep{Config: chain("Example.com"), ConfigStateChecks: append(verified(true), sameCode()), ConfigPlanChecks: emptyPlan},
		resource.TestStep{Config: chain("example.COM."), ConfigStateChecks: append(verified(true), sameCode()), ConfigPlanChecks: emptyPlan},
	)
	wantWrites(t, srv, askCode, verifyDomain, dropDomain)
	wantDomains(t, srv)
}

// A domain that the organization has already claimed is adopted, with a code for the DNS
// record that refers to it.
func TestDomainClaimTakesOver(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.ClaimDomain("example.com")
		tf := newTerraform(t, srv)
		tf.configure(claimOf("Example.com") + "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = elasticcloud_domain_claim.d.domain\n}\n")
		wantText(t, tf.must("plan"), "Warning: The claim of example.com is adopted", "Destroying this resource later gives up the claim.",
			`+ challenge_record_name = "_elastic_domain_challenge.example.com"`, "+ challenge_record_value = (known after apply)")
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv, askCode)
		wantText(t, tf.must("plan"), "No changes.")
		tf.must("destroy", "-auto-approve")
		wantWrites(t, srv, askCode, dropDomain)
		wantDomains(t, srv)
	})
}

// An adopted claim is verified by the DNS record that refers to it.
func TestDomainClaimTakesOverWithDNS(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.ClaimDomain("example.org")
	withDNS(t, srv, nil, resource.TestStep{Config: chain("example.org"), ConfigStateChecks: []statecheck.StateCheck{
		statecheck.ExpectKnownValue(theClaim, tfjsonpath.New("verified"), knownvalue.Bool(true)),
	}})
}

// A claim that is lost gets a new code, in the plan; the rest of the chain
// follows.
func TestDomainClaimIsLost(t *testing.T) {
	t.Parallel()

	srv := newFake(t)
	withDNS(t, srv, nil,
		resource.TestStep{Config: chain("example.com")},
		resource.TestStep{RefreshState: true},
		resource.TestStep{
			PreConfig: func() { srv.ResetLedger(); srv.LoseDomain("example.com") },
			Config:    chain("example.com"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				willBe(theClaim, plancheck.ResourceActionUpdate), willBe("dns_txt.d", plancheck.ResourceActionUpdate), willBe(verification, plancheck.ResourceActionCreate),
			}},
		},
		resource.TestStep{Config: chain("example.com"), ConfigPlanChecks: emptyPlan, Check: func(*tfstate.State) error {
			wantWrites(t, srv, askCode, verifyDomain)
			wantDomains(t, srv, "example.com")
			return nil
		}},
	)

	srv.ClaimDomain("example.com")
	tf := newCLI(t, srv)
	tf.configure(claimOf("example.com"))
	tf.must("apply", "-auto-approve")
	srv.LoseDomain("example.com")
	srv.ResetLedger()
	out := tf.must("plan")
	wantText(t, out, "Warning: The claim of example.com is lost", "~ verified = true -> false", "-> (known after apply)", "0 to add, 1 to change, 0 to destroy")
	tf.must("plan", "-refresh-only")
	wantWrites(t, srv) // a refresh asks for no code
	tf.must("apply", "-auto-approve")
	wantWrites(t, srv, askCode)
	wantText(t, tf.must("plan"), "No changes.")
	srv.ClaimDomain("example.com")
	wantText(t, tf.must("plan"), "No changes.")

}

// The domain is claimed again between the plan and its apply.
func TestDomainClaimComesBack(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.ClaimDomain("example.com")
		tf := newTerraform(t, srv)
		tf.configure(claimOf("example.com"))
		tf.must("apply", "-auto-approve")
		srv.LoseDomain("example.com")
		tf.must("plan", "-out=plan")
		srv.ClaimDomain("example.com")
		tf.must("apply", "plan")
		wantText(t, tf.must("plan"), "No changes.")
		wantDomains(t, srv, "example.com")
	})
}

// Another domain replaces, and gives the first one up.
func TestDomainClaimReplaces(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	withDNS(t, srv, nil,
		resource.TestStep{Config: chain("example.com")},
		resource.TestStep{
			PreConfig: srv.ResetLedger,
			Config:    chain("sub.example.com"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				willBe(theClaim, plancheck.ResourceActionReplace), willBe(verification, plancheck.ResourceActionReplace),
			}},
			Check: func(*tfstate.State) error {
				wantWrites(t, srv, dropDomain, askCode, verifyDomain)
				wantDomains(t, srv, "sub.example.com")
				return nil
			},
		},
	)
}

// A domain cannot be given up while an IdP is configured.
func TestDomainClaimWithIdP(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.ClaimDomain("example.com")
		tf := newTerraform(t, srv)
		tf.configure(claimOf("example.com"))
		tf.must("apply", "-auto-approve")
		srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
		out, ok := tf.run("destroy", "-auto-approve")
		if ok {
			t.Error("the domain is given up while an IdP is configured")
		}
		wantText(t, out, "Could not give up example.com", "org.idp.idp_configured", "Destroy the elasticcloud_saml_idp first")
		wantText(t, tf.must("plan"), "No changes.")
		srv.RemoveIdP()
		tf.must("destroy", "-auto-approve")
		wantDomains(t, srv)
	})
}

// A domain that was never verified has no claim to give up, and a claim that no longer
// exists is not an error.
func TestDomainClaimDestroyed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		playRun(t, srv, resource.TestStep{Config: claimOf("example.com")})
		wantWrites(t, srv, askCode, dropDomain)
	})
}

// A claim that fails leaves no state, and the next apply makes it.
func TestDomainClaimFails(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.Fail(cloudtest.Fault{Route: askCode, Status: 500, Times: -1})
		playSteps(t, srv, resource.TestStep{Config: claimOf("example.com"), ExpectError: spaced("Could not get the code for example.com")})
		srv.ClearFaults()
		srv.Fail(cloudtest.Fault{Route: askCode, Status: 503, Times: 2})
		srv.ResetLedger()
		playRun(t, srv, resource.TestStep{Config: claimOf("example.com")}, resource.TestStep{Config: claimOf("example.com"), ConfigPlanChecks: emptyPlan})
		wantWrites(t, srv, askCode, askCode, askCode, dropDomain)
		srv.Fail(cloudtest.Fault{Route: getDomains, Status: 404, Code: "organization.not_found", Message: "no such organization"})
		playSteps(t, srv, resource.TestStep{Config: claimOf("example.com"), ExpectError: spaced("Could not look up example.com")})
	})
}

func TestDomainClaimTwice(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {

		srv := newFake(t)
		playSteps(t, srv, resource.TestStep{
			Config:      claimOf("example.com") + "resource \"elasticcloud_domain_claim\" \"e\" {\n  domain = \"Example.com.\"\n}\n",
			PlanOnly:    true,
			ExpectError: spaced("example.com is configured twice"),
		})
		wantWrites(t, srv)
		tf := newTerraform(t, srv)
		tf.configure(claimOf("example.com"))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("apply", "-auto-approve", "-replace="+theClaim), "1 added, 0 changed, 1 destroyed")
		wantWrites(t, srv, askCode, askCode)
		srv.ClaimDomain("example.com")
		tf.must("apply", "-auto-approve", "-refresh-only")
		srv.LoseDomain("example.com")
		wantText(t, tf.must("apply", "-auto-approve"), "0 added, 1 changed, 0 destroyed")
		tf.configure(claimOf("example.org") + strings.Replace(claimOf("example.org"), `"d"`, `"e"`, 1)) // one of them in the place of what was changed
		out, ok := tf.run("plan")
		if ok {
			t.Error("the plan succeeded")
		}
		wantText(t, out, "example.org is configured twice")

	})
}

func TestDomainImport(t *testing.T) {
	t.Parallel()

	srv := newFake(t)
	srv.ClaimDomain("example.com")
	hcl := claimOf("example.com") + "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = \"example.com\"\n}\n"
	testSteps(t, srv,
		resource.TestStep{Config: hcl},
		resource.TestStep{ResourceName: theClaim, ImportState: true, ImportStateId: "Example.com", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"domain", "challenge_record_value"}},
		resource.TestStep{ResourceName: verification, ImportState: true, ImportStateVerify: true},
	)
	tf := newCLI(t, srv)
	srv.ClaimDomain("example.com")
	srv.ResetLedger()
	tf.configure(hcl)
	tf.must("import", theClaim, "example.com")
	tf.must("import", verification, "example.com")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)

}

func TestDomainImportRefuses(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.ClaimDomain("example.com")
		hcl := claimOf("example.com") + "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = \"example.com\"\n}\n"
		refusesImports(t, srv, hcl, theClaim, map[string]string{
			"example.org":         "The organization has not claimed example.org. To claim it, remove the import block and apply.",
			"https://example.com": "The import ID must be a domain",
		})
		refusesImports(t, srv, hcl, verification, map[string]string{"example.org": "To verify it, remove the import block and apply."})
	})
}

func TestDomainIdentity(t *testing.T) {
	t.Parallel()
	testneeds.Identity(t)
	srv := newFake(t)
	srv.ClaimDomain("example.com")
	identity := map[string]knownvalue.Check{"organization_id": knownvalue.StringExact(srv.OrganizationID), "domain": knownvalue.StringExact("example.com")}
	hcl := claimOf("Example.com") + "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = \"Example.com\"\n}\n"
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, hcl), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(theClaim, identity), statecheck.ExpectIdentity(verification, identity),
			}},
			{ResourceName: verification, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

// Bad input is refused before anything is written, at the attribute.
func TestDomainBadInput(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		for domain, want := range map[string]string{
			"https://example.com":                  "is a URL or part of one. Write the domain alone",
			"example.com/":                         "is a URL or part of one",
			"alice@example.com":                    "is an e-mail address. Write the part after the @",
			"*.example.com":                        "contains a wildcard",
			"münchen.example":                      "Write xn--mnchen-3ya.example",
			"exa\u0000mple.com":                    "has the invalid part",
			"example":                              "has no dot",
			"example.":                             "has no dot",
			"":                                     "has no dot",
			"192.0.2.1":                            "is an IP address",
			" example.com":                         "has the invalid part",
			"example..com":                         `has the invalid part ""`,
			"-example.com":                         `has the invalid part "-example"`,
			strings.Repeat("a", 64) + ".com":       "A part has 1 to 63 letters",
			strings.Repeat("abcdefg.", 32) + "com": "longer than a domain can be",
		} {
			if got := domainProblem(domain); !strings.Contains(got, want) {
				t.Errorf("%q: %q, want %q", domain, got, want)
			}
		}
		for _, domain := range []string{"example.com", "EXAMPLE.com.", "a.b.example.co.uk", "xn--mnchen-3ya.example", "1and1.example"} {
			if got := domainProblem(domain); got != "" {
				t.Errorf("%q: %q", domain, got)
			}
		}
		srv := newFake(t)
		for _, hcl := range []string{claimOf("https://example.com"), "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = \"https://example.com\"\n}\n"} {
			refuses(t, srv, hcl, "Invalid domain")
			refuses(t, srv, hcl, `domain = "https://example.com"`)
		}
		if n := len(srv.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// Where a count shifts, each claim is replaced by the next one, and what one gives
// up the other one wants: the plan refuses that.
func TestDomainClaimsThatShift(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		claims := func(domains string) string {
			return "resource \"elasticcloud_domain_claim\" \"this\" {\n  count  = length([" + domains + "])\n  domain = [" + domains + "][count.index]\n}\n"
		}
		tf.configure(claims(`"a.com", "b.com"`))
		tf.must("apply", "-auto-approve")
		for _, domains := range []string{`"0.com", "a.com", "b.com"`, `"b.com", "a.com"`} {
			tf.configure(claims(domains))
			out, ok := tf.run("plan")
			if ok {
				t.Errorf("the plan of %s succeeds", domains)
			}
			wantText(t, out, "Error: a.com would be removed although it is configured", "Error: b.com would be removed although it is configured")
		}
	})
}
