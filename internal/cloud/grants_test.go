// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const testOrganization = "1234567890"

func TestParseGrant(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Grant{
		"organization-admin":                     {Role: "organization-admin"},
		"billing-admin":                          {Role: "billing-admin"},
		"support-agent":                          {Role: "support-agent"},
		"deployment-editor:*":                    {Role: "deployment-editor", Resource: "*"},
		"deployment-newrole:*":                   {Role: "deployment-newrole", Resource: "*"},
		"deployment-editor:ce03a623":             {Role: "deployment-editor", Resource: "ce03a623"},
		"elasticsearch-viewer:*+reader+analyst":  {Role: "elasticsearch-viewer", Resource: "*", ApplicationRoles: "analyst+reader"},
		"elasticsearch-viewer:*+a+a":             {Role: "elasticsearch-viewer", Resource: "*", ApplicationRoles: "a"},
		"security-viewer:x+my role: 100%":        {Role: "security-viewer", Resource: "x", ApplicationRoles: "my role: 100%25"},
		"security-viewer:x+c%2b%2B":              {Role: "security-viewer", Resource: "x", ApplicationRoles: "c%2B%2B"},
		"vectordb-anything:1":                    {Role: "vectordb-anything", Resource: "1"},
		"organization-admin+application-role":    {Role: "organization-admin", ApplicationRoles: "application-role"},
		"security-endpoint-operations-analyst:*": {Role: "security-endpoint-operations-analyst", Resource: "*"},
		"elasticsearch-viewer:*+":                {Role: "elasticsearch-viewer", Resource: "*", ConsoleOnly: true},
		"deployment-viewer:ce03a623+":            {Role: "deployment-viewer", Resource: "ce03a623", ConsoleOnly: true},
		"organization-admin+":                    {Role: "organization-admin"},
		"cloud-connected-admin:*":                {Role: "cloud-connected-admin", Resource: "*"},
		"cloud-connected-newrole:a1":             {Role: "cloud-connected-newrole", Resource: "a1"},
	} {
		if got, err := ParseGrant(in); err != nil || got != want {
			t.Errorf("ParseGrant(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
}

func TestParseGrantRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in       string
		position int
		problem  string
	}{
		{"", 1, "the role is missing"},
		{":*", 1, "the role is missing"},
		{"+analyst", 1, "the role is missing"},
		{"deployment-editor", 18, "needs a scope"},
		{"deployment-editor+analyst", 18, "needs a scope"},
		{"deployment-editor:", 19, "the scope is missing"},
		{"deployment-editor:+analyst", 19, "the scope is missing"},
		{"deployment-:*", 12, "a role is missing"},
		{"organization-admin:*", 19, "takes no scope"},
		{"billing-admin:abc", 14, "takes no scope"},
		{"deploymnt-editor:*", 1, "deployment-, elasticsearch-, observability-, security-, workplaceai-, vectordb-, cloud-connected-"},
		{"cloud-connected-admin", 22, "cloud-connected-admin:* for all resources of the kind cloud-connected"},
		{"cloud-connected-:*", 17, "a role is missing"},
		{"Organization owner", 13, `the role ID of "Organization owner" is organization-admin`},
		{"deployment-editor: *", 19, "is not allowed in the ID"},
		{"deployment-editor:a:b", 20, "is not allowed in the ID"},
		{"deployment-editor:a,b", 20, "is not allowed in the ID"},
		{" deployment-editor:*", 1, "is not allowed in a role ID"},
		{"éditeur:*", 1, "is not allowed in a role ID"},
		{"elasticsearch-viewer:*++", 24, "an application role is missing"},
		{"elasticsearch-viewer:*+a+", 26, "for an empty list, write one + at the end, as in elasticsearch-viewer:*+"},
		{"elasticsearch-viewer+", 21, "needs a scope"},
		{"elasticsearch-viewer:*+a++b", 26, "an application role is missing"},
		{"elasticsearch-viewer:*+a+ b", 26, "cannot begin or end with a space"},
		{"elasticsearch-viewer:*+a\nb", 25, "a control character"},
	} {
		_, err := ParseGrant(test.in)
		var grantErr *GrantError
		if !errors.As(err, &grantErr) {
			t.Errorf("ParseGrant(%q) gives no GrantError but %v", test.in, err)
			continue
		}
		if grantErr.Position != test.position || !strings.Contains(grantErr.Problem, test.problem) {
			t.Errorf("ParseGrant(%q) is refused at %d: %s; want at %d: %s", test.in, grantErr.Position, grantErr.Problem, test.position, test.problem)
		}
	}
}

// genGrant draws any grant that can be written.
func genGrant() *rapid.Generator[Grant] {
	return rapid.Custom(func(t *rapid.T) Grant {
		kind := rapid.SampledFrom(append([]string{""}, kinds...)).Draw(t, "kind")
		applicationRoles := rapid.OneOf(rapid.Just[[]string](nil), rapid.Just([]string{}),
			rapid.SliceOfN(rapid.SampledFrom([]string{"analyst", "reader", "a+b", "100%", "%2B", "with space", "x:y"}), 1, 3)).Draw(t, "application roles")
		if kind == "" {
			return NewGrant(rapid.SampledFrom([]string{RoleOrganizationAdmin, "billing-admin", "new-role"}).Draw(t, "role"), "", applicationRoles)
		}
		role := kind + "-" + rapid.SampledFrom([]string{"admin", "viewer", "newrole"}).Draw(t, "role")
		return NewGrant(role, rapid.SampledFrom([]string{"*", "a1", "b2", "c3", "d4"}).Draw(t, "resource"), applicationRoles)
	})
}

func genGrants() *rapid.Generator[[]Grant] {
	return rapid.SliceOfNDistinct(genGrant(), 0, 12, rapid.ID)
}

func TestGrantStringSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := genGrant().Draw(t, "grant")
		if got, err := ParseGrant(g.String()); err != nil || got != g {
			t.Fatalf("ParseGrant(%q) = %+v, %v; want %+v", g, got, err, g)
		}
	})
}

