// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	fwresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
)

// repository is the folder of everything, from where the tests of this package
// run.
const repository = "../.."

// pageKind is a folder of docs/ and of examples/, and what has a page there.
type pageKind struct {
	folder, example string
	names           []string
}

// pageKinds lists all that the provider has, as the registry sees it.
func pageKinds(t *testing.T) []pageKind {
	t.Helper()
	s, err := newServer().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return []pageKind{
		{"resources", "resource.tf", slices.Sorted(maps.Keys(s.ResourceSchemas))},
		{"data-sources", "data-source.tf", slices.Sorted(maps.Keys(s.DataSourceSchemas))},
		{"ephemeral-resources", "ephemeral-resource.tf", slices.Sorted(maps.Keys(s.EphemeralResourceSchemas))},
		{"functions", "function.tf", slices.Sorted(maps.Keys(s.Functions))},
		{"list-resources", "list-resource.tfquery.hcl", slices.Sorted(maps.Keys(s.ListResourceSchemas))},
		{"actions", "action.tf", slices.Sorted(maps.Keys(s.ActionSchemas))},
	}
}

// page is the path of what tfplugindocs writes.
func (k pageKind) page(name string) string {
	return path.Join("docs", k.folder, strings.TrimPrefix(name, "elasticcloud_")+".md")
}

