// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package warning

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Known reports whether the provider gives warnings with this summary.
func Known(summary string) bool {
	_, known := readSummary(summary)
	return known
}

// Text is a warning, or a part of one, that was read: phrase after phrase.
type Text []sentence

type sentence struct {
	template string
	values   []string
}

// Read reads a warning from the beginning of its summary to the end of its detail. It is
// false unless all of it is in the wording of this package: another version of the
// provider may say something else there, and nobody should act on half of a warning.
//
// What follows from a warning follows from its sentences, and never from a text somewhere
// in it: a name in it can be any text.
func Read(summary, detail string) (Text, bool) {
	first, known := readSummary(summary)
	if !known {
		return nil, false
	}
	rest, known := ReadPhrases(detail)
	return append(Text{first}, rest...), known
}

// Is reports whether the summary of the warning is this one.
func (t Text) Is(summary Phrase) bool { return len(t) > 0 && t[0].template == summary.template }

// Says reports whether the phrase is one of the warning's.
func (t Text) Says(p Phrase) bool { return t.SaysText(p.template) }

// SaysText is Says for a phrase without blanks.
func (t Text) SaysText(text string) bool {
	return slices.ContainsFunc(t, func(s sentence) bool { return s.template == text })
}

// Find returns the values of a phrase, for each time that the warning says it.
func (t Text) Find(p Phrase) (found [][]string) {
	for _, s := range t {
		if s.template == p.template {
			found = append(found, s.values)
		}
	}
	return found
}

// Values are what fills the blanks, from left to right.
func (t Text) Values() (values []string) {
	for _, s := range t {
		values = append(values, s.values...)
	}
	return values
}

func readSummary(text string) (sentence, bool) {
	for _, s := range summaries {
		if values, ok := s.Read(text); ok {
			return sentence{s.template, values}, true
		}
	}
	return sentence{}, false
}

// byBeginning are the phrases of details, those first whose beginning is fixed and long:
// a phrase that begins with a blank could take the text of others for its value.
var byBeginning = sync.OnceValue(func() []Phrase {
	list := slices.Clone(details)
	slices.SortStableFunc(list, func(a, b Phrase) int { return cmp.Compare(len(b.beginning()), len(a.beginning())) })
	return list
})

// beginning is the text before the first blank.
func (p Phrase) beginning() string {
	if at := blanks.FindStringIndex(p.template); at != nil {
		return p.template[:at[0]]
	}
	return p.template
}

// ReadPhrases reads a text that is nothing but phrases, such as a detail, or what fills a
// blank for a change. If several phrases fit, one of them leaves a rest that can be read,
// too.
func ReadPhrases(text string) (Text, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, true
	}
	for _, p := range byBeginning() {
		found, rest, ok := p.begins(text)
		if !ok {
			continue
		}
		if more, ok := ReadPhrases(rest); ok {
			return append(Text{{p.template, found}}, more...), true
		}
	}
	if item, isItem := strings.CutPrefix(text, "- "); isItem {
		return ReadPhrases(item)
	}
	return nil, false
}

// begins reads the phrase at the beginning of a text, and returns the rest of it.
func (p Phrase) begins(text string) (values []string, rest string, ok bool) {
	if !strings.HasPrefix(text, p.beginning()) {
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
		if blank != "{change}" {
			continue
		}
		if _, ok := ReadPhrases(values[i]); !ok {
			return nil, "", false
		}
	}
	return p.values(values), text[match[1]:], true
}
