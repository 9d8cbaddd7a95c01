// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// sectionTests names the test that takes the commands out of a section of a page
// and runs them.
var sectionTests = []struct{ page, heading, test string }{
	{"README.md", "Try it without an account", "TestReadme"},
	{"README.md", "Use it with your organization", "TestReadme"},
	{"templates/guides/access-review.md.tmpl", "", "TestAccessReviewGuide"},
	{adoptGuide, "With terraform query", "TestAdoptQuery"},
	{adoptGuide, "With import blocks", "TestAdoptImportBlocks"},
	{adoptGuide, "As one map", "TestAdoptForEach"},
	{adoptGuide, "As one resource", "TestAdoptOneResource"},
	{ecGuide, "With a moved block", "TestFromECOrganizationMoved"},
	{ecGuide, "With generated configuration", "TestFromECOrganization"},
	{pullRequestGuide, "Anything else", "TestPullRequestGuide"},
	{lockoutGuide, "With Terraform", "TestSSOLockoutGuide"},
	{lockoutGuide, "Without Terraform", "TestSSOLockoutGuide"},
	{enforcementPage, "In an emergency", "TestCallThatEndsTheEnforcement"},
}

const (
	pullRequestGuide = "templates/guides/pull-request-review.md.tmpl"
	lockoutGuide     = "templates/guides/sso-lockout.md.tmpl"
	enforcementPage  = "templates/resources/sso_enforcement.md.tmpl"
)

// commandsNotRun says of other commands why no test runs them.
var commandsNotRun = map[string]string{
	"export EC_API_KEY=...":                                            "the key is the reader's; the tests set their own",
	"export ELASTICCLOUD_PROBE=yes-change-my-organization":             "the opt-in is the reader's; the tests of the probe set their own",
	"$EDITOR internal/provider/testdata/states/elasticcloud_<name>.tf": "a person writes there",
}

var (
	makeTarget = regexp.MustCompile("`make ([a-z][a-z-]*)")
	makeRule   = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	goTest     = regexp.MustCompile(`\bgo test\b.* -run '?\^?(Test\w+)(\$?)`)
	goRun      = regexp.MustCompile(`^go run \./(internal/cmd/\w+)`)
)

// Every command on a page is run by a test, or there is a word about why not.
// Make targets, tests and programs of the repository have to be there; to run
// them from here would run everything twice.
func TestCommands(t *testing.T) {
	t.Parallel()
	tests := testFunctions(t)
	rules := firstGroups(makeRule, readPage(t, "GNUmakefile"))
	shown, run := map[string]bool{}, map[string]bool{}
	for _, page := range append(markdownFiles(t, "templates"), "README.md", "CONTRIBUTING.md") {
		content := readPage(t, page)
		for _, target := range firstGroups(makeTarget, content) {
			if !slices.Contains(rules, target) {
				t.Errorf("%s: there is no make %s", page, target)
			}
		}
		for section := range strings.SplitSeq("\n"+content, "\n## ") {
			heading, _, _ := strings.Cut(section, "\n")
			test := testOfSection(t, tests, page, heading)
			for _, command := range shellCommands(section) {
				shown[command] = true
				makes, started, program := strings.HasPrefix(command, "make "), goTest.FindStringSubmatch(command), goRun.FindStringSubmatch(command)
				switch {
				case commandsNotRun[command] != "":
				case makes && slices.Contains(rules, strings.Fields(command)[1]):
				case started != nil && anyTest(tests, started[1], started[2] != ""):
				case program != nil && len(glob(t, program[1]+"/*_test.go")) > 0:
				case !makes && started == nil && program == nil && test != "":
					run[page+heading] = true
				default:
					t.Errorf("%s: nobody runs %q, under %q", page, command, heading)
				}
			}
		}
	}
	for command := range commandsNotRun {
		if !shown[command] {
			t.Errorf("no page shows %q", command)
		}
	}
	for _, s := range sectionTests {
		if !run[s.page+s.heading] {
			t.Errorf("%s has no commands for %s under %q", s.page, s.test, s.heading)
		}
	}
}

// testOfSection is the test that runs the commands of a section, if there is one.
// It has to name the page, as it reads it.
func testOfSection(t *testing.T, tests map[string]string, page, heading string) string {
	t.Helper()
	for _, s := range sectionTests {
		if s.page == page && s.heading == heading {
			if !strings.Contains(tests[s.test], strings.TrimSuffix(path.Base(page), ".tmpl")) {
				t.Errorf("%s is said to run %s, which it does not name, or is not there", s.test, page)
			}
			return s.test
		}
	}
	return ""
}

