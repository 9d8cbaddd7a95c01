// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// printedWarning is one that a plan printed.
type printedWarning struct {
	summary string
	detail  []string // as it was printed, in lines
	times   int      // how many there are with this summary
}

var (
	colors  = regexp.MustCompile("\x1b\\[[0-9;]*m")
	similar = regexp.MustCompile(`^\(and (one|\d+) more similar warnings? elsewhere\)$`)
)

// warningsOf takes the warnings out of what a plan printed, with boxes around
// them or without, in one order: that in which they are printed differs from run
// to run, as does where they come from.
func warningsOf(text string) []printedWarning {
	var list []printedWarning
	var lines []string // of the warning that is being read
	reading, boxed := false, false
	end := func() {
		if reading {
			list = append(list, newWarning(lines))
		}
		reading, lines = false, nil
	}
	printed := strings.Split(colors.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), ""), "\n")
	for i, line := range printed {
		inside, inBox := strings.CutPrefix(line, "│")
		if inBox {
			inside = strings.TrimPrefix(inside, " ")
		}
		switch {
		case strings.HasPrefix(inside, "Warning: "):
			end()
			reading, boxed = true, inBox
		case boxed != inBox || strings.HasPrefix(inside, "Error: ") || isAfter(printed[i:]):
			end()
		}
		if reading {
			lines = append(lines, strings.TrimRight(inside, " \t"))
		}
	}
	end()
	return inOrder(list)
}

// isAfter tells whether what comes after the warnings begins here.
func isAfter(lines []string) bool {
	if strings.HasPrefix(lines[0], "Releasing state lock.") {
		return true
	}
	if lines[0] == "" || strings.Trim(lines[0], "─") != "" {
		return false
	}
	for _, line := range lines[1:] {
		if line != "" {
			return strings.HasPrefix(line, "Saved the plan to: ") || strings.HasPrefix(line, "Note: You didn't use the -out option")
		}
	}
	return false
}

// newWarning leaves out where the warning comes from: its line in the
// configuration moves though nothing changes. Of several with one summary a
// plan prints the first it came upon, which is another one each time, so nothing
// is left but how many there are.
func newWarning(lines []string) printedWarning {
	w := printedWarning{summary: strings.TrimPrefix(lines[0], "Warning: "), times: 1}
	detail := trimBlank(lines[1:])
	if len(detail) > 0 && (strings.HasPrefix(detail[0], "  with ") || strings.HasPrefix(detail[0], "  on ")) {
		for len(detail) > 0 && detail[0] != "" {
			detail = detail[1:]
		}
		detail = trimBlank(detail)
	}
	if len(detail) > 0 {
		if match := similar.FindStringSubmatch(detail[len(detail)-1]); match != nil {
			more, err := strconv.Atoi(match[1])
			if err != nil {
				more = 1 // in words
			}
			w.times, detail = 1+more, nil
		}
	}
	w.detail = detail
	return w
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// inOneLine undoes the wrapping of the detail.
func (w printedWarning) inOneLine() string { return strings.Join(w.detail, " ") }

// steady is what does not change from run to run. Where the last owners go by
// several resources, the one that Terraform plans last is told so.
func steady(list []printedWarning) []printedWarning {
	isLast := func(w printedWarning) bool {
		return w.is(warning.LastOwner) || w.is(warning.LastOwners) || w.is(warning.Ownerless) || w.is(warning.TooFewOwners)
	}
	last := slices.IndexFunc(list, isLast)
	var same []printedWarning
	for _, w := range list {
		switch {
		case w.is(warning.MayLoseOwner), w.is(warning.OwnersMayLose), w.is(warning.RunRemoves):
			w.detail = nil // may say that it is the last one, or who is removed as far as the plan had come
			same = append(same, w)
		case last >= 0 && (isLast(w) || w.is(warning.LosesOwner) || w.is(warning.OwnersLose)):
			for _, email := range warning.OwnersIn(w.inOneLine()) {
				same = append(same, printedWarning{summary: warning.LosesOwner.With(email)})
			}
		default:
			same = append(same, w)
		}
	}
	if last >= 0 {
		all := printedWarning{summary: list[last].summary}
		if list[last].is(warning.LastOwner) || list[last].is(warning.LastOwners) {
			all = printedWarning{summary: warning.LastOwners.With(), detail: []string{warning.OwnerlessRefused}}
		}
		same = append(same, all)
	}
	return inOrder(same)
}

// inOrder sorts warnings, and leaves out what is there already.
func inOrder(list []printedWarning) []printedWarning {
	slices.SortFunc(list, func(a, b printedWarning) int {
		return cmp.Or(cmp.Compare(a.summary, b.summary), slices.Compare(a.detail, b.detail))
	})
	return slices.CompactFunc(list, func(a, b printedWarning) bool {
		return a.summary == b.summary && slices.Equal(a.detail, b.detail)
	})
}

// inLines writes warnings for a reader, with a blank line between two.
func inLines(list []printedWarning) (lines []string) {
	for i, w := range list {
		if i > 0 {
			lines = append(lines, "")
		}
		if w.times > 1 {
			w.summary += fmt.Sprintf(" (%d times)", w.times)
		}
		lines = append(lines, w.summary)
		for _, line := range w.detail {
			lines = append(lines, strings.TrimRight("  "+line, " "))
		}
	}
	return lines
}

// hide writes something else for the values that the plan marks as sensitive:
// the warnings of a plan may have them.
func hide(text string, plan *tfjson.Plan) string {
	var secrets []string
	for _, rc := range slices.Concat(plan.ResourceChanges, plan.ResourceDrift) {
		if rc.Change != nil {
			secrets = append(secrets, marked(rc.Change.Before, rc.Change.BeforeSensitive)...)
			secrets = append(secrets, marked(rc.Change.After, rc.Change.AfterSensitive)...)
		}
	}
	for _, action := range plan.ActionInvocations {
		secrets = append(secrets, marked(action.ConfigValues, action.ConfigSensitive)...)
	}
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, secret := range slices.Compact(secrets) {
		if secret != "" {
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(secret)).ReplaceAllLiteralString(text, "(sensitive)")
		}
	}
	return text
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