// Everything that the provider has is on a page of the registry, with its
// example, and nothing else is.
func TestPages(t *testing.T) {
	t.Parallel()
	imports, index := importFiles(t), readPage(t, "docs/index.md")
	var pages, folders []string
	for _, kind := range pageKinds(t) {
		for _, name := range kind.names {
			pages = append(pages, kind.page(name))
			folders = append(folders, path.Join(kind.folder, name))
			page := readPage(t, kind.page(name))
			if page == "" {
				continue
			}
			if link := "](" + strings.TrimPrefix(kind.page(name), "docs/") + ")"; !strings.Contains(index, link) {
				t.Errorf("docs/index.md does not link to %s", kind.page(name))
			}
			files := []string{kind.example}
			if kind.folder == "resources" {
				files = append(files, imports[name]...)
			}
			for _, file := range files {
				content, err := examples.Files.ReadFile(path.Join(kind.folder, name, file))
				if err != nil {
					t.Errorf("%s has no example: %v", name, err)
				} else if !strings.Contains(page, strings.TrimSpace(string(content))) {
					t.Errorf("%s does not show %s", kind.page(name), file)
				}
			}
		}
		for _, file := range glob(t, path.Join("docs", kind.folder, "*")) {
			if !slices.Contains(pages, file) {
				t.Errorf("%s is a page of nothing", file)
			}
		}
		kept, err := fs.Glob(examples.Files, path.Join(kind.folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range kept {
			if !slices.Contains(folders, folder) {
				t.Errorf("examples/%s is an example of nothing", folder)
			}
		}
	}
}

// importFiles are the ways to import that the page of each resource shows.
func importFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	for _, constructor := range (&elasticcloudProvider{}).Resources(t.Context()) {
		r := constructor()
		var metadata fwresource.MetadataResponse
		r.Metadata(t.Context(), fwresource.MetadataRequest{ProviderTypeName: "elasticcloud"}, &metadata)
		if _, imports := r.(fwresource.ResourceWithImportState); imports {
			files[metadata.TypeName] = append(files[metadata.TypeName], "import.sh", "import-by-string-id.tf")
		}
		if _, identified := r.(fwresource.ResourceWithIdentity); identified {
			files[metadata.TypeName] = append(files[metadata.TypeName], "import-by-identity.tf")
		}
	}
	return files
}

// Every guide is generated, and somebody who begins to read finds it.
func TestGuides(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, template := range glob(t, "templates/guides/*") {
		pages = append(pages, "docs/guides/"+strings.TrimSuffix(path.Base(template), ".tmpl"))
	}
	entrance := readPage(t, "docs/index.md") + readPage(t, "README.md")
	for _, page := range pages {
		readPage(t, page)
		if !strings.Contains(entrance, "](guides/"+path.Base(page)) && !strings.Contains(entrance, "]("+page) {
			t.Errorf("neither docs/index.md nor README.md links to %s", page)
		}
	}
	for _, page := range glob(t, "docs/guides/*") {
		if !slices.Contains(pages, page) {
			t.Errorf("%s is generated from nothing", page)
		}
	}
}

var frontMatter = regexp.MustCompile(`(?s)\A---\n.*?\n?page_title: ".+?"\n.*?description: \|-\n  \S.*?\n---\n`)

// tasks are the parts of the documentation, in the order of docs/index.md. A page
// names one as its subcategory. API keys has no page yet.
var tasks = []string{"Start", "People", "Roles", "Single sign-on", "API keys", "Reviews and drift", "Operations"}

var (
	subcategory = regexp.MustCompile(`(?m)^subcategory: "(.*)"$`)
	taskHeading = regexp.MustCompile(`(?m)^### (.+)$`)
)

// The registry takes a page's title and its place from its front matter, and
// docs/index.md links to the page in the same place.
func TestFrontMatter(t *testing.T) {
	t.Parallel()
	index := readPage(t, "docs/index.md")
	_, byTask, _ := strings.Cut(index, "\n## All pages by task\n")
	byTask, _, _ = strings.Cut(byTask, "\n## ")
	lists := map[string]string{}
	for part := range strings.SplitSeq(byTask, "\n### ") {
		task, list, _ := strings.Cut(part, "\n")
		lists[task] = list
	}
	at := -1
	for _, task := range firstGroups(taskHeading, byTask) {
		before := at
		if at = slices.Index(tasks, task); at <= before {
			t.Errorf("docs/index.md has %q, and the parts are %q, in this order", task, tasks)
		}
	}
	for _, page := range markdownFiles(t, "docs") {
		head := frontMatter.FindString(readPage(t, page))
		if head == "" {
			t.Errorf("%s does not begin with a title and a description", page)
		}
		if page == "docs/index.md" {
			continue
		}
		task := subcategory.FindStringSubmatch(head)
		switch {
		case task == nil || !slices.Contains(tasks, task[1]):
			t.Errorf("%s has the subcategory %q, and the parts are %q: a guide names one, for all others see templates/*.md.tmpl", page, task, tasks)
		case !strings.Contains(lists[task[1]], "]("+strings.TrimPrefix(page, "docs/")+")"):
			t.Errorf("docs/index.md does not link to %s under %s", page, task[1])
		}
	}
}

// The figures of README are those of what it links to, and it is short.
func TestReadmeFigures(t *testing.T) {
	t.Parallel()
	readme := readPage(t, "README.md")
	for text, from := range map[string][]string{
		"%s cases":          firstGroups(regexp.MustCompile(`\*\*\d+ of (\d+) cases converge`), readPage(t, "templates/guides/faults.md.tmpl")),
		"%s plays":          firstGroups(regexp.MustCompile(`\*\*\d+ of (\d+) plays keep`), readPage(t, "templates/guides/faults.md.tmpl")),
		"| %s, plus ":       firstGroups(regexp.MustCompile(`(?m)^SOAK_CHECKS \?= (\d+)$`), readPage(t, "GNUmakefile")),
		"plus %s for each ": firstGroups(regexp.MustCompile(`(?m)^SOAK_READINGS \?= (\d+)$`), readPage(t, "GNUmakefile")),
	} {
		if len(from) != 1 {
			t.Errorf("%q has the figures %q", text, from)
			continue
		}
		figure := from[0]
		if _, err := strconv.Atoi(figure); err == nil && len(figure) > 3 {
			figure = figure[:len(figure)-3] + "," + figure[len(figure)-3:]
		}
		if want := fmt.Sprintf(text, figure); !strings.Contains(readme, want) {
			t.Errorf("README does not say %q", want)
		}
	}
	_, tested, _ := strings.Cut(readme, "\nEach change is tested with ")
	tested, _, _ = strings.Cut(tested, "\n")
	for _, version := range firstGroups(regexp.MustCompile(`cli: \w+, version: (\d[\d.]*\d)`), readPage(t, ".github/workflows/test.yml")) {
		if !strings.Contains(tested, " "+version) {
			t.Errorf("README does not say that version %s is tested", version)
		}
	}
	if lines := strings.Count(readme, "\n"); lines > 200 {
		t.Errorf("README has %d lines", lines)
	}
}

var (
	codeBlock  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	otherSite  = regexp.MustCompile(`^[a-z]+:`)
	heading    = regexp.MustCompile(`(?m)^#+ (.+)$`)
	anchor     = regexp.MustCompile(`<a id="([^"]+)">`)
	notInSlugs = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
)

// Every link within the repository leads to a file and, after a #, to a heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := append(markdownFiles(t, "docs"), "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
	links := 0
	for _, page := range append(pages, markdownFiles(t, "templates")...) {
		// A template's links are those of the page that is made from it.
		place := strings.TrimSuffix(strings.Replace(page, "templates/", "docs/", 1), ".tmpl")
		for _, match := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(readPage(t, page), ""), -1) {
			if otherSite.MatchString(match[1]) {
				continue
			}
			links++
			file, fragment, _ := strings.Cut(match[1], "#")
			target := place
			if file != "" {
				target = path.Join(path.Dir(place), file)
			}
			if _, err := os.Stat(filepath.Join(repository, target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, match[1])
			} else if fragment != "" && !slices.Contains(anchors(t, target), fragment) {
				t.Errorf("%s links to %s, which has no such heading", page, match[1])
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d links were found", links)
	}
}

// anchors are what a link into a page can name: its headings as GitHub and the
// registry make them, and what tfplugindocs adds.
func anchors(t *testing.T, page string) []string {
	t.Helper()
	content := codeBlock.ReplaceAllString(readPage(t, page), "")
	var names []string
	for _, match := range heading.FindAllStringSubmatch(content, -1) {
		slug := notInSlugs.ReplaceAllString(strings.ToLower(match[1]), "")
		names = append(names, strings.ReplaceAll(slug, " ", "-"))
	}
	for _, match := range anchor.FindAllStringSubmatch(content, -1) {
		names = append(names, match[1])
	}
	return names
}

// markdownFiles lists the pages in a folder of the repository, and the templates
// of pages.
func markdownFiles(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(repository, folder), func(file string, entry fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(file, ".md") || strings.HasSuffix(file, ".md.tmpl")) {
			files = append(files, fromRepository(t, file))
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages in %s: %v", folder, err)
	}
	return files
}

// glob is filepath.Glob from the repository.
func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(repository, pattern))
	if err != nil {
		t.Fatal(err)
	}
	files := make([]string, 0, len(found))
	for _, file := range found {
		files = append(files, fromRepository(t, file))
	}
	return files
}

func fromRepository(t *testing.T, file string) string {
	t.Helper()
	relative, err := filepath.Rel(repository, file)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(relative)
}

// readPage is a file of the repository, or nothing and an error of the test.
func readPage(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, file))
	if err != nil {
		t.Error(err)
	}
	return string(content)
}
