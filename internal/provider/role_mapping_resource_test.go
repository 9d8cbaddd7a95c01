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
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/testneeds"
)

const (
	ownersMapping = "elasticcloud_role_mapping.owners"
	postMap       = "POST /organizations/{organization_id}/role_mappings"
	putMap        = "PUT /organizations/{organization_id}/role_mappings/{role_name}"
	dropMap       = "DELETE /organizations/{organization_id}/role_mappings/{role_name}"
	getMap        = "GET /organizations/{organization_id}/role_mappings"
	putOrg        = "PUT /organizations/{organization_id}"
	ownersRule    = `any = [{ group = "elastic-owners" }]`
)

// mapping returns the HCL of one role mapping. rule is the text in its braces.
func mapping(name, mappingName, rule string, lines ...string) string {
	return fmt.Sprintf("resource \"elasticcloud_role_mapping\" %q {\n  name = %q\n  rule = { %s }\n  %s\n}\n", name, mappingName, rule, strings.Join(lines, "\n  "))
}

// withSSO is an organization with a claimed domain and an enabled IdP.
func withSSO(t *testing.T, opts ...cloudtest.Option) (*cloudtest.Server, *cloudtest.TestIdP) {
	t.Helper()
	srv := newFake(t, opts...)
	idp := cloudtest.NewTestIdP()
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(idp.Configuration("acme"))
	return srv, idp
}

func TestRoleMappingLifecycle(t *testing.T) {
	t.Parallel()
	srv, idp := withSSO(t)
	const name = `Own/ers 100% "A" & b`
	rule := `any = [{ email = "*@example.com" }, { group = "elastic-owners" }, { group = "a, b" }]`
	reordered := `any = [{ group = "a, b" }, { group = "elastic-owners" }, { email = "*@example.com" }]`
	testSteps(t, srv,
		resource.TestStep{
			Config: mapping("owners", name, rule, roles("organization-admin", "elasticsearch-viewer:*+a+b")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(ownersMapping, tfjsonpath.New("id"), knownvalue.StringExact(name)),
				statecheck.ExpectKnownValue(ownersMapping, tfjsonpath.New("enabled"), knownvalue.Bool(true)),
			},
		},
		resource.TestStep{Config: mapping("owners", name, reordered, roles("elasticsearch-viewer:*+b+a", "organization-admin")), ConfigPlanChecks: emptyPlan,
			PreConfig: func() {
				wantWrites(t, srv, postMap)
				if _, err := srv.SignIn(idp, "alice@example.com", "a, b"); err != nil {
					t.Error(err)
				}
				wantGrants(t, srv, "alice@example.com", "organization-admin", "elasticsearch-viewer:*+a+b")
				srv.ResetLedger()
			}},
		resource.TestStep{ResourceName: ownersMapping, ImportState: true, ImportStateVerify: true},
		resource.TestStep{Config: mapping("owners", name, `all = [{ group = "elastic-*" }, { email = "a*@example.com" }]`, roles("organization-admin"), "enabled = false"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(ownersMapping, plancheck.ResourceActionUpdate)}},
			PreConfig:        func() { srv.AddRoleMapping("other", true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin") }},
		resource.TestStep{Config: mapping("owners", "other name", ownersRule, roles("organization-admin")),
			PreConfig:        func() { wantWrites(t, srv, putMap) },
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(ownersMapping, plancheck.ResourceActionReplace)}}},
	)
	if got := srv.RoleMappings(); len(got) != 1 || got[0].Name != "other" {
		t.Errorf("after destroy there are %+v", got)
	}
}

func TestRoleMappingIdentity(t *testing.T) {
	t.Parallel()
	testneeds.Identity(t)
	srv, _ := withSSO(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: config(srv, mapping("owners", "owners", ownersRule, roles("organization-admin"))), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(ownersMapping, map[string]knownvalue.Check{
					"organization_id": knownvalue.StringExact(srv.OrganizationID), "name": knownvalue.StringExact("owners"),
				})}},
			{ResourceName: ownersMapping, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

// Ten mappings in one apply need no order, and neither does their end.
func TestRoleMappingsInAnyOrder(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		hcl := `
resource "elasticcloud_role_mapping" "team" {
  count = 10
  name  = "team${count.index}"
  rule  = { any = [{ group = "team${count.index}" }] }
  roles = [count.index == 7 ? "organization-admin" : "deployment-viewer:*"]
}
`
		playSteps(t, srv, resource.TestStep{Config: hcl}, resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan})
		if got := srv.RoleMappings(); len(got) != 0 {
			t.Errorf("after destroy there are %+v", got)
		}
	})
}

