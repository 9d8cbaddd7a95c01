// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
)

// exampleTests names the test that runs a file of examples which TestExamples
// does not: by the first pattern that the file matches.
var exampleTests = []struct{ pattern, test string }{
	{"resources/*/import*", "TestExamplesImport"},
	{"actions/*/*.tf", "TestExamplesOfActions"},
	{"list-resources/*/*.tfquery.hcl", "TestExamplesOfLists"},
	{"adopt/organization.tfquery.hcl", "TestAdoptQueryFile"},
	{"from-ec-organization/generated/main.tf", "TestFromECOrganization"},
	{"from-ec-organization/moved/main.tf", "TestFromECOrganizationMoved"},
	{"from-ec-organization/moved/members.tf", "TestFromECOrganizationMoved"},
	{changingWays, "TestChangingWays"},
	{"sso-okta/main.tf", "TestExampleSSOWithOkta"},
	{"pull-request-review/github-workflow.yml", "TestExamplePullRequestOnGitHub"},
	{"pull-request-review/gitlab-ci.yml", "TestExamplePullRequestOnGitLab"},
	{"pull-request-review/atlantis-repos.yaml", "TestExamplePullRequestOnAtlantis"},
	{"pull-request-review/spacelift-config.yml", "TestExamplePullRequestOnSpacelift"},
	{"drift/github-workflow.yml", "TestExampleDriftOnGitHub"},
	{"drift/drift.sh", "TestExampleDriftFromCron"},
	{"access-review/github-workflow.yml", "TestExampleAccessReviewOnGitHub"},
	{"access-review/review.sh", "TestExampleAccessReview"},
	{"adopt/organization.tfquery.hcl", "TestAdoptQueryFile"},
}

// Every file in examples/ is run by a test: as a configuration of TestExamples,
// as what such a configuration reads, or by the test that the table names. A
// picture is shown by a page.
func TestExamplesAreRun(t *testing.T) {
	t.Parallel()
	tests := testFunctions(t)
	applied := exampleFolders(t)
	used := map[string]bool{}
	err := fs.WalkDir(examples.Files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || file == "examples.go" {
			return err
		}
		for _, e := range exampleTests {
			if matches, err := path.Match(e.pattern, file); err != nil {
				return err
			} else if matches {
				used[e.pattern] = true
				if source := tests[e.test]; !strings.Contains(source, e.pattern) && !strings.Contains(source, path.Base(e.pattern)) {
					t.Errorf("%s is said to be run by %s, which does not name it, or is not there", file, e.test)
				}
				return nil
			}
		}
		if !isApplied(applied, file) && !isReadBeside(t, applied, file) && !isPicture(t, file) {
			t.Errorf("examples/%s is run by no test", file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exampleTests {
		if !used[e.pattern] {
			t.Errorf("there is no examples/%s for %s", e.pattern, e.test)
		}
	}
}

// isPicture tells that a file is nothing but a picture that a page shows.
func isPicture(t *testing.T, file string) bool {
	t.Helper()
	return path.Ext(file) == ".png" && slices.ContainsFunc(markdownFiles(t, "templates"), func(page string) bool {
		return strings.Contains(readPage(t, page), "/examples/"+file+")")
	})
}

// isApplied tells that a file is in a configuration that TestExamples applies, or
// in a module of one.
func isApplied(applied []string, file string) bool {
	folder, _, _ := strings.Cut(path.Dir(file), "/modules/")
	return path.Ext(file) == ".tf" && slices.Contains(applied, folder)
}

// isReadBeside tells that a file is named by a configuration in its folder that
// TestExamples applies.
func isReadBeside(t *testing.T, applied []string, file string) bool {
	t.Helper()
	folder := path.Dir(file)
	beside, err := fs.Glob(examples.Files, folder+"/*.tf")
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(applied, folder) && slices.ContainsFunc(beside, func(configuration string) bool {
		return strings.Contains(read(t, configuration), `/`+path.Base(file)+`"`) || strings.Contains(read(t, configuration), `"`+path.Base(file)+`"`)
	})
}

// testFunctions are the tests of the repository, by name, each with the source of
// its file, or files where several packages have one of that name.
func testFunctions(t *testing.T) map[string]string {
	t.Helper()
	functions := map[string]string{}
	err := filepath.WalkDir(filepath.Join(repository, "internal"), func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range parsed.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				functions[f.Name.Name] += string(source)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return functions
}
