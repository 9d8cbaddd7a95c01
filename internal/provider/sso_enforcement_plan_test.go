// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	ssoBegins     = "Warning: SSO becomes the only way to sign in"
	signInFirst   = "Before you apply, somebody must sign in through SSO with the present configuration of the IdP. Elastic Cloud may refuse to enforce SSO until then."
	membersOut    = "Warning: Members outside the claimed domains can no longer sign in"
	noOwnerStays  = "Warning: No present owner stays an owner under SSO"
	cannotEnforce = "Error: Cannot enforce SSO"
	mayNotEnforce = "Warning: Apply may refuse to enforce SSO"
	notSeen       = "Terraform may plan more resources after this one"

	verifiedOrg = "resource \"elasticcloud_domain_verification\" \"e\" {\n  domain = \"example.org\"\n}\n"
	otherClaim  = "resource \"elasticcloud_domain_claim\" \"beside\" {\n  domain = \"beside.example\"\n}\n"
)

// The plan names the people who are locked out, with a separate warning for owners first.
func TestSSOEnforcementPlanWarnsOfWhoIsLockedOut(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		tf := newTerraform(t, srv)
		plan := func(hcl string) string {
			t.Helper()
			slowly(srv, getDomains) // so that all are planned at the same time
			tf.configure(hcl)
			return tf.must("plan")
		}
		wantNoText(t, plan(otherClaim+enforcementHCL), "cannot sign in", membersOut)

		srv.AddMember("Bob@Example.org")
		srv.AddMember("sub@x.example.com")
		srv.AddMember("boss@example.org", "organization-admin")
		srv.AddMember("alice@example.com")
		srv.AddInvitation("carol@example.net")
		out := plan(otherClaim + enforcementHCL)
		wantText(t, out, membersOut, "SSO accepts only addresses in example.com. These members cannot sign in any more: bob@example.org, sub@x.example.com. Claim their domains before you enforce SSO",
			"Warning: 1 owner cannot sign in once SSO is enforced", "These owners cannot sign in any more: boss@example.org.", ssoBegins, signInFirst)
		wantNoText(t, out, "alice@example.com", "carol@example.net", notSeen, noOwnerStays)

		// With one resource at a time the plan knows no other, and says so.
		wantText(t, plan(enforcementHCL), membersOut, notSeen)

		// A domain that this apply verifies counts, a claim alone does not.
		wantText(t, plan(secondClaimHCL+enforcementHCL), membersOut, "addresses in example.com. These members cannot sign in any more: bob@example.org, sub@x.example.com.")
		out = plan(secondClaimHCL + verifiedOrg + enforcementHCL)
		wantText(t, out, "addresses in example.com, example.org. These members cannot sign in any more: sub@x.example.com.")
		wantNoText(t, out, "bob@example.org", "1 owner cannot")
		srv.ClaimDomain("example.org")
		wantNoText(t, plan(otherClaim+enforcementHCL), "bob@example.org")
		wantText(t, plan(otherClaim+strings.Replace(verifiedOrg, `"example.org"`, "terraform_data.d.output", 1)+"resource \"terraform_data\" \"d\" {\n  input = \"example.net\"\n}\n"+enforcementHCL),
			"Some role mappings or domains are known only after apply.")

		// Neither does a domain that it gives up, nor somebody whom it removes.
		tf.configure(secondClaimHCL + otherClaim + member("bob", "bob@example.org"))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		out = plan(otherClaim + member("bob", "bob@example.org") + enforcementHCL)
		wantText(t, out, "These members cannot sign in any more: bob@example.org, sub@x.example.com.", "1 owner cannot sign in")
		out = plan(otherClaim + enforcementHCL)
		wantText(t, out, "These members cannot sign in any more: sub@x.example.com.")

		for i := range 12 {
			srv.AddMember(fmt.Sprintf("m%02d@example.net", i))
		}
		wantText(t, plan(secondClaimHCL+otherClaim+member("bob", "bob@example.org")+enforcementHCL), "m09@example.net and 3 more. Claim")
		wantWrites(t, srv)
	})
}

// Where no domain is claimed, nobody can sign in.
func TestSSOEnforcementPlanWithoutADomain(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		srv.LoseDomain("example.com")
		tf := newTerraform(t, srv)
		tf.configure(otherClaim + enforcementHCL)
		wantText(t, tf.must("plan"), "Warning: 1 owner cannot sign in once SSO is enforced", "The organization has no claimed domain, and this plan verifies none, so SSO accepts no address.", "owner@example.com", noOwnerStays)
		wantWrites(t, srv)
	})
}

