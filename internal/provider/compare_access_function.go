// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = (*compareAccessFunction)(nil)

type compareAccessFunction struct{}

func newCompareAccessFunction() function.Function { return &compareAccessFunction{} }

// comparison is the difference between two reports. Everything in it is sorted.
type comparison struct {
	added, removed, joined     []holder
	grantsAdded, grantsRemoved []heldGrant
	changes                    []string
}

type heldGrant struct {
	holder
	given
}

var (
	holderColumns = columnsOf[holder]{
		{"principal_type", "", func(h holder) string { return h.kind }},
		{"principal", "", func(h holder) string { return h.key }},
	}
	heldGrantColumns = columnsOf[heldGrant]{
		{"principal_type", "", func(g heldGrant) string { return g.kind }},
		{"principal", "", func(g heldGrant) string { return g.key }},
		{"grant", "", func(g heldGrant) string { return g.grant }},
		{"scope", "", func(g heldGrant) string { return g.scope }},
		{"role", "", func(g heldGrant) string { return g.role }},
		{"assignment", "", func(g heldGrant) string { return g.assignment }},
	}
	comparisonTypes = map[string]attr.Type{
		"added":          types.ListType{ElemType: holderColumns.rowType()},
		"removed":        types.ListType{ElemType: holderColumns.rowType()},
		"joined":         types.ListType{ElemType: holderColumns.rowType()},
		"grants_added":   types.ListType{ElemType: heldGrantColumns.rowType()},
		"grants_removed": types.ListType{ElemType: heldGrantColumns.rowType()},
		"changes":        types.ListType{ElemType: types.StringType},
	}
)

func (f *compareAccessFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "compare_access"
}

func (f *compareAccessFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	const rows = "The rows of `grants` of `elasticcloud_access`, or rows that `jsondecode(file(...))` read from a file. Each row needs `principal_type`, `principal` and `grant`. If `grant` is null, the row needs `scope` and `assignment`. A row in which `grant`, `role`, `scope` and `assignment` are all null only states that the principal exists. The list may be empty."
	resp.Definition = function.Definition{
		Summary: "Compares two access reports",
		MarkdownDescription: "Compares two reports of `elasticcloud_access`: which principals and which grants were added or removed. A principal is a member, an invitation or a role mapping.\n\n" +
			"The result has\n" +
			"- `added` and `removed`: principals that are only in `after`, or only in `before`, each with `principal_type` and `principal`.\n" +
			"- `joined`: members who were invited before. Neither they nor the grants of their invitations count as added or removed.\n" +
			"- `grants_added` and `grants_removed`: each with `principal_type`, `principal` and `grant`, including the grants of added and removed principals. " +
			"For access that is not a grant, `grant` is null, and `scope`, `role` and `assignment` describe it. For a grant, these three are null.\n" +
			"- `changes`: the same in sentences, one for each principal and kind of change, such as `alice@example.com gained deployment-editor:*`. " +
			"Access that is not a grant is followed by `(not a grant)`. `changes` also reports disabled role mappings, changed rules, and expired invitations.\n\n" +
			"The rows of `elasticcloud_access` do not contain principals without a grant. Therefore `changes` says of members `has access now: gained ...` and `no longer has access: lost ...`. Whether they were added or removed is unknown.\n\n" +
			"To report that too, add a row for each person and each role mapping without a grant. In such a row, `grant`, `role`, `scope` and `assignment` are null. The example in [Access reviews](../guides/access-review.md) does that. Principals with grants may have such a row too.\n\n" +
			"If such a row is present, the list is assumed to be complete. Then `changes` says\n" +
			"- `is new: gained ...`, or `is new, without a grant`, if `before` is complete. Otherwise nobody is called new, and a principal without a grant `is there, without a grant`.\n" +
			"- `is gone: lost ...`, or `is gone, and had no grant`, if `after` is complete.\n" +
			"- `lost ..., and is still there without a grant`.\n\n" +
			"Everything is sorted by principal and grant. Addresses are compared without regard to case, and grants without regard to the order of application roles. Other access is compared by scope, role and assignment. " +
			"Reports of earlier versions, whose rows have no `assignment`, work too.",
		Parameters: []function.Parameter{
			function.DynamicParameter{Name: "before", MarkdownDescription: rows},
			function.DynamicParameter{Name: "after", MarkdownDescription: rows},
		},
		Return: function.ObjectReturn{AttributeTypes: comparisonTypes},
	}
}

func (f *compareAccessFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var arguments [2]types.Dynamic
	resp.Error = req.Arguments.Get(ctx, &arguments[0], &arguments[1])
	if resp.Error != nil {
		return
	}
	var reports [2]report
	for i, name := range []string{"before", "after"} {
		value := arguments[i].UnderlyingValue()
		if hasUnknown(value) {
			resp.Error = resp.Result.Set(ctx, types.ObjectUnknown(comparisonTypes))
			return
		}
		var err error
		if reports[i], err = readReport(name, value); err != nil {
			resp.Error = function.NewArgumentFuncError(int64(i), err.Error())
			return
		}
	}
	resp.Error = resp.Result.Set(ctx, compareReports(reports[0], reports[1]).value())
}

