// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Of two files one is above the other: it uses the other one, and not the other way
// round, directly or by way of others. Only the files of one resource may use each
// other, such as member_resource.go and member_plan.go. So a newcomer reads from
// provider.go downwards, and what is shared lies where everybody can see that it is.
func TestFilesUseEachOtherOneWay(t *testing.T) {
	t.Parallel()
	uses := usesBetweenFiles(t, ".")
	for _, circle := range circles(uses) {
		things := map[string]bool{}
		for _, file := range circle {
			things[thingOf(file)] = true
		}
		if len(things) > 1 {
			t.Errorf("these files use each other: %s\n%s", strings.Join(circle, ", "), listUses(uses, circle))
		}
	}
}

// thingOf is the resource, data source and so on that a file is about.
func thingOf(file string) string {
	return regexp.MustCompile(`_(resource|plan|removal|apply|listing|type|list|data_source|action|function|report)?\.go$`).ReplaceAllString(file, "")
}

// use is what one file uses of another.
type use struct{ from, to, what string }

func usesBetweenFiles(t *testing.T, folder string) map[use]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(fset, filepath.Base(name), source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	// What the other packages have makes no difference here, so none is read.
	config := types.Config{Importer: nothing{}, Error: func(error) {}}
	pkg, _ := config.Check("provider", fset, files, info)
	found := map[use]bool{}
	for identifier, object := range info.Uses {
		if object.Pkg() != pkg || !object.Pos().IsValid() || isLocal(object, pkg) {
			continue
		}
		from, to := fset.Position(identifier.Pos()).Filename, fset.Position(object.Pos()).Filename
		if from != to {
			found[use{from, to, object.Name()}] = true
		}
	}
	if len(found) < 100 {
		t.Fatalf("%d uses found: the files cannot have been read", len(found))
	}
	return found
}

func isLocal(object types.Object, pkg *types.Package) bool {
	return object.Parent() != nil && object.Parent() != pkg.Scope()
}

// nothing is an importer that has no packages.
type nothing struct{}

var _ types.Importer = nothing{}

func (nothing) Import(string) (*types.Package, error) { return nil, errors.New("not read") }

// circles are the files that use each other, in groups (Tarjan's components).
func circles(uses map[use]bool) (groups [][]string) {
	next := map[string][]string{}
	for u := range uses {
		next[u.from] = append(next[u.from], u.to)
	}
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(file string)
	visit = func(file string) {
		index[file] = len(index) + 1
		low[file] = index[file]
		stack = append(stack, file)
		on[file] = true
		for _, other := range next[file] {
			if index[other] == 0 {
				visit(other)
				low[file] = min(low[file], low[other])
			} else if on[other] {
				low[file] = min(low[file], index[other])
			}
		}
		if low[file] != index[file] {
			return
		}
		at := slices.Index(stack, file)
		group := slices.Sorted(slices.Values(stack[at:]))
		for _, other := range group {
			on[other] = false
		}
		stack = stack[:at]
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(next)) {
		if index[file] == 0 {
			visit(file)
		}
	}
	return groups
}

// listUses says what the files of a circle use of each other.
func listUses(uses map[use]bool, files []string) string {
	var lines []string
	for u := range uses {
		if slices.Contains(files, u.from) && slices.Contains(files, u.to) && thingOf(u.from) != thingOf(u.to) {
			lines = append(lines, fmt.Sprintf("%s uses %s of %s", u.from, u.what, u.to))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestCircles(t *testing.T) {
	t.Parallel()
	uses := map[use]bool{{"a", "b", ""}: true, {"b", "c", ""}: true, {"c", "b", ""}: true, {"c", "d", ""}: true}
	if got := circles(uses); len(got) != 1 || !slices.Equal(got[0], []string{"b", "c"}) {
		t.Errorf("circles are %v", got)
	}
}
