// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rolesJSON writes grants, in their order, as role_assignments: roles on deployments
// and on the organization.
func rolesJSON(t *testing.T, grants ...string) string {
	t.Helper()
	branches := map[string][]map[string]any{}
	for _, text := range grants {
		g, err := parseGrant(text)
		if err != nil {
			t.Fatal(err)
		}
		a := map[string]any{"role_id": g.role, "organization_id": "{org}"}
		switch g.on {
		case "":
		case "*":
			a["all"] = true
		default:
			a["deployment_ids"] = []string{g.on}
		}
		if apps := g.applicationRoles(); apps != nil {
			a["application_roles"] = apps
		}
		branches[branchOf(g.role)] = append(branches[branchOf(g.role)], a)
	}
	return string(marshal(branches))
}

// listedGrants is what the lists show of somebody, as a member or invited.
func listedGrants(t *testing.T, s *Server, email string) []string {
	t.Helper()
	for _, list := range []string{"members", "invitations"} {
		a := expect(t, s, "GET", "/organizations/{org}/"+list, "", 200, "")
		for _, person := range decode[map[string][]struct {
			Email           string
			RoleAssignments json.RawMessage `json:"role_assignments"`
		}](t, a.body)[list] {
			if fold(person.Email) != email {
				continue
			}
			if person.RoleAssignments == nil {
				return nil
			}
			shown, err := decodeRoles(person.RoleAssignments, s.OrganizationID)
			if err != nil {
				t.Fatal(err.message)
			}
			return grantRules{}.hold(shown).texts()
		}
	}
	t.Errorf("%s is in no list", email)
	return nil
}