// FuzzParseGrant: every grant that parses, parses again from its String.
func FuzzParseGrant(f *testing.F) {
	for _, s := range []string{"", "organization-admin", "deployment-editor:*", "elasticsearch-viewer:*+b+a", "security-viewer:x+c%2B%25", "deployment-:*", "é:*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := ParseGrant(s)
		if err != nil {
			return
		}
		if again, err := ParseGrant(g.String()); err != nil || again != g {
			t.Fatalf("%q is %+v, and that is written %q, which is %+v, %v", s, g, g, again, err)
		}
	})
}

// anyGrouping writes grants as the service may return them: merged or split, in any
// order, with empty arrays, and with duplicates.
func anyGrouping(t *rapid.T, grants []Grant) RoleAssignments {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	var r RoleAssignments
	for _, g := range grants {
		fresh := NewRoleAssignments(testOrganization, []Grant{g}).assignments[0]
		random.Shuffle(len(fresh.applicationRoles), func(i, j int) {
			fresh.applicationRoles[i], fresh.applicationRoles[j] = fresh.applicationRoles[j], fresh.applicationRoles[i]
		})
		merged := false
		for i, a := range r.assignments {
			if len(fresh.ids) > 0 && len(a.ids) > 0 && a.roleID == fresh.roleID && random.IntN(2) == 0 &&
				NewGrant(a.roleID, "", a.applicationRoles) == NewGrant(a.roleID, "", fresh.applicationRoles) {
				r.assignments[i].ids = append(a.ids, fresh.ids...)
				merged = true
			}
		}
		if !merged || random.IntN(4) == 0 {
			r.assignments = append(r.assignments, fresh)
		}
	}
	if random.IntN(2) == 0 {
		r.assignments = append(r.assignments, assignment{kind: "deployment", roleID: "deployment-viewer", organizationID: testOrganization})
	}
	random.Shuffle(len(r.assignments), func(i, j int) { r.assignments[i], r.assignments[j] = r.assignments[j], r.assignments[i] })
	return overTheWire(t, r)
}

