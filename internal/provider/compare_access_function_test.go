// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"pgregory.net/rapid"
)

// accessRow is one row as a report has it; more are other fields and their values.
func accessRow(kind, key, grant string, more ...string) jsonObject {
	row := jsonObject{"principal_type": kind, "principal": key, "grant": grant}
	for i := 0; i < len(more); i += 2 {
		row[more[i]] = more[i+1]
	}
	return row
}

// otherRow is one row of access that is not a grant.
func otherRow(kind, key, scope string, role any, assignment string) jsonObject {
	return jsonObject{"principal_type": kind, "principal": key, "grant": nil, "scope": scope, "role": role, "assignment": assignment}
}

// compareAccess returns the result in a short form: "member alice@example.com", followed by
// the grant or other access, if any.
func compareAccess(t *testing.T, before, after jsonArray) map[string][]string {
	t.Helper()
	value, err := call(t, newCompareAccessFunction(), nil, before, after)
	if err != nil {
		t.Fatal(err)
	}
	result := map[string][]string{}
	attributes, _ := fieldsOf(value)
	for name, list := range attributes {
		elements, _ := elementsOf(list)
		for _, element := range elements {
			words, isText := text(element)
			if parts, isObject := fieldsOf(element); isObject {
				for _, part := range []string{"principal_type", "principal", "grant", "scope", "role", "assignment"} {
					if word, _ := text(parts[part]); word != "" {
						words += " " + word
					}
				}
			} else if !isText {
				t.Fatalf("%s has %s", name, element)
			}
			result[name] = append(result[name], strings.TrimSpace(words))
		}
	}
	return result
}

