// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package words tests the texts of the repository: the documentation, the
// examples, the messages of the programs, and the comments of the code.
package words

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const repository = "../.."

const (
	mostInSentence = 35
	mostInSummary  = 10
)

var report = flag.String("report", "", "report all findings in the files whose paths begin with one of these, separated by commas; . is all files")

// A finding is a place in a text that breaks a rule.
type finding struct {
	file string
	line int
	rule string
	text string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.file, f.line, f.rule, f.text)
}

// Every text keeps the rules that a test can check: short sentences, short
// summaries, the standard words, and numbers that agree with their nouns.
func TestWords(t *testing.T) {
	t.Parallel()
	byFile := map[string][]finding{}
	for _, file := range textFiles(t) {
		byFile[file] = check(t, file)
	}
	if *report != "" {
		for _, file := range slices.Sorted(maps.Keys(byFile)) {
			if slices.ContainsFunc(strings.Split(*report, ","), func(prefix string) bool { return prefix == "." || strings.HasPrefix(file, prefix) }) {
				for _, f := range byFile[file] {
					fmt.Println(f)
				}
			}
		}
		return
	}
	for _, findings := range byFile {
		for _, f := range findings {
			t.Error(f)
		}
	}
}

// textFiles lists the files with texts, from the repository's folder. The guides
// in docs are left out, because they are copies of their templates.
func textFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(repository, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", "bin", "dist", "testdata", "node_modules"}, entry.Name()) {
			return filepath.SkipDir
		}
		relative, err := filepath.Rel(repository, file)
		if err != nil {
			return err
		}
		if name := filepath.ToSlash(relative); !entry.IsDir() && kindOf(name) != "" {
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("only %d files were found", len(files))
	}
	return files
}

// kindOf returns page, example or code, or nothing if the file has no text for
// people.
func kindOf(file string) string {
	switch {
	case strings.HasPrefix(file, "docs/guides/"), strings.HasSuffix(file, "_test.go"):
		return ""
	case strings.HasSuffix(file, ".go"):
		return "code"
	case strings.HasSuffix(file, ".md"), strings.HasSuffix(file, ".md.tmpl"):
		return "page"
	case strings.HasPrefix(file, "examples/") && !strings.HasSuffix(file, ".png"):
		return "example"
	}
	return ""
}

func check(t *testing.T, file string) []finding {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, file))
	if err != nil {
		t.Fatal(err)
	}
	switch kindOf(file) {
	case "page":
		return checkPage(file, string(content))
	case "example":
		return phrases(file, 1, string(content))
	}
	return checkCode(t, file, content)
}

// A phrase that is hard to read, and what to write in its place.
type phrase struct {
	pattern *regexp.Regexp
	instead string
}

// hard makes a phrase. A space of its pattern is any white space: a phrase may go
// on in the next line.
func hard(pattern, instead string) phrase {
	return phrase{regexp.MustCompile(strings.ReplaceAll(pattern, " ", `\s+`)), instead}
}

// hardPhrases are what rule 6 and the examples of the rules for texts ban.
var hardPhrases = []phrase{
	hard(`(?i)\b(?:is|are|was|were) no [a-z-]+`, `"is not a …", or the fact`),
	hard(`(?i)\b(?:is|are|was|were) none\b`, `"is not a …", or "there are no …"`),
	hard(`(?i)\bby (?:itself|themselves)\b`, "automatically, alone, or nothing"),
	hard(`(?i)\bof (?:its|their) own\b`, `"its own", "separate", or nothing`),
	hard(`(?i)\b(?:stands|stood)\b|\bstand (?:so|for|there)\b`, "the verb of the field"),
	hard(`(?i)\bgoes\b|\bwho go\b`, "is removed, is revoked, is sent, or another verb of the field"),
	hard(`(?i)\bcomes\b|\bwho come\b`, "is added, follows, or another verb of the field"),
	hard(`(?i)\bwho(?:m|so)?ever\b`, "everyone who, or people who"),
	hard(`(?i)\bt(?:ake|akes|aken|aking|ook) (?:(?:it|him|her|them|this) )?over\b`, "adopt, or use"),
	hard(`(?i)\bfor certain\b`, "always, or nothing"),
	hard(`(?i)\b(?:who|what|nobody|nothing|it|he|she|they|that|somebody) (?:is|are|was|were) (?:not )?there\b`, "exists, or the name of the list"),
	hard(`(?i)\b(?:nobody|no one) else\b(?: is\b|[,:])`, "unlisted members, or no other …"),
	hard(`(?i)\blets?\b[^.:;]{1,40}\bgo\b`, "allows removing …"),
	hard(`(?i)\bany ?more\b`, "no longer"),
	hard(`(?:^|[.:;,(] )[Ww]ho (?:is|are) (?:not )?(?:listed|missing|in it)\b`, "listed people, or unlisted members"),
	hard(`(?:^|[.:] )Whom\b`, "people whom, or the fact"),
	hard(`(?:^|[.:] )(?:Destroyed|Without),`, `"Destroying …" or "Without it"`),
	hard(`(?i)\b(?:those|these) who\b`, "people who"),
	hard(`(?i)\bis what [^.]{1,40} is about\b`, "the fact"),
	hard(`(?i)\bis (?:told by|taken to)\b`, "the fact"),
	hard(`(?i)\bdo not \w+ but\b`, `"… instead of …"`),
	hard(`(?i)\bsomebody fails\b`, "one person's change fails"),
	hard(`(?i)\blook [^\s.]+ up\b`, `"look up …"`),
}

