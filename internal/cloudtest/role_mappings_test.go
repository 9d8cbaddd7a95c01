// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const mappingsPath = "/organizations/{org}/role_mappings"

// mappingJSON is a mapping of a group of the same name.
func mappingJSON(name string, role string) string {
	roles := `{"organization":[{"role_id":"` + role + `","organization_id":"{org}"}]}`
	return fmt.Sprintf(`{"name":%q,"enabled":true,"rule":{"any":[{"group":%q}]},"role_assignments":%s}`, name, name, roles)
}

func mappingsJSON(mappings ...string) string {
	return `{"mappings":[` + strings.Join(mappings, ",") + `]}`
}

func mappingNames(s *Server) []string {
	var names []string
	for _, m := range s.RoleMappings() {
		names = append(names, m.Name)
	}
	return names
}

func TestRoleMappings(t *testing.T) {
	t.Parallel()
	s := New(t, Plain())
	s.ConfigureIdP(testConfiguration())
	equal(t, "empty", string(expect(t, s, "GET", mappingsPath, "", 200, "").body), `{"mappings":[]}`)
	owners, staff := mappingJSON("owners", "organization-admin"), mappingJSON("staff/a b%", "billing-admin")
	expect(t, s, "POST", mappingsPath, mappingsJSON(owners, staff), 201, "")
	fill := strings.NewReplacer("{org}", s.OrganizationID)
	equal(t, "list", string(expect(t, s, "GET", mappingsPath, "", 200, "").body), fill.Replace(mappingsJSON(owners, staff)))

	renamed := mappingJSON("renamed", "billing-admin")
	path := mappingsPath + "/" + url.PathEscape("staff/a b%")
	expect(t, s, "PUT", path, `{"mapping":`+renamed+`}`, 200, "")
	expect(t, s, "PUT", path, `{"mapping":`+renamed+`}`, 404, "org.role_mapping_rule.role_mapping_not_found")
	expect(t, s, "PUT", mappingsPath+"/renamed", `{"mapping":`+owners+`}`, 400, "org.role_mapping_rule.role_mapping_already_exists")
	equalList(t, "names", mappingNames(s), "owners", "renamed")

	expect(t, s, "POST", mappingsPath, mappingsJSON(mappingJSON("more", "billing-admin")), 201, "")
	a := expect(t, s, "DELETE", mappingsPath+"/more,none,renamed", "", 200, "")
	equal(t, "deleted", string(a.body), `{"mappings":["more","renamed"]}`)
	equal(t, "deleted", string(expect(t, s, "DELETE", mappingsPath+"/none", "", 200, "").body), `{"mappings":[]}`)
	expect(t, s, "PUT", mappingsPath, mappingsJSON(mappingJSON("new", "organization-admin")), 200, "")
	equalList(t, "names", mappingNames(s), "new")
	expect(t, s, "DELETE", mappingsPath, "", 200, "")
	equalList(t, "names", mappingNames(s))
}

func TestRoleMappingsRefused(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddRoleMapping("owners", true, AnyOf(Group("owners")), "organization-admin")
	rule := func(text string) string {
		return mappingsJSON(strings.Replace(mappingJSON("x", "billing-admin"), `{"any":[{"group":"x"}]}`, text, 1))
	}
	tests := []struct{ body, code string }{
		{rule(`{}`), "org.role_mapping_rule.ambiguous_rule"},
		{rule(`{"any":[{"group":"a"}],"all":[{"group":"a"}]}`), "org.role_mapping_rule.ambiguous_rule"},
		{rule(`{"any":[{}]}`), "org.role_mapping_rule.ambiguous_rule"},
		{rule(`{"all":[{"group":"a","email":"a@b.example"}]}`), "org.role_mapping_rule.ambiguous_rule"},
		{rule(`{"all":[]}`), "org.role_mapping_rule.empty_rule"},
		{rule(`{"all":[{"group":" "}]}`), "org.role_mapping_rule.syntax_error"},
		{rule(`{"all":[{"email":"a b@c.example"}]}`), "org.role_mapping_rule.email_syntax_error"},
		{rule(`{"all":[{"email":"nobody"}]}`), "org.role_mapping_rule.email_syntax_error"},
		{mappingsJSON(mappingJSON("", "billing-admin")), "org.role_mapping_rule.syntax_error"},
		{mappingsJSON(mappingJSON("owners", "billing-admin")), "org.role_mapping_rule.role_mapping_already_exists"},
		{mappingsJSON(mappingJSON("x", "billing-admin"), mappingJSON("x", "billing-admin")), "org.role_mapping_rule.role_mapping_already_exists"},
		{mappingsJSON(mappingJSON("x", "deployment-viewer")), "role_assignments.invalid_role_assignments"},
	}
	for _, test := range tests {
		expect(t, s, "POST", mappingsPath, test.body, 400, test.code)
	}
	var many []string
	for i := range maxRoleMappings {
		many = append(many, mappingJSON(fmt.Sprint("m", i), "billing-admin"))
	}
	expect(t, s, "POST", mappingsPath, mappingsJSON(many...), 400, "org.role_mapping_rule.too_many_role_mappings")
	s.StopDeployment("stopped")
	named := strings.Replace(rule(`{"any":[{"group":"a"}]}`), `{"organization":[{"role_id":"billing-admin","organization_id":"{org}"}]}`,
		`{"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","deployment_ids":["stopped"]}]}`, 1)
	expect(t, s, "POST", mappingsPath, named, 403, "role_assignments.unauthorized_role_assignments")
	equalList(t, "nothing was added", mappingNames(s), "owners")
	for _, call := range []struct{ method, path, body string }{
		{"GET", "", ""}, {"DELETE", "", ""}, {"DELETE", "/a", ""}, {"PUT", "/a", `{"mapping":` + mappingJSON("a", "billing-admin") + `}`},
		{"POST", "", mappingsJSON()}, {"PUT", "", mappingsJSON()},
	} {
		expect(t, s, call.method, "/organizations/none/role_mappings"+call.path, call.body, 404, "organization.not_found")
	}
}