func overTheWire(t interface{ Fatal(...any) }, r RoleAssignments) RoleAssignments {
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back RoleAssignments
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func set(grants []Grant) map[Grant]bool {
	m := map[Grant]bool{}
	for _, g := range grants {
		m[g] = true
	}
	return m
}

func TestGroupingMakesNoDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		grants := genGrants().Draw(t, "grants")
		if got := anyGrouping(t, grants).Grants(testOrganization); !maps.Equal(set(got), set(grants)) {
			t.Fatalf("regrouped: got %v, want %v", got, grants)
		}
		if beyond := anyGrouping(t, grants).Beyond(testOrganization); len(beyond) > 0 {
			t.Fatalf("of %v, %v is said to be no grant", grants, beyond)
		}
		put := overTheWire(t, NewRoleAssignments(testOrganization, grants))
		if got := put.Grants(testOrganization); !maps.Equal(set(got), set(grants)) {
			t.Fatalf("put together: got %v, want %v", got, grants)
		}
	})
}

func TestDifferenceGivesTheNewSet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		held, wanted := genGrants().Draw(t, "held"), genGrants().Draw(t, "wanted")
		add, remove := DiffGrants(held, wanted)
		now := set(held)
		for _, g := range add {
			if now[g] {
				t.Fatalf("%v is added and held", g)
			}
			now[g] = true
		}
		stays := set(wanted)
		for _, g := range remove {
			if stays[g] {
				t.Fatalf("%v stays and is removed", g)
			}
			delete(now, g)
		}
		if !maps.Equal(now, set(wanted)) {
			t.Fatalf("%v with +%v -%v is %v, not %v", held, add, remove, now, wanted)
		}
		if changed := anyGrouping(t, held).Change(testOrganization, add, remove); !maps.Equal(set(changed.Grants(testOrganization)), set(wanted)) {
			t.Fatalf("the assignments become %v, not %v", changed.Grants(testOrganization), wanted)
		}
	})
}

