// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawHolding(t *rapid.T) holding {
	h := holding{grants: map[grant]bool{}, unknown: map[string]json.RawMessage{}}
	roles := rapid.SampledFrom([]string{"organization-admin", "billing-admin", "newly-invented",
		"deployment-admin", "deployment-viewer", "elasticsearch-viewer", "security-t1-analyst", "vectordb-new", "cloud-connected-admin"})
	scopes := rapid.SampledFrom([]string{"*", "a", "b", "c", "d"})
	apps := rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(rapid.SampledFrom([]string{"analyst", "reader", "my role"}), 0, 3))
	for range rapid.IntRange(0, 12).Draw(t, "grants") {
		role, on := roles.Draw(t, "role"), ""
		if branchOf(role) != "organization" {
			on = scopes.Draw(t, "scope")
		}
		list := apps.Draw(t, "application roles")
		if branchOf(role) == connectedBranch {
			list = nil // the contract has none there
		}
		h.grants[newGrant(role, on, list)] = true
	}
	for _, branch := range []string{"platform", "connected_cluster", "project.newtype"} {
		if rapid.Bool().Draw(t, branch) {
			h.unknown[branch] = json.RawMessage(`[{"role_id":"x"}]`)
		}
	}
	return h
}

func sameHolding(a, b holding) bool {
	return maps.Equal(a.grants, b.grants) &&
		maps.EqualFunc(a.unknown, b.unknown, func(x, y json.RawMessage) bool { return string(x) == string(y) })
}

// In any form of a reply, the roles mean what is stored, and could be sent back
// unchanged.
func TestDifficultyNeverChangesAccess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := writer{rng: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))}
		h := drawHolding(t)
		raw := json.RawMessage(`{}`)
		if written := w.roles(h, "123"); written != nil {
			raw = marshal(written)
		}
		back, err := decodeRoles(raw, "123")
		if err != nil {
			t.Fatalf("%s in %s", err.message, raw)
		}
		if !sameHolding(grantRules{}.hold(back), h) {
			t.Fatalf("stored %v, written %s", h.texts(), raw)
		}
	})
}

// The same for whole lists, which are held against the contract as well.
func TestListsNeverChangeAccess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := Start(Seed(rapid.Int64().Draw(t, "seed")))
		defer s.Close()
		want := map[string]holding{}
		for i := range rapid.IntRange(0, 4).Draw(t, "people") {
			email := fmt.Sprintf("person%d@example.com", i)
			h := drawHolding(t)
			if rapid.Bool().Draw(t, "invited") {
				s.AddInvitation(email, h.texts()...)
			} else {
				s.AddMember(email, h.texts()...)
			}
			for branch, raw := range h.unknown {
				s.AddUnknownAssignment(email, branch, string(raw))
			}
			want[email] = h
		}
		got := map[string]holding{}
		for _, list := range []string{"members", "invitations"} {
			var reply map[string][]struct {
				Email           string
				RoleAssignments json.RawMessage `json:"role_assignments"`
			}
			handle := handlers["GET /organizations/{organization_id}/"+list]
			c := call{params: map[string]string{"organization_id": s.OrganizationID}}
			text := marshal(handle(s, c).body)
			op, _ := s.contract.find("GET", "/api/v1/organizations/1/"+list)
			if err := op.checkReply(200, map[string][]string{"Content-Type": {"application/json"}}, text); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if err := json.Unmarshal(text, &reply); err != nil {
				t.Fatal(err)
			}
			for _, person := range reply[list] {
				if person.RoleAssignments == nil {
					person.RoleAssignments = json.RawMessage(`{}`)
				}
				h, err := decodeRoles(person.RoleAssignments, s.OrganizationID)
				if err != nil {
					t.Fatal(err.message)
				}
				got[strings.ToLower(person.Email)] = s.hold(h)
			}
		}
		if !maps.EqualFunc(got, want, sameHolding) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// No list of application roles and an empty one are two grants, which a reply may
// show alike.
func TestNoApplicationRoles(t *testing.T) {
	t.Parallel()
	const absent, empty, listed = "elasticsearch-viewer:a", "elasticsearch-viewer:b+", "elasticsearch-viewer:c+x"
	for name, test := range map[string]struct {
		opts []Option
		want []string
	}{
		"apart":           {nil, []string{absent, empty, listed}},
		"absent as empty": {[]Option{AbsentAsEmpty()}, []string{absent + "+", empty, listed}},
		"empty as absent": {[]Option{EmptyAsAbsent()}, []string{absent, "elasticsearch-viewer:b", listed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(t, test.opts...)
			id := s.AddMember("a@example.com", "organization-admin+", absent, "elasticsearch-viewer:b")
			expect(t, s, "POST", "/users/"+id+"/role_assignments", `{"project":{"elasticsearch":[
				{"role_id":"elasticsearch-viewer","organization_id":"{org}","project_ids":["b"],"application_roles":[]},
				{"role_id":"elasticsearch-viewer","organization_id":"{org}","project_ids":["c"],"application_roles":["x"]}]}}`, 200, "")
			expect(t, s, "DELETE", "/users/"+id+"/role_assignments", `{"project":{"elasticsearch":[
				{"role_id":"elasticsearch-viewer","organization_id":"{org}","project_ids":["b"]}]}}`, 200, "")
			equalList(t, "grants", s.Grants("a@example.com"), append(slices.Clone([]string{absent, empty, listed}), "organization-admin")...)
			for range 10 {
				a := expect(t, s, "GET", "/organizations/{org}/members", "", 200, "")
				roles := decode[struct {
					Members []struct {
						RoleAssignments json.RawMessage `json:"role_assignments"`
					}
				}](t, a.body).Members[0].RoleAssignments
				shown, err := decodeRoles(roles, s.OrganizationID)
				if err != nil {
					t.Fatal(err.message)
				}
				equalList(t, "shown", s.hold(shown).texts(), append(slices.Clone(test.want), "organization-admin")...)
			}
		})
	}
}

