// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package warning

import (
	"regexp"
	"strings"
)

// Known reports whether the provider gives warnings with this summary.
func Known(summary string) bool {
	_, known := readSummary(summary)
	return known
}

// Read returns what fills the blanks of a warning, from the beginning of the summary to
// the end of the detail. It is false unless all of the text is in the wording of this
// package: another version of the provider may say something else there, and nobody
// should act on half of a warning.
func Read(summary, detail string) (values []string, ok bool) {
	values, known := readSummary(summary)
	if !known {
		return nil, false
	}
	more, known := readDetail(detail)
	return append(values, more...), known
}

func readSummary(text string) (values []string, known bool) {
	for _, s := range summaries {
		if values, ok := s.Read(text); ok {
			return values, true
		}
	}
	return nil, false
}

// readDetail reads phrase after phrase. Where several phrases fit, one of them leaves a
// rest that can be read, too.
func readDetail(text string) (values []string, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, true
	}
	for _, p := range details {
		found, rest, ok := p.begins(text)
		if !ok {
			continue
		}
		if more, ok := readDetail(rest); ok {
			return append(found, more...), true
		}
	}
	if item, isItem := strings.CutPrefix(text, "- "); isItem {
		return readDetail(item)
	}
	return nil, false
}

// begins reads the phrase at the beginning of a text, and returns the rest of it.
func (p Phrase) begins(text string) (values []string, rest string, ok bool) {
	if fixed, _, _ := strings.Cut(p.template, "{"); !strings.HasPrefix(text, fixed) {
		return nil, "", false // an expression would take longer to say so
	}
	match := p.front().FindStringSubmatchIndex(text)
	if match == nil {
		return nil, "", false
	}
	for i := 2; i < len(match); i += 2 {
		values = append(values, text[match[i]:match[i+1]])
	}
	for i, blank := range blanks.FindAllString(p.template, -1) {
		if !fits(blank, values[i]) {
			return nil, "", false
		}
	}
	return p.values(values), text[match[1]:], true
}

// fits reports whether a text can fill a blank. Most blanks take any text.
func fits(blank, text string) bool {
	switch blank {
	case "{grants}":
		return isGrantList(text)
	case "{what}":
		for part := range strings.SplitSeq(text, "; ") {
			if part != SameGrants && !isGrantList(part) && !isGrantList(strings.TrimPrefix(part, "gets ")) && !isGrantList(strings.TrimPrefix(part, "loses ")) {
				return false
			}
		}
	case "{change}":
		_, ok := readDetail(text)
		return ok
	}
	return true
}

// grant is loose about what follows the role: the service chooses that.
var grant = regexp.MustCompile(`^[^\s:,]+(:.+)?$`)

func isGrantList(text string) bool {
	for _, element := range Grants(text) {
		if !grant.MatchString(element) {
			return text == UnknownAccess
		}
	}
	return true
}