// allowed is taken out of a text before it is searched for hard phrases: they have
// the same words, but are easy to read.
var allowed = regexp.MustCompile(`(?i)\bthere\s+(?:is|are|was|were)\s+(?:no|none)\b|\b(?:is|are|was|were)\s+no\s+longer\b|\bgoes\s+through\b`)

// verbatim is what is not the author's own English: code and quoted output.
var verbatim = regexp.MustCompile("`[^`]*`|\"[^\"\n]{0,200}\"")

// phrases finds the hard phrases of a text that begins at the line.
func phrases(file string, line int, text string) (found []finding) {
	text = blank(verbatim, text)
	text = blank(allowed, text)
	for _, p := range hardPhrases {
		for _, at := range p.pattern.FindAllStringIndex(text, -1) {
			found = append(found, finding{file, line + strings.Count(text[:at[0]], "\n"), "hard phrase, write " + p.instead, around(text, at)})
		}
	}
	return found
}

// blank puts one letter in the place of what matches, and keeps the lines.
func blank(pattern *regexp.Regexp, text string) string {
	return pattern.ReplaceAllStringFunc(text, func(match string) string {
		return "X" + strings.Repeat("\n", strings.Count(match, "\n"))
	})
}

// around is the place of a text with the words beside it, on one line.
func around(text string, at []int) string {
	begin, end := max(at[0]-30, 0), min(at[1]+30, len(text))
	return strings.ToValidUTF8(strings.Join(strings.Fields(text[begin:end]), " "), "")
}

var (
	pageHead      = regexp.MustCompile(`(?s)\A---\n.*?\n---\n`)
	pageCode      = regexp.MustCompile("(?ms)^ *(```+)[^`\n]*\n.*?^ *```+$")
	pageTemplate  = regexp.MustCompile(`(?s)\{\{.*?\}\}|<!--.*?-->`)
	linkTarget    = regexp.MustCompile(`\]\([^)\s]*\)`)
	newBlock      = regexp.MustCompile(`^\s*(?:[-*] |\d+\. |#+ |\||<)`)
	indentedCode  = regexp.MustCompile(`^ {4,}\S`)
	listItem      = regexp.MustCompile(`^\s*(?:[-*] |\d+\. )`)
	endOfSentence = regexp.MustCompile(`[.!?]["')*]*\s+(?:["'(*\[]*[A-Z])`)
)

// checkPage finds the hard phrases and the long sentences of a page. A heading, a
// list item and the cell of a table are each sentences of their own.
func checkPage(file, content string) (found []finding) {
	for _, pattern := range []*regexp.Regexp{pageHead, pageCode, pageTemplate} {
		content = blankLines(pattern, content)
	}
	var block []string
	start, inList := 1, false
	end := func() {
		text := strings.Join(block, "\n")
		found = append(found, phrases(file, start, text)...)
		for cell := range strings.SplitSeq(blank(verbatim, text), "|") {
			found = append(found, longSentences(file, start, cell)...)
		}
		block = nil
	}
	number := 0
	for line := range strings.SplitSeq(content, "\n") {
		number++
		switch {
		case strings.TrimSpace(line) == "":
			end()
			continue
		case listItem.MatchString(line):
			inList = true
		case !strings.HasPrefix(line, " "):
			if len(block) == 0 {
				inList = false
			}
		case len(block) == 0 && indentedCode.MatchString(line) && !inList:
			continue
		}
		if newBlock.MatchString(line) {
			end()
		}
		if len(block) == 0 {
			start = number
		}
		block = append(block, linkTarget.ReplaceAllString(line, "]"))
	}
	end()
	return found
}

// blankLines takes out what matches, and keeps the number of lines.
func blankLines(pattern *regexp.Regexp, text string) string {
	return pattern.ReplaceAllStringFunc(text, func(match string) string { return strings.Repeat("\n", strings.Count(match, "\n")) })
}

