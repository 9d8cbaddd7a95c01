// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	yaml "github.com/oasdiff/yaml3"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

const (
	actionFolder = ".github/actions/plan-summary"
	ourAction    = "elasticcloud-access/terraform-provider-elasticcloud/" + actionFolder + "@"
	summaryFile  = actionFolder + "/plansummary.sh"
)

// gitHubAction is what the tests look at of an action.
type gitHubAction struct {
	Inputs map[string]struct {
		Required bool   `yaml:"required"`
		Default  string `yaml:"default"`
	} `yaml:"inputs"`
	Outputs map[string]map[string]string `yaml:"outputs"`
	Runs    struct {
		Using string       `yaml:"using"`
		Steps []gitHubStep `yaml:"steps"`
	} `yaml:"runs"`
}

// action runs the action of this repository, which downloads the program of the
// present code.
func (j *job) action(uses gitHubStep) (string, int) {
	j.t.Helper()
	var action gitHubAction
	if err := yaml.Unmarshal([]byte(readPage(j.t, actionFolder+"/action.yml")), &action); err != nil {
		j.t.Fatal(err)
	}
	if action.Runs.Using != "composite" || len(action.Runs.Steps) != 1 || action.Runs.Steps[0].Shell != "sh" {
		j.t.Fatalf("the action is another one: %v", action)
	}
	step := action.Runs.Steps[0]
	inside := &job{runner: j.runner, file: "action.yml", values: map[string]string{}, ids: []string{step.ID}, temp: j.temp}
	for name, input := range action.Inputs {
		value, given := uses.With[name]
		if !given && input.Required {
			j.t.Fatalf("%s: %q does not give %s", j.file, uses.Name, name)
		}
		if !given {
			value = input.Default
		}
		inside.values["inputs."+name] = j.evaluate(value)
	}
	for name := range uses.With {
		if _, known := action.Inputs[name]; !known {
			j.t.Fatalf("%s: the action has no input %s", j.file, name)
		}
	}
	if inside.values["inputs.url"] == "" {
		inside.values["inputs.url"] = j.mirror
	}
	folder, err := filepath.Abs(filepath.Join(repository, actionFolder))
	if err != nil {
		j.t.Fatal(err)
	}
	out, code := inside.run(step, map[string]string{"GITHUB_ACTION_PATH": folder}, "sh", "-e")
	for name, output := range action.Outputs {
		j.values["steps."+uses.ID+".outputs."+name] = inside.evaluate(output["value"])
	}
	return out, code
}

