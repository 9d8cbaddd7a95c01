// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work: the real CLI and the real provider
// on an organization in memory. It needs no account and leaves nothing behind.
package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/examples"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func main() {
	// A closed pipe or terminal is no reason to leave the folder behind either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	err := run(ctx, os.Stdout, "", os.Getenv("NO_COLOR") == "" && isTerminal(os.Stdout))
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// run plays the demo in a folder of its own inside parent, or inside the
// system's folder for temporary files where parent is empty.
func run(ctx context.Context, out io.Writer, parent string, colour bool) (err error) {
	start := time.Now()
	dir, err := os.MkdirTemp(parent, "elasticcloud-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); err == nil {
			err = removeErr
		}
	}()
	srv, err := cloudtest.Open()
	if err != nil {
		return err
	}
	defer srv.Close()

	d := &demo{out: out, colour: colour, srv: srv}
	d.introduce()
	if d.err == nil {
		d.err = d.setUp(ctx, dir)
	}
	for _, act := range []func(context.Context){d.plan, d.apply, d.accept, d.meddle, d.takeBack, d.destroy} {
		if d.err == nil {
			act(ctx)
		}
	}
	if d.err == nil && len(srv.Violations()) > 0 {
		d.err = fmt.Errorf("not in the API contract: %s", srv.Violations())
	}
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx)) // whatever broke because of it
	}
	d.sayGoodbye(time.Since(start))
	return d.err
}

// setUp builds the provider and prepares the organization and the workspace.
func (d *demo) setUp(ctx context.Context, dir string) error {
	path, err := cli.Find()
	if err != nil {
		return err
	}
	openTofu, err := cli.IsOpenTofu(ctx, path)
	if err != nil {
		return err
	}
	d.tool = "terraform"
	if openTofu {
		d.tool = "tofu"
	}
	providerDir, workDir := filepath.Join(dir, "provider"), filepath.Join(dir, "work")
	if err := cli.BuildProvider(ctx, providerDir); err != nil {
		return err
	}
	if err := copyExample(workDir); err != nil {
		return err
	}
	d.srv.AddMember("owner@example.com", "organization-admin")
	d.srv.AddMember("bob@example.com", "deployment-viewer:*")
	d.workspace, err = cli.NewWorkspace(path, workDir, providerDir, "EC_ENDPOINT="+d.srv.URL, "EC_API_KEY="+d.srv.Key)
	if err != nil {
		return err
	}
	return d.workspace.Init(ctx)
}

// copyExample writes the configuration in examples/demo to a new folder.
func copyExample(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	names, err := fs.Glob(examples.Files, "demo/*.tf")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := examples.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
