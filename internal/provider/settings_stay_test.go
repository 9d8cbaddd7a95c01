// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// A replacement with create_before_destroy adopts the existing object, and so does not
// remove it.
func TestSettingsReplacedCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	const first = "lifecycle { create_before_destroy = true }"
	owners := mapping("owners", "owners", ownersRule, roles("organization-admin"), "depends_on = [elasticcloud_saml_idp.idp]", first)
	idp := strings.TrimSuffix(samlIdP(quoted(longLived(t, "idp"))), "}\n") + "  " + first + "\n}\n"
	claim := "resource \"elasticcloud_domain_claim\" \"d\" {\n  domain = \"example.com\"\n  " + first + "\n}\n"
	enforced := "resource \"elasticcloud_sso_enforcement\" \"this\" {\n  depends_on = [elasticcloud_saml_idp.idp, elasticcloud_role_mapping.owners]\n  " + first + "\n}\n"
	for _, address := range []string{ownersMapping, "elasticcloud_saml_idp.idp", "elasticcloud_domain_claim.d", enforcement} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newDomainOwner(t)
				tf := newTerraform(t, srv)
				tf.configure(claim + idp + owners + enforced)
				tf.must("apply", "-auto-approve")
				out := tf.must("apply", "-auto-approve", "-replace="+address)
				wantText(t, out, "1 added, 0 changed, 1 destroyed")
				wantNoText(t, out, claimStays, lastOwners)
				wantDomains(t, srv, "example.com")
				wantMappings(t, srv, "owners")
				if srv.IdP() == nil || !srv.Enforced() {
					t.Errorf("the IdP is %v, SSO is enforced: %t", srv.IdP(), srv.Enforced())
				}
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}

// A DNS record that is created before it is destroyed hands that on to the claim
// that it refers to.
func TestDomainClaimReplacedBehindARecord(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		publishAlways(srv, "example.com")
		tf := newTerraform(t, srv)
		tf.configure(claimOf("example.com") + `
resource "terraform_data" "record" {
  triggers_replace = elasticcloud_domain_claim.d.challenge_record_value
  lifecycle { create_before_destroy = true }
}
resource "elasticcloud_domain_verification" "d" {
  domain                 = elasticcloud_domain_claim.d.domain
  challenge_record_value = elasticcloud_domain_claim.d.challenge_record_value
  depends_on             = [terraform_data.record]
}
`)
		tf.must("apply", "-auto-approve")
		tf.must("apply", "-auto-approve", "-replace=elasticcloud_domain_claim.d")
		wantDomains(t, srv, "example.com")
	})
}

// oneOfEach are blocks of the settings that one resource can be for, with what
// they need.
func oneOfEach(t *testing.T) map[string]needing {
	t.Helper()
	idp, owners := idpBlock(t, "urn:idp"), mappingBlock("owners", "owners", "organization-admin")
	afterIdP := owners
	afterIdP.After = "idp"
	needs := map[string]block{"idp": idp, "owners": afterIdP}
	return map[string]needing{
		`The role mapping "owners"`: {needs: map[string]block{"idp": idp}, it: afterIdP},
		"The SAML IdP":              {it: idp},
		"The SAML service provider": {it: block{Type: samlServiceProviderType, Attributes: map[string]any{"login_identifier_prefix": "acme"}}},
		"The enforcement of SSO":    {needs: needs, it: block{Type: "elasticcloud_sso_enforcement", After: "owners"}},
		"example.com":               {it: block{Type: "elasticcloud_domain_claim", Attributes: map[string]any{"domain": "example.com"}}},
	}
}

// needing is a resource, and what it needs.
type needing struct {
	needs map[string]block
	it    block
}

func beside(blocks map[string]block, it block, addresses ...string) map[string]block {
	all := maps.Clone(blocks)
	if all == nil {
		all = map[string]block{}
	}
	for _, address := range addresses {
		all[address] = it
	}
	return all
}

// Without a moved block another name is a removal and a creation at the same time.
func TestSettingsRenamedWithoutMoved(t *testing.T) {
	t.Parallel()
	settings := oneOfEach(t)
	delete(settings, `The role mapping "owners"`) // of which there is a warning only
	for words, test := range settings {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				c, err := newCore(newDomainOwner(t))
				if err != nil {
					t.Fatal(err)
				}
				c.mustApply(t, beside(test.needs, test.it, "old"))
				_, err = c.plan(t.Context(), beside(test.needs, test.it, "new"))
				if err == nil || !strings.Contains(err.Error(), words+" would be removed although it is configured") || !strings.Contains(err.Error(), "add a moved block") {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// In either order, the mapping exists afterwards.
func TestRoleMappingRenamedWithoutMoved(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		owners := mappingBlock("owners", "owners", "organization-admin")
		for _, enforced := range []bool{false, true} {
			for range 12 {
				srv, _ := withSSO(t)
				c, err := newCore(srv)
				if err != nil {
					t.Fatal(err)
				}
				c.mustApply(t, map[string]block{"old": owners})
				srv.Enforce(enforced)
				start := time.Now()
				if err := c.apply(t.Context(), map[string]block{"new": owners}); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %s", took)
				}
				wantMappings(t, srv, "owners")
				wantEmpty(t, c, map[string]block{"new": owners})
			}
		}
	})
}