var releaseHeading = regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)( \(Unreleased\))?`)

// newestVersion is that of the release which has the present code.
func newestVersion(t *testing.T) string {
	t.Helper()
	match := releaseHeading.FindStringSubmatch(readPage(t, "CHANGELOG.md"))
	if match == nil {
		t.Fatal("CHANGELOG.md has no version")
	}
	return match[1]
}

// release are the files of a release of plansummary, by name.
type release map[string][]byte

func archiveName(version string) string {
	return fmt.Sprintf("plansummary_%s_%s_%s.tar.gz", version, runtime.GOOS, runtime.GOARCH)
}

func sumsName(version string) string { return "plansummary_" + version + "_SHA256SUMS" }

// newRelease packs a program for this platform, as a release does.
func newRelease(t *testing.T, version string, program []byte) release {
	t.Helper()
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	w := tar.NewWriter(packed)
	for name, content := range map[string][]byte{"LICENSE": []byte("MPL"), "plansummary": program} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	r := release{archiveName(version): archive.Bytes(), "plansummary.sh": []byte(readPage(t, summaryFile))}
	r.sum(version)
	return r
}

// sum writes the checksums.
func (r release) sum(version string) {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if name != sumsName(version) {
			fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(r[name]), name)
		}
	}
	r[sumsName(version)] = []byte(lines.String())
}

// pin is what a user writes down of the release.
func (r release) pin(version string) string {
	return fmt.Sprintf("%x", sha256.Sum256(r[sumsName(version)]))
}

var summaryProgram = sync.OnceValues(func() (string, error) {
	file := filepath.Join(builtProvider.dir, "plansummary")
	content, err := os.ReadFile(filepath.Join(repository, "CHANGELOG.md"))
	if err != nil {
		return "", err
	}
	version := releaseHeading.FindSubmatch(content)[1]
	return file, cli.GoBuild(context.Background(), "-o", file, "-ldflags", "-s -w -X main.version="+string(version), cli.Module+"/internal/cmd/plansummary")
})

// builtSummary is plansummary of the present code.
func builtSummary(t *testing.T) string {
	t.Helper()
	file, err := summaryProgram()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// builtRelease is the release with the present code.
func builtRelease(t *testing.T) release {
	t.Helper()
	program, err := os.ReadFile(builtSummary(t))
	if err != nil {
		t.Fatal(err)
	}
	return newRelease(t, newestVersion(t), program)
}

// serveRelease serves the files, and returns where.
func serveRelease(t *testing.T, files release) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, found := files[strings.TrimPrefix(r.URL.Path, "/v/")]
		if !found {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/v"
}

// summaryTools are all that the script and the action need.
var summaryTools = []string{"sh", "cat", "curl", "dirname", "gzip", "mkdir", "mktemp", "mv", "od", "rm", "sed", "sha256sum", "tar", "tr", "uname"}

// runSummaryScript runs plansummary.sh with no more than these tools.
func runSummaryScript(t *testing.T, tools string, env map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	script, err := filepath.Abs(filepath.Join(repository, summaryFile))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(tools, "sh"), append([]string{script}, args...)...)
	cmd.Env = []string{"PATH=" + tools, "TMPDIR=" + t.TempDir()}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(strings.TrimPrefix(cmd.Env[1], "TMPDIR="))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return out.String(), told.String(), cmd.ProcessState.ExitCode()
}

// The script downloads, verifies and runs the program of the present code, with
// curl and with wget, pinned and not. Its exit code is that of the program.
func TestSummaryScript(t *testing.T) {
	t.Parallel()
	version, files := newestVersion(t), builtRelease(t)
	url := serveRelease(t, files)
	withWget := slices.Concat(slices.DeleteFunc(slices.Clone(summaryTools), func(tool string) bool { return tool == "curl" || tool == "sha256sum" }), []string{"wget", "shasum", "perl"})
	for name, programs := range map[string][]string{"curl": summaryTools, "wget": withWget} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, needed := range []string{name, map[string]string{"curl": "sha256sum", "wget": "shasum"}[name]} {
				if _, err := exec.LookPath(needed); err != nil {
					t.Skip(err)
				}
			}
			tools := toolsFolder(t, programs...)
			for _, pin := range []string{"", files.pin(version)} {
				env := map[string]string{"PLANSUMMARY_URL": url, "PLANSUMMARY_SHA256": pin}
				if out, told, code := runSummaryScript(t, tools, env, "-version"); code != 0 || out != "plansummary "+version+"\n" || told != "" {
					t.Errorf("pinned to %q: %d, %s%s", pin, code, out, told)
				}
				if _, told, code := runSummaryScript(t, tools, env, "-no-such-flag"); code != 2 {
					t.Errorf("wrong usage: %d, %s", code, told)
				}
			}
			folder := filepath.Join(t.TempDir(), "bin")
			out, told, code := runSummaryScript(t, tools, map[string]string{"PLANSUMMARY_URL": url}, "-install", folder)
			if want := folder + "/plansummary is plansummary " + version + ".\n"; code != 0 || out != want {
				t.Fatalf("install: %d, %s%s", code, out, told)
			}
			if printed, err := exec.CommandContext(t.Context(), filepath.Join(folder, "plansummary"), "-version").Output(); err != nil || string(printed) != "plansummary "+version+"\n" {
				t.Errorf("installed: %s, %v", printed, err)
			}
		})
	}
}

// The script runs nothing that it could not verify, and says why.
func TestSummaryScriptRefuses(t *testing.T) {
	t.Parallel()
	const version = "1.2.3"
	ran := filepath.Join(t.TempDir(), "ran")
	program := func(text string) []byte { return []byte("#!/bin/sh\n: " + text + "\ntouch '" + ran + "'\n") }
	right := newRelease(t, version, program("right"))
	evil := newRelease(t, version, program("evil"))
	uname := func(t *testing.T, system string) string {
		t.Helper()
		tools := toolsFolder(t, slices.DeleteFunc(slices.Clone(summaryTools), func(tool string) bool { return tool == "uname" })...)
		text := "#!/bin/sh\nif [ \"$1\" = -s ]; then echo " + system + "; else echo vax; fi\n"
		if err := os.WriteFile(filepath.Join(tools, "uname"), []byte(text), 0o700); err != nil { //nolint:gosec // It is run.
			t.Fatal(err)
		}
		return tools
	}
	without := func(t *testing.T, tools ...string) string {
		t.Helper()
		return toolsFolder(t, slices.DeleteFunc(slices.Clone(summaryTools), func(tool string) bool { return slices.Contains(tools, tool) })...)
	}
	cases := map[string]struct {
		files release
		env   map[string]string
		tools func(*testing.T) string
		want  string
	}{
		"tampered archive": {
			files: release{archiveName(version): evil[archiveName(version)], sumsName(version): right[sumsName(version)]},
			want:  "The SHA-256 of " + archiveName(version) + " is ",
		},
		"tampered archive and checksums": {files: evil, env: map[string]string{"PLANSUMMARY_SHA256": right.pin(version)}, want: "The SHA-256 of " + sumsName(version) + " is " + evil.pin(version) + ", not " + right.pin(version)},
		"pin of another release":         {files: right, env: map[string]string{"PLANSUMMARY_SHA256": strings.Repeat("0", 64)}, want: "The SHA-256 of " + sumsName(version) + " is " + right.pin(version) + ", not " + strings.Repeat("0", 64)},
		"missing archive":                {files: release{sumsName(version): right[sumsName(version)]}, want: "Could not download "},
		"missing checksums":              {files: release{archiveName(version): right[archiveName(version)]}, want: "Could not download "},
		"archive not listed":             {files: release{archiveName(version): right[archiveName(version)], sumsName(version): nil}, want: sumsName(version) + " does not list " + archiveName(version)},
		"truncated archive": {
			files: release{archiveName(version): right[archiveName(version)][:40], sumsName(version): right[sumsName(version)]},
			want:  "The SHA-256 of " + archiveName(version) + " is ",
		},
		"no archive at all": {files: func() release {
			r := maps.Clone(right)
			r[archiveName(version)] = []byte("<html>")
			r.sum(version)
			return r
		}(), want: "Could not unpack " + archiveName(version)},
		"unknown system":    {files: right, tools: func(t *testing.T) string { return uname(t, "Plan9") }, want: "There is no plansummary for Plan9 on vax"},
		"unknown machine":   {files: right, tools: func(t *testing.T) string { return uname(t, "Linux") }, want: "There is no plansummary for Linux on vax"},
		"not a version":     {files: right, env: map[string]string{"PLANSUMMARY_VERSION": "../1.2.3"}, want: "Invalid version: ../1.2.3"},
		"nothing to load":   {files: right, tools: func(t *testing.T) string { return without(t, "curl") }, want: "Neither curl nor wget is installed."},
		"nothing to verify": {files: right, tools: func(t *testing.T) string { return without(t, "sha256sum") }, want: "Neither sha256sum nor shasum is installed."},
	}
	t.Run("cases", func(t *testing.T) { // it ends with the last of them
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tools := toolsFolder(t, summaryTools...)
				if test.tools != nil {
					tools = test.tools(t)
				}
				env := map[string]string{"PLANSUMMARY_URL": serveRelease(t, test.files), "PLANSUMMARY_VERSION": version}
				maps.Copy(env, test.env)
				out, told, code := runSummaryScript(t, tools, env, "plan.json")
				if code != 1 || out != "" || !strings.Contains(told, "plansummary.sh: "+test.want) {
					t.Errorf("ended with %d, printed %q, and said: %s", code, out, told)
				}
			})
		}
		t.Run("interrupted download", func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				content := right[path.Base(r.URL.Path)]
				w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				_, _ = w.Write(content[:len(content)/2])
			}))
			defer srv.Close()
			_, told, code := runSummaryScript(t, toolsFolder(t, summaryTools...), map[string]string{"PLANSUMMARY_URL": srv.URL, "PLANSUMMARY_VERSION": version}, "plan.json")
			if code != 1 || !strings.Contains(told, "plansummary.sh: Could not download "+srv.URL) {
				t.Errorf("ended with %d, and said: %s", code, told)
			}
		})
	})
	if _, err := os.Stat(ran); err == nil {
		t.Error("something was run")
	}
	env := map[string]string{"PLANSUMMARY_URL": serveRelease(t, right), "PLANSUMMARY_VERSION": version}
	if _, told, code := runSummaryScript(t, toolsFolder(t, append(slices.Clone(summaryTools), "touch")...), env); code != 0 {
		t.Errorf("what is right was not run: %s", told)
	}
	if _, err := os.Stat(ran); err != nil {
		t.Errorf("the test would not see what is run: %v", err)
	}
}

// The outputs of the action are words that it knows, whatever a plan made
// plansummary print, and fail-on decides whether the step fails.
func TestSummaryAction(t *testing.T) {
	t.Parallel()
	const version = "1.2.3"
	hostile := "#!/bin/sh\necho \"$@\"\necho '::set-output name=found::'\n" +
		"echo 'plansummary: the plan has: owner, $(touch x), unclear, found=refused' >&2\necho '::set-output name=file::/etc/passwd' >&2\nexit 3\n"
	said := func(code int, text string) string {
		return fmt.Sprintf("#!/bin/sh\necho summary\n%s\nexit %d\n", text, code)
	}
	for name, test := range map[string]struct {
		program     string
		with        map[string]string
		fails       bool
		found, says string
	}{
		"nothing found": {program: said(0, ""), says: "summary\n"},
		"flags": {
			program: "#!/bin/sh\necho \"$@\"\n", with: map[string]string{"text": "my shown.txt", "drift": "true"},
			says: "-fail-on owner,sso,idp,refused,unclear -events -plan.jsonl -text my shown.txt -drift -- -plan.json\n",
		},
		"hostile":                {program: hostile, found: "owner,unclear", says: "::set-output name=found::\n"},
		"refused":                {program: said(3, "echo 'plansummary: the plan has: owner, refused' >&2"), fails: true, found: "owner,refused", says: "summary\n"},
		"fails on nothing":       {program: said(3, "echo 'plansummary: the plan has: refused' >&2"), with: map[string]string{"fail-on": ""}, found: "refused", says: "summary\n"},
		"fails on several":       {program: said(3, "echo 'plansummary: the plan has: idp' >&2"), with: map[string]string{"fail-on": "sso, idp"}, fails: true, found: "idp", says: "summary\n"},
		"another error":          {program: said(1, "echo 'plansummary: the plan has: owner' >&2"), fails: true},
		"found without words":    {program: said(3, ""), fails: true},
		"unknown fail-on":        {program: said(0, ""), with: map[string]string{"fail-on": "onwer"}, fails: true},
		"pattern for fail-on":    {program: said(0, ""), with: map[string]string{"fail-on": "*"}, fails: true},
		"file that is an output": {program: said(0, ""), with: map[string]string{"output": "a\nfound="}, fails: true},
		"not what is pinned":     {program: said(0, ""), with: map[string]string{"sha256": strings.Repeat("0", 64)}, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := newRelease(t, version, []byte(test.program))
			dir := t.TempDir()
			r := runner{terraform: terraform{t: t, workspace: &cli.Workspace{Dir: dir}}, env: []string{"PATH=" + toolsFolder(t, summaryTools...)}, mirror: serveRelease(t, files)}
			with := map[string]string{"plan": "-plan.json", "events": "-plan.jsonl", "version": version, "sha256": files.pin(version)}
			maps.Copy(with, test.with)
			j := &job{runner: r, file: "a workflow", values: map[string]string{}, ids: []string{"summary"}, temp: t.TempDir()}
			out, code := j.action(gitHubStep{ID: "summary", With: with})
			if (code != 0) != test.fails {
				t.Errorf("ended with %d: %s", code, out)
			}
			file := j.value("steps.summary.outputs.file")
			if found := j.value("steps.summary.outputs.found"); found != test.found {
				t.Errorf("found %q, not %q: %s", found, test.found, out)
			}
			if (file == "") != (test.says == "") {
				t.Fatalf("the file is %q: %s", file, out)
			}
			if file != "" {
				content, err := os.ReadFile(file)
				if err != nil || !strings.HasSuffix(string(content), test.says) || file != filepath.Join(j.temp, "plan-summary.md") {
					t.Errorf("%s: %s, %v", file, content, err)
				}
			}
			// What comes from the program is printed where the runner takes no commands.
			if before, _, told := strings.Cut(out, "::set-output"); told {
				token := regexp.MustCompile(`(?m)^::stop-commands::([0-9a-f]{32})\n`).FindStringSubmatch(before)
				if token == nil {
					t.Fatalf("the runner takes commands: %s", out)
				}
				if _, after, _ := strings.Cut(out, "::"+token[1]+"::\n"); strings.Contains(before, "::"+token[1]+"::\n") || strings.Contains(after, "::set-output") {
					t.Errorf("the runner would take commands from: %s", out)
				}
			}
		})
	}
}

var (
	versionNamed = []*regexp.Regexp{
		regexp.MustCompile(regexp.QuoteMeta(ourAction) + `v([\w.-]+)`),
		regexp.MustCompile(`/releases/download/v([\w.-]+)`),
		regexp.MustCompile(`plansummary_(\d[\w.-]*?)_`),
		regexp.MustCompile(`PLANSUMMARY_VERSION:-([\w.-]+)\}`),
		regexp.MustCompile(`plansummary@v?([\w.-]+)`),
	}
	scriptPin = regexp.MustCompile(`"([0-9A-Za-z_]+)  plansummary\.sh"`)
)

// An example names the version that has the present code, and no other: an older
// one does not know what the example calls it with. It pins the script that is
// released with it.
func TestVersionsInExamples(t *testing.T) {
	t.Parallel()
	newest := newestVersion(t)
	contents := map[string]string{summaryFile: readPage(t, summaryFile)}
	for _, page := range append(markdownFiles(t, "templates"), "README.md", "CONTRIBUTING.md") {
		contents[page] = readPage(t, page)
	}
	for _, folder := range []string{"pull-request-review", "drift"} {
		entries, err := examples.Files.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			contents["examples/"+folder+"/"+entry.Name()] = read(t, folder+"/"+entry.Name())
		}
	}
	named, pins := map[string]int{}, 0
	script := fmt.Sprintf("%x", sha256.Sum256([]byte(readPage(t, summaryFile))))
	for file, content := range contents {
		for _, pattern := range versionNamed {
			for _, version := range firstGroups(pattern, content) {
				named[pattern.String()]++
				if version = strings.TrimRight(version, "."); version != newest {
					t.Errorf("%s names %s of plansummary; the topmost in CHANGELOG.md is %s", file, version, newest)
				}
			}
		}
		for _, pin := range firstGroups(scriptPin, content) {
			pins++
			if pin != script {
				t.Errorf("%s pins %s for plansummary.sh, which has %s", file, pin, script)
			}
		}
	}
	if named[versionNamed[0].String()] < 2 || named[versionNamed[1].String()] < 2 || named[versionNamed[3].String()] != 1 || pins < 2 {
		t.Errorf("few versions were found: %v, and %d pins", named, pins)
	}
}

// Until there is a release the guides say what to use in its place, and no longer
// than that.
func TestGuidesBeforeTheRelease(t *testing.T) {
	t.Parallel()
	unreleased := releaseHeading.FindStringSubmatch(readPage(t, "CHANGELOG.md"))[2] != ""
	for _, page := range []string{pullRequestGuide, "templates/guides/drift.md.tmpl"} {
		if strings.Contains(readPage(t, page), "is not published yet") != unreleased {
			t.Errorf("%s has to say that %s is not published yet: %t", page, newestVersion(t), unreleased)
		}
	}
}
