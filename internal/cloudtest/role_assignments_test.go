// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"maps"
	"testing"
)

func TestRoleAssignments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, body string
		want               []string // after, from the grants below
	}{
		{"add one", "POST", `{"organization":[{"role_id":"billing-admin","organization_id":"{org}"}]}`,
			[]string{"billing-admin", "deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+x+y"}},
		{"add what is held", "POST", `{"deployment":[{"role_id":"deployment-admin","organization_id":"{org}","deployment_ids":["b"]}]}`,
			[]string{"deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+x+y"}},
		{"add nothing", "POST", `{}`,
			[]string{"deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+x+y"}},
		{"application roles make another grant", "POST", `{"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","organization_id":"{org}","all":true}]}}`,
			[]string{"deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*", "elasticsearch-viewer:*+x+y"}},
		{"take one of several", "DELETE", `{"deployment":[{"role_id":"deployment-admin","organization_id":"{org}","deployment_ids":["a"]}]}`,
			[]string{"deployment-admin:b", "elasticsearch-viewer:*+x+y"}},
		{"take what is not held", "DELETE", `{"deployment":[{"role_id":"deployment-admin","organization_id":"{org}","all":true}]}`,
			[]string{"deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+x+y"}},
		{"other application roles are not held", "DELETE", `{"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","organization_id":"{org}","all":true,"application_roles":["x"]}]}}`,
			[]string{"deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+x+y"}},
		{"their order makes no difference", "DELETE", `{"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","organization_id":"{org}","all":true,"application_roles":["y","x","y"]}]}}`,
			[]string{"deployment-admin:a", "deployment-admin:b"}},
		{"a role nobody has heard of", "POST", `{"project":{"vectordb":[{"role_id":"vectordb-new-role","organization_id":"{org}","project_ids":["p"]}]}}`,
			[]string{"deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+x+y", "vectordb-new-role:p"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(t)
			id := s.AddMember("a@example.com", "deployment-admin:a", "deployment-admin:b", "elasticsearch-viewer:*+y+x")
			other := s.AddMember("b@example.com", "organization-admin")
			a := expect(t, s, test.method, "/users/"+id+"/role_assignments", test.body, 200, "")
			equal(t, "body", string(a.body), "{}")
			equalList(t, "grants", s.Grants("a@example.com"), test.want...)
			expect(t, s, test.method, "/users/"+other+"/role_assignments", test.body, 200, "")
			equalList(t, "grants", s.Grants("a@example.com"), test.want...)
		})
	}
}

func TestRoleAssignmentsRefused(t *testing.T) {
	t.Parallel()
	const invalid, unauthorized = "role_assignments.invalid_role_assignments", "role_assignments.unauthorized_role_assignments"
	tests := []struct {
		name, body string
		status     int
		code       string
	}{
		{"other organization", `{"organization":[{"role_id":"billing-admin","organization_id":"1"}]}`, 400, invalid},
		{"no IDs", `{"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","deployment_ids":[]}]}`, 400, invalid},
		{"unknown field", `{"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","all":true,"more":1}]}`, 400, invalid},
		{"stopped", `{"organization":[{"role_id":"billing-admin","organization_id":"{org}"}],"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","deployment_ids":["stopped"]}]}`, 403, unauthorized},
	}
	for _, test := range tests {
		for _, method := range []string{"POST", "DELETE"} {
			t.Run(test.name+" "+method, func(t *testing.T) {
				t.Parallel()
				s := New(t)
				id := s.AddMember("a@example.com", "deployment-viewer:stopped")
				s.StopDeployment("stopped")
				expect(t, s, method, "/users/"+id+"/role_assignments", test.body, test.status, test.code)
				equalList(t, "grants", s.Grants("a@example.com"), "deployment-viewer:stopped")
				// All deployments name none, outside an invitation.
				expect(t, s, method, "/users/"+id+"/role_assignments",
					`{"deployment":[{"role_id":"deployment-viewer","organization_id":"{org}","all":true}]}`, 200, "")
				expect(t, s, method, "/users/1/role_assignments", `{}`, 400, "role_assignments.invalid_target_user_id")
			})
		}
	}
}

// A grant that changes nothing is refused, and the rest of its request with it.
func TestStrictGrants(t *testing.T) {
	t.Parallel()
	const invalid = "role_assignments.invalid_role_assignments"
	for name, test := range map[string]struct {
		opts           []Option
		method         string
		grants         []string
		refused        bool
		afterwards     []string // if it is not refused
		heldBeforehand []string
	}{
		"add one":                  {nil, "POST", []string{"billing-admin"}, false, []string{"billing-admin", "deployment-viewer:a+x"}, nil},
		"add what is held":         {nil, "POST", []string{"deployment-viewer:a+x"}, true, nil, nil},
		"add one more beside":      {nil, "POST", []string{"billing-admin", "deployment-viewer:a+x"}, true, nil, nil},
		"other application roles":  {nil, "POST", []string{"deployment-viewer:a+y"}, false, []string{"deployment-viewer:a+x", "deployment-viewer:a+y"}, nil},
		"take one":                 {nil, "DELETE", []string{"deployment-viewer:a+x"}, false, nil, nil},
		"take what is not held":    {nil, "DELETE", []string{"billing-admin"}, true, nil, nil},
		"take another one with it": {nil, "DELETE", []string{"billing-admin", "deployment-viewer:a+x"}, true, nil, nil},
		"take another set":         {[]Option{OneSetPerRole()}, "DELETE", []string{"deployment-viewer:a"}, false, nil, nil},
		"replace the set":          {[]Option{OneSetPerRole()}, "POST", []string{"deployment-viewer:a"}, false, []string{"deployment-viewer:a"}, nil},
		"add what all absorbs":     {[]Option{AllAbsorbs()}, "POST", []string{"deployment-viewer:b"}, true, nil, []string{"deployment-viewer:*"}},
		"add nothing":              {nil, "POST", nil, false, []string{"deployment-viewer:a+x"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.heldBeforehand == nil {
				test.heldBeforehand = []string{"deployment-viewer:a+x"}
			}
			s := New(t, append(test.opts, StrictGrants())...)
			path := "/users/" + s.AddMember("a@example.com", test.heldBeforehand...) + "/role_assignments"
			if test.refused {
				expect(t, s, test.method, path, rolesJSON(t, test.grants...), 400, invalid)
				test.afterwards = test.heldBeforehand
			} else {
				expect(t, s, test.method, path, rolesJSON(t, test.grants...), 200, "")
			}
			equalList(t, "held", s.Grants("a@example.com"), test.afterwards...)
			equalList(t, "listed", listedGrants(t, s, "a@example.com"), test.afterwards...)
		})
	}
}