func TestCompareAccess(t *testing.T) {
	t.Parallel()
	const viewer, editor = "deployment-viewer:*", "deployment-editor:*"
	for name, test := range map[string]struct {
		before, after jsonArray
		want          map[string][]string
	}{
		"nothing on either side": {},
		"somebody new": {
			after: jsonArray{accessRow("member", "a@example.com", viewer), accessRow("member", "a@example.com", editor)},
			want: map[string][]string{
				"added":        {"member a@example.com"},
				"grants_added": {"member a@example.com " + editor, "member a@example.com " + viewer},
				"changes":      {"a@example.com has access now: gained " + editor + ", " + viewer},
			},
		},
		"an invitation goes": {
			before: jsonArray{accessRow("invitation", "bob@example.com", "billing-admin")},
			want: map[string][]string{
				"removed":        {"invitation bob@example.com"},
				"grants_removed": {"invitation bob@example.com billing-admin"},
				"changes":        {"bob@example.com (invitation) no longer promises access: lost billing-admin"},
			},
		},
		"another grant": {
			before: jsonArray{accessRow("member", "a@example.com", viewer)},
			after:  jsonArray{accessRow("member", "a@example.com", editor)},
			want: map[string][]string{
				"grants_added":   {"member a@example.com " + editor},
				"grants_removed": {"member a@example.com " + viewer},
				"changes":        {"a@example.com gained " + editor + " and lost " + viewer},
			},
		},
		"an invitation is accepted": {
			before: jsonArray{accessRow("invitation", "A@example.com", viewer, "status", "invited", "source", "invitation")},
			after:  jsonArray{accessRow("member", "a@example.com", viewer, "status", "active", "source", "assigned")},
			want:   map[string][]string{"joined": {"member a@example.com"}, "changes": {"a@example.com joined"}},
		},
		"accepted, and changed since": {
			before: jsonArray{accessRow("invitation", "a@example.com", viewer)},
			after:  jsonArray{accessRow("member", "a@example.com", editor)},
			want: map[string][]string{
				"joined":         {"member a@example.com"},
				"grants_added":   {"member a@example.com " + editor},
				"grants_removed": {"member a@example.com " + viewer},
				"changes":        {"a@example.com joined", "a@example.com gained " + editor + " and lost " + viewer},
			},
		},
		"a member beside an invitation that is left over": {
			before: jsonArray{accessRow("invitation", "a@example.com", viewer)},
			after:  jsonArray{accessRow("invitation", "a@example.com", viewer), accessRow("member", "a@example.com", editor)},
			want: map[string][]string{
				"added":        {"member a@example.com"},
				"grants_added": {"member a@example.com " + editor},
				"changes":      {"a@example.com has access now: gained " + editor},
			},
		},
		"a member is removed and invited again": {
			before: jsonArray{accessRow("member", "a@example.com", viewer)},
			after:  jsonArray{accessRow("invitation", "a@example.com", viewer)},
			want: map[string][]string{
				"added":          {"invitation a@example.com"},
				"removed":        {"member a@example.com"},
				"grants_added":   {"invitation a@example.com " + viewer},
				"grants_removed": {"member a@example.com " + viewer},
				"changes":        {"a@example.com no longer has access: lost " + viewer, "a@example.com (invitation) promises access now: gained " + viewer},
			},
		},
		"only the spelling": {
			before: jsonArray{accessRow("member", "Alice@Example.com", "elasticsearch-viewer:*+b+a"), accessRow("member", "b@example.com", "a newer form of grant")},
			after:  jsonArray{accessRow("member", "b@example.com", "a newer form of grant"), accessRow("member", "alice@example.com", "elasticsearch-viewer:*+a+b")},
		},
		"names of mappings are case-sensitive": {
			before: jsonArray{accessRow("role_mapping", "owners", viewer)},
			after:  jsonArray{accessRow("role_mapping", "owners", viewer), accessRow("role_mapping", "Owners", viewer)},
			want: map[string][]string{
				"added":        {"role_mapping Owners"},
				"grants_added": {"role_mapping Owners " + viewer},
				"changes":      {`role mapping "Owners" gives access now: gained ` + viewer},
			},
		},
		"what is no grant but counts": {
			before: jsonArray{
				accessRow("role_mapping", "owners", viewer, "status", "enabled", "source", `any of: group "owners"`),
				accessRow("invitation", "a@example.com", viewer, "status", "invited"),
				accessRow("member", "b@example.com", viewer),
			},
			after: jsonArray{
				accessRow("role_mapping", "owners", viewer, "status", "disabled", "source", `any of: email "*"`),
				accessRow("invitation", "a@example.com", viewer, "status", "expired"),
				accessRow("member", "b@example.com", viewer, "status", "active"), // the older report did not say
			},
			want: map[string][]string{"changes": {
				"a@example.com (invitation) is expired, was invited",
				`role mapping "owners" is disabled, was enabled`,
				`role mapping "owners" is for any of: email "*", was for any of: group "owners"`,
			}},
		},
		"what is no grant comes and goes": {
			before: jsonArray{accessRow("member", "a@example.com", viewer), otherRow("member", "a@example.com", "connected_cluster", "c", `{"role_id":"c"}`)},
			after: jsonArray{
				accessRow("member", "a@example.com", editor), otherRow("member", "A@example.com", "connected_cluster", "c", `{"ids":["x"],"role_id":"c"}`),
				otherRow("member", "a@example.com", "connected_cluster", nil, `{}`), otherRow("role_mapping", "owners", "platform", "p", `{"role_id":"p"}`),
			},
			want: map[string][]string{
				"added": {"role_mapping owners"},
				"grants_added": {
					"member a@example.com " + editor, "member a@example.com connected_cluster {}",
					`member a@example.com connected_cluster c {"ids":["x"],"role_id":"c"}`, `role_mapping owners platform p {"role_id":"p"}`,
				},
				"grants_removed": {"member a@example.com " + viewer, `member a@example.com connected_cluster c {"role_id":"c"}`},
				"changes": {
					"a@example.com gained " + editor + `, connected_cluster {} (not a grant), connected_cluster {"ids":["x"],"role_id":"c"} (not a grant) and lost ` +
						viewer + `, connected_cluster {"role_id":"c"} (not a grant)`,
					`role mapping "owners" gives access now: gained platform {"role_id":"p"} (not a grant)`,
				},
			},
		},
		"the same, and no grant": {
			before: jsonArray{otherRow("invitation", "a@example.com", "platform", "p", `{"role_id":"p"}`), otherRow("member", "b@example.com", "platform", nil, `{}`)},
			after:  jsonArray{otherRow("member", "a@example.com", "platform", "p", `{"role_id":"p"}`), otherRow("member", "b@example.com", "platform", nil, `{}`)},
			want:   map[string][]string{"joined": {"member a@example.com"}, "changes": {"a@example.com joined"}},
		},
		"another role or scope around the same": {
			before: jsonArray{otherRow("member", "a@example.com", "platform", "p", `{}`), otherRow("member", "b@example.com", "platform", "p", `{}`)},
			after:  jsonArray{otherRow("member", "a@example.com", "platform", "q", `{}`), otherRow("member", "b@example.com", "cloud", "p", `{}`)},
			want: map[string][]string{
				"grants_added":   {"member a@example.com platform q {}", "member b@example.com cloud p {}"},
				"grants_removed": {"member a@example.com platform p {}", "member b@example.com platform p {}"},
				"changes": {
					"a@example.com gained platform {} (not a grant) and lost platform {} (not a grant)",
					"b@example.com gained cloud {} (not a grant) and lost platform {} (not a grant)",
				},
			},
		},
		"a report of before there were such rows": {
			before: jsonArray{accessRow("member", "a@example.com", viewer, "role", "deployment-viewer", "scope", "deployment")},
			after: jsonArray{
				jsonObject{"principal_type": "member", "principal": "a@example.com", "grant": viewer, "role": "deployment-viewer", "scope": "deployment", "assignment": nil},
				otherRow("member", "a@example.com", "platform", nil, `{}`),
			},
			want: map[string][]string{
				"grants_added": {"member a@example.com platform {}"},
				"changes":      {"a@example.com gained platform {} (not a grant)"},
			},
		},
		"one change, one line": {
			after: jsonArray{
				accessRow("member", "a@example.com\nb@example.com is gone", "x\ny"), accessRow("role_mapping", "a\nb", viewer),
				otherRow("role_mapping", "a\nb", "p", nil, "{\n}"),
			},
			want: map[string][]string{
				"added":        {"member a@example.com\nb@example.com is gone", "role_mapping a\nb"},
				"grants_added": {"member a@example.com\nb@example.com is gone x\ny", "role_mapping a\nb " + viewer, "role_mapping a\nb p {\n}"},
				"changes":      {`"a@example.com\nb@example.com is gone" has access now: gained "x\ny"`, `role mapping "a\nb" gives access now: gained ` + viewer + `, "p {\n}" (not a grant)`},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 { // it is the same each time
				got := compareAccess(t, test.before, test.after)
				if !maps.EqualFunc(got, test.want, slices.Equal[[]string]) {
					t.Fatalf("got %q\nnot %q", got, test.want)
				}
			}
		})
	}
}

