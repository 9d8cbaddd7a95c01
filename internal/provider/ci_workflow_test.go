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
	ID    string            `yaml:"id"`
	Name  string            `yaml:"name"`
	If    string            `yaml:"if"`
	Uses  string            `yaml:"uses"`
	With  map[string]string `yaml:"with"`
	Env   map[string]string `yaml:"env"`
	Run   string            `yaml:"run"`
	Shell string            `yaml:"shell"`
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
	mirror string // where the release is that has the present code
}

// buildPrograms builds what stands for the programs of others.
var buildPrograms = sync.OnceValue(func() error {
	return cli.GoBuild(context.Background(), "-o", builtProvider.dir+string(filepath.Separator), cli.Module+"/internal/cmd/standin")
})

// runnerTools are what the scripts of the examples find: no Go, and no jq and gh
// but those that stand for them.
var runnerTools = []string{
	"sh", "bash", "awk", "cat", "chmod", "cmp", "cp", "curl", "cut", "date", "dirname", "git", "grep", "gzip", "head", "ls", "mkdir", "mktemp",
	"mv", "od", "rm", "sed", "sha256sum", "shasum", "sleep", "sort", "tail", "tar", "tee", "touch", "tr", "uname", "wc",
}

// toolsFolder links those of the programs that this machine has into a folder for
// the PATH.
func toolsFolder(t *testing.T, programs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, program := range programs {
		target, err := exec.LookPath(program)
		if err != nil {
			continue // a script that needs it says so
		}
		if err := os.Symlink(target, filepath.Join(dir, program)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// newRunner applies an example, has everybody join, and leaves the rest to the
// CI system.
func newRunner(t *testing.T, srv *cloudtest.Server, folder string) runner {
	t.Helper()
	r := runner{terraform: example(t, srv, folder), gitHub: filepath.Join(t.TempDir(), "github.json"), mirror: serveRelease(t, builtRelease(t))}
	r.must("apply", "-auto-approve")
	for _, email := range srv.Emails() {
		if srv.Status(email) == "invited" {
			srv.Accept(email)
		}
	}
	if err := buildPrograms(); err != nil {
		t.Fatal(err)
	}
	terraformPath, err := exec.LookPath(cliPath)
	if err != nil {
		t.Fatal(err)
	}
	standIn, bin := filepath.Join(builtProvider.dir, "standin"), toolsFolder(t, runnerTools...)
	for name, target := range map[string]string{"gh": standIn, "jq": standIn, "terraform": terraformPath} {
		if err := os.Symlink(target, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.env = append(r.workspace.Command(t.Context()).Env,
		"EC_API_KEY=", // a step that needs the key says so
		"PATH="+bin, standin.GitHubVariable+"="+r.gitHub)
	if out, code := r.script(nil, filepath.Join(bin, "sh"), "-c", "! command -v go"); code != 0 {
		t.Fatalf("there is Go on the PATH: %s", out)
	}
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

var (
	expression = regexp.MustCompile(`\$\{\{ *([^ ]+) *\}\}`)
	ofStep     = regexp.MustCompile(`^steps\.(\w+)\.outputs\.(\w+)$`)
	outputIs   = regexp.MustCompile(`^(steps\.\w+\.outputs\.\w+) == '(\w*)'$`)
)

// job is a job on GitHub while its steps run.
type job struct {
	runner
	file   string
	values map[string]string // of expressions; the outputs of steps too
	ids    []string          // of the steps
	temp   string
}

// evaluate puts values in the place of expressions.
func (j *job) evaluate(text string) string {
	j.t.Helper()
	return expression.ReplaceAllStringFunc(text, func(text string) string { return j.value(expression.FindStringSubmatch(text)[1]) })
}

// value is that of an expression. An output that no step wrote is empty.
func (j *job) value(name string) string {
	j.t.Helper()
	value, known := j.values[name]
	if of := ofStep.FindStringSubmatch(name); !known && (of == nil || !slices.Contains(j.ids, of[1])) {
		j.t.Fatalf("%s: there is no value for %s", j.file, name)
	}
	return value
}

// isDue reports whether a step runs.
func (j *job) isDue(condition string, succeeded bool) bool {
	j.t.Helper()
	switch condition {
	case "":
		return succeeded
	case "failure()":
		return !succeeded
	case "success() || failure()":
		return true
	}
	compared := outputIs.FindStringSubmatch(condition)
	if compared == nil {
		j.t.Fatalf("the condition %q is not known here", condition)
	}
	return succeeded && j.value(compared[1]) == compared[2]
}

// run runs the script of a step, and takes up its outputs.
func (j *job) run(step gitHubStep, more map[string]string, shell ...string) (string, int) {
	j.t.Helper()
	if strings.Contains(step.Run, "${{") {
		j.t.Errorf("an expression in the script of %q: what it stands for would be run", step.Name)
	}
	dir := j.t.TempDir()
	script, outputs := filepath.Join(dir, "step.sh"), filepath.Join(dir, "outputs")
	for file, content := range map[string]string{script: step.Run, outputs: ""} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			j.t.Fatal(err)
		}
	}
	env := map[string]string{"GITHUB_OUTPUT": outputs, "RUNNER_TEMP": j.temp}
	maps.Copy(env, more)
	for name, value := range step.Env {
		env[name] = j.evaluate(value)
	}
	out, code := j.script(env, shell[0], append(shell[1:], script)...)
	written, err := os.ReadFile(outputs)
	if err != nil {
		j.t.Fatal(err)
	}
	for line := range strings.Lines(string(written)) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !found || step.ID == "" {
			j.t.Fatalf("%q writes the output %q", step.Name, line)
		}
		j.values["steps."+step.ID+".outputs."+name] = value
	}
	return out, code
}

// workflow runs the steps of the only job as GitHub would, and reports whether the
// job succeeds. The values are those of the expressions in it. Of the actions it
// runs that of this repository.
func (r runner) workflow(file string, values map[string]string) (string, bool) {
	r.t.Helper()
	var w gitHubWorkflow
	readYAML(r.t, file, &w)
	if len(w.Jobs) != 1 || w.Defaults["run"]["shell"] != "bash" {
		r.t.Fatalf("%s has %d jobs, and the defaults %v", file, len(w.Jobs), w.Defaults)
	}
	var printed strings.Builder
	succeeded := true
	for _, steps := range w.Jobs {
		j := &job{runner: r, file: file, values: maps.Clone(values), temp: r.t.TempDir()}
		for _, step := range steps.Steps {
			j.ids = append(j.ids, step.ID)
		}
		for _, step := range steps.Steps {
			ours := strings.HasPrefix(step.Uses, ourAction)
			if !j.isDue(step.If, succeeded) || !ours && step.Run == "" {
				continue
			}
			var out string
			var code int
			if ours {
				out, code = j.action(step)
			} else {
				out, code = j.run(step, nil, "bash", "--noprofile", "--norc", "-eo", "pipefail")
			}
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
		"pull-request-review/github-workflow.yml": {"contents": "read", "pull-requests": "write", "statuses": "write"},
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
				if strings.HasPrefix(step.Uses, ourAction) {
					continue // TestVersionsInExamples
				}
				if step.Uses != "" && (!pinned.MatchString(step.Uses) || !strings.Contains(string(ours), step.Uses+" ")) {
					t.Errorf("%s uses %s, which is not pinned or not what this repository uses", file, step.Uses)
				}
			}
		}
	}
}
