// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func onlyMappings(names string, lines ...string) string {
	return fmt.Sprintf("resource \"elasticcloud_role_mappings_exclusive\" \"this\" {\n  names = %s\n  %s\n}\n", names, strings.Join(lines, "\n  "))
}

// withMappings is an organization with SSO, the mapping owners, and others that
// give deployment-viewer:* to the group of their name.
func withMappings(t *testing.T, names ...string) *cloudtest.Server {
	t.Helper()
	srv, _ := withSSO(t)
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners")), "organization-admin")
	for _, name := range names {
		addMapping(srv, name)
	}
	return srv
}

func addMapping(srv *cloudtest.Server, name string, grants ...string) {
	if grants == nil {
		grants = []string{"deployment-viewer:*"}
	}
	srv.AddRoleMapping(name, true, cloudtest.AnyOf(cloudtest.Group(name)), grants...)
}

func wantMappings(t *testing.T, srv *cloudtest.Server, want ...string) {
	t.Helper()
	var got []string
	for _, m := range srv.RoleMappings() {
		got = append(got, m.Name)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("there are the mappings %q, want %q", got, want)
	}
}

// A mapping that was made by hand shows by name in the next plan, with who loses
// what, and is removed by apply: it, and none that came after the plan.
func TestRoleMappingsExclusive(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t)
		tf := newTerraform(t, srv)
		team := mapping("team", "team", `any = [{ group = "soc" }]`, roles("billing-admin"))
		tf.configure(team + onlyMappings(`["owners", elasticcloud_role_mapping.team.name, "not there"]`))
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan", "-detailed-exitcode"), "No changes.")
		wantMappings(t, srv, "owners", "team")

		addMapping(srv, "Team", "deployment-editor:*", "billing-admin")
		srv.AddRoleMapping("asleep", false, cloudtest.AllOf(cloudtest.Group("soc"), cloudtest.Email("*@example.com")), "deployment-admin:*")
		wantText(t, tf.must("plan", "-out=plan"), `~ strangers = [ - "Team", - "asleep", ]`,
			"Warning: 2 unlisted role mappings are removed",
			`"Team": At the next sign-in, people in the group "Team" lose billing-admin, deployment-editor:*, unless a role mapping still grants it.`,
			`"asleep": It is disabled, so nobody loses access. Enabled, it would grant deployment-admin:* to people in the group "soc" and with the e-mail address "*@example.com".`)
		addMapping(srv, "late")
		srv.ResetLedger()
		tf.must("apply", "plan")
		wantWrites(t, srv, dropMap, dropMap)
		wantMappings(t, srv, "late", "owners", "team")
		wantText(t, tf.must("plan"), `- "late",`, "Warning: 1 unlisted role mapping is removed")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")

		srv.ResetLedger()
		tf.configure(team + onlyMappings(`["not there", "team", "owners", "team"]`))
		wantText(t, tf.must("plan"), "No changes.")
		tf.configure(team)
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		wantMappings(t, srv, "owners", "team")
	})
}

// The creation removes whatever is not listed at that moment. It reads the list once
// before, and once to confirm all removals.
func TestRoleMappingsExclusiveCreate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a", "b")
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["owners", "b"]`))
		wantText(t, tf.must("plan", "-out=plan"), "Warning: 1 unlisted role mapping is removed", `"a": At the next sign-in`)
		wantWrites(t, srv)
		addMapping(srv, "late")
		srv.ResetLedger()
		tf.must("apply", "plan")
		wantWrites(t, srv, dropMap, dropMap)
		if n := srv.Count(getMap); n != 2 {
			t.Errorf("apply lists the mappings %d times", n)
		}
		wantMappings(t, srv, "b", "owners")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A mapping that is taken off the list is removed in the apply of that change. A name with a
// comma removes no others.
func TestRoleMappingsExclusiveListShrinks(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a", "b", "a,b", `odd/ 100% "c"`)
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["owners", "a", "b", "a,b", "odd/ 100% \"c\""]`))
		tf.must("apply", "-auto-approve")
		wantWrites(t, srv)
		tf.configure(onlyMappings(`["owners", "a", "b"]`))
		wantText(t, tf.must("plan"), `- "a,b",`, `- "odd/ 100% \"c\"",`, `"a,b": At the next sign-in, people in the group "a,b" lose deployment-viewer:*`)
		tf.must("apply", "-auto-approve")
		wantMappings(t, srv, "a", "b", "owners")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// A mapping that a deletion renamed and could not delete is listed by the name