func TestCompareAccessRefuses(t *testing.T) {
	t.Parallel()
	fine := jsonArray{accessRow("member", "a@example.com", "billing-admin")}
	for name, test := range map[string]struct {
		before, after any
		argument      int64
		want          string
	}{
		"an object":            {before: jsonObject{}, after: fine, want: "before must be a list of rows"},
		"texts":                {before: fine, after: jsonArray{"a"}, argument: 1, want: "after[0] must be an object"},
		"a null row":           {before: jsonArray{types.ObjectNull(nil)}, after: fine, want: "before[0] must be an object"},
		"no grant":             {before: fine, after: jsonArray{fine[0], jsonObject{"principal_type": "member", "principal": "a"}}, argument: 1, want: "after[1] has neither a grant"},
		"no principal":         {before: jsonArray{jsonObject{"principal_type": "member", "grant": "billing-admin"}}, after: fine, want: "before[0] has no principal"},
		"a null type":          {before: jsonArray{jsonObject{"principal_type": nil, "principal": "a", "grant": "billing-admin"}}, after: fine, want: "before[0] has no principal_type"},
		"a number as grant":    {before: jsonArray{jsonObject{"principal_type": "member", "principal": "a", "grant": 5}}, after: fine, want: "before[0] has neither a grant"},
		"nothing but no grant": {before: fine, after: jsonArray{jsonObject{"principal_type": "member", "principal": "a", "role": nil, "scope": nil, "assignment": nil}}, argument: 1, want: "after[0] has neither a grant"},
		"an empty grant":       {before: fine, after: jsonArray{accessRow("member", "a", "")}, argument: 1, want: "after[0] has neither a grant"},
		"only a role":          {before: jsonArray{jsonObject{"principal_type": "member", "principal": "a", "grant": nil, "role": "billing-admin"}}, after: fine, want: "before[0] has neither a grant"},
		"no scope":             {before: jsonArray{jsonObject{"principal_type": "member", "principal": "a", "grant": nil, "assignment": "{}"}}, after: fine, want: "before[0] has neither a grant, nor scope and assignment in its place"},
		"no assignment":        {before: fine, after: jsonArray{otherRow("member", "a", "platform", "p", "")}, argument: 1, want: "after[0] has neither a grant, nor scope and assignment in its place"},
		"an unknown type":      {before: jsonArray{accessRow("robot", "r2", "billing-admin")}, after: fine, want: `before[0] has the unknown principal_type "robot". Write member, invitation or role_mapping`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := call(t, newCompareAccessFunction(), nil, test.before, test.after)
			if err == nil || !strings.Contains(err.Error(), test.want) || *err.FunctionArgument != test.argument {
				t.Errorf("got %v", err)
			}
		})
	}
}

// flat is a report as a set.
func flat(r report) map[heldGrant]bool {
	set := map[heldGrant]bool{}
	for h, a := range r {
		for g := range a.grants {
			set[heldGrant{h, g}] = true
		}
	}
	return set
}

func TestCompareAccessProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) report {
			rows := jsonArray{}
			for range rapid.IntRange(0, 12).Draw(t, name) {
				row := accessRow(
					rapid.SampledFrom([]string{"member", "invitation", "role_mapping"}).Draw(t, "kind"),
					rapid.SampledFrom([]string{"a@example.com", "A@example.com", "b@example.com", "c@example.com"}).Draw(t, "principal"),
					rapid.SampledFrom([]string{"billing-admin", "elasticsearch-viewer:*+a+b", "elasticsearch-viewer:*+b+a", "deployment-viewer:x", "of another version"}).Draw(t, "grant"),
					"status", rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "status"),
				)
				if rapid.Bool().Draw(t, "no grant") {
					row["grant"], row["role"] = nil, nil
					row["scope"] = rapid.SampledFrom([]string{"deployment", "connected_cluster"}).Draw(t, "scope")
					row["assignment"] = rapid.SampledFrom([]string{"{}", "[{}]"}).Draw(t, "assignment")
				}
				if rapid.IntRange(0, 4).Draw(t, "only there") == 0 {
					row["grant"], row["role"], row["scope"], row["assignment"] = nil, nil, nil, nil
				}
				rows = append(rows, row)
			}
			r, err := readReport(name, attrValue(rows))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		before, after := draw("before"), draw("after")
		held, holds := flat(before), flat(after)
		there, back := compareReports(before, after), compareReports(after, before)

		if same := compareReports(after, after); !reflect.DeepEqual(same, comparison{}) {
			t.Fatalf("compared with itself: %v", same)
		}
		// What it says, done to before, gives after.
		for _, member := range there.joined {
			for g := range before[holder{principalInvitation, member.key}].grants {
				delete(held, heldGrant{holder{principalInvitation, member.key}, g})
				held[heldGrant{member, g}] = true
			}
		}
		for _, g := range there.grantsRemoved {
			if !held[g] {
				t.Fatalf("%v is said to go, and was not there", g)
			}
			delete(held, g)
		}
		for _, g := range there.grantsAdded {
			if held[g] {
				t.Fatalf("%v is said to come, and was there", g)
			}
			held[g] = true
		}
		if !maps.Equal(held, holds) {
			t.Fatalf("%v\nleads from %v\nto %v", there, flat(before), held)
		}
		// Those who are added are not there before, those who went not after, and
		// those who joined are neither. Added to before and taken from it, they give
		// after.
		present := map[holder]bool{}
		for h := range before {
			present[h] = true
		}
		for _, member := range there.joined {
			delete(present, holder{principalInvitation, member.key})
			present[member] = true
		}
		for _, h := range there.added {
			if present[h] {
				t.Fatalf("%v is no addition", h)
			}
			present[h] = true
		}
		for _, h := range there.removed {
			if !present[h] {
				t.Fatalf("%v was not there", h)
			}
			delete(present, h)
		}
		for h := range after {
			if !present[h] {
				t.Fatalf("%v is not said to come", h)
			}
		}
		if len(present) != len(after) {
			t.Fatalf("%v is left, not %v", present, after)
		}
		// The way back is the other way round; only that somebody joined has no
		// counterpart.
		mirrored := back
		mirrored.added, mirrored.removed, mirrored.grantsAdded, mirrored.grantsRemoved = back.removed, back.added, back.grantsRemoved, back.grantsAdded
		mirrored.changes = there.changes
		if len(there.joined)+len(back.joined) == 0 && !reflect.DeepEqual(there, mirrored) {
			t.Fatalf("there %v\nback %v", there, back)
		}
		if silent := len(there.changes) == 0; silent && (!maps.Equal(flat(before), holds) || len(there.added)+len(there.removed) > 0) {
			t.Fatal("no sentence says what changed")
		}
		// Nobody is said to have come or gone who may have been there all the time.
		text := strings.Join(there.changes, "\n")
		if !before.hasEverybody() && strings.Contains(text, " is new") || !after.hasEverybody() && strings.Contains(text, " is gone") {
			t.Fatalf("nobody can know that %s", text)
		}
		for _, line := range there.changes {
			if strings.Contains(line, "\n") {
				t.Fatalf("%q is more than a line", line)
			}
		}
	})
}

// The example gives what its comment says, with rows that are read back from a
// file.
func TestExampleCompareAccess(t *testing.T) {
	t.Parallel()
	const folder = "functions/compare_access"
	srv := newFake(t)
	seedOrganization(srv)
	out := example(t, srv, folder).must("apply", "-auto-approve")
	said := 0
	for line := range strings.Lines(read(t, folder+"/function.tf")) {
		if sentence, found := strings.CutPrefix(line, "#   "); found {
			wantText(t, out, strings.TrimSpace(sentence))
			said++
		}
	}
	if said != 4 {
		t.Errorf("the comment has %d sentences", said)
	}
}