func TestTwoResourcesForOneSetting(t *testing.T) {
	t.Parallel()
	for words, test := range oneOfEach(t) {
		t.Run(words, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				c, err := newCore(newDomainOwner(t))
				if err != nil {
					t.Fatal(err)
				}
				c.mustApply(t, beside(test.needs, test.it, "one"))
				one, both := beside(test.needs, test.it, "one"), beside(test.needs, test.it, "one", "two")
				if err := c.apply(t.Context(), both); err == nil || !strings.Contains(err.Error(), words+" is configured twice") {
					t.Errorf("got %v", err)
				}
				c.State["two"] = c.State["one"] // as an import has it
				if err := c.apply(t.Context(), one); err == nil || !strings.Contains(err.Error(), words+" would be removed although it is configured") || !strings.Contains(err.Error(), "destroy = false") {
					t.Errorf("got %v", err)
				}
				delete(c.State, "two") // as such a removed block has it
				wantEmpty(t, c, one)
			})
		})
	}
}

// One apply enforces SSO and takes the last mapping out that makes owners: one of
// the two has to fail, also where each has looked before the other one writes.
func TestEnforceWhileTheLastMappingGoes(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newDomainOwner(t)
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
		idp, mapping := idpBlock(t, "urn:idp"), mappingBlock("owners", "owners", "organization-admin")
		mapping.After = "idp"
		c.mustApply(t, map[string]block{"idp": idp, "mapping": mapping})
		wait := func(route string, over func() bool) {
			srv.Before(route, func() {
				for start := time.Now(); !over() && time.Since(start) < 300*time.Millisecond; { // a lock that both take makes this time out
					time.Sleep(time.Millisecond)
				}
			})
		}
		wait(dropMap, func() bool { return srv.Count(putOrg) > 0 })
		wait(putOrg, func() bool { return len(srv.RoleMappings()) == 0 })
		err = c.apply(t.Context(), map[string]block{"idp": idp, "enforced": {Type: "elasticcloud_sso_enforcement"}})
		if err == nil || srv.Enforced() && len(srv.RoleMappings()) == 0 {
			t.Errorf("SSO is enforced: %t, there are %d mappings, and apply says %v", srv.Enforced(), len(srv.RoleMappings()), err)
		}
	})
}

// The removal of the only mapping under enforcement waits for the one that takes
// its place, and for the end of the enforcement.
func TestOnlyMappingIsRelieved(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		for range 6 {
			srv := newDomainOwner(t)
			c, err := newCore(srv)
			if err != nil {
				t.Fatal(err)
			}
			idp, old := idpBlock(t, "urn:idp"), mappingBlock("old", "owners", "organization-admin")
			old.After = "idp"
			before := map[string]block{"idp": idp, "old": old, "enforced": {Type: "elasticcloud_sso_enforcement", After: "old"}}
			relieved := map[string]block{"idp": idp, "new": mappingBlock("new", "owners", "organization-admin"), "enforced": {Type: "elasticcloud_sso_enforcement", After: "idp"}}
			for _, config := range []map[string]block{before, relieved} {
				if err := c.apply(t.Context(), config); err != nil {
					t.Error(err)
				}
			}
			wantMappings(t, srv, "new")
			srv.Before(putOrg, func() { time.Sleep(20 * time.Millisecond) })
			if err := c.apply(t.Context(), map[string]block{"idp": idp}); err != nil {
				t.Error(err)
			}
			wantMappings(t, srv)
		}
	})
}

// What nothing makes acceptable in time says how it would be.
func TestRoleMappingWithoutOwners(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
		err = c.apply(t.Context(), map[string]block{"staff": mappingBlock("staff", "staff", "billing-admin")})
		const advice = "let the other mappings depend on it with depends_on"
		if err == nil || !strings.Contains(err.Error(), advice) {
			t.Errorf("got %v", err)
		}
		srv.Fail(cloudtest.Fault{Route: postMap, Status: 403})
		if err = c.apply(t.Context(), map[string]block{"staff": mappingBlock("staff", "staff", "billing-admin")}); err == nil || strings.Contains(fmt.Sprint(err), advice) {
			t.Errorf("another refusal: %v", err)
		}
	})
}
