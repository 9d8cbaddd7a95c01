// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	for name, scenario := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", name)
			if *record {
				writeFile(t, file+".json", makePlan(t, scenario))
				writeFile(t, file+".md", []byte(summaryOf(t, file+".json")))
			}
			want, err := os.ReadFile(file + ".md")
			if err != nil {
				t.Fatal(err)
			}
			if got := summaryOf(t, file+".json"); got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// The CLI that is there, which may be OpenTofu, makes plans of which the same
// is said.
func TestLivePlans(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"people", "drift", "unknown"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan.json")
			writeFile(t, file, makePlan(t, scenarios[name]))
			want, err := os.ReadFile(filepath.Join("testdata", name+".md"))
			if err != nil {
				t.Fatal(err)
			}
			if got := summaryOf(t, file); got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
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

// makePlan plays a scenario and returns the plan at its end as JSON.
func makePlan(t *testing.T, s scenario) []byte {
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
	w, err := cli.NewWorkspace(path, t.TempDir(), providerDir, "EC_ENDPOINT="+srv.URL, "EC_API_KEY="+srv.Key)
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
	command("plan", "-out=plan.out")
	return command("show", "-json", "plan.out")
}
