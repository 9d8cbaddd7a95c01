// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"testing"
)

// nothingHeld is a row that only states that a principal exists.
func nothingHeld(kind, key string, more ...string) jsonObject {
	row := accessRow(kind, key, "", more...)
	row["grant"], row["role"], row["scope"], row["assignment"] = nil, nil, nil, nil
	return row
}

// Rows of principals without access show who was added, who was removed, and who stayed.
func TestCompareAccessWithEverybody(t *testing.T) {
	t.Parallel()
	const viewer, editor = "deployment-viewer:*", "deployment-editor:*"
	a, b := nothingHeld("member", "a@example.com"), nothingHeld("member", "b@example.com")
	aViews, bViews := accessRow("member", "a@example.com", viewer), accessRow("member", "b@example.com", viewer)
	for name, test := range map[string]struct {
		before, after jsonArray
		want          map[string][]string
	}{
		"the only grant goes": {
			before: jsonArray{a, aViews},
			after:  jsonArray{nothingHeld("member", "A@Example.com")},
			want: map[string][]string{
				"grants_removed": {"member a@example.com " + viewer},
				"changes":        {"a@example.com lost " + viewer + ", and is still there without a grant"},
			},
		},
		"the only grant goes, and the older report did not have everybody": {
			before: jsonArray{aViews},
			after:  jsonArray{a},
			want: map[string][]string{
				"grants_removed": {"member a@example.com " + viewer},
				"changes":        {"a@example.com lost " + viewer + ", and is still there without a grant"},
			},
		},
		"a first grant": {
			before: jsonArray{a},
			after:  jsonArray{aViews, a},
			want:   map[string][]string{"grants_added": {"member a@example.com " + viewer}, "changes": {"a@example.com gained " + viewer}},
		},
		"what is no grant is no listing": {
			before: jsonArray{a, otherRow("member", "a@example.com", "platform", nil, "{}")},
			after:  jsonArray{a, aViews},
			want: map[string][]string{
				"grants_added":   {"member a@example.com " + viewer},
				"grants_removed": {"member a@example.com platform {}"},
				"changes":        {"a@example.com gained " + viewer + " and lost platform {} (not a grant)"},
			},
		},
		"people come": {
			before: jsonArray{a},
			after:  jsonArray{a, b, nothingHeld("member", "c@example.com"), nothingHeld("invitation", "d@example.com"), bViews},
			want: map[string][]string{
				"added":        {"member b@example.com", "member c@example.com", "invitation d@example.com"},
				"grants_added": {"member b@example.com " + viewer},
				"changes":      {"b@example.com is new: gained " + viewer, "c@example.com is new, without a grant", "d@example.com (invitation) is new, without a grant"},
			},
		},
		"people go": {
			before: jsonArray{a, bViews, nothingHeld("member", "c@example.com"), accessRow("role_mapping", "owners", viewer)},
			after:  jsonArray{a},
			want: map[string][]string{
				"removed":        {"member b@example.com", "member c@example.com", "role_mapping owners"},
				"grants_removed": {"member b@example.com " + viewer, "role_mapping owners " + viewer},
				"changes":        {"b@example.com is gone: lost " + viewer, "c@example.com is gone, and had no grant", `role mapping "owners" is gone: lost ` + viewer},
			},
		},
		"the older report did not have everybody": {
			before: jsonArray{accessRow("member", "gone@example.com", viewer), accessRow("role_mapping", "gone", viewer)},
			after:  jsonArray{a, b, bViews, nothingHeld("role_mapping", "owners"), accessRow("role_mapping", "owners", viewer)},
			want: map[string][]string{
				"added":          {"member a@example.com", "member b@example.com", "role_mapping owners"},
				"removed":        {"member gone@example.com", "role_mapping gone"},
				"grants_added":   {"member b@example.com " + viewer, "role_mapping owners " + viewer},
				"grants_removed": {"member gone@example.com " + viewer, "role_mapping gone " + viewer},
				"changes": {
					"a@example.com is there, without a grant", "b@example.com has access now: gained " + viewer, "gone@example.com is gone: lost " + viewer,
					`role mapping "gone" is gone: lost ` + viewer, `role mapping "owners" gives access now: gained ` + viewer,
				},
			},
		},
		"the newer report does not have everybody": {
			before: jsonArray{a, b, bViews},
			after:  jsonArray{accessRow("member", "c@example.com", viewer)},
			want: map[string][]string{
				"added":          {"member c@example.com"},
				"removed":        {"member a@example.com", "member b@example.com"},
				"grants_added":   {"member c@example.com " + viewer},
				"grants_removed": {"member b@example.com " + viewer},
				"changes":        {"a@example.com was there, without a grant", "b@example.com no longer has access: lost " + viewer, "c@example.com is new: gained " + viewer},
			},
		},
		"an invitation without a grant is accepted": {
			before: jsonArray{nothingHeld("invitation", "a@example.com", "status", "invited")},
			after:  jsonArray{nothingHeld("member", "a@example.com", "status", "active")},
			want:   map[string][]string{"joined": {"member a@example.com"}, "changes": {"a@example.com joined"}},
		},
		"accepted, and changed since": {
			before: jsonArray{a, nothingHeld("invitation", "b@example.com"), accessRow("invitation", "c@example.com", viewer)},
			after:  jsonArray{a, accessRow("member", "b@example.com", editor), nothingHeld("member", "c@example.com")},
			want: map[string][]string{
				"joined":         {"member b@example.com", "member c@example.com"},
				"grants_added":   {"member b@example.com " + editor},
				"grants_removed": {"member c@example.com " + viewer},
				"changes":        {"b@example.com joined", "b@example.com gained " + editor, "c@example.com joined", "c@example.com lost " + viewer + ", and is still there without a grant"},
			},
		},
		"an invitation without a grant expires": {
			before: jsonArray{nothingHeld("invitation", "a@example.com", "status", "invited")},
			after:  jsonArray{nothingHeld("invitation", "a@example.com", "status", "expired")},
			want:   map[string][]string{"changes": {"a@example.com (invitation) is expired, was invited"}},
		},
		"a mapping's rule is in its other rows": {
			before: jsonArray{nothingHeld("role_mapping", "owners", "status", "enabled"), accessRow("role_mapping", "owners", viewer, "status", "enabled", "source", "any of: a")},
			after:  jsonArray{nothingHeld("role_mapping", "owners", "status", "enabled"), accessRow("role_mapping", "owners", viewer, "status", "enabled", "source", "any of: b")},
			want:   map[string][]string{"changes": {`role mapping "owners" is for any of: b, was for any of: a`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := compareAccess(t, test.before, test.after); !maps.EqualFunc(got, test.want, slices.Equal[[]string]) {
				t.Errorf("got %q\nnot %q", got, test.want)
			}
		})
	}
}