// The plan says in words whose access changes.
func TestRoleMappingPlanInWords(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		tf := newTerraform(t, srv)
		base := mapping("owners", "owners", ownersRule, roles("organization-admin"))
		tf.configure(base + mapping("team", "team", `any = [{ group = "soc" }]`, roles("deployment-viewer:*", "security-soc-manager:*")))
		tf.must("apply", "-auto-approve")
		for _, test := range []struct{ team, want string }{
			{mapping("team", "team", `any = [{ group = "soc" }]`, roles("deployment-editor:*", "security-soc-manager:*")),
				`At the next sign-in, people in the group "soc" get deployment-editor:*. At the next sign-in, people in the group "soc" lose deployment-viewer:*, unless a role mapping still grants it.`},
			{mapping("team", "team", `all = [{ group = "soc" }, { email = "*@example.com" }]`, roles("deployment-viewer:*", "security-soc-manager:*")),
				`At the next sign-in, people in the group "soc" and with the e-mail address "*@example.com" get deployment-viewer:*, security-soc-manager:*. ` +
					`At the next sign-in, people in the group "soc" lose deployment-viewer:*, security-soc-manager:*, unless a role mapping still grants it.`},
			{mapping("team", "team", `any = [{ group = "soc" }]`, roles("deployment-viewer:*", "security-soc-manager:*"), "enabled = false"),
				`At the next sign-in, people in the group "soc" lose deployment-viewer:*, security-soc-manager:*`},
			{"", `At the next sign-in, people in the group "soc" lose deployment-viewer:*, security-soc-manager:*`},
		} {
			tf.configure(base + test.team)
			wantText(t, tf.must("plan"), `Warning: Access by the role mapping "team" changes`, test.want)
		}
	})
}

// What is changed in the console shows as exactly that attribute.
func TestRoleMappingDrift(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		tf := newTerraform(t, srv)
		tf.configure(mapping("owners", "owners", ownersRule, roles("organization-admin")))
		tf.must("apply", "-auto-approve")
		srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) { m.Enabled = false })
		wantText(t, tf.must("plan"), "~ enabled = false -> true", "(2 unchanged attributes hidden)")
		srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) {
			m.Enabled = true
			m.Grants = []string{"organization-admin", "billing-admin"}
		})
		wantText(t, tf.must("plan"), `~ roles = [ - "billing-admin", # (1 unchanged element hidden) ]`)
		srv.ChangeRoleMapping("owners", func(m *cloudtest.RoleMapping) {
			m.Rule = cloudtest.AllOf(cloudtest.Group("others"))
			m.Grants = []string{"organization-admin"}
		})
		wantText(t, tf.must("plan"), `group = "others"`)
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		srv.RemoveRoleMapping("owners")
		wantText(t, tf.must("plan"), "1 to add, 0 to change, 0 to destroy")
	})
}

// A name with a comma can be imported, changed and deleted; not made.
func TestRoleMappingWithAComma(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		srv.AddRoleMapping("a", true, cloudtest.AnyOf(cloudtest.Group("a")), "organization-admin")
		srv.AddRoleMapping("b", true, cloudtest.AnyOf(cloudtest.Group("b")), "deployment-viewer:*")
		tf := newTerraform(t, srv)
		tf.configure(mapping("new", "c,d", ownersRule, roles("billing-admin")))
		out, ok := tf.run("plan")
		if ok {
			t.Error("a comma was taken")
		}
		wantText(t, out, "Invalid name of a role mapping", "contains a comma")
		tf.configure(mapping("new", "..", ownersRule, roles("billing-admin")))
		out, ok = tf.run("plan")
		if ok {
			t.Error("dots were taken")
		}
		wantText(t, out, "Invalid name of a role mapping", "refers to another path")
		wantWrites(t, srv)
		srv.AddRoleMapping("a,b", true, cloudtest.AnyOf(cloudtest.Group("ab")), "deployment-viewer:*")
		tf.configure(mapping("ab", "a,b", `any = [{ group = "ab" }]`, roles("deployment-viewer:*")) + "import {\n  to = elasticcloud_role_mapping.ab\n  id = \"a,b\"\n}\n")
		wantText(t, tf.must("apply", "-auto-approve"), "1 imported, 0 added, 0 changed, 0 destroyed")
		tf.configure(mapping("ab", "a,b", `any = [{ group = "ab" }]`, roles("deployment-editor:*")))
		tf.must("apply", "-auto-approve")
		tf.must("destroy", "-auto-approve")
		if got := srv.RoleMappings(); len(got) != 2 {
			t.Errorf("after destroy there are %+v", got)
		}
	})
}

// An existing mapping is adopted only if it is the same.
func TestRoleMappingExists(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
		playSteps(t, srv,
			resource.TestStep{Config: mapping("owners", "owners", ownersRule, roles("billing-admin")),
				ExpectError: spaced(`A mapping with this name already exists, and it differs from this configuration. Nothing was changed. To manage the existing role mapping, import it`)},
			resource.TestStep{Config: mapping("owners", "owners", ownersRule, roles("organization-admin")), PreConfig: func() { wantWrites(t, srv) }},
		)
		wantWrites(t, srv, dropMap)
	})
}

