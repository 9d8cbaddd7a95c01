// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// mappingObject is a role mapping as elasticcloud_role_mappings returns it.
func mappingObject(m cloudtest.RoleMapping) jsonObject {
	conditions := func(list []cloudtest.Condition) any {
		if list == nil {
			return nil
		}
		objects := jsonArray{}
		for _, c := range list {
			object := jsonObject{"group": nil, "email": nil}
			if c.Group != "" {
				object["group"] = c.Group
			} else {
				object["email"] = c.Email
			}
			objects = append(objects, object)
		}
		return objects
	}
	roles := jsonArray{}
	for _, grant := range m.Grants {
		roles = append(roles, grant)
	}
	return jsonObject{"name": m.Name, "enabled": m.Enabled, "roles": roles, "rule": jsonObject{"any": conditions(m.Rule.Any), "all": conditions(m.Rule.All)}}
}

// callMappedGrants returns the rows as "grant by mapping".
func callMappedGrants(t testing.TB, mappings any, email string, groups ...string) ([]string, *function.FuncError) {
	t.Helper()
	value, funcErr := call(t, newMappedGrantsFunction(), nil, mappings, email, stringList(groups))
	if funcErr != nil {
		return nil, funcErr
	}
	rows, ok := elementsOf(value)
	if !ok || value.IsUnknown() || value.IsNull() {
		t.Fatalf("the result is %s", value)
	}
	got := []string{}
	for _, row := range rows {
		fields, _ := fieldsOf(row)
		grant, _ := text(fields["grant"])
		name, _ := text(fields["role_mapping"])
		got = append(got, grant+" by "+name)
	}
	return got, nil
}

