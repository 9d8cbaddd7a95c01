// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package warning

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Phrase is a text with blanks. It writes the text from values, and reads the
// values from the text, so the two cannot differ. The blanks of a template are:
//
//	{person}                 a single word, such as an e-mail address
//	{grants}                 a list of grants, or "no roles"
//	{status}                 the status of a person
//	{people}                 whom a role mapping applies to
//	{n member is|members are}  a number and the words that agree with it
//	{"mapping"}              a text in quotes
//	{change}                 phrases
//	{names}, {time}, …       any other text
type Phrase struct {
	template     string
	whole, front func() *regexp.Regexp // read a text that is the phrase, or begins with it
}

// blanks finds the blanks of a template. A brace in front of a space is a brace.
var blanks = regexp.MustCompile(`\{[a-z"][^{}]*\}`)

// The phrases of this package, for Known and for the tests.
var summaries, details []Phrase

// summary is a phrase that is the summary of a warning.
func summary(template string) Phrase {
	p := newPhrase(template)
	summaries = append(summaries, p)
	return p
}

// phrase is a phrase in the details of warnings.
func phrase(template string) Phrase {
	p := newPhrase(template)
	details = append(details, p)
	return p
}

// text is a phrase in the details of warnings that has no blanks.
func text(template string) string { return phrase(template).With() }

func newPhrase(template string) Phrase {
	return Phrase{
		template: template,
		whole:    sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + patternOf(template) + `$`) }),
		front:    sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^` + patternOf(template) + endOf(template)) }),
	}
}

// endOf is what follows a phrase. A phrase that is not a sentence has its own line.
func endOf(template string) string {
	if strings.HasSuffix(template, ".") || !strings.HasSuffix(template, "}") {
		return `(?:\s+|$)`
	}
	return `(?:\n|$)`
}

// With writes the phrase with a value for each blank, from left to right: an int
// for a number, a []cloud.Grant for grants, and a string for all others.
func (p Phrase) With(values ...any) string {
	return blanks.ReplaceAllStringFunc(p.template, func(blank string) string {
		if len(values) == 0 {
			return blank // a test of the provider finds such calls
		}
		value := values[0]
		values = values[1:]
		return fill(blank, value)
	})
}

func fill(blank string, value any) string {
	if grants, ok := value.([]cloud.Grant); ok {
		return GrantList(grants)
	}
	text := fmt.Sprint(value)
	one, many, isNumber := agreeing(blank)
	switch {
	case isNumber && text == "1":
		return text + " " + one
	case isNumber:
		return text + " " + many
	case isQuoted(blank):
		return strconv.Quote(text)
	}
	return text
}

// Read returns the values in a text that is this phrase and nothing else.
func (p Phrase) Read(text string) (values []string, ok bool) {
	match := p.whole().FindStringSubmatch(text)
	if match == nil {
		return nil, false
	}
	return p.values(match[1:]), true
}

// values takes the quotes off again.
func (p Phrase) values(texts []string) []string {
	for i, blank := range blanks.FindAllString(p.template, -1) {
		if text, err := strconv.Unquote(texts[i]); err == nil && isQuoted(blank) {
			texts[i] = text
		}
	}
	return texts
}

// patternOf makes the regular expression that reads what With writes.
func patternOf(template string) string {
	var b strings.Builder
	end := 0
	for _, at := range blanks.FindAllStringIndex(template, -1) {
		b.WriteString(regexp.QuoteMeta(template[end:at[0]]) + blankPattern(template[at[0]:at[1]]))
		end = at[1]
	}
	return b.String() + regexp.QuoteMeta(template[end:])
}

func blankPattern(blank string) string {
	one, many, isNumber := agreeing(blank)
	switch {
	case isNumber:
		return fmt.Sprintf(`(\d+) (?:%s|%s)`, regexp.QuoteMeta(one), regexp.QuoteMeta(many))
	case isQuoted(blank):
		return `("(?:[^"\\]|\\.)*")`
	case blank == "{person}":
		return `(\S+)`
	case blank == "{grants}":
		return `(` + grantsPattern + `)`
	case blank == "{people}": // has names in quotes, which are any text
		return `((?:[^"]|"(?:[^"\\]|\\.)*")+?)`
	case blank == "{status}":
		return `(` + Member + `|` + Invited + `|` + Expired + `)`
	}
	return `((?s:.+?))`
}

// agreeing takes the two forms out of a blank such as {n member is|members are}.
func agreeing(blank string) (one, many string, isNumber bool) {
	words, isNumber := strings.CutPrefix(strings.Trim(blank, "{}"), "n ")
	one, many, _ = strings.Cut(words, "|")
	return one, many, isNumber
}

func isQuoted(blank string) bool { return strings.HasPrefix(blank, `{"`) }

const noRoles = "no roles"

// GrantList writes what a blank for grants has, and Grants reads. The names of
// application roles can be any text, also one that reads like a sentence of a warning or
// like another grant: such a grant is in quotes.
func GrantList(grants []cloud.Grant) string {
	if len(grants) == 0 {
		return noRoles
	}
	texts := make([]string, len(grants))
	for i, grant := range grants {
		if texts[i] = grant.String(); !plainGrant.MatchString(texts[i]) {
			texts[i] = strconv.Quote(texts[i])
		}
	}
	return strings.Join(texts, ", ")
}

// UnknownAccess is in place of grants that the provider does not know.
const UnknownAccess = "access that this version of the provider does not know"

const (
	grantPattern  = `(?:[^\s,;"]+|"(?:[^"\\]|\\.)*")`
	grantsPattern = noRoles + `|` + UnknownAccess + `|` + grantPattern + `(?:, ` + grantPattern + `)*`
)

var (
	plainGrant = regexp.MustCompile(`^[^\s,;"]+$`)
	oneGrant   = regexp.MustCompile(grantPattern)
)

// Grants reads the list in a blank for grants.
func Grants(list string) []string {
	switch list {
	case noRoles:
		return nil
	case UnknownAccess:
		return []string{UnknownAccess}
	}
	grants := oneGrant.FindAllString(list, -1)
	for i, grant := range grants {
		if text, err := strconv.Unquote(grant); err == nil {
			grants[i] = text
		}
	}
	return grants
}
