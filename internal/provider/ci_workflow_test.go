// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	yaml "github.com/oasdiff/yaml3"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/standin"
)

// gitHubWorkflow is what the tests look at of a workflow.
type gitHubWorkflow struct {
	On          map[string]any            `yaml:"on"`
	Permissions map[string]string         `yaml:"permissions"`
	Concurrency map[string]any            `yaml:"concurrency"`
	Defaults    map[string]map[string]any `yaml:"defaults"`
	Jobs        map[string]struct {
		If          string            `yaml:"if"`
		Permissions map[string]string `yaml:"permissions"`
		Steps       []gitHubStep      `yaml:"steps"`
	} `yaml:"jobs"`
}

type gitHubStep struct {
	Name string            `yaml:"name"`
	If   string            `yaml:"if"`
	Uses string            `yaml:"uses"`
	Env  map[string]string `yaml:"env"`
	Run  string            `yaml:"run"`
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, file)), into); err != nil {
		t.Fatal(err)
	}
}

// runner runs the scripts of a CI system beside a configuration that is
// applied.
type runner struct {
	terraform
	env    []string
	gitHub string // file of the stand-in for GitHub
}

// buildPrograms builds what the scripts call: the summary, and what stands for the
// rest.
var buildPrograms = sync.OnceValue(func() error {
	const programs = cli.Module + "/internal/cmd/"
	return cli.GoBuild(context.Background(), "-o", builtProvider.dir+string(filepath.Separator), programs+"plansummary", programs+"standin")
})

var releaseHeading = regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`)

// newestVersion is that of the release which has the present code.
func newestVersion(t *testing.T) string {
	t.Helper()
	match := releaseHeading.FindStringSubmatch(readPage(t, "CHANGELOG.md"))
	if match == nil {
		t.Fatal("CHANGELOG.md has no version")
	}
	return match[1]
}

// newRunner applies an example, has everybody join, and leaves the rest to the
// CI system.
func newRunner(t *testing.T, srv *cloudtest.Server, folder string) runner {
	t.Helper()
	r := runner{terraform: example(t, srv, folder), gitHub: filepath.Join(t.TempDir(), "github.json")}
	r.must("apply", "-auto-approve")
	for _, email := range srv.Emails() {
		if srv.Status(email) == "invited" {
			srv.Accept(email)
		}
	}
	if err := buildPrograms(); err != nil {
		t.Fatal(err)
	}
	standIn, bin := filepath.Join(builtProvider.dir, "standin"), t.TempDir()
	for name, program := range map[string]string{"gh": standIn, "jq": standIn, "go": standIn, "terraform": cliPath} {
		target, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.env = append(r.workspace.Command(t.Context()).Env,
		"EC_API_KEY=", // a step that needs the key says so
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		standin.SummaryVariable+"="+filepath.Join(builtProvider.dir, "plansummary"), standin.VersionVariable+"="+newestVersion(t), standin.GitHubVariable+"="+r.gitHub)
	return r
}

// script runs a shell script with more of the environment, and returns what it
// prints and its exit code.
func (r runner) script(env map[string]string, shell string, args ...string) (string, int) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), shell, args...)
	cmd.Dir = r.workspace.Dir
	cmd.Env = slices.Clone(r.env)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		r.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

var expression = regexp.MustCompile(`\$\{\{ *([^ ]+) *\}\}`)

// workflow runs the steps of the only job as GitHub would, and tells whether the
// job succeeds. The values are those of the expressions in it.
func (r runner) workflow(file string, values map[string]string) (string, bool) {
	r.t.Helper()
	var w gitHubWorkflow
	readYAML(r.t, file, &w)
	if len(w.Jobs) != 1 || w.Defaults["run"]["shell"] != "bash" {
		r.t.Fatalf("%s has %d jobs, and the defaults %v", file, len(w.Jobs), w.Defaults)
	}
	var printed strings.Builder
	succeeded := true
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			due, known := map[string]bool{"": succeeded, "failure()": !succeeded, "success() || failure()": true}[step.If]
			if !known {
				r.t.Fatalf("the condition %q is not known here", step.If)
			}
			if step.Run == "" || !due {
				continue
			}
			env := maps.Clone(step.Env)
			for name, value := range env {
				env[name] = expression.ReplaceAllStringFunc(value, func(text string) string {
					value, known := values[expression.FindStringSubmatch(text)[1]]
					if !known {
						r.t.Fatalf("there is no value for %s", text)
					}
					return value
				})
			}
			if strings.Contains(step.Run, "${{") {
				r.t.Errorf("an expression in the script of %q: what it stands for would be run", step.Name)
			}
			script := filepath.Join(r.t.TempDir(), "step.sh")
			if err := os.WriteFile(script, []byte(step.Run), 0o600); err != nil {
				r.t.Fatal(err)
			}
			out, code := r.script(env, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
			printed.WriteString("== " + step.Name + "\n" + out)
			succeeded = succeeded && code == 0
		}
	}
	return printed.String(), succeeded
}

// github is what the stand-in for GitHub has.
func (r runner) github() *standin.GitHub {
	r.t.Helper()
	hub, err := standin.ReadGitHub(r.gitHub)
	if err != nil {
		r.t.Fatal(err)
	}
	return hub
}

var pinned = regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`)

// The workflows may do no more than they have to, and run no action that is not
// pinned.
func TestExampleWorkflowsAreCareful(t *testing.T) {
	t.Parallel()
	for file, permissions := range map[string]map[string]string{
		"pull-request-review/github-workflow.yml": {"contents": "read", "pull-requests": "write"},
		"drift/github-workflow.yml":               {"contents": "read", "issues": "write"},
		"access-review/github-workflow.yml":       {"contents": "write"},
	} {
		var w gitHubWorkflow
		readYAML(t, file, &w)
		if w.Permissions == nil || len(w.Permissions) > 0 || w.Concurrency["group"] == nil {
			t.Errorf("%s: permissions for all jobs: %v; concurrency: %v", file, w.Permissions, w.Concurrency)
		}
		if _, found := w.On["pull_request_target"]; found || len(w.On) == 0 {
			t.Errorf("%s runs on %v", file, w.On)
		}
		ours, err := os.ReadFile("../../.github/workflows/test.yml")
		if err != nil {
			t.Fatal(err)
		}
		for name, job := range w.Jobs {
			if !maps.Equal(job.Permissions, permissions) {
				t.Errorf("%s: job %s has %v", file, name, job.Permissions)
			}
			for _, step := range job.Steps {
				if step.Uses != "" && (!pinned.MatchString(step.Uses) || !strings.Contains(string(ours), step.Uses+" ")) {
					t.Errorf("%s uses %s, which is not pinned or not what this repository uses", file, step.Uses)
				}
			}
		}
	}
}

var askedGo = regexp.MustCompile(`(?:go-version: "|image: golang:)(\d+\.\d+)`)

// The examples ask for the Go that the summary is built with here.
func TestExamplesAskForOurGo(t *testing.T) {
	t.Parallel()
	_, line, _ := strings.Cut(readPage(t, "go.mod"), "\ngo ")
	goVersion := strings.Join(strings.SplitN(line, ".", 3)[:2], ".")
	for _, file := range []string{"pull-request-review/github-workflow.yml", "pull-request-review/gitlab-ci.yml", "drift/github-workflow.yml"} {
		match := askedGo.FindStringSubmatch(read(t, file))
		if match == nil || match[1] != goVersion {
			t.Errorf("%s asks for Go %q, and go.mod for %s", file, match, goVersion)
		}
	}
}