// The answer to a creation is lost: there is one mapping, and no error.
func TestRoleMappingAnswerIsLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"dropped":      {Route: postMap, Drop: true, After: true},
		"server error": {Route: postMap, Status: 502, After: true},
		"not made":     {Route: postMap, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv, _ := withSSO(t)
				srv.Fail(fault)
				hcl := mapping("owners", "owners", ownersRule, roles("organization-admin"))
				playSteps(t, srv, resource.TestStep{Config: hcl}, resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan})
			})
		})
	}
}

// While SSO is enforced, the last mapping that makes owners stays.
func TestLastAdminMappingStays(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {

		srv, _ := withSSO(t)
		hcl := mapping("owners", "owners", ownersRule, roles("organization-admin"))
		for name, after := range map[string]string{
			"destroyed": "", "disabled": mapping("owners", "owners", ownersRule, roles("organization-admin"), "enabled = false"),
			"other roles": mapping("owners", "owners", ownersRule, roles("billing-admin")),
		} {
			tf := newTerraform(t, srv)
			tf.configure(hcl)
			tf.must("apply", "-auto-approve")
			srv.Enforce(true)
			tf.configure(after)
			out := tf.must("plan")
			wantText(t, out, `Warning: "owners" is the last role mapping that grants organization-admin`)
			srv.Enforce(false)
			if strings.Contains(tf.must("plan"), "is the last role mapping") {
				t.Errorf("%s: the plan warns although SSO is not enforced", name)
			}
		}
		playSteps(t, srv,
			resource.TestStep{Config: hcl},
			resource.TestStep{Config: hcl, Destroy: true, PreConfig: func() { srv.Enforce(true); srv.ResetLedger() },
				ExpectError: spaced(`"owners" is the last enabled role mapping that gives organization-admin, and SSO is enforced`)},
			resource.TestStep{Config: hcl, ConfigPlanChecks: emptyPlan, PreConfig: func() { wantWrites(t, srv); srv.Enforce(false) }},
		)

	})
}

func TestRoleMappingBadInput(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		admin := roles("organization-admin")
		for hcl, want := range map[string]string{
			mapping("owners", "owners", ownersRule, "roles = []"):                                              "set must contain at least 1 elements",
			mapping("owners", "owners", ownersRule, roles("deployment-editor")):                                "Invalid grant",
			mapping("owners", "", ownersRule, admin):                                                           "string length must be at least 1",
			mapping("owners", "owners", "", admin):                                                             "The rule has neither any nor all.",
			mapping("owners", "owners", ownersRule+", "+`all = [{ group = "x" }]`, admin):                      "The rule has both any and all.",
			mapping("owners", "owners", `any = []`, admin):                                                     "The list any has no condition.",
			mapping("owners", "owners", `any = [{}]`, admin):                                                   "A condition in any has neither group nor email.",
			mapping("owners", "owners", `all = [{ groups = "x" }]`, admin):                                     "A condition in all has neither group nor email.",
			mapping("owners", "owners", `any = [{ group = "x", email = "*" }]`, admin):                         "A condition in any has both group and email.",
			mapping("owners", "owners", `any = [{ group = "" }]`, admin):                                       "A condition in any has neither group nor email.",
			mapping("owners", "owners", `any = [{ email = "*@example.com" }]`, roles("deployment-editor:a b")): "is not allowed in the ID",
		} {
			refuses(t, srv, hcl, want)
		}
		// One error, in words: Terraform shows an element of a set by all that is in it.
		tf := newTerraform(t, srv)
		tf.configure(mapping("owners", "owners", "all = [{}, {}]", admin))
		if out, _ := tf.run("plan"); strings.Count(out, "Error: ") != 1 || strings.Contains(out, "Value(") {
			t.Errorf("not one readable error: %s", out)
		}
		wantWrites(t, srv)
	})
}

// A role that is not known is a warning, with the nearest one.
func TestRoleMappingNearlyKnown(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		tf := newTerraform(t, newFake(t))
		tf.configure(mapping("owners", "owners", ownersRule, roles("organization-admin", "deployment-edtor:*")))
		out := tf.must("validate")
		wantText(t, out, "Unknown role deployment-edtor", "Did you mean deployment-editor?")
		if n := strings.Count(out, "Warning: "); n != 1 {
			t.Errorf("%d warnings: %s", n, out)
		}
	})
}

