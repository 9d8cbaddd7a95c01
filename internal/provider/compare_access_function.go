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

// comparison is what differs between two reports. Everything in it is sorted.
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
	const rows = "Rows as `grants` of `elasticcloud_access` has them, or as they were read back by `jsondecode(file(...))`. `principal_type`, `principal` and `grant` are needed, and `scope` and `assignment` in place of a `grant` that is null. A row in which `grant`, `role`, `scope` and `assignment` are null says no more than that somebody is there. The list may be empty."
	resp.Definition = function.Definition{
		Summary: "Says what changed between two access reports",
		MarkdownDescription: "Compares what `elasticcloud_access` gave at two moments: who was added, who went, and which grants came and went.\n\n" +
			"The result has\n" +
			"- `added` and `removed`: who is in the rows after and was not before, and the other way round, each with `principal_type` and `principal`;\n" +
			"- `joined`: members who were invited before. They are neither added nor removed, and what they were promised is not among the grants that came or went;\n" +
			"- `grants_added` and `grants_removed`: each with `principal_type`, `principal` and `grant`, those of who was added or removed too. " +
			"Of what is no grant, `grant` is null, and `scope`, `role` and `assignment` say what it is; of a grant, they are null;\n" +
			"- `changes`: all of that in sentences, one for each principal and kind of change, such as `alice@example.com gained deployment-editor:*`, " +
			"with `(not a grant)` behind what is none, and also where a role mapping was disabled or its rule changed, and where an invitation expired.\n\n" +
			"Rows of `elasticcloud_access` alone do not tell who is there without a grant. So `changes` says of members `has access now: gained ...` and `has no access any more: lost ...`, which leaves open whether they came or went. " +
			"Add a row for each person and each role mapping without a grant, in which `grant`, `role`, `scope` and `assignment` are null, as the example in [Access reviews](../guides/access-review.md) does. Who holds something may have such a row too. " +
			"A list that has any such row is taken to leave nobody out, and then `changes` says\n" +
			"- `is new: gained ...`, or `is new, without a grant`, where `before` leaves nobody out. Otherwise nobody is called new, and who holds nothing `is there, without a grant`;\n" +
			"- `is gone: lost ...`, or `is gone, and had no grant`, where `after` leaves nobody out;\n" +
			"- `lost ..., and is still there without a grant`.\n\n" +
			"Everything is sorted, by principal and grant. Addresses are compared without regard to case, grants without regard to the order of application roles, and what is no grant by scope, role and assignment. " +
			"A report of an earlier version, in which rows have no `assignment`, is as good as any.",
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

// compareReports says what leads from before to after: those who joined become
// members with what they were promised, and then grants go and come.
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

// verbs say what each kind of principal does with access.
var verbs = map[string]string{principalMember: "has", principalInvitation: "promises", principalMapping: "gives"}

// arrival says that somebody is in the report after. Only where the one before
// has everybody, they are known to be new.
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

// departure says that somebody is not in the report after. Only where it has
// everybody, they are known to be gone.
func departure(h holder, lost []given, everybodyAfter bool) string {
	switch {
	case everybodyAfter && len(lost) > 0:
		return " is gone: lost " + grantList(lost)
	case everybodyAfter:
		return " is gone, and had no grant"
	case len(lost) > 0:
		return " " + verbs[h.kind] + " no access any more: lost " + grantList(lost)
	}
	return " was there, without a grant"
}

// joined are the members who were invited before and no members, and who are
// not invited any more.
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

// missing is what others do not have, sorted.
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

// value is the comparison as Terraform has it.
func (c comparison) value() types.Object {
	return types.ObjectValueMust(comparisonTypes, map[string]attr.Value{
		"added": holderColumns.rows(c.added), "removed": holderColumns.rows(c.removed), "joined": holderColumns.rows(c.joined),
		"grants_added": heldGrantColumns.rows(c.grantsAdded), "grants_removed": heldGrantColumns.rows(c.grantsRemoved),
		"changes": stringList(c.changes),
	})
}
