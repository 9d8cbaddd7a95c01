// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// builtProvider is the folder of the provider's executable, which the first test
// that needs it builds.
var builtProvider struct {
	once sync.Once
	dir  string
	err  error
}

// terraform runs the CLI with the provider as an executable of its own, as
// users do: for what a person reads, which the test library does not show.
type terraform struct {
	t         *testing.T
	workspace *cli.Workspace
}

func newTerraform(t *testing.T, srv *cloudtest.Server, env ...string) terraform {
	t.Helper()
	builtProvider.once.Do(func() {
		builtProvider.err = cli.BuildProvider(t.Context(), builtProvider.dir)
	})
	if builtProvider.err != nil {
		t.Fatal(builtProvider.err)
	}
	env = append([]string{"EC_ENDPOINT=" + srv.URL, "EC_API_KEY=" + srv.Key}, env...)
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
	if err := os.WriteFile(filepath.Join(c.workspace.Dir, name), []byte(hcl), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(c.workspace.Dir, ".terraform")); err != nil {
		if err := c.workspace.Init(c.t.Context()); err != nil {
			c.t.Fatal(err)
		}
	}
}

// run returns what the CLI prints, with line breaks and the frame around
// diagnostics folded into single spaces, and whether it succeeded.
func (c terraform) run(args ...string) (string, bool) {
	c.t.Helper()
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