func firstGroups(expression *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range expression.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

func anyTest(tests map[string]string, name string, whole bool) bool {
	for test := range tests {
		if test == name || !whole && strings.HasPrefix(test, name) {
			return true
		}
	}
	return false
}

var (
	fence   = regexp.MustCompile("^ *```(\\w*)")
	inList  = regexp.MustCompile(`^([-*]|\d+\.) `)
	comment = regexp.MustCompile(`\s+# .*$`)
)

// shellCommands returns the commands of a page: fenced shell blocks and indented code. A
// continued line is joined with the next.
func shellCommands(page string) []string {
	var commands []string
	var fenced *string
	list, goesOn := false, false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if opened := fence.FindStringSubmatch(line); opened != nil && fenced == nil {
			fenced = &opened[1]
			continue
		} else if opened != nil {
			fenced = nil
			continue
		}
		if fenced == nil && indent == 0 && line != "" {
			list = inList.MatchString(line)
		}
		isCode := indent >= 8 || indent >= 4 && !list
		if fenced != nil {
			isCode = slices.Contains([]string{"sh", "shell", "bash", "console"}, *fenced)
		}
		text := strings.TrimSpace(comment.ReplaceAllString(line, ""))
		if !isCode || text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if goesOn {
			commands[len(commands)-1] += " " + strings.TrimSuffix(text, " \\")
		} else {
			commands = append(commands, strings.TrimSuffix(text, " \\"))
		}
		goesOn = strings.HasSuffix(text, " \\")
	}
	return commands
}

// The commands are found in whatever way a page shows them.
func TestShellCommands(t *testing.T) {
	t.Parallel()
	page := strings.Join([]string{
		"Text.", "", "    make a    # why", "    b 'c # d'", "", "- A list", "    that goes on", "", "        in-list", "",
		"1. Another", "", "    ```shell", "    e \\", "      -f \\", "      --g", "    ```", "", "Text",
		"```terraform", "h = 1", "```", "```", "    i", "```", "```sh", "# j", "k#l", "```", "", "    m",
	}, "\n")
	got := strings.Join(shellCommands(page), "|")
	if want := "make a|b 'c|in-list|e -f --g|k#l|m"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

var writeReadme = flag.Bool("write-readme", false, "write the plan that TestReadme makes into README.md")

// What README shows happens: the way from the configuration to an applied member,
// the plan after changes by hand, and the import.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme := readPage(t, "README.md")
	blocks := firstGroups(regexp.MustCompile("(?s)```hcl\n(.*?)```"), readme)
	pictures := firstGroups(regexp.MustCompile("(?s)```text\n(.*?)\n```"), readme)
	if len(blocks) != 2 || len(pictures) != 1 {
		t.Fatalf("README has %d configurations and %d plans, not two and one", len(blocks), len(pictures))
	}
	srv := newFake(t)
	srv.AddMember("member@example.com", "deployment-viewer:*") // as fakecloud has
	tf := newCLI(t, srv)
	tf.write("main.tf", blocks[0])
	commands := slices.DeleteFunc(commandsUnder(t, "README.md", "Try it without an account"), func(command string) bool {
		return !strings.HasPrefix(command, "terraform ")
	})
	printed := tf.follow(commands)
	if len(printed) != 3 {
		t.Fatalf("README has the commands %q", commands)
	}
	wantText(t, printed[1], "Plan: 3 to add", "- member@example.com (member): deployment-viewer:*")
	wantText(t, printed[2], "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.")
	for email, want := range map[string]string{"alice@example.com": "invited", "bob@example.com": "invited", "member@example.com": "none"} {
		if status := srv.Status(email); status != want {
			t.Errorf("%s is %s, want %s", email, status, want)
		}
	}
	srv.Accept("alice@example.com")
	srv.Accept("bob@example.com")
	wantText(t, tf.must("plan"), "No changes.")

	srv.Grant("alice@example.com", "organization-admin")
	srv.AddMember("mallory@example.com", "deployment-admin:*")
	plan, err := tf.workspace.Command(t.Context(), "plan", "-no-color").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, plan)
	}
	shown := pictureOf(t, strings.ReplaceAll(string(plan), srv.OrganizationID, "1234567890"))
	switch {
	case *writeReadme:
		written := strings.Replace(readme, pictures[0], shown, 1)
		if err := os.WriteFile(filepath.Join(repository, "README.md"), []byte(written), 0o644); err != nil {
			t.Fatal(err)
		}
	case strings.Join(strings.Fields(pictures[0]), " ") != strings.Join(strings.Fields(shown), " "):
		t.Errorf("README shows another plan: run this test with -write-readme. The plan is\n%s", shown)
	}

	elsewhere := newCLI(t, srv)
	elsewhere.write("main.tf", blocks[0])
	elsewhere.write("import.tf", blocks[1])
	wantText(t, elsewhere.must(append(strings.Fields(commandsUnder(t, "README.md", "Use it with your organization")[2])[1:], "-no-color")...), "1 to import")
}

