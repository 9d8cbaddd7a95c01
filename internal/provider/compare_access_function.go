// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ function.Function = (*compareAccessFunction)(nil)

type compareAccessFunction struct{}

func newCompareAccessFunction() function.Function { return &compareAccessFunction{} }

// access is what a report says of one principal.
type access struct {
	grants map[given]bool
	status string // empty where the report does not say
	source string // of a role mapping; empty where the report does not say
}

// given is a grant, or what this version of the provider cannot write as one.
type given struct {
	grant                   string // in canonical form; empty for what is no grant
	scope, role, assignment string // of what is no grant
}

// report is one list of rows.
type report map[holder]access

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
	holderTypes    = map[string]attr.Type{"principal_type": types.StringType, "principal": types.StringType}
	heldGrantTypes = map[string]attr.Type{
		"principal_type": types.StringType, "principal": types.StringType, "grant": types.StringType,
		"scope": types.StringType, "role": types.StringType, "assignment": types.StringType,
	}
	comparisonTypes = map[string]attr.Type{
		"added":          types.ListType{ElemType: types.ObjectType{AttrTypes: holderTypes}},
		"removed":        types.ListType{ElemType: types.ObjectType{AttrTypes: holderTypes}},
		"joined":         types.ListType{ElemType: types.ObjectType{AttrTypes: holderTypes}},
		"grants_added":   types.ListType{ElemType: types.ObjectType{AttrTypes: heldGrantTypes}},
		"grants_removed": types.ListType{ElemType: types.ObjectType{AttrTypes: heldGrantTypes}},
		"changes":        types.ListType{ElemType: types.StringType},
	}
)

func (f *compareAccessFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "compare_access"
}

func (f *compareAccessFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	const rows = "Rows as `grants` of `elasticcloud_access` has them, or as they were read back by `jsondecode(file(...))`. `principal_type`, `principal` and `grant` are needed, and `scope` and `assignment` in place of a `grant` that is null. The list may be empty."
	resp.Definition = function.Definition{
		Summary: "Says what changed between two access reports",
		MarkdownDescription: "Compares what `elasticcloud_access` gave at two moments: who was added, who went, and which grants came and went.\n\n" +
			"The result has\n" +
			"- `added` and `removed`: who has rows after and none before, and the other way round, each with `principal_type` and `principal`;\n" +
			"- `joined`: members who were invited before. They are neither added nor removed, and what they were promised is not among the grants that came or went;\n" +
			"- `grants_added` and `grants_removed`: each with `principal_type`, `principal` and `grant`, those of who was added or removed too. " +
			"Of what is no grant, `grant` is null, and `scope`, `role` and `assignment` say what it is; of a grant, they are null;\n" +
			"- `changes`: all of that in sentences, one for each principal and kind of change, such as `alice@example.com gained deployment-editor:*`, " +
			"with `(not a grant)` behind what is none, and also where a role mapping was disabled or its rule changed, and where an invitation expired.\n\n" +
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

// readReport reads the rows of an argument.
func readReport(name string, value attr.Value) (report, error) {
	rows, ok := elementsOf(value)
	if !ok {
		return nil, fmt.Errorf("%s must be a list of rows such as data.elasticcloud_access.now.grants", name)
	}
	read := report{}
	for i, row := range rows {
		fields, ok := fieldsOf(row)
		if !ok || row.IsNull() {
			return nil, fmt.Errorf("%s[%d] is no row: it has to be an object with principal_type, principal and grant", name, i)
		}
		texts := map[string]string{}
		for field, value := range fields {
			texts[field], _ = text(value) // of what is no text, and not needed, nothing is said
		}
		for _, field := range []string{"principal_type", "principal"} {
			if texts[field] == "" {
				return nil, fmt.Errorf("%s[%d] has no %s", name, i, field)
			}
		}
		g := given{grant: canonicalGrant(texts["grant"])}
		if g.grant == "" {
			g = given{scope: texts["scope"], role: texts["role"], assignment: texts["assignment"]}
			if g.scope == "" || g.assignment == "" {
				return nil, fmt.Errorf("%s[%d] has no grant, nor scope and assignment in its place", name, i)
			}
		}
		h := holder{kind: texts["principal_type"], key: texts["principal"]}
		switch h.kind {
		case principalMember, principalInvitation:
			h.key = newEmail(h.key).key()
			texts["source"] = "" // says nothing that the kind does not
		case principalMapping:
		default:
			return nil, fmt.Errorf("%s[%d] has the principal_type %q; there are %s, %s and %s", name, i, h.kind, principalMember, principalInvitation, principalMapping)
		}
		if _, known := read[h]; !known {
			read[h] = access{grants: map[given]bool{}, status: texts["status"], source: texts["source"]}
		}
		read[h].grants[g] = true
	}
	return read, nil
}

// canonicalGrant leaves what is no grant to this version as it is.
func canonicalGrant(text string) string {
	if g, err := cloud.ParseGrant(text); err == nil {
		return g.String()
	}
	return text
}

// compareReports says what leads from before to after: those who joined become
// members with what they were promised, and then grants go and come.
func compareReports(before, after report) comparison {
	c := comparison{joined: joined(before, after)}
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
			c.say(h, " is new: gained ", grantList(gained))
			continue
		case !stays:
			c.removed = append(c.removed, h)
			c.say(h, " is gone: lost ", grantList(lost))
			continue
		case slices.Contains(c.joined, h):
			c.say(h, " joined")
		}
		switch {
		case len(gained) > 0 && len(lost) > 0:
			c.say(h, " gained ", grantList(gained), " and lost ", grantList(lost))
		case len(gained) > 0:
			c.say(h, " gained ", grantList(gained))
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

// compareGiven puts grants before what is none.
func compareGiven(a, b given) int {
	return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.role, b.role), cmp.Compare(a.assignment, b.assignment), cmp.Compare(a.grant, b.grant))
}

// compareHolders is the order of elasticcloud_access.
func compareHolders(a, b holder) int {
	order := []string{principalMember, principalInvitation, principalMapping}
	return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(a.key, b.key))
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

// onOneLine quotes what could not stand in a line of its own: reports come from
// files, and a file of changes has one line for each.
func onOneLine(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// value is the comparison as Terraform has it.
func (c comparison) value() types.Object {
	holders := func(holders []holder) attr.Value {
		elements := make([]attr.Value, len(holders))
		for i, h := range holders {
			elements[i] = types.ObjectValueMust(holderTypes, map[string]attr.Value{
				"principal_type": types.StringValue(h.kind), "principal": types.StringValue(h.key),
			})
		}
		return types.ListValueMust(types.ObjectType{AttrTypes: holderTypes}, elements)
	}
	grants := func(grants []heldGrant) attr.Value {
		elements := make([]attr.Value, len(grants))
		for i, g := range grants {
			elements[i] = types.ObjectValueMust(heldGrantTypes, map[string]attr.Value{
				"principal_type": types.StringValue(g.kind), "principal": types.StringValue(g.key), "grant": textOrNull(g.grant),
				"scope": textOrNull(g.scope), "role": textOrNull(g.role), "assignment": textOrNull(g.assignment),
			})
		}
		return types.ListValueMust(types.ObjectType{AttrTypes: heldGrantTypes}, elements)
	}
	return types.ObjectValueMust(comparisonTypes, map[string]attr.Value{
		"added": holders(c.added), "removed": holders(c.removed), "joined": holders(c.joined),
		"grants_added": grants(c.grantsAdded), "grants_removed": grants(c.grantsRemoved),
		"changes": stringList(c.changes),
	})
}
