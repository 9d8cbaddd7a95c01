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
)

// warning is one that a plan printed.
type warning struct {
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
func warningsOf(text string) []warning {
	var list []warning
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
func newWarning(lines []string) warning {
	w := warning{summary: strings.TrimPrefix(lines[0], "Warning: "), times: 1}
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
func (w warning) inOneLine() string { return strings.Join(w.detail, " ") }

var (
	ownerGoes    = regexp.MustCompile(`^.+ loses? ` + ownerRole + `$`)
	lastOwner    = regexp.MustCompile(`^(.+ is the last owner of the organization|The last owners of the organization go)$`)
	ownerless    = "The organization is left without an owner" // allow_last_owner_removal
	whoIsNoOwner = regexp.MustCompile(`(\S+) is (?:no owner of|removed from) the organization`)
)

// steady is what does not change from run to run. Where the last owners go by
// several resources, the one that Terraform plans last is told so.
func steady(list []warning) []warning {
	isLast := func(w warning) bool { return lastOwner.MatchString(w.summary) || w.summary == ownerless }
	last := slices.IndexFunc(list, isLast)
	var same []warning
	for _, w := range list {
		switch {
		case strings.HasSuffix(w.summary, " may lose "+ownerRole):
			w.detail = nil // may say that it is the last one
			same = append(same, w)
		case last >= 0 && (ownerGoes.MatchString(w.summary) || isLast(w)):
			for _, match := range whoIsNoOwner.FindAllStringSubmatch(w.inOneLine(), -1) {
				same = append(same, warning{summary: match[1] + " loses " + ownerRole})
			}
		default:
			same = append(same, w)
		}
	}
	if last >= 0 {
		all := warning{summary: ownerless}
		if list[last].summary != ownerless {
			all = warning{summary: "The last owner of the organization goes", detail: []string{"Apply refuses this, unless it gives " + ownerRole + " to another active member."}}
		}
		same = append(same, all)
	}
	return inOrder(same)
}

// inOrder sorts warnings, and leaves out what is there already.
func inOrder(list []warning) []warning {
	slices.SortFunc(list, func(a, b warning) int {
		return cmp.Or(cmp.Compare(a.summary, b.summary), slices.Compare(a.detail, b.detail))
	})
	return slices.CompactFunc(list, func(a, b warning) bool {
		return a.summary == b.summary && slices.Equal(a.detail, b.detail)
	})
}

// inLines writes warnings for a reader, with a blank line between two.
func inLines(list []warning) (lines []string) {
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