// that it had: the elasticcloud_role_mapping gives it back.
func TestRoleMappingsExclusiveRenamed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a,b")
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["owners", "a,b"]`))
		tf.must("apply", "-auto-approve")
		srv.ChangeRoleMapping("a,b", func(m *cloudtest.RoleMapping) { m.Name = "a;b (to be deleted)" })
		wantText(t, tf.must("plan"), "No changes.")
		tf.configure(onlyMappings(`["owners"]`))
		wantText(t, tf.must("apply", "-auto-approve"), `"a;b (to be deleted)": At the next sign-in`)
		wantMappings(t, srv, "owners")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// One whose deletion by this resource does not end is found by its new name, too.
func TestRoleMappingsExclusiveCommaFails(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a,b", "a", "b")
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["owners", "a", "b", "a,b"]`))
		tf.must("apply", "-auto-approve")
		tf.configure(onlyMappings(`["owners", "a", "b"]`))
		srv.Fail(cloudtest.Fault{Route: dropMap, Status: 403, Message: "not now", Spread: true, Times: -1})
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, `Error: Could not remove the role mapping "a,b"`, "not now", "could not rename it back")
		srv.ClearFaults()
		wantMappings(t, srv, "a", "a;b (to be deleted)", "b", "owners")
		tf.configure(onlyMappings(`["a", "a,b", "b", "owners"]`))
		wantText(t, tf.must("plan"), "0 to add, 1 to change, 0 to destroy")
		tf.configure(onlyMappings(`["owners", "a", "b"]`))
		tf.must("apply", "-auto-approve")
		wantMappings(t, srv, "a", "b", "owners")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func TestRoleMappingsExclusiveMaxRemovals(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a", "b", "c", "d", "e", "f")
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["owners"]`))
		wantText(t, tf.must("plan"), "Warning: Apply will refuse to remove so many role mappings", "Unlisted role mappings: 6. max_removals is 5,")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Error: Refused to remove so many role mappings", "so apply removes none of them.")
		wantWrites(t, srv)
		tf.configure(onlyMappings(`["owners"]`, "max_removals = 6"))
		tf.must("apply", "-auto-approve")
		wantMappings(t, srv, "owners")
	})
}

// While SSO is enforced, the last mapping that makes owners stays, and the others
// go. What is left stays in the state.
func TestRoleMappingsExclusiveLastAdmin(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a", "b")
		srv.Enforce(true)
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["owners", "a", "b"]`))
		tf.must("apply", "-auto-approve")
		tf.configure(onlyMappings(`["a"]`))
		wantText(t, tf.must("plan"), "Warning: No listed role mapping grants organization-admin",
			`Apply would remove the mappings that grant it: "owners". SSO is enforced: without such a mapping, everyone loses organization-admin at the next sign-in.`, "In the same apply, let a listed mapping grant organization-admin, or end the enforcement.")
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, `Error: Could not remove the role mapping "owners"`, `"owners" is the last enabled role mapping that gives organization-admin, and SSO is enforced`)
		wantMappings(t, srv, "a", "owners")
		if !strings.Contains(pull(t, tf), `"owners"`) {
			t.Error("the state has nothing of what is left")
		}
		tf.configure(mapping("new", "new", ownersRule, roles("organization-admin")) + onlyMappings(`["a", "new"]`))
		tf.must("apply", "-auto-approve") // in any order, as the removal waits for the new one
		wantMappings(t, srv, "a", "new")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

