// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// A grant of any form, in any spelling, is the same grant all the way: from the
// configuration through the request and the reply, however that shows it, to the
// next plan, an import, a list, elasticcloud_access and its CSV.
func TestGrantsMakeTheWholeWay(t *testing.T) {
	t.Parallel()
	wantRepeated(t)
	virtually(t, func(t *testing.T) {
		rapid.Check(struct{ rapid.TB }{t}, func(r *rapid.T) { // as rapidly does; the bubble's t is for what reads and calls
			showing := rapid.SampledFrom(slices.Sorted(maps.Keys(showings))).Draw(r, "showing")
			place := rapid.SampledFrom(slices.Sorted(maps.Keys(placesOfGrants))).Draw(r, "place")
			options := append([]cloudtest.Option{cloudtest.InProcess(), cloudtest.Seed(rapid.Int64().Draw(r, "seed"))}, showings[showing]...)
			srv := cloudtest.Start(options...)
			defer srv.Close()
			srv.AddMember("owner@example.com", "organization-admin")
			srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
			if place == "assignments" || place != "mapping" && rapid.Bool().Draw(r, "joined") {
				srv.AddMember("alice@example.com")
			}
			grants := cloud.Without(rapid.SliceOfN(genAnyGrant(), 1, 6).Draw(r, "grants"), nil)
			texts := make([]string, len(grants))
			for i, g := range grants {
				texts[i] = genSpelling(r, g)
			}
			way := grantsOnTheirWay{t: t, r: r, srv: srv, place: placesOfGrants[place], grants: grants, apart: showing == "apart"}
			way.configured(texts)
			way.reported()
			way.listed()
			if place != "assignments" || way.apart { // an import of one grant takes what the reply shows
				way.imported(texts)
			}
			if v := srv.Violations(); len(v) > 0 {
				r.Fatalf("not in the contract: %v", v)
			}
		})
	})
}

// genAnyGrant draws a grant of any form that the contract has.
func genAnyGrant() *rapid.Generator[cloud.Grant] {
	kinds := []string{"", "deployment", "elasticsearch", "observability", "security", "workplaceai", "vectordb", "cloud-connected"}
	return rapid.Custom(func(r *rapid.T) cloud.Grant {
		applicationRoles := rapid.OneOf(rapid.Just[[]string](nil), rapid.Just([]string{}),
			rapid.SliceOfN(rapid.SampledFrom([]string{"analyst", "t1_analyst", "a+b", "100%", "%2B", "with space", "x:y", "a,b", `"q"`}), 1, 3)).Draw(r, "application roles")
		switch kind := rapid.SampledFrom(kinds).Draw(r, "kind"); kind {
		case "":
			return cloud.NewGrant(rapid.SampledFrom([]string{"organization-admin", "billing-admin", "new-role"}).Draw(r, "role"), "", applicationRoles)
		case "cloud-connected": // which has no application roles
			return cloud.NewGrant("cloud-connected-admin", rapid.SampledFrom([]string{"*", "c1"}).Draw(r, "resource"), nil)
		default:
			role := rapid.SampledFrom([]string{"viewer", "newrole"}).Draw(r, "role")
			return cloud.NewGrant(kind+"-"+role, rapid.SampledFrom([]string{"*", "a1", "b2"}).Draw(r, "resource"), applicationRoles)
		}
	})
}

// genSpelling writes a grant with its application roles in any order, and some of
// them twice.
func genSpelling(r *rapid.T, g cloud.Grant) string {
	if g.ApplicationRoles == "" {
		return g.String()
	}
	roles := strings.Split(g.ApplicationRoles, "+")
	roles = append(roles, rapid.SliceOfN(rapid.SampledFrom(roles), 0, 2).Draw(r, "once more")...)
	g.ApplicationRoles = strings.Join(rapid.Permutation(roles).Draw(r, "order"), "+")
	return g.String()
}

// placeOfGrants is a place where a configuration has grants.
type placeOfGrants struct {
	principal string // in elasticcloud_access
	config    func(grants []string) map[string]block
	imports   func(organizationID string, grants []string) map[string]string // IDs by address
	list      listBlock
}

var placesOfGrants = map[string]placeOfGrants{
	"member": {
		principal: "alice@example.com",
		config: func(grants []string) map[string]block {
			return map[string]block{"alice": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "alice@example.com", "roles": grants}}}
		},
		imports: func(string, []string) map[string]string { return map[string]string{"alice": "alice@example.com"} },
		list:    listBlock{typeName: "elasticcloud_member", config: map[string]any{"email": "alice@example.com"}, include: true},
	},
	"members": {
		principal: "alice@example.com",
		config: func(grants []string) map[string]block {
			return membersBlock(map[string][]string{"owner@example.com": {"organization-admin"}, "alice@example.com": grants})
		},
		imports: func(organizationID string, _ []string) map[string]string {
			return map[string]string{"all": organizationID}
		},
		list: listBlock{typeName: "elasticcloud_role_assignment", config: map[string]any{"email": "alice@example.com"}, include: true},
	},
	"assignments": {
		principal: "alice@example.com",
		config: func(grants []string) map[string]block {
			config := map[string]block{}
			for _, grant := range grants {
				config[grant] = block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": "alice@example.com", "role": grant}}
			}
			return config
		},
		imports: func(_ string, grants []string) map[string]string {
			ids := map[string]string{}
			for _, grant := range grants {
				ids[grant] = "alice@example.com/" + grant
			}
			return ids
		},
		list: listBlock{typeName: "elasticcloud_role_assignment", config: map[string]any{"email": "alice@example.com"}, include: true},
	},
	"mapping": {
		principal: "staff",
		config: func(grants []string) map[string]block {
			return map[string]block{"staff": {Type: "elasticcloud_role_mapping", Attributes: map[string]any{"name": "staff", "rule": inGroup("staff"), "roles": grants}}}
		},
		imports: func(string, []string) map[string]string { return map[string]string{"staff": "staff"} },
		list:    listBlock{typeName: "elasticcloud_role_mapping", include: true},
	},
}