// An e-mail pattern is the same in any case: as the service returns it, as it is
// configured, and where it is compared with an address.
func TestRoleMappingPatternsInAnyCase(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t, cloudtest.LowerPatterns())
		tf := newTerraform(t, srv)
		owners := func(pattern string) string {
			return mapping("owners", "owners", fmt.Sprintf("any = [{ email = %q }]", pattern), roles("organization-admin"))
		}
		tf.configure(owners("*@Example.com"))
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		for _, pattern := range []string{"*@Example.com", "*@EXAMPLE.COM", "*@example.com"} {
			for _, refresh := range []string{"true", "false"} {
				tf.configure(owners(pattern))
				wantText(t, tf.must("plan", "-refresh="+refresh), "No changes.")
			}
		}
		tf.configure(owners("*@Example.com")) // and so in an apply, which plans as it is configured
		wantText(t, tf.must("apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
		wantText(t, tf.must("show"), `email = "*@Example.com"`)
		adopting := newTerraform(t, srv)
		adopting.configure(owners("*@Example.Com"))
		wantText(t, adopting.must("plan"), `Warning: The role mapping "owners" is adopted`)
		wantWrites(t, srv)
		tf.configure(owners("A*@Example.com") + member("alice", "alice@EXAMPLE.com", roles("billing-admin")))
		wantText(t, tf.must("plan"), "Warning: A role mapping may change roles that are set here", `"owners" may apply to this person.`)
	})
}

// The page of the resource says what a sign-in takes away and what the first mapping
// needs. So do the guide and the warnings of a plan.
func TestRoleMappingSaysWhatASignInTakes(t *testing.T) {
	t.Parallel()
	schemas, err := allSchemas()
	if err != nil {
		t.Fatal(err)
	}
	description := schemas.ResourceSchemas["elasticcloud_role_mapping"].Block.Description
	for _, sentence := range []string{
		"The roles of all mappings that apply replace the person's roles",
		"This also happens at a sign-in whose assertion has no `groups` attribute, which can take away every role that a group grants.",
		"Before you create the first mapping, the SAML IdP must be configured and enabled",
	} {
		if !strings.Contains(description, sentence) {
			t.Errorf("%q is not in the description", sentence)
		}
	}
	if guide := readPage(t, "docs/guides/sso.md"); !strings.Contains(guide, "A sign-in without `groups` can take away roles that groups gave") {
		t.Error("the guide does not say what a sign-in without groups takes away")
	}
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		const replaces = "At each sign-in through SSO, role mappings replace all roles. A sign-in without the attribute groups can take roles away."
		tf := newTerraform(t, srv)
		owners := mapping("owners", "owners", ownersRule, roles("organization-admin"))
		tf.configure(owners + member("alice", "alice@example.com", roles("billing-admin")))
		wantText(t, tf.must("plan"), replaces)
		tf.configure(owners + people(ownerListed, "alice@example.com: billing-admin"))
		wantText(t, tf.must("plan"), replaces)
	})
}

// Who signs in through SSO loses what elasticcloud_member sets: the plan says so,
// whichever of the two is planned first, and only where one of them changes.
func TestRoleMappingBesideMember(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv, _ := withSSO(t)
		const warning = "Warning: A role mapping may change roles that are set here"
		tf := newTerraform(t, srv)
		alices := member("alice", "alice@example.com", roles("deployment-viewer:*"))
		owners := mapping("owners", "owners", ownersRule, roles("organization-admin"))
		tf.configure(alices + owners)
		out := tf.must("plan")
		wantText(t, out, warning, `elasticcloud_member sets the roles of alice@example.com, and the role mapping "owners" may apply to this person.`)
		if strings.Count(out, warning) != 1 {
			t.Errorf("it is said more than once: %s", out)
		}
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		if out := tf.must("plan"); strings.Contains(out, warning) {
			t.Errorf("a plan without a change warns: %s", out)
		}
		for name, hcl := range map[string]string{
			"roles left alone":   owners + member("alice", "alice@example.com"),
			"another domain":     owners + alices + member("bob", "bob@example.org", roles("billing-admin")),
			"another address":    alices + mapping("owners", "owners", `any = [{ email = "o*@example.com" }]`, roles("organization-admin")),
			"a disabled mapping": alices + owners + mapping("more", "more", ownersRule, roles("billing-admin"), "enabled = false"),
		} {
			tf.configure(hcl)
			if out := tf.must("plan"); strings.Contains(out, warning) {
				t.Errorf("%s: the plan warns: %s", name, out)
			}
		}
		for range 8 { // whichever is planned first
			tf.configure(owners + alices + mapping("more", "more", ownersRule, roles("billing-admin")))
			wantText(t, tf.must("plan"), warning, `and the role mapping "more" may apply to this person.`)
			tf.configure(owners + alices + member("bob", "bob@example.com", roles("billing-admin")))
			wantText(t, tf.must("plan"), warning, "bob@example.com")
		}
	})
}