func TestMappedGrants(t *testing.T) {
	t.Parallel()
	type mappings = []cloudtest.RoleMapping
	type groups = []string
	group, email, anyOf, allOf := cloudtest.Group, cloudtest.Email, cloudtest.AnyOf, cloudtest.AllOf
	const alice = "alice@example.com"
	of := func(name string, enabled bool, rule cloudtest.Rule, grants ...string) cloudtest.RoleMapping {
		return cloudtest.RoleMapping{Name: name, Enabled: enabled, Rule: rule, Grants: grants}
	}
	one := func(rule cloudtest.Rule) mappings { return mappings{of("m", true, rule, "billing-admin")} }
	given := []string{"billing-admin by m"}
	for name, test := range map[string]struct {
		mappings mappings
		email    string
		groups   groups
		want     []string
	}{
		"no mappings":                            {nil, alice, groups{"a"}, nil},
		"a group":                                {one(anyOf(group("a"))), alice, groups{"b", "a"}, given},
		"another group":                          {one(anyOf(group("a"))), alice, groups{"b"}, nil},
		"no groups":                              {one(anyOf(group("a"))), alice, nil, nil},
		"no groups, and every group":             {one(anyOf(group("*"))), alice, nil, nil},
		"the case of a group":                    {one(anyOf(group("a"))), alice, groups{"A"}, nil},
		"a wildcard":                             {one(anyOf(group("a*z"))), alice, groups{"az"}, given},
		"a wildcard for several":                 {one(anyOf(group("a*b*z"))), alice, groups{"a-b--z"}, given},
		"a wildcard, out of order":               {one(anyOf(group("a*b*c*z"))), alice, groups{"a-c-b-z"}, nil},
		"a wildcard does not overlap":            {one(anyOf(group("aba*aba"))), alice, groups{"ababa"}, nil},
		"a wildcard counts no letter twice":      {one(anyOf(group("*a*a"))), alice, groups{"a"}, nil},
		"an address":                             {one(anyOf(email(alice))), alice, nil, given},
		"the case of an address":                 {one(anyOf(email("Alice@*.COM"))), "aLICE@Example.com", nil, given},
		"another domain":                         {one(anyOf(email("*@example.com"))), "alice@example.org", nil, nil},
		"a subdomain":                            {one(anyOf(email("*@example.com"))), "alice@x.example.com", nil, nil},
		"any of two":                             {one(anyOf(group("a"), email("bob@*"))), alice, groups{"a"}, given},
		"any of two, none met":                   {one(anyOf(group("a"), email("bob@*"))), alice, groups{"b"}, nil},
		"all of two":                             {one(allOf(group("a"), email("alice@*"))), alice, groups{"a"}, given},
		"all of two, one met":                    {one(allOf(group("a"), email("alice@*"))), alice, nil, nil},
		"all of two groups by different names":   {one(allOf(group("a*"), group("*b"))), alice, groups{"ax", "xb"}, given},
		"disabled":                               {mappings{of("m", false, anyOf(group("a")), "billing-admin")}, alice, groups{"a"}, nil},
		"nothing to give":                        {mappings{of("m", true, anyOf(group("a")))}, alice, groups{"a"}, nil},
		"several, in an order of their own":      {mappings{of("z", true, anyOf(group("a")), "deployment-viewer:*", "billing-admin"), of("b", true, anyOf(email("*")), "deployment-viewer:*"), of("c", true, anyOf(group("x")), "organization-admin")}, alice, groups{"a"}, []string{"billing-admin by z", "deployment-viewer:* by b", "deployment-viewer:* by z"}},
		"a grant twice, in different spelling":   {mappings{of("m", true, anyOf(group("a")), "elasticsearch-viewer:*+b+a", "elasticsearch-viewer:*+a+b")}, alice, groups{"a"}, []string{"elasticsearch-viewer:*+a+b by m"}},
		"a mapping twice":                        {append(one(anyOf(group("a"))), one(anyOf(email("*")))...), alice, groups{"a"}, given},
		"a role that this version does not know": {mappings{of("m", true, anyOf(group("a")), "something-new")}, alice, groups{"a"}, []string{"something-new by m"}},
	} {
		list := jsonArray{}
		for _, m := range test.mappings {
			list = append(list, mappingObject(m))
		}
		got, err := callMappedGrants(t, list, test.email, test.groups...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// Terraform passes values of a resource or of a variable with other types, and values that
// are known only after apply.
func TestMappedGrantsOfOtherValues(t *testing.T) {
	t.Parallel()
	object := func(change func(jsonObject)) jsonObject {
		m := mappingObject(cloudtest.RoleMapping{Name: "m", Enabled: true, Rule: cloudtest.AnyOf(cloudtest.Group("a")), Grants: []string{"billing-admin"}})
		change(m)
		return m
	}
	grants := types.SetValueMust(types.StringType, []attr.Value{types.StringValue("billing-admin")})
	condition := types.ObjectValueMust(conditionType.AttrTypes, map[string]attr.Value{"group": types.StringValue("a"), "email": types.StringNull()})
	conditions := types.SetValueMust(conditionType, []attr.Value{condition})
	rule := types.ObjectValueMust(ruleTypes, map[string]attr.Value{"any": conditions, "all": types.SetNull(conditionType)})
	for name, m := range map[string]jsonObject{
		"values of a resource":   object(func(m jsonObject) { m["id"], m["roles"], m["rule"] = "m", grants, rule }),
		"other attributes":       object(func(m jsonObject) { m["team"] = jsonArray{"x"} }),
		"enabled is left out":    object(func(m jsonObject) { delete(m, "enabled") }),
		"enabled is null":        object(func(m jsonObject) { m["enabled"] = types.BoolNull() }),
		"all is left out":        object(func(m jsonObject) { m["rule"] = jsonObject{"any": jsonArray{jsonObject{"group": "a"}}} }),
		"an empty text is there": object(func(m jsonObject) { m["rule"] = jsonObject{"any": jsonArray{jsonObject{"group": "a", "email": ""}}} }),
	} {
		if got, err := callMappedGrants(t, jsonArray{m}, "alice@example.com", "a"); err != nil || !slices.Equal(got, []string{"billing-admin by m"}) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	for name, m := range map[string]any{
		"everything": types.ListUnknown(types.StringType),
		"a mapping":  jsonArray{types.ObjectUnknown(ruleTypes)},
		"a name":     jsonArray{object(func(m jsonObject) { m["name"] = types.StringUnknown() })},
		"a grant":    jsonArray{object(func(m jsonObject) { m["roles"] = jsonArray{types.StringUnknown()} })},
		"a condition": jsonArray{object(func(m jsonObject) {
			m["rule"] = jsonObject{"any": jsonArray{jsonObject{"group": types.StringUnknown()}}}
		})},
	} {
		value, err := call(t, newMappedGrantsFunction(), nil, m, "alice@example.com", stringList(nil))
		if err != nil || !value.IsUnknown() {
			t.Errorf("%s is unknown: got %s, %v", name, value, err)
		}
	}
	unknownGroup := types.ListValueMust(types.StringType, []attr.Value{types.StringUnknown()})
	if value, err := call(t, newMappedGrantsFunction(), nil, jsonArray{}, "alice@example.com", unknownGroup); err != nil || !value.IsUnknown() {
		t.Errorf("a group is unknown: got %s, %v", value, err)
	}
}

func TestMappedGrantsRefuses(t *testing.T) {
	t.Parallel()
	with := func(attribute string, value any) jsonArray {
		m := mappingObject(cloudtest.RoleMapping{Name: "m", Enabled: true, Rule: cloudtest.AnyOf(cloudtest.Group("a")), Grants: []string{"billing-admin"}})
		m[attribute] = value
		return jsonArray{m}
	}
	rule := func(fields jsonObject) jsonArray { return with("rule", fields) }
	a := jsonArray{jsonObject{"group": "a"}}
	for want, mappings := range map[string]any{
		"role_mappings must be a list":                                                                      "owners",
		"role_mappings[0] must be an object":                                                                jsonArray{"owners"},
		"role_mappings[1] must be an object":                                                                jsonArray{with("name", "x")[0], nil},
		"role_mappings[0]: name must be a string that is not empty":                                         with("name", ""),
		"role_mappings[0]: name must be a string":                                                           with("name", nil),
		`role_mappings[0] ("m"): enabled must be true or false`:                                             with("enabled", "yes"),
		`role_mappings[0] ("m"): rule must be an object`:                                                    with("rule", nil),
		`role_mappings[0] ("m"): the rule has both any and all`:                                             rule(jsonObject{"any": a, "all": a}),
		`role_mappings[0] ("m"): the rule has neither any nor all`:                                          rule(jsonObject{"any": nil}),
		`("m"): any of the rule must be a list or set with at least one`:                                    rule(jsonObject{"any": jsonArray{}}),
		`("m"): all of the rule must be a list or set`:                                                      rule(jsonObject{"all": "a"}),
		`("m"): a condition in all must have either group or email`:                                         rule(jsonObject{"all": jsonArray{jsonObject{"group": "a", "email": "b"}}}),
		`("m"): a condition in any must have either group`:                                                  rule(jsonObject{"any": jsonArray{jsonObject{"name": "a"}}}),
		`such as { group = "owners" }`:                                                                      rule(jsonObject{"any": jsonArray{nil}}),
		`[0] ("m"): a condition in any must have either group or email`:                                     rule(jsonObject{"any": jsonArray{jsonObject{"group": 5}}}),
		`role_mappings[0] ("m"): roles must be a list or set of grants`:                                     with("roles", nil),
		`("m"): roles must be a list or set of grants, without null`:                                        with("roles", jsonArray{types.StringNull()}),
		`role_mappings[0] ("m"): roles: "deployment-viewer", character 18: deployment-viewer needs a scope`: with("roles", jsonArray{"deployment-viewer"}),
		`role_mappings[0] ("m"): roles: "Organization owner", character 13`:                                 with("roles", jsonArray{"Organization owner"}),
	} {
		_, err := callMappedGrants(t, mappings, "alice@example.com", "a")
		if err == nil || !strings.Contains(err.Text, want) || err.FunctionArgument == nil || *err.FunctionArgument != 0 {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for _, email := range []string{"", "alice", "Alice <alice@example.com>", "*@example.com "} {
		if _, err := callMappedGrants(t, jsonArray{}, email); err == nil || !strings.Contains(err.Text, "is not an e-mail address") || *err.FunctionArgument != 1 {
			t.Errorf("%q: got %v", email, err)
		}
	}
	null := types.ListValueMust(types.StringType, []attr.Value{types.StringValue("a"), types.StringNull()})
	if _, err := call(t, newMappedGrantsFunction(), nil, jsonArray{}, "alice@example.com", null); err == nil || err.Text != "groups[1] is null. Each group is a string" || *err.FunctionArgument != 2 {
		t.Errorf("got %v", err)
	}
}

// The function returns the grants of a person who signs in at the organization in memory,
// which evaluates role mappings with separate code.
func TestMappedGrantsAreWhatASignInGives(t *testing.T) {
	t.Parallel()
	wantRepeated(t)
	virtually(t, func(t *testing.T) {
		srv, idp := withSSO(t)
		srv.ClaimDomain("example.org")
		texts := func(parts ...string) *rapid.Generator[string] {
			return rapid.Custom(func(r *rapid.T) string {
				return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 5).Draw(r, "parts"), "")
			})
		}
		condition := rapid.Custom(func(r *rapid.T) cloudtest.Condition {
			if rapid.Bool().Draw(r, "by group") {
				return cloudtest.Group(texts("a", "a", "A", "*", "*").Draw(r, "group"))
			}
			return cloudtest.Email(texts("a", "A", "b", "*", "*").Draw(r, "local") + rapid.SampledFrom([]string{"*", "@*", "@example.com", "@Example.ORG", "*.org"}).Draw(r, "domain"))
		})
		mapping := rapid.Custom(func(r *rapid.T) cloudtest.RoleMapping {
			conditions := rapid.SliceOfN(condition, 1, 3).Draw(r, "conditions")
			m := cloudtest.RoleMapping{
				Enabled: rapid.IntRange(0, 3).Draw(r, "enabled") > 0,
				Rule:    cloudtest.AnyOf(conditions...),
				Grants:  rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"organization-admin", "billing-admin", "deployment-viewer:*", "deployment-editor:a", "elasticsearch-viewer:*+x"}), 1, 3, rapid.ID).Draw(r, "grants"),
			}
			if rapid.Bool().Draw(r, "all") {
				m.Rule = cloudtest.AllOf(conditions...)
			}
			return m
		})
		given, signIns := 0, 0
		rapid.Check(struct{ rapid.TB }{t}, func(r *rapid.T) {
			for _, m := range srv.RoleMappings() {
				srv.RemoveRoleMapping(m.Name)
			}
			list := jsonArray{}
			for i, m := range rapid.SliceOfN(mapping, 0, 4).Draw(r, "mappings") {
				m.Name = fmt.Sprint("mapping ", i)
				srv.AddRoleMapping(m.Name, m.Enabled, m.Rule, m.Grants...)
				list = append(list, mappingObject(m))
			}
			for range 4 {
				email := texts("a", "b", "A").Draw(r, "person") + rapid.SampledFrom([]string{"@example.com", "@EXAMPLE.org"}).Draw(r, "of")
				groups := rapid.SliceOfN(texts("a", "a", "A"), 0, 2).Draw(r, "groups")
				if _, err := srv.SignIn(idp, email, append(groups, "")...); err != nil { // the empty one: the attribute is there
					r.Fatal(err)
				}
				want := srv.Grants(email)
				srv.Remove(email)
				rows, err := callMappedGrants(t, list, email, groups...)
				if err != nil {
					r.Fatal(err)
				}
				got := map[string]bool{}
				for _, row := range rows {
					grant, _, _ := strings.Cut(row, " by ")
					got[grant] = true
				}
				if !maps.Equal(got, keysOf(want, asWritten)) {
					r.Fatalf("%s in %q gets %q, and the function says %q", email, groups, want, rows)
				}
				if signIns++; len(want) > 0 {
					given++
				}
			}
		})
		// With the race detector too few are played to tell.
		if !raced && (given < signIns/10 || given > signIns*9/10) {
			t.Errorf("%d of %d sign-ins give something, which tells little", given, signIns)
		}
	})
}

// The function takes what the data source and resources have, through the CLI.
func TestMappedGrantsOfDataSourceAndResources(t *testing.T) {
	t.Parallel()
	srv, _ := withSSO(t)
	srv.AddRoleMapping("owners", true, cloudtest.AllOf(cloudtest.Group("elastic-*"), cloudtest.Email("*@example.com")), "organization-admin")
	srv.AddRoleMapping("off", false, cloudtest.AnyOf(cloudtest.Email("*")), "deployment-admin:*")
	row := func(grant, name string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"grant": knownvalue.StringExact(grant), "role_mapping": knownvalue.StringExact(name)})
	}
	runSteps(t, srv, resource.TestStep{
		Config: mapping("dev", "dev", `any = [{ group = "dev" }]`, roles("deployment-editor:*", "billing-admin")) + `
data "elasticcloud_role_mappings" "now" {}
output "there" {
  value = provider::elasticcloud::mapped_grants(data.elasticcloud_role_mappings.now.role_mappings, "Alice@example.com", ["elastic-owners"])
}
output "made" {
  value = provider::elasticcloud::mapped_grants([elasticcloud_role_mapping.dev], "alice@example.com", toset(["dev"]))
}
output "nobody" {
  value = provider::elasticcloud::mapped_grants([elasticcloud_role_mapping.dev], "alice@example.com", [])
}
`,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("there", knownvalue.ListExact([]knownvalue.Check{row("organization-admin", "owners")})),
			statecheck.ExpectKnownOutputValue("made", knownvalue.ListExact([]knownvalue.Check{row("billing-admin", "dev"), row("deployment-editor:*", "dev")})),
			statecheck.ExpectKnownOutputValue("nobody", knownvalue.ListExact([]knownvalue.Check{})),
		},
	})
}