// The service wants a mapping that makes owners beside any other, enforced or not.
func TestRoleMappingsExclusiveAdminBesideOthers(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {

		srv := withMappings(t, "a")
		tf := newTerraform(t, srv)
		tf.configure(onlyMappings(`["a"]`))
		wantText(t, tf.must("plan"), "Warning: No listed role mapping grants organization-admin", "Elastic Cloud requires such a mapping as long as there are others.")
		playSteps(t, srv,
			resource.TestStep{Config: onlyMappings(`["a"]`), ExpectError: spaced(`Could not remove the role mapping "owners"`)},
			resource.TestStep{Config: onlyMappings(`["a"]`), ExpectError: spaced("No listed role mapping grants organization-admin, and Elastic Cloud requires one as long as there are others. List a mapping that grants it")},
			resource.TestStep{Config: onlyMappings(`["a", "owners"]`)},
		)
		wantMappings(t, srv, "a", "owners")

	})
}

// A list of names that nothing has would remove every mapping.
func TestRoleMappingsExclusiveNoneListed(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a")
		tf := newTerraform(t, srv)
		typo := onlyMappings(`["Owners", "A"]`)
		for _, before := range []string{"", onlyMappings(`["owners", "a"]`)} { // a creation, and a change
			tf.configure(before)
			tf.must("apply", "-auto-approve")
			tf.configure(typo)
			wantText(t, tf.must("plan"), "Warning: This would remove every role mapping", "Apply refuses to remove any until one of the listed mappings exists.")
			out, ok := tf.run("apply", "-auto-approve")
			if ok {
				t.Error("apply succeeded")
			}
			wantText(t, out, "Error: Refused to remove every role mapping", "None of the listed role mappings exists.", "No mapping was removed.")
			tf.must("destroy", "-auto-approve")
			wantWrites(t, srv)
		}

		// where the configuration makes what is listed, everything else may go
		tf.configure(mapping("new", "new", ownersRule, roles("organization-admin")) + onlyMappings(`[elasticcloud_role_mapping.new.name]`))
		if out := tf.must("plan"); strings.Contains(out, "every role mapping") || strings.Contains(out, "No listed role mapping") {
			t.Errorf("the plan warns: %s", out)
		}
		tf.must("apply", "-auto-approve")
		wantMappings(t, srv, "new")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func TestLossOfMapping(t *testing.T) {
	t.Parallel()
	rule := cloud.RoleMappingRule{Any: []cloud.RoleMappingCondition{{Group: "soc"}}}
	grants := []cloud.Grant{{Role: "billing-admin"}}
	for want, m := range map[string]mappingInWords{
		`At the next sign-in, people in the group "soc" lose billing-admin, unless a role mapping still grants it.`:                                          {enabled: true, rule: rule, grants: grants},
		`It is disabled, so nobody loses access. Enabled, it would grant billing-admin to people in the group "soc".`:                                        {rule: rule, grants: grants},
		`At the next sign-in, people in the group "soc" lose access that this version of the provider does not know, unless a role mapping still grants it.`: {enabled: true, rule: rule},
		"It is disabled, so nobody loses access.": {rule: rule},
	} {
		if got := m.loss(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// One that cannot be removed stops no other removal, and the next apply finishes.
func TestRoleMappingsExclusivePartly(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"refused": 409, "failing": 503} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := withMappings(t, "a", "b", "c")
				tf := newTerraform(t, srv)
				tf.configure(providerBlock("max_retries = 0") + onlyMappings(`["owners", "a", "b", "c"]`))
				tf.must("apply", "-auto-approve")
				tf.configure(providerBlock("max_retries = 0") + onlyMappings(`["owners"]`))
				srv.Fail(cloudtest.Fault{Route: dropMap, Status: status, Message: "not now"})
				out, ok := tf.run("apply", "-auto-approve")
				if ok {
					t.Error("apply succeeded")
				}
				wantText(t, out, "Error: Could not remove the role mapping", "not now")
				left := srv.RoleMappings()
				if len(left) != 2 {
					t.Fatalf("after the apply there are %v", left)
				}
				wantText(t, out, fmt.Sprintf("Could not remove the role mapping %q", left[0].Name))
				wantText(t, tf.must("plan"), fmt.Sprintf("- %q,", left[0].Name))
				tf.must("apply", "-auto-approve")
				wantMappings(t, srv, "owners")
				wantText(t, tf.must("plan"), "No changes.")
			})
		})
	}
}

