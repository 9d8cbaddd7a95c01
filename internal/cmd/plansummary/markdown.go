// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

const (
	mostGrants = 20  // of one list within a line
	mostLength = 200 // of one name, in characters

	mostPrinted = 500 // of a line of a warning, in characters
)

// section is a heading with a list below it, or with lines of warnings.
type section struct {
	title   string
	lines   []string
	printed bool
}

// write makes the Markdown, of limit bytes at most, and says what is in the plan.
func write(in input, driftFirst bool, limit int) (string, classes) {
	refresh(in.Plan)
	organizations := organizationsOf(in.Config)
	secrets := secretsOf(in.Plan, organizations)
	own, other, doubtful := sortOut(in.events, organizations.haveOrphans(in.Plan), organizations)
	told := tell(own, secrets)
	told.all = in.events != nil && in.events.complete && !slices.ContainsFunc(own, func(w ownWarning) bool {
		return !w.read || secrets.hides(w) || w.is(warning.NothingLookedUp)
	}) && len(doubtful) == 0
	s := summarize(in.ResourceChanges, in.ActionInvocations, organizations, told, false)
	shown := steady(own)
	s.look(in, organizations, own, doubtful, secrets)
	s.refuse(shown, secrets)
	s.loseOwners(own, secrets, organizations.several)
	s.hedge()
	owners, others := s.firstOfPeople()
	if len(owners) > 0 {
		s.is(classOwner)
	}
	drift := summarize(in.ResourceDrift, nil, organizations, told, true)
	s.adoptOwners(drift)
	for _, doubt := range drift.doubts {
		s.doubt("%s", doubt)
	}

	head := s.headline() + "\n"
	sections := []section{
		{title: "What this summary cannot say", lines: s.doubts},
		{title: "Apply will fail: it refuses a part of this plan", lines: s.refusals},
		{title: "Look at this first", lines: slices.Concat(owners, s.owners, s.facts, others)},
		{title: "People", lines: s.peopleLines()},
		{title: "Role mappings", lines: s.mappings},
		{title: "Domains and single sign-on", lines: s.settings},
		{title: "Warnings", lines: inLines(shown, secrets), printed: true},
		{title: "Warnings that are not of this provider", lines: inList(slices.Concat(doubtful, other), secrets)},
		{title: "In the state only", lines: s.local},
	}
	changed := section{title: "Changed outside Terraform", lines: slices.Concat(drift.owners, drift.facts, drift.peopleLines(), drift.mappings, drift.settings)}
	if driftFirst {
		sections = slices.Concat([]section{changed, {title: "What apply would do", lines: []string{s.headline()}}}, sections)
		head = "**" + count(len(changed.lines), "change") + " outside Terraform.**\n"
		switch {
		case len(changed.lines) > 0:
		case s.has[classUnclear]:
			head = "**Unclear whether anything changed outside Terraform.**\n"
		default:
			head = "**Nothing changed outside Terraform since the last run.** The plan has changes that are not applied yet. Changes by hand that are already in the state are among them.\n"
		}
	} else {
		sections = append(sections, changed)
	}
	if n := total(s.elsewhere); n > 0 {
		var types []string
		for _, name := range slices.Sorted(maps.Keys(s.elsewhere)) {
			types = append(types, fmt.Sprintf("%d of %s", s.elsewhere[name], code(name)))
		}
		sections = append(sections, section{title: "Other providers", lines: []string{count(n, "other change") + ": " + atMost(types, mostGrants, ", ") + "."}})
	}
	summary := fit(head, sections, limit)
	return summary + collapsed(in.text, limit-len(summary)), s.has
}

func total(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

func (s *summary) peopleLines() []string {
	var lines []string
	for _, p := range s.sorted() {
		if line := s.line(p); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// fit writes as much of every section as there is room for.
func fit(head string, sections []section, limit int) string {
	most := 0
	for _, section := range sections {
		most = max(most, len(section.lines))
	}
	for {
		var b strings.Builder
		b.WriteString(head)
		for _, section := range sections {
			if len(section.lines) == 0 {
				continue
			}
			b.WriteString("\n### " + section.title + "\n\n")
			shown := section.lines[:min(most, len(section.lines))]
			if section.printed {
				b.WriteString(fenced(shown))
				if len(shown) < len(section.lines) {
					b.WriteString("\n")
				}
			} else {
				for _, line := range shown {
					b.WriteString("- " + line + "\n")
				}
			}
			if more := len(section.lines) - most; more > 0 {
				fmt.Fprintf(&b, "- … and %d more: see the plan.\n", more)
			}
		}
		if b.Len() <= limit || most == 0 {
			return b.String()
		}
		most = most * 9 / 10
	}
}

// fenced shows lines as they are.
func fenced(lines []string) string {
	shown := make([]string, len(lines))
	for i, line := range lines {
		if shown[i] = visible(line, ""); utf8.RuneCountInString(shown[i]) > mostPrinted {
			shown[i] = string([]rune(shown[i])[:mostPrinted]) + "…"
		}
	}
	text := strings.Join(shown, "\n")
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	return fence + "\n" + text + "\n" + fence + "\n"
}

// collapsed puts a text below, as much as there is room for.
func collapsed(text string, room int) string {
	text = strings.TrimSpace(visible(text, "\n\t"))
	if text == "" {
		return ""
	}
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	before := "\n<details><summary>The whole plan</summary>\n\n" + fence + "\n"
	after := "\n" + fence + "\n\n</details>\n"
	note := "\n… cut here: the log has the rest."
	if left := room - len(before) - len(after); len(text) > left {
		left -= len(note)
		if left < 0 {
			return ""
		}
		for !utf8.RuneStart(text[left]) {
			left--
		}
		text = text[:left] + note
	}
	return before + text + after
}

// code shows a text from the plan as it is. The text cannot become a link, a mention or
// other Markdown, and no character of it is invisible.
func code(text string) string {
	text = visible(text, "")
	if utf8.RuneCountInString(text) > mostLength {
		text = string([]rune(text)[:mostLength]) + "…"
	}
	if text == "" {
		return "(empty)"
	}
	fence := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}

// visible writes what a reader would not see, such as line ends and marks that
// turn the direction of the text, as escapes.
func visible(text, keep string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(text, "�") {
		if unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && r != brailleBlank || strings.ContainsRune(keep, r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// brailleBlank is printable, and shows nothing.
const brailleBlank = '\u2800'

// longestRun is the length of the longest run of backticks.
func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if r == '`' {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func codes(texts []string) string {
	shown := make([]string, len(texts))
	for i, text := range texts {
		shown[i] = code(text)
	}
	return atMost(shown, mostGrants, ", ")
}

// codesOf shows the keys of a set.
func codesOf[V any](set map[string]V) string { return codes(slices.Sorted(maps.Keys(set))) }

// atMost joins texts, the first ones where there are too many.
func atMost(texts []string, most int, word string) string {
	if len(texts) > most {
		texts = append(slices.Clone(texts[:most]), fmt.Sprintf("%d more", len(texts)-most))
	}
	return strings.Join(texts, word)
}

// count writes a number with its word, whose plural takes an s unless it is
// given.
func count(n int, words ...string) string {
	word := words[0]
	switch {
	case n != 1 && len(words) > 1:
		word = words[1]
	case n != 1:
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}