// What the key may not touch fails the whole request that names it.
func TestUntouchable(t *testing.T) {
	t.Parallel()
	const unauthorized = "role_assignments.unauthorized_role_assignments"
	s := New(t)
	s.Untouchable("security", "a")
	s.Untouchable("cloud-connected", "*")
	path := "/users/" + s.AddMember("a@example.com") + "/role_assignments"
	project := func(scope string) string {
		return `{"project":{"security":[{"role_id":"security-viewer","organization_id":"{org}",` + scope + `}]}}`
	}
	connected := func(scope string) string {
		return `{"cloud_connected_resource":[{"role_id":"cloud-connected-admin","organization_id":"{org}",` + scope + `}]}`
	}
	const all = `"all":true`
	expect(t, s, "POST", path, project(`"project_ids":["b","a"]`), 403, unauthorized)
	expect(t, s, "POST", path, project(`"project_ids":["b"]`), 200, "")
	expect(t, s, "POST", path, project(all), 200, "")
	expect(t, s, "POST", path, connected(all), 403, unauthorized)
	expect(t, s, "POST", path, connected(`"resource_ids":["a"]`), 200, "")
	expect(t, s, "DELETE", path, connected(all), 403, unauthorized)
	expect(t, s, "POST", invitations, `{"emails":["b@example.com"],"role_assignments":`+project(all)+`}`, 403, unauthorized)
	expect(t, s, "POST", invitations, `{"emails":["b@example.com"],"role_assignments":`+project(`"project_ids":["b"]`)+`}`, 201, "")
	equalList(t, "grants", s.Grants("a@example.com"), "cloud-connected-admin:a", "security-viewer:*", "security-viewer:b")
}

func TestUnknownAssignments(t *testing.T) {
	t.Parallel()
	s := New(t)
	const body = `{"platform":[{"role_id":"p"}],"connected_cluster":[{"b":1,"a":"<&>"}, {"a":2}],"project":{"newtype":[{"role_id":"newtype-viewer"}]},"later":{"any": 1.50},"empty":[],"none":{}}`
	want := map[string]string{
		"platform":          `[{"role_id":"p"}]`,
		"connected_cluster": `[{"b":1,"a":"<&>"},{"a":2}]`,
		"project.newtype":   `[{"role_id":"newtype-viewer"}]`,
		"later":             `{"any":1.50}`,
	}
	check := func(what string) {
		t.Helper()
		if got := s.UnknownAssignments("a@example.com"); !maps.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	expect(t, s, "POST", invitations, `{"emails":["a@example.com"],"role_assignments":`+body+`}`, 201, "")
	check("invitation")
	id := s.Accept("a@example.com")
	check("member")
	path := "/users/" + id + "/role_assignments"
	expect(t, s, "POST", path, body, 200, "")
	check("added again")

	// Lists return them as they are.
	a := expect(t, s, "GET", "/organizations/{org}/members", "", 200, "")
	listed := decode[struct {
		Members []struct {
			RoleAssignments struct {
				ConnectedCluster []map[string]any            `json:"connected_cluster"`
				Project          map[string][]map[string]any `json:"project"`
			} `json:"role_assignments"`
		}
	}](t, a.body).Members[0].RoleAssignments
	equal(t, "connected clusters", len(listed.ConnectedCluster), 2)
	equal(t, "new project type", len(listed.Project["newtype"]), 1)

	s.AddUnknownAssignment("a@example.com", "platform", `[{"role_id":"q"}]`)
	want["platform"] = `[{"role_id":"p"},{"role_id":"q"}]`
	check("one more")
	expect(t, s, "DELETE", path, `{"platform":[{"role_id":"p"}],"later":{"any":2},"project":{"newtype":[{"role_id":"newtype-viewer"}]},"never":[1]}`, 200, "")
	want["platform"] = `[{"role_id":"q"}]`
	delete(want, "project.newtype")
	check("taken away")
	expect(t, s, "DELETE", path, `{"later":{"any":1.50},"connected_cluster":[{"a":"<&>","b":1},{"a":2}]}`, 200, "")
	delete(want, "later")
	delete(want, "connected_cluster")
	check("rest taken away")
}
