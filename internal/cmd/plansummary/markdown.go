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

	tfjson "github.com/hashicorp/terraform-json"
)

const (
	mostGrants = 20  // of one list within a line
	mostLength = 200 // of one name, in characters

	mostPrinted = 500 // of a line as it was printed, in characters
)

// section is a heading with a list below it, or with lines as they were printed.
type section struct {
	title   string
	lines   []string
	printed bool
}

// write makes the Markdown, of limit bytes at most. The text is what the plan
// printed, or empty; it is put below only where the whole of it is wanted.
func write(plan *tfjson.Plan, text string, whole bool, limit int) string {
	refresh(plan)
	warnings := warningsOf(hide(text, plan))
	organizations, told := organizationsOf(plan.Config), tell(text, warnings)
	if organizations.several {
		blind := told.blind
		told = tell("", nil) // of whom in which organization a warning speaks, it does not say
		told.blind = blind
	}
	s := summarize(plan.ResourceChanges, plan.ActionInvocations, organizations, told, false)
	drift := summarize(plan.ResourceDrift, nil, organizations, told, true)
	head := s.headline() + "\n"
	sections := append(s.sections(),
		section{title: "What the plan warns of", lines: inLines(steady(warnings)), printed: true},
		section{title: "In the state only", lines: s.local},
		section{title: "Changed outside Terraform", lines: slices.Concat(drift.facts, drift.peopleLines(), drift.mappings, drift.settings)})
	if n := total(s.elsewhere); n > 0 {
		var types []string
		for _, name := range slices.Sorted(maps.Keys(s.elsewhere)) {
			types = append(types, fmt.Sprintf("%d of %s", s.elsewhere[name], code(name)))
		}
		sections = append(sections, section{title: "Elsewhere", lines: []string{count(n, "other change") + ", not looked into here: " + atMost(types, mostGrants, ", ") + "."}})
	}
	summary := fit(head, sections, limit)
	if !whole {
		return summary
	}
	return summary + collapsed(text, limit-len(summary))
}

func total(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// sections are in the order of what has to be seen first.
func (s *summary) sections() []section {
	owners, others := s.firstOfPeople()
	return []section{
		{title: "Look at this first", lines: slices.Concat(owners, s.facts, others)},
		{title: "People", lines: s.peopleLines()},
		{title: "Role mappings", lines: s.mappings},
		{title: "Domains and single sign-on", lines: s.settings},
	}
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

// code shows a text from the plan as it is: whoever chose the text cannot make
// it a link, a mention, or more Markdown, and no character of it is unseen.
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
		if unicode.IsPrint(r) || strings.ContainsRune(keep, r) {
			b.WriteRune(r)
		} else {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

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