// Somebody has to keep getting organization-admin from a mapping.
func TestOrganizationAdminMapping(t *testing.T) {
	t.Parallel()
	const refused = "org.role_mapping.no_organization_admin"
	s := New(t)
	s.ConfigureIdP(testConfiguration())
	owners, staff := mappingJSON("owners", "organization-admin"), mappingJSON("staff", "billing-admin")
	disabled := strings.Replace(owners, `"enabled":true`, `"enabled":false`, 1)
	expect(t, s, "POST", mappingsPath, mappingsJSON(staff), 400, refused)
	expect(t, s, "POST", mappingsPath, mappingsJSON(disabled), 400, refused)
	expect(t, s, "POST", mappingsPath, mappingsJSON(owners), 201, "")
	expect(t, s, "POST", mappingsPath, mappingsJSON(staff), 201, "")
	expect(t, s, "DELETE", mappingsPath+"/owners", "", 400, refused)
	expect(t, s, "PUT", mappingsPath+"/owners", `{"mapping":`+disabled+`}`, 400, refused)
	expect(t, s, "PUT", mappingsPath, mappingsJSON(staff), 400, refused)
	expect(t, s, "DELETE", mappingsPath+"/staff", "", 200, "")
	s.Enforce(true)
	expect(t, s, "DELETE", mappingsPath+"/owners", "", 400, refused)
	expect(t, s, "DELETE", mappingsPath, "", 400, refused)
	s.Enforce(false)
	expect(t, s, "DELETE", mappingsPath+"/owners", "", 200, "")
}

// The first role mapping takes an IdP that is enabled; the next ones do not.
func TestFirstRoleMappingTakesAnIdP(t *testing.T) {
	t.Parallel()
	s := New(t)
	owners := mappingsJSON(mappingJSON("owners", "organization-admin"))
	expect(t, s, "POST", mappingsPath, owners, 400, "org.idp.idp_not_configured")
	s.ConfigureIdP(testConfiguration())
	s.ChangeIdP(func(i *IdP) { i.Enabled = false })
	expect(t, s, "PUT", mappingsPath, owners, 400, "org.idp.idp_not_configured")
	s.ChangeIdP(func(i *IdP) { i.Enabled = true })
	expect(t, s, "POST", mappingsPath, owners, 201, "")
	s.RemoveIdP()
	expect(t, s, "POST", mappingsPath, mappingsJSON(mappingJSON("staff", "billing-admin")), 201, "")
}

// Two changes of role mappings or domains do not go together.
func TestRoleMappingsChangeOneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const conflict = "org.domain_claim.concurrent_organization_modification"
		s := New(t, InProcess())
		s.AddRoleMapping("owners", true, AnyOf(Group("owners")), "organization-admin")
		s.Fail(Fault{Route: "PUT /organizations/{organization_id}/role_mappings/{role_name}", Hang: time.Second, Times: -1})
		for _, second := range []struct{ method, path, body string }{
			{"POST", mappingsPath, mappingsJSON(mappingJSON("x", "billing-admin"))},
			{"PUT", mappingsPath, mappingsJSON(mappingJSON("x", "organization-admin"))},
			{"DELETE", mappingsPath, ""},
			{"PUT", mappingsPath + "/owners", `{"mapping":` + mappingJSON("owners", "organization-admin") + `}`},
			{"DELETE", mappingsPath + "/x", ""},
			{"DELETE", "/organizations/{org}/domains", `{"domain_claim_request":"example.com"}`},
		} {
			var group sync.WaitGroup
			group.Go(func() {
				expect(t, s, "PUT", mappingsPath+"/owners", `{"mapping":`+mappingJSON("owners", "organization-admin")+`}`, 200, "")
			})
			time.Sleep(time.Millisecond)
			expect(t, s, second.method, second.path, second.body, 409, conflict)
			group.Wait()
		}
		equalList(t, "names", mappingNames(s), "owners")
	})
}