func TestHoldingPlusMinus(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawHolding(t), drawHolding(t)
		var rules grantRules
		sum := rules.plus(a, b.list())
		for _, g := range slices.Concat(a.sorted(), b.sorted()) {
			if !sum.grants[g] {
				t.Fatalf("%s is missing from the sum", g)
			}
		}
		if !sameHolding(sum, rules.plus(sum, a.list())) || !sameHolding(sum, rules.plus(sum, b.list())) {
			t.Fatal("adding what is held changed something")
		}
		rest := rules.minus(sum, b.list())
		for _, g := range a.sorted() {
			if rest.grants[g] == b.grants[g] {
				t.Fatalf("%s: left %v, taken %v", g, rest.grants[g], b.grants[g])
			}
		}
		if !sameHolding(rest, rules.minus(rest, b.list())) {
			t.Fatal("taking what is not held changed something")
		}
	})
}

func TestGrantText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for _, g := range drawHolding(t).sorted() {
			if back, err := parseGrant(g.String()); err != nil || back != g {
				t.Fatalf("%s: %v %v", g, back, err)
			}
		}
	})
}

// Over a few lists, every kind of difficulty shows up.
func TestDifficultyIsThere(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.AddMember("alice@example.com", "deployment-viewer:a", "deployment-viewer:b", "deployment-viewer:c", "elasticsearch-viewer:*+x+y")
	s.AddMember("bob@example.com")
	s.AddInvitation("carol@example.com", "billing-admin")
	s.AddInvitation("dora@example.com")
	wanted := map[string]bool{
		`"ALICE@EXAMPLE.COM"`: false, `"alice@example.com"`: false, `"Alice@example.com"`: false,
		`"all":false`: false, `"organization":[]`: false, `"project":{}`: false, `"observability":[]`: false,
		`"application_roles":[]`: false, `"application_roles":["x","y"]`: false, `"application_roles":["y","x"]`: false,
		`"deployment_ids":["a"]`: false, `"deployment_ids":["c","a","b"]`: false, `"deployment_ids":["b","a"]`: false,
		`"role_assignments":{}`: false,
	}
	firsts := map[string]bool{}
	for range 300 {
		members := string(do(t, s, "GET", "/organizations/{org}/members", "").body)
		invited := string(do(t, s, "GET", invitations, "").body)
		for want := range wanted {
			wanted[want] = wanted[want] || strings.Contains(members+invited, want)
		}
		firsts[listedMembers(t, s)[0].UserID] = true
		firsts[listedInvitations(t, s)[0].Token] = true
	}
	for want, seen := range wanted {
		if !seen {
			t.Errorf("never saw %s", want)
		}
	}
	equal(t, "who came first", len(firsts), 4)
}

func TestPlainIsStable(t *testing.T) {
	t.Parallel()
	s := New(t, Plain())
	s.AddMember("Alice@example.com", "deployment-viewer:b", "deployment-viewer:a", "security-viewer:*+y+x")
	s.AddMember("bob@example.com")
	first := do(t, s, "GET", "/organizations/{org}/members", "")
	for range 10 {
		equal(t, "list", string(do(t, s, "GET", "/organizations/{org}/members", "").body), string(first.body))
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	forms := func(opts ...Option) (all string) {
		s := New(t, opts...)
		s.AddMember("alice@example.com")
		for range 10 {
			all += listedMembers(t, s)[0].Email
		}
		return all
	}
	equal(t, "same seed", forms(Seed(7)), forms(Seed(7)))
	if forms(Seed(7)) == forms(Seed(8)) {
		t.Error("another seed changes nothing")
	}
}

// A large organization is listed at once. How long that takes is for
// BenchmarkLargeOrganization, as it depends on how busy the machine is.
func TestLargeOrganization(t *testing.T) {
	t.Parallel()
	equal(t, "members", countMembers(t, largeOrganization(t)), 10_000)
}

func BenchmarkLargeOrganization(b *testing.B) {
	s := largeOrganization(b)
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, apiRoot+"/organizations/"+s.OrganizationID+"/members", nil)
		r.Header.Set("Authorization", "ApiKey "+s.Key)
		w := httptest.NewRecorder()
		s.serve(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

func largeOrganization(t testing.TB) *Server {
	t.Helper()
	s := New(t)
	for i := range 10_000 {
		s.AddMember(fmt.Sprintf("person%d@example.com", i), "deployment-viewer:a", "deployment-viewer:b", "security-viewer:*+x")
	}
	return s
}