// At a sign-in, mappings alone decide who is an owner.
func TestSSOEnforcementPlanSaysWhoStaysAnOwner(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		tf := newTerraform(t, srv)
		plan := func(more string) string {
			t.Helper()
			tf.configure(otherClaim + more + enforcementHCL)
			return tf.must("plan")
		}
		const rule = `The role mapping "owners" makes owners of people in the group "elastic-owners".`
		out := plan("")
		wantText(t, out, "At each sign-in through SSO, role mappings replace all roles. "+rule+" These owners stay owners only if the IdP sends the right group: owner@example.com.")
		wantNoText(t, out, noOwnerStays, "lose organization-admin")

		srv.AddMember("boss@example.com", "organization-admin")
		byAddress := mapping("boss", "boss", `any = [{ email = "BOSS@*" }]`, roles("organization-admin"))
		out = plan(byAddress)
		wantText(t, out, rule+" These owners stay owners only if the IdP sends the right group: owner@example.com.")
		wantNoText(t, out, "right group: boss@example.com", noOwnerStays)

		onlyOwners := func(rule cloudtest.Rule) {
			srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Rule = rule })
		}
		onlyOwners(cloudtest.AllOf(cloudtest.Group("elastic-owners"), cloudtest.Email("boss@example.com")))
		wantText(t, plan(""), "right group: boss@example.com.", "These owners lose organization-admin at the next sign-in: owner@example.com.")
		onlyOwners(cloudtest.AnyOf(cloudtest.Email("nobody@example.com")))
		out = plan("")
		wantText(t, out, noOwnerStays, "No mapping that grants organization-admin applies to an owner who can sign in.",
			`The role mapping "owners" makes owners of people with the e-mail address "nobody@example.com".`)
		wantNoText(t, plan(byAddress), noOwnerStays)
		wantText(t, plan(mapping("boss", "boss", `any = [{ email = "BOSS@*" }]`, roles("billing-admin"))), noOwnerStays)
		wantText(t, plan(byAddress[:len(byAddress)-2]+"  enabled = false\n}\n"), noOwnerStays)

		// A mapping that this plan deletes makes nobody an owner.
		tf.configure(otherClaim + byAddress)
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		wantNoText(t, plan(byAddress), noOwnerStays)
		wantText(t, plan(""), noOwnerStays)
		wantWrites(t, srv)
	})
}

// What apply would refuse, the plan refuses where it sees the whole configuration. Where it
// does not, it warns.
func TestSSOEnforcementPlanRefuses(t *testing.T) {
	t.Parallel()
	const noIdP = "No SAML IdP is configured, and this plan creates none, so nobody could sign in."
	const noMapping = "No enabled role mapping grants organization-admin, and this plan creates none."
	disable := func(srv *cloudtest.Server) { srv.ChangeIdP(func(idp *cloudtest.IdP) { idp.Enabled = false }) }
	idp := samlIdP(quoted(longLived(t, "idp")))
	owners := mapping("new", "new", ownersRule, roles("organization-admin"))
	for name, test := range map[string]struct {
		breaks func(*cloudtest.Server)
		want   string
		mended string // what else in the configuration mends it
	}{
		"no IdP":       {(*cloudtest.Server).RemoveIdP, noIdP, idp},
		"disabled IdP": {disable, "The SAML IdP is disabled, so nobody could sign in. Enable it (enabled in elasticcloud_saml_idp), and let this resource depend on it.", ""},
		"no mapping":   {func(srv *cloudtest.Server) { srv.RemoveRoleMapping("owners") }, noMapping, owners},
		"disabled mapping": {func(srv *cloudtest.Server) {
			srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Enabled = false })
		}, noMapping, owners},
		"other mapping": {func(srv *cloudtest.Server) {
			srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Grants = []string{"billing-admin"} })
		}, noMapping, mapping("new", "new", ownersRule, "roles = [terraform_data.role.output]") + "resource \"terraform_data\" \"role\" {\n  input = \"organization-admin\"\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := withOwners(t)
				test.breaks(srv)
				tf := newTerraform(t, srv)
				tf.configure(otherClaim + enforcementHCL)
				slowly(srv, getDomains) // so that both are planned at the same time
				out, ok := tf.run("plan")
				if ok {
					t.Error("it is planned")
				}
				wantText(t, out, cannotEnforce, test.want, "let this resource depend on it")
				wantText(t, tf.must("plan", "-parallelism=1"), mayNotEnforce, test.want, notSeen)
				tf.configure(enforcementHCL)
				wantText(t, tf.must("plan"), mayNotEnforce, test.want, notSeen)
				if test.mended != "" {
					tf.configure(otherClaim + test.mended + enforcementHCL)
					slowly(srv, getDomains)
					wantNoText(t, tf.must("plan"), mayNotEnforce, cannotEnforce)
				}
				wantWrites(t, srv)
			})
		})
	}
}

