// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package testneeds is for tests that need something that not every machine has, such
// as a recent CLI. If it is missing, the test is skipped and says why. If
// ELASTICCLOUD_TEST_REQUIRE names the feature, the test fails instead. Jobs that have
// the feature set this variable, so that a skip there is noticed.
package testneeds

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

// Variable is the environment variable with the names of the features that must not be
// skipped, separated by commas.
const Variable = "ELASTICCLOUD_TEST_REQUIRE"

// feature looks for something that a test may need. It returns why it is missing, or an
// empty text.
type feature func() (missing string, err error)

// features are the names for Variable. Each is looked for once in a process.
var features = map[string]feature{
	"query":    sync.OnceValues(lacksQuery),
	"identity": sync.OnceValues(lacksIdentity),
	"browser":  sync.OnceValues(lacksBrowser),
}

// Query is for a test that needs a CLI with `terraform query` and actions. Terraform
// has them since 1.14.
func Query(t testing.TB) {
	t.Helper()
	need(t, "query")
}

// Identity is for a test that needs a CLI with resource identity. Terraform has it
// since 1.12.
func Identity(t testing.TB) {
	t.Helper()
	need(t, "identity")
}

// Browser is for a test that needs Chromium. It returns the path of Chromium.
func Browser(t testing.TB) string {
	t.Helper()
	need(t, "browser")
	path, _ := findBrowser()
	return path
}

func need(t testing.TB, name string) {
	t.Helper()
	required, err := parse(os.Getenv(Variable))
	if err != nil {
		t.Fatal(err)
	}
	missing, err := features[name]()
	switch {
	case err != nil:
		t.Fatal(err)
	case missing != "" && required[name]:
		t.Fatalf("%s, and %s requires %s", missing, Variable, name)
	case missing != "":
		t.Skipf("needs %s: %s", name, missing)
	}
}

// parse reads the value of Variable. An unknown name is an error, because with a
// spelling mistake tests would be skipped again.
func parse(value string) (map[string]bool, error) {
	required := map[string]bool{}
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if features[name] == nil {
			return nil, fmt.Errorf("%s names %q: write one or more of %s, with commas between them",
				Variable, name, strings.Join(slices.Sorted(maps.Keys(features)), ", "))
		}
		required[name] = true
	}
	return required, nil
}

func lacksQuery() (string, error) {
	path, version, err := findCLI()
	if err != nil || cli.HasCommand(context.Background(), path, "query") {
		return "", err
	}
	return version.String() + " has neither terraform query nor actions", nil
}

func lacksIdentity() (string, error) {
	_, version, err := findCLI()
	if err != nil || version.AtLeast(1, 12) {
		return "", err
	}
	return version.String() + " has no resource identity", nil
}

func findCLI() (string, cli.Version, error) {
	path, err := cli.Find()
	if err != nil {
		return "", cli.Version{}, err
	}
	version, err := cli.VersionOf(context.Background(), path)
	return path, version, err
}

func lacksBrowser() (string, error) {
	if _, found := findBrowser(); !found {
		return "no chromium, chromium-browser or google-chrome is on the PATH; make browser installs one where it can", nil
	}
	return "", nil
}

func findBrowser() (string, bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}