// Unknown access stays when anything else is changed.
func TestChangeKeepsTheUnknown(t *testing.T) {
	t.Parallel()
	const held = `{
		"platform": [{"role_id": "platform-admin"}],
		"connected_cluster": [{"role_id": "cluster-viewer", "ids": ["x"]}],
		"organization": [{"role_id": "organization-admin", "organization_id": "1234567890"}, {"role_id": "organization-admin", "organization_id": "elsewhere"}],
		"deployment": [
			{"role_id": "deployment-editor", "organization_id": "1234567890", "deployment_ids": ["a", "b"], "note": "kept"},
			{"role_id": "deployment-viewer", "organization_id": "1234567890", "tags": ["prod"]},
			{"role_id": "odd", "organization_id": "1234567890", "all": true},
			{"role_id": "deployment-viewer", "organization_id": "1234567890", "deployment_ids": []}
		],
		"project": {"newtype": [{"role_id": "newtype-admin"}], "security": null, "vectordb": []}
	}`
	var r RoleAssignments
	if err := json.Unmarshal([]byte(held), &r); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Grants(testOrganization)); got != "[deployment-editor:a deployment-editor:b organization-admin]" {
		t.Fatalf("grants are %s", got)
	}
	changed, err := json.Marshal(r.Change(testOrganization, []Grant{{Role: "billing-admin"}},
		[]Grant{{Role: "organization-admin"}, {Role: "deployment-editor", Resource: "a"}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{
		`"platform":[{"role_id":"platform-admin"}]`,
		`"connected_cluster":[{"role_id":"cluster-viewer","ids":["x"]}]`,
		`"newtype":[{"role_id":"newtype-admin"}]`,
		`{"deployment_ids":["b"],"note":"kept","organization_id":"1234567890","role_id":"deployment-editor"}`,
		`"tags":["prod"]`,
		`{"all":true,"organization_id":"1234567890","role_id":"odd"}`,
		`{"organization_id":"elsewhere","role_id":"organization-admin"}`,
		`{"organization_id":"1234567890","role_id":"billing-admin"}`,
	} {
		if !strings.Contains(string(changed), compact(t, kept)) {
			t.Errorf("%s is missing in %s", kept, changed)
		}
	}
	for _, gone := range []string{`"a"`, `{"organization_id":"1234567890","role_id":"organization-admin"}`, `{"organization_id":"1234567890","role_id":"deployment-viewer"}`} {
		if strings.Contains(string(changed), gone) {
			t.Errorf("%s is still in %s", gone, changed)
		}
	}
}

// compact is how Go writes the JSON, wherever the text is whole.
func compact(t *testing.T, text string) string {
	t.Helper()
	return strings.Join(strings.Fields(text), "")
}

// Beyond and Grants together are complete, for this organization.
func TestBeyondShowsWhatIsNoGrant(t *testing.T) {
	t.Parallel()
	var r RoleAssignments
	if err := json.Unmarshal([]byte(`{
		"platform": [{"role_id": "platform-viewer"}, {"role_id": "platform-admin", "on": [1, 2]}, {"role_id": "platform-viewer"}, {}],
		"odd elements": [{"role_id": "x"}, null],
		"odd role": [{"role_id": ["x"]}, {"role_id": null}],
		"line\nend\u001b": "text\nend\u001b",
		"nothing": [ ],
		"organization": [{"role_id": "organization-admin", "organization_id": "1234567890"}, {"role_id": "organization-astronaut", "organization_id": "elsewhere", "since": 1}],
		"deployment": [
			{"role_id": "deployment-editor", "organization_id": "1234567890", "deployment_ids": ["b", "a"], "note": "new"},
			{"role_id": "deployment-viewer", "organization_id": "1234567890", "deployment_ids": ["a", "no ID"]},
			{"role_id": "deployment-viewer", "organization_id": "1234567890", "deployment_ids": []},
			{"role_id": "odd", "organization_id": "1234567890", "all": true}
		],
		"project": {"newtype": [{"role_id": "newtype\nadmin"}], "security": [{"role_id": "security-viewer", "organization_id": "1234567890", "all": true}]}
	}`), &r); err != nil {
		t.Fatal(err)
	}
	want := []NoGrant{
		{"deployment", "deployment-editor", `{"deployment_ids":["a","b"],"note":"new","organization_id":"1234567890","role_id":"deployment-editor"}`},
		{"deployment", "deployment-viewer", `{"deployment_ids":["a","no ID"],"organization_id":"1234567890","role_id":"deployment-viewer"}`},
		{"deployment", "odd", `{"all":true,"organization_id":"1234567890","role_id":"odd"}`},
		{"line end\ufffd", "", `"text\nend\u001b"`},
		{"newtype", "newtype admin", `{"role_id":"newtype\nadmin"}`},
		{"odd elements", "", `[{"role_id":"x"},null]`},
		{"odd role", "", `{"role_id":["x"]}`},
		{"odd role", "", `{"role_id":null}`},
		{"platform", "", `{}`},
		{"platform", "platform-admin", `{"on":[1,2],"role_id":"platform-admin"}`},
		{"platform", "platform-viewer", `{"role_id":"platform-viewer"}`},
	}
	for range 10 { // it is the same each time
		if got := r.Beyond(testOrganization); !slices.Equal(got, want) {
			t.Fatalf("got %q", got)
		}
	}
}

// The service lists IDs and application roles in any order: that is the same
// assignment.
func TestBeyondIsTheSameInAnyOrder(t *testing.T) {
	t.Parallel()
	read := func(text string) []NoGrant {
		var r RoleAssignments
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		return r.Beyond(testOrganization)
	}
	for _, text := range []string{
		`{"deployment": [{"role_id": "deployment-viewer", "all": true, "until": "noon", "application_roles": ["x", "y"]}]}`,
		`{"deployment": [{"role_id": "deployment-viewer", "until": "noon", "deployment_ids": ["x", "y"]}]}`,
		`{"platform": [{"role_id": "platform-viewer", "application_roles": ["x", "y"]}]}`,
		`{"project": {"newtype": [{"role_id": "newtype-viewer", "project_ids": ["x", "y"]}]}}`,
	} {
		one, other := read(text), read(strings.Replace(text, `"x", "y"`, `"y", "x"`, 1))
		if len(one) != 1 || !slices.Equal(one, other) {
			t.Errorf("%q and %q", one, other)
		}
	}
	if got := read(`{"platform": [{"application_roles": "x", "project_ids": null}]}`); len(got) != 1 || got[0].Assignment != `{"application_roles":"x","project_ids":null}` {
		t.Errorf("got %q", got)
	}
}

// The text of a long assignment is limited, and differs for another assignment.
func TestBeyondIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	var r RoleAssignments
	if err := json.Unmarshal(fmt.Appendf(nil, `{%[1]q: [{"role_id": "%[1]sy"}, {"role_id": "%[1]sz"}]}`, long), &r); err != nil {
		t.Fatal(err)
	}
	got := r.Beyond(testOrganization)
	if len(got) != 2 {
		t.Fatalf("there are %d", len(got))
	}
	for _, text := range []string{got[0].Scope, got[0].Role, got[0].Assignment} {
		if len(text) > 1100 || !strings.Contains(text, "x...") {
			t.Errorf("%d characters: %s", len(text), text)
		}
	}
}

func TestNewRoleAssignmentsMergesResources(t *testing.T) {
	t.Parallel()
	var grants []Grant
	for _, s := range []string{"deployment-editor:b", "deployment-editor:a", "deployment-editor:*", "deployment-editor:a+x", "security-viewer:p"} {
		g, err := ParseGrant(s)
		if err != nil {
			t.Fatal(err)
		}
		grants = append(grants, g)
	}
	data, err := json.Marshal(NewRoleAssignments(testOrganization, grants))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"deployment":[` +
		`{"all":true,"organization_id":"1234567890","role_id":"deployment-editor"},` +
		`{"deployment_ids":["a","b"],"organization_id":"1234567890","role_id":"deployment-editor"},` +
		`{"application_roles":["x"],"deployment_ids":["a"],"organization_id":"1234567890","role_id":"deployment-editor"}],` +
		`"project":{"security":[{"organization_id":"1234567890","project_ids":["p"],"role_id":"security-viewer"}]}}`
	if string(data) != want {
		t.Errorf("got  %s\nwant %s", data, want)
	}
}

// No list of application roles, an empty one and one with roles in it are three
// grants, which are written back as they were read.
func TestApplicationRolesHaveThreeStates(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		``:                           "elasticsearch-viewer:*",
		`,"application_roles":null`:  "elasticsearch-viewer:*",
		`,"application_roles":[]`:    "elasticsearch-viewer:*+",
		`,"application_roles":["a"]`: "elasticsearch-viewer:*+a",
	} {
		var r RoleAssignments
		if err := json.Unmarshal([]byte(`{"organization":[{"role_id":"billing-admin"`+list+`}],"project":{"elasticsearch":[{"role_id":"elasticsearch-viewer","all":true`+list+`}]}}`), &r); err != nil {
			t.Fatal(err)
		}
		billing := "billing-admin"
		if strings.Contains(list, `"a"`) {
			billing += "+a"
		}
		if got := fmt.Sprint(r.Grants(testOrganization)); got != "["+billing+" "+want+"]" {
			t.Errorf("%q is read as %s", list, got)
		}
		back, err := json.Marshal(r.Change(testOrganization, []Grant{{Role: "deployment-viewer", Resource: "x"}}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if lists := strings.Count(string(back), strings.TrimPrefix(list, ",")); list != "" && !strings.Contains(list, "null") && lists != 2 ||
			(list == "" || strings.Contains(list, "null")) && strings.Contains(string(back), "application_roles") {
			t.Errorf("%q is written back as %s", list, back)
		}
	}
}

// A list with an entry that is not a role counts neither as a list nor as an empty one.
func TestApplicationRolesWithoutAName(t *testing.T) {
	t.Parallel()
	for _, list := range []string{`[""]`, `[null]`, `["a",""]`} {
		text := `{"deployment":[{"all":true,"application_roles":` + list + `,"organization_id":"1234567890","role_id":"deployment-viewer"}]}`
		var r RoleAssignments
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		if grants := r.Grants(testOrganization); len(grants) > 0 || len(r.Beyond(testOrganization)) != 1 {
			t.Errorf("%s is %v, and %v beside", list, grants, r.Beyond(testOrganization))
		}
		if back, err := json.Marshal(r.Change(testOrganization, nil, nil)); err != nil || string(back) != strings.ReplaceAll(text, "null", `""`) {
			t.Errorf("%s is written back as %s, %v", list, back, err)
		}
	}
}

// If a reply may show two grants alike, the known grants decide.
func TestShownAs(t *testing.T) {
	t.Parallel()
	const plain, console, listed, owner = "elasticsearch-viewer:*", "elasticsearch-viewer:*+", "elasticsearch-viewer:*+a", "organization-admin"
	for name, test := range map[string]struct {
		shown  []string
		known  []string
		want   []string
		exact  bool
		holdsC bool // that the empty list may be there
	}{
		"nothing is known":    {[]string{plain, listed, owner}, nil, []string{plain, listed, owner}, true, true},
		"the same":            {[]string{plain}, []string{plain}, []string{plain}, true, true},
		"the other":           {[]string{plain}, []string{console}, []string{console}, false, true},
		"the other way round": {[]string{console}, []string{plain}, []string{plain}, false, true},
		"both":                {[]string{plain}, []string{plain, console}, []string{plain, console}, false, true},
		"shown apart":         {[]string{plain, console}, []string{plain, console}, []string{plain, console}, true, true},
		"neither is known":    {[]string{console}, []string{owner}, []string{console}, true, true},
		"what is not shown":   {[]string{owner}, []string{console}, []string{owner}, true, false},
		"another list":        {[]string{listed}, []string{console, plain}, []string{listed}, true, false},
	} {
		shown := parseAll(t, test.shown)
		got := ShownAs(shown, parseAll(t, test.known))
		if want := parseAll(t, test.want); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if console := parseAll(t, []string{console})[0]; Holds(shown, console) != test.holdsC {
			t.Errorf("%s: %v may be held: %t", name, console, !test.holdsC)
		}
		add, remove := DiffGrants(shown, got)
		if exact := len(add)+len(remove) == 0; exact != test.exact {
			t.Errorf("%s: what is shown is %v, what is held %v", name, shown, got)
		}
	}
}

func parseAll(t *testing.T, texts []string) (grants []Grant) {
	t.Helper()
	for _, text := range texts {
		g, err := ParseGrant(text)
		if err != nil {
			t.Fatal(err)
		}
		grants = append(grants, g)
	}
	return grants
}

// A grant of any form, taken from its text over the wire to the service and back,
// is the same grant, however the service shows it.
func TestGrantsSurviveTheService(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cloudtest.Option{
		"apart":           nil,
		"absent as empty": {cloudtest.AbsentAsEmpty()},
		"empty as absent": {cloudtest.EmptyAsAbsent()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, opts...)
			client := newClient(t, config(srv))
			rapid.Check(t, func(r *rapid.T) {
				var grants []Grant
				for _, g := range genGrants().Draw(r, "grants") {
					if g.Kind() == kindConnected { // the contract has no application roles there
						g = Grant{Role: g.Role, Resource: g.Resource}
					}
					grants = append(grants, g)
				}
				grants = Without(grants, nil)
				userID := srv.AddMember("a@example.com")
				defer srv.Remove("a@example.com")
				if err := client.AddRoleAssignments(t.Context(), userID, NewRoleAssignments(srv.OrganizationID, grants)); err != nil {
					r.Fatal(err)
				}
				members, err := client.ListMembers(t.Context(), srv.OrganizationID)
				if err != nil {
					r.Fatal(err)
				}
				shown := members[0].RoleAssignments.Grants(srv.OrganizationID)
				for _, g := range grants {
					if again, err := ParseGrant(g.String()); err != nil || again != g || !Holds(shown, g) {
						r.Fatalf("%s is read back as %s, %v, from %v", g, again, err, shown)
					}
				}
				if held := ShownAs(shown, grants); !slices.Equal(held, grants) || opts == nil && !slices.Equal(shown, grants) {
					r.Fatalf("%v is shown as %v, and that is %v", grants, shown, held)
				}
				if err := client.RemoveRoleAssignments(t.Context(), userID, NewRoleAssignments(srv.OrganizationID, grants)); err != nil || len(srv.Grants("a@example.com")) > 0 {
					r.Fatalf("%v is left of %v: %v", srv.Grants("a@example.com"), grants, err)
				}
			})
		})
	}
}

// Roles on connected clusters have a branch of their own.
func TestConnectedClusters(t *testing.T) {
	t.Parallel()
	const text = `{"cloud_connected_resource":[{"organization_id":"1234567890","resource_ids":["a","b"],"role_id":"cloud-connected-admin"},{"all":true,"organization_id":"1234567890","role_id":"cloud-connected-viewer"}]}`
	var r RoleAssignments
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	grants := r.Grants(testOrganization)
	if got := fmt.Sprint(grants); got != "[cloud-connected-admin:a cloud-connected-admin:b cloud-connected-viewer:*]" || grants[0].Kind() != "cloud-connected" {
		t.Errorf("%s on %s", got, grants[0].Kind())
	}
	if beyond := r.Beyond(testOrganization); len(beyond) > 0 {
		t.Errorf("%v is said to be no grant", beyond)
	}
	if data, err := json.Marshal(NewRoleAssignments(testOrganization, grants)); err != nil || string(data) != text {
		t.Errorf("got %s, %v", data, err)
	}
}

func TestKnownRolesParse(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for _, role := range KnownRoles(kind + "-") {
			if g, err := ParseGrant(role.ID + ":*"); err != nil || g.Kind() != kind {
				t.Errorf("%s: %v", role.ID, err)
			}
		}
	}
	for _, role := range []string{
		"organization-admin", "billing-admin", "deployment-admin", "deployment-editor", "deployment-viewer",
		"elasticsearch-admin", "elasticsearch-developer", "elasticsearch-viewer", "observability-admin", "observability-editor", "observability-viewer",
		"security-admin", "security-editor", "security-viewer", "security-t1-analyst", "security-t2-analyst", "security-t3-analyst",
		"security-threat-intel-analyst", "security-rule-author", "security-soc-manager", "security-endpoint-operations-analyst",
		"security-platform-engineer", "security-detections-admin", "security-endpoint-policy-manager", "cloud-connected-admin",
	} {
		if !slices.ContainsFunc(KnownRoles(role), func(r Role) bool { return r.ID == role }) {
			t.Errorf("%s is not known", role)
		}
	}
}