// An IdP that the plan destroys does not count.
func TestSSOEnforcementPlanWithoutTheIdPThatGoes(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		srv.AddMember("boss@example.com", "organization-admin")
		tf := newTerraform(t, srv)
		idp := samlIdP(quoted(longLived(t, "idp")))
		owners := mapping("owners", "owners", ownersRule, roles("organization-admin"))
		tf.configure(idp + otherClaim + strings.TrimSuffix(owners, "}\n") + "  " + dependsOnIdP + "\n}\n")
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		tf.configure(owners + otherClaim + enforcementHCL)
		out, _ := tf.run("plan") // an error, or a warning where all that is planned waits for each other
		wantText(t, out, "nforce SSO", "This plan destroys the SAML IdP, so nobody could sign in.")
		wantWrites(t, srv)
	})
}

// Where the key sees no owner, the plan does not say that none stays.
func TestSSOEnforcementPlanOfAPartialView(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t, cloudtest.SeesNobody())
		tf := newTerraform(t, srv)
		tf.configure(otherClaim + enforcementHCL)
		out := tf.must("plan")
		wantText(t, out, ssoBegins, signInFirst, "This API key sees no owner, so the plan cannot say whether an owner is locked out.")
		wantNoText(t, out, noOwnerStays, "cannot sign in once")
		wantWrites(t, srv)
	})
}

// What is enforced already changes nothing, and apply repeats nothing of the plan.
func TestSSOEnforcementSaysItOnce(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withOwners(t)
		srv.AddMember("bob@example.org")
		tf := newTerraform(t, srv)
		tf.configure(otherClaim + enforcementHCL)
		wantText(t, tf.must("plan", "-out=plan"), membersOut, ssoBegins)
		wantNoText(t, tf.must("apply", "plan"), "Warning")
		srv.ResetLedger()
		tf.configure(otherClaim)
		tf.must("apply", "-auto-approve")
		srv.Enforce(true)
		tf.configure(otherClaim + enforcementHCL)
		wantNoText(t, tf.must("plan"), "Warning")
	})
}

// Somebody else has ended the enforcement and deleted the IdP. No error of the plan that
// terraform destroy makes first keeps the rest from being destroyed.
func TestSSOEnforcementLostAndDestroyed(t *testing.T) {
	t.Parallel()
	srv := withOwners(t)
	tf := newCLI(t, srv)
	tf.configure(otherClaim + enforcementHCL)
	tf.must("apply", "-auto-approve")
	srv.Enforce(false)
	srv.RemoveIdP()
	wantText(t, tf.must("plan"), mayNotEnforce)
	wantText(t, tf.must("destroy", "-auto-approve"), "1 destroyed")
}

// If the plan that enforces SSO also changes the IdP, nobody has signed in with it.
func TestSSOEnforcementWithAnUntriedIdP(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		certificates := quoted(longLived(t, "idp"))
		owners := mapping("owners", "owners", ownersRule, roles("organization-admin"), dependsOnIdP)
		const untried = "nobody has signed in with that configuration"
		tf.configure(samlIdP(certificates) + owners)
		tf.must("apply", "-auto-approve")
		tf.configure(samlIdP(certificates) + owners + afterMapping)
		wantNoText(t, tf.must("plan"), untried)
		tf.configure(samlIdP(certificates, `issuer = "urn:typo"`) + owners + afterMapping)
		wantText(t, tf.must("plan"), untried)
	})
}

// The placeholder does not count as an IdP, even if someone enables it in the console.
func TestSSOEnforcementWithAnEnabledPlaceholder(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		tf := newTerraform(t, srv)
		placeholder := "resource \"elasticcloud_saml_service_provider\" \"this\" {\n  login_identifier_prefix = \"acme\"\n}\n"
		tf.configure(placeholder)
		tf.must("apply", "-auto-approve")
		srv.ChangeIdP(func(idp *cloudtest.IdP) { idp.Enabled = true })
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
		tf.configure(placeholder + "resource \"elasticcloud_sso_enforcement\" \"this\" {\n  depends_on = [elasticcloud_saml_service_provider.this]\n}\n")
		if out, ok := tf.run("apply", "-auto-approve"); ok || srv.Enforced() {
			t.Errorf("SSO is enforced: %t\n%s", srv.Enforced(), out)
		}
		tf.must("destroy", "-auto-approve")
		if srv.IdP() != nil {
			t.Error("the placeholder is left")
		}
	})
}

// A destroy plans the configuration first. An enforcement that was never applied, and could
// not be, does not stop it.
func TestSSOEnforcementDoesNotStopADestroy(t *testing.T) {
	t.Parallel()
	srv := newDomainOwner(t)
	tf := newCLI(t, srv)
	claim := "resource \"elasticcloud_domain_claim\" \"this\" {\n  domain = \"example.com\"\n}\n"
	tf.configure(claim)
	tf.must("apply", "-auto-approve")
	tf.configure(claim + "resource \"elasticcloud_sso_enforcement\" \"this\" {\n  depends_on = [elasticcloud_domain_claim.this]\n}\n")
	tf.must("destroy", "-auto-approve")
	if len(srv.Domains()) > 0 {
		t.Error("the claim is left")
	}
}