func longSentences(file string, line int, text string) (found []finding) {
	for text != "" {
		sentence, rest := text, ""
		if at := endOfSentence.FindStringIndex(text); at != nil {
			sentence, rest = text[:at[1]-1], text[at[1]-1:]
		}
		if words := len(wordsOf(sentence)); words > mostInSentence {
			found = append(found, finding{file, line, fmt.Sprintf("sentence of %d words", words), strings.Join(strings.Fields(sentence), " ")})
		}
		line += strings.Count(sentence, "\n")
		text = rest
	}
	return found
}

// wordsOf splits a text into words: what has a letter or a number.
func wordsOf(text string) []string {
	return slices.DeleteFunc(strings.Fields(text), func(word string) bool {
		return !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	})
}

var (
	// number is a count with a noun that does not agree with it.
	number = regexp.MustCompile(`(?:%d|\{(?:n|number|count)\}) (?:[a-z-]+ )?(?:[a-z-]{2,}[^s\W]s|people)\b`)
	// documented is the name that a comment is about.
	documented = regexp.MustCompile(`^\w+`)
	// notCounts look like one, but the number counts nothing.
	notCounts = regexp.MustCompile(`(?:%d|\}) (?:(?:[a-z]+ )?(?:is|was|has|as|this)$|(?:and|or|of|not|to|in|at) )`)
)

// summaries are the functions whose argument of this index is a summary.
var summaries = map[string]int{
	"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0,
	"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	"addError": 1, "addMappingError": 1,
}

// checkCode finds the hard phrases of comments and messages, and the numbers and
// the summaries of messages.
func checkCode(t *testing.T, file string, content []byte) (found []finding) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, content, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	line := func(n ast.Node) int { return files.Position(n.Pos()).Line }
	for _, group := range parsed.Comments {
		found = append(found, phrases(file, line(group), documented.ReplaceAllString(group.Text(), "X"))...)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind != token.STRING || err != nil {
				return false
			}
			found = append(found, phrases(file, line(n), text)...)
			for _, at := range number.FindAllStringIndex(text, -1) {
				if !notCounts.MatchString(text[at[0]:at[1]]) {
					found = append(found, finding{file, line(n), "number without a noun that agrees: use {n one|many} or count", around(text, at)})
				}
			}
		case *ast.CallExpr:
			index, ok := summaries[nameOf(n.Fun)]
			if !ok || index >= len(n.Args) {
				return true
			}
			if text := textOf(n.Args[index]); len(wordsOf(text)) > mostInSummary {
				found = append(found, finding{file, line(n), fmt.Sprintf("summary of %d words", len(wordsOf(text))), text})
			}
		}
		return true
	})
	return found
}

// nameOf is the name of a function or a method that is called.
func nameOf(function ast.Expr) string {
	switch f := function.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// textOf is the text of an expression, in which each value that is not a literal
// is one word.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	case *ast.CallExpr:
		if nameOf(e.Fun) == "Sprintf" && len(e.Args) > 0 {
			return textOf(e.Args[0])
		}
	}
	return "X"
}

// The rules find what they are for, and where it is.
func TestRules(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 20)
	for name, c := range map[string]struct {
		found []finding
		want  []string
	}{
		"phrase over two lines": {phrases("f", 3, "a\nThis is\nno grant."), []string{"f:4: is no grant"}},
		"allowed":               {phrases("f", 1, "There is no key, and it is no longer `comes` \"goes\"."), nil},
		"page": {
			checkPage("f", "---\ntitle: it goes\n---\n"+long+"\n"+long+"\n\n- "+long+"\n\nText.\n\n    goes\n\n```sh\ngoes\n```\nIt comes. It "+long+"\nIt "+long+"\n"),
			[]string{"f:4: sentence of 40 words", "f:16: comes", "f:16: sentence of 42 words"},
		},
		"cells": {checkPage("f", "| "+long+" | "+long+" |\n"), nil},
		"code": {
			checkCode(t, "f", []byte("package f\n\n// goes is what goes.\nfunc f() {\n\tg(\"%d people\", \"%d of %d\", \"by itself\")\n\td.AddError(\"a b c d e f g h i \"+j+\" k\", \"\")\n}\n")),
			[]string{"f:3: goes", "f:5: %d people", "f:5: by itself", "f:6: summary of 11 words"},
		},
	} {
		if len(c.found) != len(c.want) {
			t.Errorf("%s: found %q, want %d", name, c.found, len(c.want))
			continue
		}
		for i, f := range c.found {
			place, text, _ := strings.Cut(c.want[i], ": ")
			if got := f.String(); !strings.HasPrefix(got, place+":") || !strings.Contains(got, text) {
				t.Errorf("%s: found %q, want %q", name, got, c.want[i])
			}
		}
	}
}
