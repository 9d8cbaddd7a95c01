// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// builtProvider is the folder of the provider's executable, which the first test
// that needs it builds.
var builtProvider struct {
	once sync.Once
	dir  string
	err  error
}

// throughCLI makes the tests that play Terraform run the CLI instead. Then they
// take a few minutes more, and show that it is played well.
var throughCLI = flag.Bool("through-cli", os.Getenv("ELASTICCLOUD_TEST_THROUGH_CLI") == "yes",
	"run the CLI where Terraform is played otherwise; ELASTICCLOUD_TEST_THROUGH_CLI=yes does it too")

// terraform is a working directory. newTerraform and newCLI make one.
type terraform struct {
	t         *testing.T
	workspace *cli.Workspace           // nil where Terraform is played
	played    *terraformtest.Workspace // nil where it is run
	core      *core                    // that is played
}

// virtually runs a test in a bubble of virtual time: time passes only while all goroutines
// wait, so nothing is slow or too late. Real processes and sockets do not work in it.
func virtually(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// playing runs a test of newTerraform, which is in virtual time unless the CLI is
// run.
func playing(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	if *throughCLI {
		test(t)
		return
	}
	virtually(t, test)
}

// rapidly checks a property in virtual time, with the race detector a tenth as often
// as without.
func rapidly(t *testing.T, property func(t *rapid.T)) {
	t.Helper()
	wantRepeated(t)
	virtually(t, func(t *testing.T) {
		// Of a *testing.T rapid asks for the deadline, which a bubble does not have.
		rapid.Check(struct{ rapid.TB }{t}, property)
	})
}

// wantRepeated fails for a test of many repetitions that internal/tools/test.sh does
// not play without the race detector.
func wantRepeated(t *testing.T) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(t.Name(), "Test"), "/")
	script, err := os.ReadFile("../tools/test.sh")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^repeated=.*[(|]` + name + `[|)]`).Match(script) {
		t.Errorf("internal/tools/test.sh does not name %s among those that it repeats", t.Name())
	}
}

// newTerraform plays Terraform, in this process and in virtual time: the default,
// for everything but what only the CLI shows. Settings are those of the provider
// block that the environment has, such as EC_TIMEOUT=3s.
func newTerraform(t *testing.T, srv *cloudtest.Server, settings ...string) terraform {
	t.Helper()
	if *throughCLI {
		return newCLI(t, srv, settings...)
	}
	c := startCore(t, srv)
	c.provider.version = "dev" // as it is built
	c.set()
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		attribute := map[string]string{"EC_ENDPOINT": "endpoint", "EC_ORGANIZATION_ID": "organization_id", "EC_TIMEOUT": "request_timeout"}[name]
		if attribute == "" {
			t.Fatalf("%s is not played: use newCLI", name)
		}
		c.Settings[attribute] = value
	}
	return terraform{t: t, played: terraformtest.NewWorkspace(c.Terraform), core: c}
}

// newCLI runs the CLI with the provider as a separate executable, as users do. It is for
// tests that need that.
func newCLI(t *testing.T, srv *cloudtest.Server, env ...string) terraform {
	t.Helper()
	builtProvider.once.Do(func() {
		builtProvider.err = cli.BuildProvider(t.Context(), builtProvider.dir)
	})
	if builtProvider.err != nil {
		t.Fatal(builtProvider.err)
	}
	srv.Serve()
	env = append([]string{cli.PlainPlugins, "EC_ENDPOINT=" + srv.URL, "EC_API_KEY=" + srv.Key}, env...)
	w, err := cli.NewWorkspace(cliPath, t.TempDir(), builtProvider.dir, env...)
	if err != nil {
		t.Fatal(err)
	}
	return terraform{t: t, workspace: w}
}

// configure writes the configuration; the provider is set up by the
// environment.
func (c terraform) configure(hcl string) { c.write("main.tf", header+hcl) }

// write puts a file of the configuration in place.
func (c terraform) write(name, hcl string) {
	c.t.Helper()
	if c.played != nil {
		c.played.Write(name, hcl)
		return
	}
	if err := os.WriteFile(filepath.Join(c.workspace.Dir, name), []byte(hcl), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(c.workspace.Dir, ".terraform")); err != nil {
		c.init()
	}
}

// initialised is a folder that terraform init has prepared for the provider alone.
var initialised struct {
	once sync.Once
	dir  string
	err  error
}

// init prepares the folder. If the configuration needs only this provider, it reuses the
// result of one terraform init for all tests.
func (c terraform) init() {
	c.t.Helper()
	if !c.needsProviderAlone() {
		if err := c.workspace.Init(c.t.Context()); err != nil {
			c.t.Fatal(err)
		}
		return
	}
	initialised.once.Do(func() { initialised.dir, initialised.err = initOnce() })
	if initialised.err != nil {
		c.t.Fatal(initialised.err)
	}
	const lock = ".terraform.lock.hcl"
	text, err := os.ReadFile(filepath.Join(initialised.dir, lock))
	if err == nil {
		err = errors.Join(
			os.WriteFile(filepath.Join(c.workspace.Dir, lock), lockedHashes.ReplaceAll(text, nil), 0o600),
			os.Mkdir(filepath.Join(c.workspace.Dir, ".terraform"), 0o700),
			os.Symlink(filepath.Join(initialised.dir, ".terraform", "providers"), filepath.Join(c.workspace.Dir, ".terraform", "providers")))
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// needsProviderAlone reports whether the configuration has the header, and no
// module.
func (c terraform) needsProviderAlone() bool {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.workspace.Dir, "*.tf"))
	if err != nil {
		c.t.Fatal(err)
	}
	headed := false
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			c.t.Fatal(err)
		}
		if strings.Contains(string(text), "module \"") {
			return false
		}
		headed = headed || strings.HasPrefix(string(text), header)
	}
	return headed
}

// lockedHashes are the checksums in a lock file. Without them, the commands that
// follow do not read the whole provider to check it.
var lockedHashes = regexp.MustCompile(`(?s)  hashes = \[.*?\]\n`)

// initOnce runs terraform init in a folder that is removed after all tests.
func initOnce() (string, error) {
	dir, err := os.MkdirTemp("", "elasticcloud-init-")
	if err != nil {
		return "", err
	}
	w, err := cli.NewWorkspace(cliPath, dir, builtProvider.dir)
	if err != nil {
		return dir, err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(header), 0o600); err != nil {
		return dir, err
	}
	return dir, w.Init(context.Background())
}

// run returns what the CLI prints, with line breaks and the frame around
// diagnostics folded into single spaces, and whether it succeeded.
func (c terraform) run(args ...string) (string, bool) {
	c.t.Helper()
	if c.played != nil {
		c.core.provider.commandLine = func() []string { return slices.Concat([]string{"terraform"}, args) }
		return c.played.Run(c.t.Context(), args...)
	}
	out, err := c.workspace.Command(c.t.Context(), append(args, "-no-color")...).CombinedOutput()
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(string(out))), " "), err == nil
}

// must is run for what has to succeed.
func (c terraform) must(args ...string) string {
	c.t.Helper()
	out, ok := c.run(args...)
	if !ok {
		c.t.Fatalf("%v failed: %s", args, out)
	}
	return out
}

// wantText fails the test unless the text is in what was printed.
func wantText(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("%q is not in what was printed:\n%s", text, out[:min(len(out), 8000)])
		}
	}
}

// refuses plans a configuration, which has to fail with these texts.
func refuses(t *testing.T, srv *cloudtest.Server, hcl string, texts ...string) {
	t.Helper()
	tf := newTerraform(t, srv)
	tf.configure(hcl)
	out, ok := tf.run("plan")
	if ok {
		t.Errorf("the plan of %s succeeds", hcl)
	}
	wantText(t, out, texts...)
}