func TestRoleMappingOptions(t *testing.T) {
	t.Parallel()
	s := New(t, Plain(), LowerPatterns(), RefuseUnknownMappings())
	s.AddRoleMapping("owners", true, AnyOf(Email("*@Example.com"), Group("Owners")), "organization-admin")
	equal(t, "list", strings.Contains(string(expect(t, s, "GET", mappingsPath, "", 200, "").body), `[{"email":"*@example.com"},{"group":"Owners"}]`), true)
	expect(t, s, "DELETE", mappingsPath+"/owners,none", "", 404, "org.role_mapping_rule.role_mapping_not_found")
	equalList(t, "names", mappingNames(s), "owners")
}

// A comma is the end of a name in DELETE, and an ordinary character elsewhere.
func TestRoleMappingWithComma(t *testing.T) {
	t.Parallel()
	s := New(t)
	for _, name := range []string{"a", "b", "a,b"} {
		s.AddRoleMapping(name, true, AnyOf(Group("x")), "organization-admin")
	}
	path := mappingsPath + "/" + url.PathEscape("a,b")
	expect(t, s, "PUT", path, `{"mapping":`+mappingJSON("a,b", "billing-admin")+`}`, 200, "")
	expect(t, s, "PUT", mappingsPath+"/b", `{"mapping":`+mappingJSON("c", "organization-admin")+`}`, 200, "")
	expect(t, s, "DELETE", mappingsPath+"/a%2Cc", "", 400, "org.role_mapping.no_organization_admin")
	equalList(t, "names", mappingNames(s), "a", "a,b", "c")
}

func TestRoleMappingsVaryAndLag(t *testing.T) {
	t.Parallel()
	s := New(t, Lag(time.Minute), Clock(fixedClock()))
	s.AddRoleMapping("one", true, AllOf(Group("a"), Email("*@example.com")), "deployment-viewer:a", "deployment-viewer:b")
	forms := map[string]bool{}
	for range 100 {
		forms[string(expect(t, s, "GET", mappingsPath, "", 200, "").body)] = true
	}
	if len(forms) < 20 {
		t.Errorf("%d forms", len(forms))
	}
	s.RemoveRoleMapping("one")
	s.AddRoleMapping("none", false, AnyOf(Group("a")))
	equal(t, "still there", strings.Contains(string(expect(t, s, "GET", mappingsPath, "", 200, "").body), `"name":"one"`), true)
	s.Advance(2 * time.Minute)
	a := expect(t, s, "GET", mappingsPath, "", 200, "")
	equal(t, "no grants", strings.Contains(string(a.body), `"role_assignments":{`), true)
	equal(t, "gone", strings.Contains(string(a.body), `"name":"one"`), false)
}

func TestRoleMappingVerbs(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddRoleMapping("a", true, AnyOf(Group("x")), "billing-admin")
	s.ChangeRoleMapping("a", func(m *RoleMapping) { m.Name, m.Grants = "b", append(m.Grants, "deployment-viewer:*") })
	got := s.RoleMappings()
	equal(t, "mappings", fmt.Sprint(got), "[{b true {[{x }] []} [billing-admin deployment-viewer:*]}]")
	got[0].Rule.Any[0].Group = "changed in the copy"
	equal(t, "group", s.RoleMappings()[0].Rule.Any[0].Group, "x")
}

func TestRuleMatches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule   Rule
		email  string
		groups string
		want   bool
	}{
		{AnyOf(Group("a"), Group("b")), "", "b", true},
		{AnyOf(Group("a"), Group("b")), "", "B", false},
		{AnyOf(Group("a")), "", "", false},
		{AllOf(Group("a"), Group("b")), "", "b", false},
		{AllOf(Group("a"), Group("b")), "", "b a", true},
		{AllOf(Group("a*"), Email("*@example.com")), "Bob@Example.com", "abc", true},
		{AllOf(Group("a*"), Email("*@example.com")), "bob@example.org", "abc", false},
		{AnyOf(Email("BOB@*.com")), "bob@example.com", "", true},
		{AnyOf(Group("*")), "", "x", true},
		{AnyOf(Group("*")), "", "", false},
		{AnyOf(Group("a*b*c")), "", "abc", true},
		{AnyOf(Group("a*b*c")), "", "axxbyyc", true},
		{AnyOf(Group("a*b*c")), "", "axxcyyb", false},
		{AnyOf(Group("a*a")), "", "a", false},
		{AnyOf(Group("*b*")), "", "abc", true},
		{AnyOf(Group("*b")), "", "abc", false},
		{AnyOf(Group("b*")), "", "abc", false},
		{AnyOf(Group("a.c")), "", "abc", false},
		{Rule{}, "a@example.com", "a", false},
	}
	for _, test := range tests {
		groups := slices.DeleteFunc(strings.Split(test.groups, " "), func(g string) bool { return g == "" })
		if got := test.rule.matches(test.email, groups); got != test.want {
			t.Errorf("%v matches %q in %q: %v", test.rule, test.email, groups, got)
		}
	}
}
