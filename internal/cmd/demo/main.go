// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work: the real CLI and the real provider on an
// organization in memory. It needs no account, and removes all its files.
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
	// The folder has to be removed also if the terminal or the pipe is closed.
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

// run plays the demo in a new folder inside parent, or inside the system's folder for
// temporary files if parent is empty.
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

	d := &demo{out: out, colour: colour, srv: srv, dir: dir}
	d.introduce()
	if d.err == nil {
		d.err = d.setUp(ctx)
	}
	for _, act := range []func(context.Context){
		d.plan, d.apply, d.accept, d.meddle, d.takeBack, d.destroy,
		d.connectSSO, d.signIn, d.enforceSSO, d.breakSSO, d.endSSO,
	} {
		if d.err == nil {
			act(ctx)
		}
	}
	if d.err == nil && len(srv.Violations()) > 0 {
		d.err = fmt.Errorf("not in the API contract: %s", srv.Violations())
	}
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", context.Cause(ctx)) // the stop is the reason, whatever failed because of it
	}
	d.sayGoodbye(time.Since(start))
	return d.err
}

// setUp builds the provider, and prepares the organization and the workspace of the
// first part.
func (d *demo) setUp(ctx context.Context) (err error) {
	if d.cli, err = cli.Find(); err != nil {
		return err
	}
	openTofu, err := cli.IsOpenTofu(ctx, d.cli)
	if err != nil {
		return err
	}
	d.tool = "terraform"
	if openTofu {
		d.tool = "tofu"
	}
	if err := cli.BuildProvider(ctx, d.providerDir()); err != nil {
		return err
	}
	d.srv.AddMember("owner@example.com", "organization-admin")
	d.srv.AddMember("bob@example.com", "deployment-viewer:*")
	return d.enter(ctx, "demo")
}

func (d *demo) providerDir() string { return filepath.Join(d.dir, "provider") }

// enter creates a workspace with the configuration of an example, and continues there.
func (d *demo) enter(ctx context.Context, example string) error {
	workDir := filepath.Join(d.dir, example)
	if err := copyExample(example, workDir); err != nil {
		return err
	}
	var err error
	d.workspace, err = cli.NewWorkspace(d.cli, workDir, d.providerDir(), "EC_ENDPOINT="+d.srv.URL, "EC_API_KEY="+d.srv.Key)
	if err != nil {
		return err
	}
	return d.workspace.Init(ctx)
}

// copyExample writes the configuration of an example to a new folder.
func copyExample(example, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	names, err := fs.Glob(examples.Files, example+"/*.tf")
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
