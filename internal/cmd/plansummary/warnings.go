// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ownWarning is a warning of this provider.
type ownWarning struct {
	diagnostic
	in   string       // begins what is said of it, if there are several organizations
	text warning.Text // what it says
	read bool         // whether all of it is a wording that this program knows
}

func (w ownWarning) is(summary warning.Phrase) bool {
	return w.read && w.text.Is(summary)
}

func (w ownWarning) isOneOf(summaries ...warning.Phrase) bool {
	return slices.ContainsFunc(summaries, w.is)
}

// lines are those of the detail.
func (w ownWarning) lines() []string { return strings.Split(strings.TrimSpace(w.Detail), "\n") }

// sortOut tells the warnings of this provider from all others. The address decides:
// nobody can choose it with a text, such as the message of a check block, which is never
// this provider's and has no address, but a place in the configuration.
//
// A block that is no longer in the configuration has neither. Only then the wording
// decides. A warning that could be of such a block, in an unknown wording, is doubtful.
func sortOut(e *events, orphans bool, o organizations) (own []ownWarning, other, doubtful []diagnostic) {
	if e == nil {
		return nil, nil, nil
	}
	for _, d := range e.warnings {
		nowhere := d.Address == "" && d.Range == nil
		switch {
		case isOurs(d.Address), nowhere && orphans && warning.Known(d.Summary):
			w := ownWarning{diagnostic: d, in: o.in(d.Address)}
			if nowhere {
				w.in = "" // of which organization, nobody can tell
			}
			w.text, w.read = warning.Read(d.Summary, d.Detail)
			own = append(own, w)
		case nowhere && orphans && !slices.Contains(wordingsOfTerraform, d.Summary):
			doubtful = append(doubtful, d)
		default:
			other = append(other, d)
		}
	}
	return inOrder(own), other, doubtful
}

// targeting is what both Terraform and OpenTofu say of -target and -exclude.
const targeting = "Resource targeting is in effect"

// wordingsOfTerraform are warnings of Terraform and OpenTofu that have no address and no
// place in the configuration. They are here so that a plan with them is not doubtful.
var wordingsOfTerraform = []string{
	targeting, "Value for undeclared variable", "Values for undeclared variables", "Some objects will no longer be managed by Terraform",
	"Some objects will no longer be managed by OpenTofu", "Incompletely-matched force-replace resource instance", "Provider development overrides are in effect",
	"Resource will be removed from the state",
}

// steady is what does not change from run to run. If all of the last owners lose the
// role, the resource that Terraform plans last is told so, which may be another one
// each time.
func steady(list []ownWarning) []ownWarning {
	byOrganization := map[string][]ownWarning{}
	for _, w := range list {
		byOrganization[w.in] = append(byOrganization[w.in], w)
	}
	var same []ownWarning
	for _, list := range byOrganization {
		same = append(same, steadyIn(list)...)
	}
	return inOrder(same)
}

func isLast(w ownWarning) bool {
	return w.isOneOf(warning.LastOwner, warning.LastOwners, warning.Ownerless, warning.TooFewOwners)
}

// steadyIn is steady for the warnings of one organization.
func steadyIn(list []ownWarning) (same []ownWarning) {
	last := slices.IndexFunc(list, isLast)
	for _, w := range list {
		switch {
		case w.isOneOf(warning.MayLoseOwner, warning.OwnersMayLose, warning.RunRemoves, warning.MappingSetsRoles):
			w.Detail = "" // names the last owner, the removed people, or the first mapping, as far as the plan had come
			same = append(same, w)
		case last >= 0 && (isLast(w) || w.isOneOf(warning.LosesOwner, warning.OwnersLose)):
			for _, email := range w.text.Owners() {
				same = append(same, w.reworded(warning.LosesOwner.With(email), ""))
			}
		default:
			same = append(same, w)
		}
	}
	if last >= 0 {
		all := list[last].reworded(list[last].Summary, "")
		if list[last].isOneOf(warning.LastOwner, warning.LastOwners) {
			all = all.reworded(warning.LastOwners.With(), warning.OwnerlessRefused)
		}
		all.Address = ""
		same = append(same, all)
	}
	return same
}

// reworded is the warning in other words of the provider.
func (w ownWarning) reworded(summary, detail string) ownWarning {
	w.Summary, w.Detail = summary, detail
	w.text, w.read = warning.Read(summary, detail)
	return w
}

// inOrder sorts warnings, and leaves out repetitions: the order in which
// Terraform plans, and with it the resource that says a thing, differs from run to run.
func inOrder(list []ownWarning) []ownWarning {
	slices.SortFunc(list, func(a, b ownWarning) int {
		return cmp.Or(cmp.Compare(a.in, b.in), cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.Detail, b.Detail), cmp.Compare(a.Address, b.Address))
	})
	return slices.CompactFunc(list, func(a, b ownWarning) bool {
		return a.in == b.in && a.Summary == b.Summary && a.Detail == b.Detail
	})
}

