// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package testneeds

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// recorder is a test that only notes how it ends.
type recorder struct {
	testing.TB

	ended string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatal(args ...any) { r.end("failed: " + fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.end("failed: " + fmt.Sprintf(format, args...))
}

func (r *recorder) Skipf(format string, args ...any) {
	r.end("skipped: " + fmt.Sprintf(format, args...))
}

func (r *recorder) end(text string) {
	r.ended = text
	panic(r) // as a test does not go on
}

// endOf returns how a test ends that needs a feature.
func endOf(name string) (ended string) {
	r := &recorder{}
	defer func() {
		if caught := recover(); caught != nil && caught != any(r) {
			panic(caught)
		}
		ended = r.ended
	}()
	need(r, name)
	return ""
}

func TestNeed(t *testing.T) { //nolint:paralleltest // it replaces the features and the environment
	saved := features
	defer func() { features = saved }()
	features = map[string]feature{
		"there":   func() (string, error) { return "", nil },
		"missing": func() (string, error) { return "it is not there", nil },
		"broken":  func() (string, error) { return "", errors.New("nobody knows") },
	}
	for _, test := range []struct{ require, name, want string }{
		{"", "there", ""},
		{"there, missing", "there", ""},
		{"", "missing", "skipped: needs missing: it is not there"},
		{"there", "missing", "skipped: needs missing: it is not there"},
		{"there, missing", "missing", "failed: it is not there, and ELASTICCLOUD_TEST_REQUIRE requires missing"},
		{"", "broken", "failed: nobody knows"},
		{"mising", "there", `failed: ELASTICCLOUD_TEST_REQUIRE names "mising": write one or more of broken, missing, there, with commas between them`},
	} {
		t.Setenv(Variable, test.require)
		if got := endOf(test.name); got != test.want {
			t.Errorf("with %q, %s: %q, want %q", test.require, test.name, got, test.want)
		}
	}
}

// Each feature can be looked for on any machine.
func TestFeatures(t *testing.T) {
	t.Parallel()
	for name, missing := range features {
		why, err := missing()
		if err != nil && !strings.Contains(err.Error(), "on the PATH") { // no CLI is installed
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %s", name, why)
	}
}