// A mapping that the same configuration makes must be listed, or each apply would
// undo the other.
func TestRoleMappingsExclusiveBesideMapping(t *testing.T) {
	t.Parallel()
	made := func(lines ...string) string {
		return mapping("team", "team", `any = [{ group = "soc" }]`, append(lines, roles("billing-admin"))...)
	}
	for name, hcl := range map[string]string{
		"mapping first":   made() + onlyMappings(`["owners"]`, "depends_on = [elasticcloud_role_mapping.team]"),
		"exclusive first": made("depends_on = [elasticcloud_role_mappings_exclusive.this]") + onlyMappings(`["owners"]`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {

				srv := withMappings(t)
				refuses(t, srv, hcl, `The role mapping "team" is created and removed`)
				// also an existing one that does not change
				addMapping(srv, "team")
				srv.ChangeRoleMapping("team", func(m *cloudtest.RoleMapping) {
					m.Rule, m.Grants = cloudtest.AnyOf(cloudtest.Group("soc")), []string{"billing-admin"}
				})
				playSteps(t, srv,
					resource.TestStep{Config: made()},
					resource.TestStep{Config: hcl, PlanOnly: true, ExpectError: spaced(`the names of elasticcloud_role_mappings_exclusive do not contain it`)},
				)

			})
		})
	}
}

// A replacement under another name is listed by the new one.
func TestRoleMappingsExclusiveBesideNewName(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t)
		tf := newTerraform(t, srv)
		hcl := mapping("team", "team", `any = [{ group = "soc" }]`, roles("billing-admin")) + onlyMappings(`["owners", elasticcloud_role_mapping.team.name]`)
		tf.configure(hcl)
		tf.must("apply", "-auto-approve")
		tf.configure(strings.Replace(hcl, `name = "team"`, `name = "crew"`, 1))
		tf.must("apply", "-auto-approve")
		wantMappings(t, srv, "crew", "owners")
		wantText(t, tf.must("plan"), "No changes.")
	})
}

func TestRoleMappingsExclusiveBadInput(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t)
		for hcl, want := range map[string]string{
			onlyMappings(`[]`):                              "list must contain at least 1 elements",
			onlyMappings(`["owners", ""]`):                  "string length must be at least 1",
			onlyMappings(`["owners", null]`):                "null",
			onlyMappings(`["owners"]`, "max_removals = -1"): "must be at least 0",
			onlyMappings(`["owners"]`) + strings.Replace(onlyMappings(`["owners"]`), "this", "that", 1): "Two resources list the role mappings",
		} {
			refuses(t, srv, hcl, want)
		}
		wantWrites(t, srv)
	})
}

func TestRoleMappingsExclusiveKnownLate(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a")
		tf := newTerraform(t, srv)
		tf.configure(`resource "terraform_data" "late" { input = "owners" }` + "\n" + onlyMappings(`[terraform_data.late.output]`))
		wantText(t, tf.must("plan"), "Warning: Removals of role mappings are known only after apply")
		tf.must("apply", "-auto-approve")
		wantText(t, tf.must("plan"), "No changes.")
		wantMappings(t, srv, "owners")
	})
}

func TestRoleMappingsExclusiveImport(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := withMappings(t, "a")
		tf := newTerraform(t, srv)
		imports := func(id string) string {
			return onlyMappings(`["owners", "a"]`) + "import {\n  to = elasticcloud_role_mappings_exclusive.this\n  id = \"" + id + "\"\n}\n"
		}
		tf.configure(imports(srv.OrganizationID))
		wantText(t, tf.must("plan"), "1 to import, 0 to add, 0 to change, 0 to destroy")
		tf.configure(imports("42"))
		out, ok := tf.run("plan")
		if ok {
			t.Error("the import of another organization succeeded")
		}
		wantText(t, out, "Could not import from another organization")
	})
}