// secrets are what a plan marks as sensitive.
type secrets struct {
	values    map[string]bool // in lower case
	addresses map[string]bool // of resources that have some
	orphans   bool            // whether a resource that is no longer in the configuration has some
}

func secretsOf(plan *tfjson.Plan, o organizations) secrets {
	s := secrets{values: map[string]bool{}, addresses: map[string]bool{}}
	note := func(address string, marked []string) {
		for _, text := range marked {
			s.values[strings.ToLower(text)] = true
		}
		if len(marked) > 0 {
			s.addresses[address] = true
			s.orphans = s.orphans || o.isOrphan(address)
		}
	}
	for _, rc := range slices.Concat(plan.ResourceChanges, plan.ResourceDrift) {
		if rc.Change != nil {
			note(rc.Address, marked(rc.Change.Before, rc.Change.BeforeSensitive))
			note(rc.Address, marked(rc.Change.After, rc.Change.AfterSensitive))
		}
	}
	for _, r := range resourcesBefore(plan) {
		var marks any
		if len(r.SensitiveValues) == 0 || !isOurs(r.Address) {
			continue
		}
		if err := json.Unmarshal(r.SensitiveValues, &marks); err == nil {
			note(r.Address, marked(r.AttributeValues, marks))
		}
	}
	for _, text := range sensitiveVariables(plan) {
		s.values[strings.ToLower(text)] = true
	}
	for _, action := range plan.ActionInvocations {
		note(action.Address, marked(action.ConfigValues, action.ConfigSensitive))
	}
	return s
}

// sensitiveVariables are the texts in the variables that the configuration marks as
// sensitive. The provider block may have them.
func sensitiveVariables(plan *tfjson.Plan) (list []string) {
	if plan.Config == nil || plan.Config.RootModule == nil {
		return nil
	}
	for name, variable := range plan.Variables {
		if declared := plan.Config.RootModule.Variables[name]; variable != nil && declared != nil && declared.Sensitive {
			list = append(list, marked(variable.Value, true)...)
		}
	}
	return list
}

// hides reports whether a warning may have something in it that is sensitive: by the
// resource that it is of, or by the people and grants in it. Where the text cannot be
// read, nobody knows what is in it.
func (s secrets) hides(w ownWarning) bool {
	if len(s.values) == 0 {
		return false
	}
	return !w.read || s.addresses[w.Address] || w.Address == "" && s.orphans || slices.ContainsFunc(w.text.Values(), s.isIn)
}

// isIn reports whether one of the values in a list is sensitive.
func (s secrets) isIn(list string) bool {
	parts := append(strings.Split(list, ", "), warning.Grants(list)...)
	return slices.ContainsFunc(append(parts, list), func(text string) bool { return s.values[strings.ToLower(text)] })
}

const (
	hiddenText    = "(not shown: the plan has sensitive values)"
	hiddenWarning = "a warning " + hiddenText
)

// inLines writes warnings for a reader, with a blank line between two.
func inLines(list []ownWarning, secrets secrets) (lines []string) {
	for _, w := range list {
		if secrets.hides(w) {
			text := w.in + hiddenWarning
			if w.Address != "" {
				text = w.in + w.Address + ": " + hiddenWarning
			}
			w = ownWarning{diagnostic: diagnostic{Summary: text}}
		}
		if w.Detail == "" && slices.Contains(lines, w.in+w.Summary) {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, w.in+w.Summary)
		for _, line := range w.lines() {
			if w.Detail != "" {
				lines = append(lines, strings.TrimRight("  "+line, " "))
			}
		}
	}
	return lines
}

// inList writes the warnings of others: where they are from, and the summary. Their
// details can be any text.
func inList(list []diagnostic, secrets secrets) (lines []string) {
	for _, d := range list {
		text := code(d.Summary)
		if len(secrets.values) > 0 {
			text = hiddenWarning
		}
		if where := d.where(); where != "" {
			text += ", at " + code(where)
		}
		lines = append(lines, text+".")
	}
	slices.Sort(lines)
	counts := map[string]int{}
	for _, line := range lines {
		counts[line]++
	}
	lines = slices.Compact(lines)
	for i, line := range lines {
		if n := counts[line]; n > 1 {
			lines[i] = fmt.Sprintf("%s (%d×)", line, n)
		}
	}
	return lines
}

// marked are the texts in a value that are marked.
func marked(value, marks any) (list []string) {
	switch value := value.(type) {
	case string:
		if marks == true {
			list = append(list, value)
		}
	case []any:
		of, _ := marks.([]any)
		for i, element := range value {
			mark := any(marks == true)
			if i < len(of) {
				mark = of[i]
			}
			list = append(list, marked(element, mark)...)
		}
	case map[string]any:
		for name, element := range value {
			if marks == true {
				list = append(list, name)
			}
			list = append(list, marked(element, at(marks, name))...)
		}
	}
	return list
}