// What becomes of grants that touch each other, by option: held by a member, promised
// by an invitation and given by a role mapping.
func TestGrantRules(t *testing.T) {
	t.Parallel()
	const viewer = "deployment-viewer"
	oneSet, absorbs := []Option{OneSetPerRole()}, []Option{AllAbsorbs()}
	both := slices.Concat(oneSet, absorbs)
	for _, test := range []struct {
		opts       []Option
		held, more []string
		sum, rest  []string // held with more, and held without more
		why        string
	}{
		{nil, []string{viewer + ":*+a"}, []string{viewer + ":*+b"}, []string{viewer + ":*+a", viewer + ":*+b"}, []string{viewer + ":*+a"}, "other application roles, another grant"},
		{oneSet, []string{viewer + ":*+a"}, []string{viewer + ":*+b"}, []string{viewer + ":*+b"}, nil, "the later set replaces"},
		{oneSet, []string{viewer + ":*+a"}, []string{viewer + ":*"}, []string{viewer + ":*"}, nil, "no list is a set too"},
		{oneSet, []string{viewer + ":*+a"}, []string{viewer + ":*+"}, []string{viewer + ":*+"}, nil, "an empty list is a set too"},
		{oneSet, []string{viewer + ":x+a"}, []string{viewer + ":y+b"}, []string{viewer + ":x+a", viewer + ":y+b"}, []string{viewer + ":x+a"}, "another scope"},
		{oneSet, []string{viewer + ":x+a"}, []string{"deployment-editor:x+b"}, []string{"deployment-editor:x+b", viewer + ":x+a"}, []string{viewer + ":x+a"}, "another role"},
		{oneSet, []string{"billing-admin+a"}, []string{"billing-admin+b"}, []string{"billing-admin+b"}, nil, "a role on the organization"},
		{oneSet, []string{viewer + ":x"}, []string{viewer + ":*"}, []string{viewer + ":*", viewer + ":x"}, []string{viewer + ":x"}, "all is another scope"},
		{nil, []string{viewer + ":x"}, []string{viewer + ":*"}, []string{viewer + ":*", viewer + ":x"}, []string{viewer + ":x"}, "all beside a resource"},
		{absorbs, []string{viewer + ":x", viewer + ":y"}, []string{viewer + ":*"}, []string{viewer + ":*"}, []string{viewer + ":x", viewer + ":y"}, "all comes later"},
		{absorbs, []string{viewer + ":*"}, []string{viewer + ":x"}, []string{viewer + ":*"}, []string{viewer + ":*"}, "all comes first"},
		{absorbs, []string{viewer + ":x+a"}, []string{viewer + ":*"}, []string{viewer + ":*", viewer + ":x+a"}, []string{viewer + ":x+a"}, "other application roles"},
		{absorbs, []string{viewer + ":x+a"}, []string{viewer + ":*+a"}, []string{viewer + ":*+a"}, []string{viewer + ":x+a"}, "the same application roles"},
		{absorbs, []string{"deployment-editor:x"}, []string{viewer + ":*"}, []string{"deployment-editor:x", viewer + ":*"}, []string{"deployment-editor:x"}, "another role"},
		{absorbs, []string{viewer + ":x"}, []string{viewer + ":x", viewer + ":*"}, []string{viewer + ":*"}, nil, "both named"},
		{both, []string{viewer + ":x+b"}, []string{viewer + ":*+b", viewer + ":x+a"}, []string{viewer + ":*+b", viewer + ":x+a"}, nil, "both"},
	} {
		t.Run(fmt.Sprint(test.why, len(test.opts)), func(t *testing.T) {
			t.Parallel()
			s, idp := withSSO(t, test.opts...)
			const a, b, c = "a@example.com", "b@example.com", "c@example.com"
			check := func(what, email string, want []string) {
				t.Helper()
				equalList(t, what, s.Grants(email), want...)
				equalList(t, what+", as listed", listedGrants(t, s, email), want...)
			}
			path := "/users/" + s.AddMember(a, test.held...) + "/role_assignments"
			check("held", a, test.held)
			expect(t, s, "DELETE", path, rolesJSON(t, test.more...), 200, "")
			check("taken", a, test.rest)
			expect(t, s, "POST", path, rolesJSON(t, test.held...), 200, "")
			expect(t, s, "POST", path, rolesJSON(t, test.more...), 200, "")
			check("added", a, test.sum)

			joined := rolesJSON(t, slices.Concat(test.held, test.more)...)
			expect(t, s, "POST", invitations, `{"emails":["`+b+`"],"role_assignments":`+joined+`}`, 201, "")
			check("promised", b, test.sum)
			s.Accept(b)
			check("accepted", b, test.sum)

			both := slices.Concat([]string{"organization-admin"}, test.held, test.more)
			mapping := `{"name":"owners","enabled":true,"rule":{"any":[{"group":"x"}]},"role_assignments":` + rolesJSON(t, both...) + `}`
			expect(t, s, "POST", mappingsPath, mappingsJSON(mapping), 201, "")
			wanted := slices.Sorted(slices.Values(append(slices.Clone(test.sum), "organization-admin")))
			equalList(t, "mapped", s.RoleMappings()[0].Grants, wanted...)

			// Two mappings that give somebody the two come together in their order.
			s.RemoveRoleMapping("owners")
			s.AddRoleMapping("z", true, AnyOf(Email(c)), test.held...)
			s.AddRoleMapping("a", true, AnyOf(Email(c)), test.more...)
			if _, err := s.SignIn(idp, c, "staff"); err != nil {
				t.Fatal(err)
			}
			check("signed in", c, test.sum)
		})
	}
}

// The rules hold for any grants that are given and taken, in any order.
func TestGrantRulesAlwaysHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := grantRules{oneSetPerRole: rapid.Bool().Draw(t, "one set"), allAbsorbs: rapid.Bool().Draw(t, "absorbs")}
		held := map[grant]bool{}
		for range 3 {
			given := drawHolding(t).sorted()
			for _, g := range given {
				rules.give(held, g)
			}
			for _, g := range drawHolding(t).sorted() {
				rules.take(held, g)
				if held[g] {
					t.Fatalf("%s was taken, and is held", g)
				}
			}
			for a := range held {
				for b := range held {
					if rules.oneSetPerRole && a != b && a.role == b.role && a.on == b.on {
						t.Fatalf("%s and %s", a, b)
					}
					if all := a; rules.allAbsorbs && a != b && a.on == "*" {
						all.on = b.on
						if all == b {
							t.Fatalf("%s and %s", a, b)
						}
					}
				}
			}
		}
	})
}