// compareReports returns the changes that lead from before to after. People who joined
// first become members with the grants of their invitation, so only further changes of
// their grants are reported.
func compareReports(before, after report) comparison {
	c := comparison{joined: joined(before, after)}
	everybodyBefore, everybodyAfter := before.hasEverybody(), after.hasEverybody()
	before = maps.Clone(before)
	for _, member := range c.joined {
		invitation := holder{principalInvitation, member.key}
		before[member] = access{grants: before[invitation].grants}
		delete(before, invitation)
	}
	everybody := maps.Clone(before)
	maps.Copy(everybody, after)
	for _, h := range slices.SortedFunc(maps.Keys(everybody), compareHolders) {
		old, there := before[h]
		now, stays := after[h]
		gained, lost := missing(now.grants, old.grants), missing(old.grants, now.grants)
		for _, g := range gained {
			c.grantsAdded = append(c.grantsAdded, heldGrant{h, g})
		}
		for _, g := range lost {
			c.grantsRemoved = append(c.grantsRemoved, heldGrant{h, g})
		}
		switch {
		case !there:
			c.added = append(c.added, h)
			c.say(h, arrival(h, gained, everybodyBefore))
			continue
		case !stays:
			c.removed = append(c.removed, h)
			c.say(h, departure(h, lost, everybodyAfter))
			continue
		case slices.Contains(c.joined, h):
			c.say(h, " joined")
		}
		switch {
		case len(gained) > 0 && len(lost) > 0:
			c.say(h, " gained ", grantList(gained), " and lost ", grantList(lost))
		case len(gained) > 0:
			c.say(h, " gained ", grantList(gained))
		case len(lost) > 0 && len(now.grants) == 0:
			c.say(h, " lost ", grantList(lost), ", and is still there without a grant")
		case len(lost) > 0:
			c.say(h, " lost ", grantList(lost))
		}
		if old.status != now.status && old.status != "" && now.status != "" {
			c.say(h, " is ", onOneLine(now.status), ", was ", onOneLine(old.status))
		}
		if old.source != now.source && old.source != "" && now.source != "" {
			c.say(h, " is for ", onOneLine(now.source), ", was for ", onOneLine(old.source))
		}
	}
	return c
}

// verbs are how each kind of principal relates to access.
var verbs = map[string]string{principalMember: "has", principalInvitation: "promises", principalMapping: "gives"}

// arrival returns the sentence for a principal that is only in the report after. The
// principal is known to be new only if the report before is complete.
func arrival(h holder, gained []given, everybodyBefore bool) string {
	switch {
	case everybodyBefore && len(gained) > 0:
		return " is new: gained " + grantList(gained)
	case everybodyBefore:
		return " is new, without a grant"
	case len(gained) > 0:
		return " " + verbs[h.kind] + " access now: gained " + grantList(gained)
	}
	return " is there, without a grant"
}

// departure returns the sentence for a principal that is only in the report before. The
// principal is known to be gone only if the report after is complete.
func departure(h holder, lost []given, everybodyAfter bool) string {
	switch {
	case everybodyAfter && len(lost) > 0:
		return " is gone: lost " + grantList(lost)
	case everybodyAfter:
		return " is gone, and had no grant"
	case len(lost) > 0:
		return " no longer " + verbs[h.kind] + " access: lost " + grantList(lost)
	}
	return " was there, without a grant"
}

// joined returns the members who before were only invited, and who are no longer invited.
func joined(before, after report) []holder {
	var members []holder
	for h := range before {
		member := holder{principalMember, h.key}
		_, wasMember := before[member]
		_, isMember := after[member]
		_, isInvited := after[h]
		if h.kind == principalInvitation && !wasMember && isMember && !isInvited {
			members = append(members, member)
		}
	}
	slices.SortFunc(members, compareHolders)
	return members
}

func (c *comparison) say(h holder, words ...string) {
	c.changes = append(c.changes, h.words()+strings.Join(words, ""))
}

// missing returns the grants that are not in others, sorted.
func missing(grants, others map[given]bool) []given {
	return slices.DeleteFunc(slices.SortedFunc(maps.Keys(grants), compareGiven), func(g given) bool { return others[g] })
}

func grantList(grants []given) string {
	words := make([]string, len(grants))
	for i, g := range grants {
		words[i] = onOneLine(g.grant)
		if g.grant == "" {
			words[i] = onOneLine(g.scope+" "+g.assignment) + " (not a grant)"
		}
	}
	return strings.Join(words, ", ")
}

// value returns the comparison as a Terraform object.
func (c comparison) value() types.Object {
	return types.ObjectValueMust(comparisonTypes, map[string]attr.Value{
		"added": holderColumns.rows(c.added), "removed": holderColumns.rows(c.removed), "joined": holderColumns.rows(c.joined),
		"grants_added": heldGrantColumns.rows(c.grantsAdded), "grants_removed": heldGrantColumns.rows(c.grantsRemoved),
		"changes": stringList(c.changes),
	})
}
