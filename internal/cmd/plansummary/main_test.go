// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var record = flag.Bool("record", false, "record the plans in testdata with the CLI that is there, and write their summaries")

// recordedWith are the CLIs that each attempt to fool the summary is recorded with. All
// other scenarios are recorded with one of them.
var recordedWith = []string{"terraform-1.11.4", "terraform-1.16.3", "opentofu-1.12.6"}

// A plan that was recorded gives the summary beside it, with whatever CLI it was made.
func TestRecordedPlans(t *testing.T) {
	t.Parallel()
	for name, scenario := range allScenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("testdata", name)
			if *record {
				recordPlan(t, name, scenario, dir)
			}
			want, err := os.ReadFile(filepath.Join(dir, "summary.md"))
			if err != nil {
				t.Fatal(err)
			}
			plans, err := filepath.Glob(filepath.Join(dir, "*.json"))
			if err != nil || len(plans) == 0 {
				t.Fatalf("plans %v, error %v", plans, err)
			}
			for _, plan := range plans {
				base := strings.TrimSuffix(plan, ".json")
				got := summaryOf(t, "-events", base+".jsonl", plan)
				if withoutTimes(got) != withoutTimes(string(want)) {
					t.Errorf("%s: got:\n%s\nwant:\n%s", base, got, want)
				}
			}
			if _, fooled := attempts[name]; !fooled {
				return
			}
			for _, cli := range recordedWith {
				if !slices.Contains(plans, filepath.Join(dir, cli+".json")) {
					t.Errorf("there is no recording of %s", cli)
				}
			}
		})
	}
}

func recordPlan(t *testing.T, name string, s scenario, dir string) {
	t.Helper()
	version, err := cli.VersionOf(t.Context(), mustFind(t))
	if err != nil {
		t.Fatal(err)
	}
	with := strings.ToLower(strings.Replace(version.String(), " v", "-", 1))
	if _, fooled := attempts[name]; !fooled && with != recordedWith[0] {
		return
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	made := makePlan(t, s)
	base := filepath.Join(dir, with)
	writeFile(t, base+".json", made.json)
	writeFile(t, base+".jsonl", made.events)
	writeFile(t, filepath.Join(dir, "summary.md"), []byte(summaryOf(t, "-events", base+".jsonl", base+".json")))
}

func allScenarios() map[string]scenario {
	all := maps.Clone(scenarios)
	maps.Copy(all, warned)
	maps.Copy(all, attempts)
	return all
}

// The CLI that is there, which may be OpenTofu, makes plans with the same summary. What
// the provider warns of is read as it is worded now.
func TestLivePlans(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"people", "drift", "unknown", "adopted", "listed", "intruders", "demoted", "forged", "several-organizations"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := filepath.Join(t.TempDir(), "plan")
			made := makePlan(t, allScenarios()[name])
			writeFile(t, base+".json", made.json)
			writeFile(t, base+".jsonl", made.events)
			want, err := os.ReadFile(filepath.Join("testdata", name, "summary.md"))
			if err != nil {
				t.Fatal(err)
			}
			if got := summaryOf(t, "-events", base+".jsonl", base+".json"); withoutWarnings(got) != withoutWarnings(string(want)) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

var warningsSection = regexp.MustCompile("(?s)### Warnings\n\n```\n.*?\n```\n\n?")

// withoutWarnings leaves the warnings out. Terraform before 1.12 plans a block that is no
// longer in the configuration before it reads it, and then there is one more.
func withoutWarnings(text string) string { return warningsSection.ReplaceAllString(text, "") }

var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:]+Z`)

// withoutTimes leaves out when something expires: no two runs have the same.
func withoutTimes(text string) string { return times.ReplaceAllString(text, "TIME") }

// summaryOf is the summary that the program writes with these arguments.
func summaryOf(t *testing.T, args ...string) string {
	t.Helper()
	var out, stderr bytes.Buffer
	if code := run(args, strings.NewReader(""), &out, &stderr); code != endWritten {
		t.Fatalf("%v ended with %d: %s", args, code, stderr.Bytes())
	}
	return out.String()
}

func writeFile(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustFind(t *testing.T) string {
	t.Helper()
	path, err := cli.Find()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMain makes a folder for the executable of the provider.
func TestMain(m *testing.M) {
	var err error
	if providersDir, err = os.MkdirTemp("", "plansummary-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(providersDir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// madePlan is the plan at the end of a scenario, with its events.
type madePlan struct{ json, events []byte }

// makePlan plays a scenario.
func makePlan(t *testing.T, s scenario) madePlan {
	t.Helper()
	provider, err := builtProvider()
	if s.reword != nil {
		provider = t.TempDir()
		err = buildReworded(t.Context(), provider, s.reword)
	}
	if err != nil {
		t.Fatal(err)
	}
	srv := cloudtest.New(t)
	srv.AddMember("owner@example.com", "organization-admin")
	if s.seed != nil {
		s.seed(srv)
	}
	w, err := cli.NewWorkspace(mustFind(t), t.TempDir(), provider, cli.PlainPlugins, "TF_IN_AUTOMATION=", "EC_ENDPOINT="+srv.URL, "EC_API_KEY="+srv.Key, "EC_ORGANIZATION_ID="+srv.OrganizationID)
	if err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) []byte {
		cmd := w.Command(t.Context(), args...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s%s", args, err, out, stderr.Bytes())
		}
		return out
	}
	configure := func(hcl string) {
		header := fmt.Sprintf("terraform {\n  required_providers {\n    elasticcloud = { source = %q }\n  }\n}\n", cli.Source)
		writeFile(t, filepath.Join(w.Dir, "main.tf"), []byte(header+hcl))
	}
	configure(s.applied + s.planned)
	if s.applied != "" {
		configure(s.applied)
	}
	command("init")
	if s.applied != "" {
		command("apply", "-auto-approve")
	}
	if s.change != nil {
		s.change(srv)
	}
	if s.planned != "" {
		configure(s.planned)
	}
	events := command(append([]string{"plan", "-json", "-out=plan.out"}, s.flags...)...)
	return madePlan{json: command("show", "-json", "plan.out"), events: events}
}

var (
	providersDir  string
	builtProvider = sync.OnceValues(func() (dir string, err error) {
		return providersDir, cli.BuildProvider(context.Background(), providersDir)
	})
)

var errNoWording = errors.New("the wording to change is not in internal/warning/warning.go")

// buildReworded builds the provider with other words in its warnings: pairs of an old
// and a new text.
func buildReworded(ctx context.Context, dir string, reword []string) error {
	source, err := filepath.Abs("../../warning/warning.go")
	if err != nil {
		return err
	}
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	reworded := strings.NewReplacer(reword...).Replace(string(content))
	if reworded == string(content) {
		return errNoWording
	}
	changed := filepath.Join(dir, "warning.go.txt")
	overlay := filepath.Join(dir, "overlay.json")
	if err := errors.Join(os.WriteFile(changed, []byte(reworded), 0o600),
		os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, source, changed), 0o600)); err != nil {
		return err
	}
	return cli.BuildProviderWith(ctx, dir, "-overlay", overlay)
}
