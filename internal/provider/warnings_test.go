// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The wording of each warning is in internal/warning, where the summary of a plan
// can read it: none has a summary of another making.
func TestWarningsAreWordedInOnePlace(t *testing.T) {
	t.Parallel()
	blanks := blanksOfPhrases(t)
	warnings := 0
	inspectFiles(t, ".", func(at func(ast.Node) token.Position, n ast.Node) {
		call, name := methodCall(n)
		summary := map[string]int{"AddWarning": 0, "AddAttributeWarning": 1}
		if index, ok := summary[name]; ok {
			warnings++
			// Summary hands on that of a warning.
			if _, made := methodCall(call.Args[index]); made != "With" && made != "Summary" {
				t.Errorf("%s: the summary is not of a phrase of internal/warning", at(call))
			}
		}
		if phrase := phraseOf(call, name); phrase != "" && len(call.Args) != blanks[phrase] {
			t.Errorf("%s: %d values for the %d blanks of %s", at(call), len(call.Args), blanks[phrase], phrase)
		}
	})
	if warnings < 50 || len(blanks) < 100 {
		t.Errorf("found %d warnings and %d phrases only", warnings, len(blanks))
	}
}

// inspectFiles visits all of the Go files of a folder, but for tests.
func inspectFiles(t *testing.T, folder string, visit func(at func(ast.Node) token.Position, n ast.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	at := func(n ast.Node) token.Position { return fset.Position(n.Pos()) }
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			visit(at, n)
			return true
		})
	}
}

// methodCall returns a call such as x.Name(...) with its name.
func methodCall(n ast.Node) (call *ast.CallExpr, name string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil, ""
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return call, ""
	}
	return call, selector.Sel.Name
}

// phraseOf returns the name in warning.Name.With(...).
func phraseOf(call *ast.CallExpr, name string) string {
	if name != "With" {
		return ""
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	phrase, ok := selector.X.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if pkg, ok := phrase.X.(*ast.Ident); !ok || pkg.Name != "warning" {
		return ""
	}
	return phrase.Sel.Name
}

// blanksOfPhrases counts the blanks of each phrase of internal/warning.
func blanksOfPhrases(t *testing.T) map[string]int {
	t.Helper()
	blanks := map[string]int{}
	inspectFiles(t, filepath.Join("..", "warning"), func(_ func(ast.Node) token.Position, n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return
		}
		for i, value := range spec.Values {
			call, ok := value.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				continue
			}
			if literal, ok := call.Args[0].(*ast.BasicLit); ok {
				template, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				blanks[spec.Names[i].Name] = len(regexp.MustCompile(`\{[a-z"][^{}]*\}`).FindAllString(template, -1))
			}
		}
	})
	return blanks
}