// grantsOnTheirWay are the grants of one place, and all that has them.
type grantsOnTheirWay struct {
	t      *testing.T
	r      *rapid.T
	srv    *cloudtest.Server
	place  placeOfGrants
	grants []cloud.Grant
	apart  bool // replies show no application roles and an empty list apart
}

func (w grantsOnTheirWay) core() *core {
	c, err := newCore(w.srv)
	if err != nil {
		w.r.Fatal(err)
	}
	return c
}

// configured writes the grants: the service has them, and the next plan is empty.
func (w grantsOnTheirWay) configured(texts []string) {
	c := w.core()
	if err := c.apply(w.t.Context(), w.place.config(texts)); err != nil {
		w.r.Fatal(err)
	}
	w.wantHeld("configured")
	w.wantNoChange(c, "configured", texts)
}

// imported is the same for a configuration that imports the present grants.
func (w grantsOnTheirWay) imported(texts []string) {
	c := w.core()
	c.Imports = w.place.imports(w.srv.OrganizationID, texts)
	if w.apart {
		w.wantNoChange(c, "imported", texts)
		return
	}
	if err := c.apply(w.t.Context(), w.place.config(texts)); err != nil {
		w.r.Fatal(err)
	}
	w.wantHeld("imported")
	w.wantNoChange(c, "imported", texts)
}

// reported looks into elasticcloud_access, and into the CSV that is made of it.
func (w grantsOnTheirWay) reported() {
	rows, _ := mustRead(w.t, w.srv, "elasticcloud_access", nil)["grants"].(jsonArray)
	table, problem := call(w.t, newCSVFunction(), []string{"principal", "grant"}, rows)
	if problem != nil {
		w.r.Fatal(problem)
	}
	content, _ := text(table)
	lines, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		w.r.Fatalf("%q: %v", content, err)
	}
	var inRows, inTable []string
	for _, row := range rows {
		if fields, _ := row.(jsonObject); fields["principal"] == w.place.principal {
			grant, _ := fields["grant"].(string)
			inRows = append(inRows, grant)
		}
	}
	for _, line := range lines {
		if line[0] == w.place.principal {
			inTable = append(inTable, line[1])
		}
	}
	w.wantShown("elasticcloud_access", inRows)
	w.wantShown("its CSV", inTable)
}

// listed lists the present grants, with their resources.
func (w grantsOnTheirWay) listed() {
	c := w.core()
	server, err := c.start(w.t.Context())
	if err != nil {
		w.r.Fatal(err)
	}
	results, _, err := c.list(w.t.Context(), server, w.place.list)
	if err != nil {
		w.r.Fatal(err)
	}
	var texts []string
	for _, result := range results {
		if w.place.list.typeName == "elasticcloud_role_mapping" && result.DisplayName != w.place.principal {
			continue // it existed before
		}
		value, err := result.Resource.Unmarshal(c.Types[w.place.list.typeName])
		if err != nil {
			w.r.Fatal(err)
		}
		fields, _ := plainValue(w.t, value).(jsonObject)
		roles, several := fields["roles"].(jsonArray)
		if !several {
			roles = jsonArray{fields["role"]}
		}
		for _, role := range roles {
			grant, _ := role.(string)
			texts = append(texts, grant)
		}
	}
	w.wantShown("the list", texts)
}

func (w grantsOnTheirWay) wantNoChange(c *core, where string, texts []string) {
	changes, err := c.plan(w.t.Context(), w.place.config(texts))
	if err != nil || len(changes) > 0 {
		w.r.Fatalf("%s, the plan of %q has %v, %v", where, texts, addresses(changes), err)
	}
}

// wantHeld fails unless the service has just these grants.
func (w grantsOnTheirWay) wantHeld(where string) {
	var want []string
	for _, g := range w.grants {
		want = append(want, strings.NewReplacer("%25", "%", "%2B", "+").Replace(g.String())) // the fake escapes nothing
	}
	slices.Sort(want)
	held := w.srv.Grants(w.place.principal)
	for _, m := range w.srv.RoleMappings() {
		if m.Name == w.place.principal {
			held = slices.Sorted(slices.Values(m.Grants))
		}
	}
	if !slices.Equal(held, want) {
		w.r.Fatalf("%s are\n%q, and there are\n%q", where, want, held)
	}
}

// wantShown fails unless texts are just these grants, or what a reply may show in
// their place.
func (w grantsOnTheirWay) wantShown(where string, texts []string) {
	var shown []cloud.Grant
	for _, text := range texts {
		g, err := cloud.ParseGrant(text)
		if err != nil || g.String() != text {
			w.r.Fatalf("%s has %q, %v", where, text, err)
		}
		shown = append(shown, g)
	}
	shown = cloud.Without(shown, nil)
	same := slices.Equal(shown, w.grants)
	if !w.apart {
		same = holdAll(shown, w.grants) && holdAll(w.grants, shown)
	}
	if !same {
		w.r.Fatalf("%s has %v of %v", where, shown, w.grants)
	}
}

func holdAll(some, others []cloud.Grant) bool {
	return !slices.ContainsFunc(others, func(g cloud.Grant) bool { return !cloud.Holds(some, g) })
}