// pictureOf returns the changes of a printed plan and its warnings, in the order of
// the alphabet: they are printed in any order.
func pictureOf(t *testing.T, plan string) string {
	t.Helper()
	begin := strings.Index(plan, "  # elasticcloud_")
	if begin < 0 {
		t.Fatalf("this is not a plan: %s", plan)
	}
	parts := strings.Split(regexp.MustCompile(`(?m)^[│╷╵] ?`).ReplaceAllString(plan[begin:], ""), "\nWarning: ")
	slices.Sort(parts[1:])
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	return "  " + strings.Join(parts, "\n\nWarning: ")
}

// With what make install prints, init finds the provider that it built, and
// another one after the next build.
func TestMakeInstall(t *testing.T) {
	t.Parallel()
	tf := newCLI(t, newFake(t))
	bin := t.TempDir()
	for _, init := range []string{"init", "init -upgrade"} {
		cmd := exec.CommandContext(t.Context(), "make", "--silent", "--no-print-directory", "install", "BIN="+bin)
		cmd.Dir = filepath.Join("..", "..")
		printed, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, printed)
		}
		advice, config, _ := strings.Cut(string(printed), "\n\n")
		wantText(t, advice, "`terraform "+init+"`")
		for name, text := range map[string]string{"cli.tfrc": config, "main.tf": header + `data "elasticcloud_organization" "this" {}`} {
			if err := os.WriteFile(filepath.Join(tf.workspace.Dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tf.must(strings.Fields(init)...)
		built, err := filepath.Glob(filepath.Join(bin, "registry.terraform.io", cli.Source, "*"))
		if err != nil || len(built) != 1 {
			t.Fatalf("there are %q, %v", built, err)
		}
		wantText(t, tf.must("version"), "/elasticcloud v"+filepath.Base(built[0]))
		wantText(t, tf.must("plan"), "No changes.")
	}
}

// The commands for a CI system that has no example summarize a plan.
func TestPullRequestGuide(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "pull-request-review")
	r.push(pullRequestChanges[0])
	commands := commandsUnder(t, pullRequestGuide, "Anything else")
	script := filepath.Join(t.TempDir(), "commands.sh")
	if err := os.WriteFile(script, []byte(strings.Join(commands, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(filepath.Join(repository, summaryFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.workspace.Dir, "plansummary.sh"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := r.script(map[string]string{"EC_API_KEY": srv.Key, "PLANSUMMARY_URL": r.mirror}, "sh", "-eu", script)
	if code != 0 {
		t.Fatalf("it ended with %d: %s", code, out)
	}
	wantText(t, out, "**Owners change, 2 grants change.**", "- **`bob@example.com` becomes an owner**", "<details><summary>The whole plan</summary>")
}

// The page of the resource shows the same call as the guide, which another test
// makes.
func TestCallThatEndsTheEnforcement(t *testing.T) {
	t.Parallel()
	page, guide := shellCommands(readPage(t, enforcementPage)), commandsUnder(t, lockoutGuide, "Without Terraform")
	if len(page) != 1 || !slices.Equal(page, guide) {
		t.Errorf("the page shows %q, and the guide %q", page, guide)
	}
}

// The commands for one review by hand write the three reports.
func TestAccessReviewGuide(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.ReadOnlyKey())
	seedOrganization(srv)
	tf := example(t, srv, "access-review")
	tf.follow(shellCommands(readPage(t, "templates/guides/access-review.md.tmpl")))
	for _, file := range []string{"access.html", "access.md", "access.csv"} {
		report, err := os.ReadFile(filepath.Join(tf.workspace.Dir, file))
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, string(report), "alice@example.com", "viewers")
	}
	wantWrites(t, srv)
}

// The import block and the commands of adopt.md adopt everybody as one resource.
// Those whose invitation has expired are a matter of TestAdoptMembersExpired.
func TestAdoptOneResource(t *testing.T) {
	t.Parallel()
	srv := company(t)
	for _, email := range srv.Emails() {
		if srv.Status(email) == "expired" {
			srv.Remove(email)
		}
	}
	srv.ResetLedger()
	tf := newCLI(t, srv)
	blocks := firstGroups(regexp.MustCompile("(?s)\n## As one resource\n.*?```terraform\n(.*?)```"), readPage(t, adoptGuide))
	if len(blocks) != 1 {
		t.Fatalf("there are %d configurations", len(blocks))
	}
	tf.configure(strings.ReplaceAll(blocks[0], "1234567890", srv.OrganizationID))
	printed := tf.follow(commandsUnder(t, adoptGuide, "As one resource"))
	wantText(t, printed[1], "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.")
	wantText(t, tf.must("plan"), "No changes.")
	wantWrites(t, srv)
}
