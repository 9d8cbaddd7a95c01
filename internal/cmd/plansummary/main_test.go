// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var record = flag.Bool("record", false, "make the plans in testdata anew with the real CLI, and write what is said of them")

// A plan that was recorded gives the words that stand beside it.
func TestRecordedPlans(t *testing.T) {
	t.Parallel()
	for name, scenario := range allScenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, warns := warned[name]
			file := filepath.Join("testdata", name)
			if *record {
				made := makePlan(t, scenario, "-no-color")
				writeFile(t, file+".json", made.json)
				writeFile(t, file+".md", []byte(summaryOf(t, file+".json")))
				if warns {
					writeFile(t, file+".txt", made.text)
					writeFile(t, file+"-warned.md", []byte(warnedOf(t, file)))
				}
			}
			wantFile(t, file+".md", summaryOf(t, file+".json"))
			if warns {
				wantFile(t, file+"-warned.md", warnedOf(t, file))
			}
		})
	}
}

func allScenarios() map[string]scenario {
	all := maps.Clone(scenarios)
	maps.Copy(all, warned)
	return all
}

// The CLI that is there, which may be OpenTofu, makes plans of which the same
// is said.
func TestLivePlans(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"people", "drift", "unknown", "organizations"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan")
			writeFile(t, file+".json", makePlan(t, allScenarios()[name]).json)
			wantFile(t, filepath.Join("testdata", name+".md"), summaryOf(t, file+".json"))
		})
	}
}

// The warnings of the CLI and of the provider are understood as they are worded
// now, with boxes around them and without.
func TestLiveWarnings(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"taken-over": {"-no-color"}, "listed": nil, "intruders": nil, "demoted": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan")
			made := makePlan(t, warned[name], flags...)
			writeFile(t, file+".json", made.json)
			writeFile(t, file+".txt", made.text)
			if strings.Contains(string(made.text), "│") != (flags == nil) {
				t.Fatalf("boxes, with the flags %v: %s", flags, made.text)
			}
			want, err := os.ReadFile(filepath.Join("testdata", name+"-warned.md"))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := withoutDetails(warnedOf(t, file)), withoutDetails(string(want)); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

var details = regexp.MustCompile(`(?m)^  .*\n`)

// withoutDetails leaves out what the warnings say below their summaries: it is
// wrapped elsewhere where there are boxes, and has dates.
func withoutDetails(text string) string { return details.ReplaceAllString(text, "") }

// warnedOf is what drift.sh writes of a plan and its text.
func warnedOf(t *testing.T, file string) string {
	t.Helper()
	return summaryOf(t, "-warnings-only", "-text", file+".txt", file+".json")
}

func wantFile(t *testing.T, file, got string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got:\n%s\nwant:\n%s", file, got, want)
	}
}

func summaryOf(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(args, strings.NewReader(""), &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func writeFile(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	providerDir   string
	buildProvider = sync.OnceValue(func() error { return cli.BuildProvider(context.Background(), providerDir) })
)

func TestMain(m *testing.M) {
	var err error
	if providerDir, err = os.MkdirTemp("", "plansummary-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(providerDir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// madePlan is the plan at the end of a scenario, and what was printed of it.
type madePlan struct{ json, text []byte }

// makePlan plays a scenario. The flags are those of the plan.
func makePlan(t *testing.T, s scenario, flags ...string) madePlan {
	t.Helper()
	path, err := cli.Find()
	if err != nil {
		t.Fatal(err)
	}
	if err := buildProvider(); err != nil {
		t.Fatal(err)
	}
	srv := cloudtest.New(t)
	srv.AddMember("owner@example.com", "organization-admin")
	if s.seed != nil {
		s.seed(srv)
	}
	w, err := cli.NewWorkspace(path, t.TempDir(), providerDir, cli.PlainPlugins, "TF_IN_AUTOMATION=", "EC_ENDPOINT="+srv.URL, "EC_API_KEY="+srv.Key, "EC_ORGANIZATION_ID="+srv.OrganizationID)
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
	text := command(append([]string{"plan", "-out=plan.out"}, flags...)...)
	return madePlan{json: command("show", "-json", "plan.out"), text: text}
}
