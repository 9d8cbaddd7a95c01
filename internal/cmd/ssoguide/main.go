// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command ssoguide follows the guide "Single sign-on from nothing to enforced" and
// back: with the real CLI, the real provider and fakecloud.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

func main() {
	// A closed pipe or terminal is no reason to leave the folder behind either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx, os.Stdout, ""); err != nil {
		fmt.Fprintln(os.Stderr, "ssoguide:", err)
		os.Exit(1)
	}
}

// run plays the guide in a new folder inside parent, or inside the system's folder for
// temporary files where parent is empty.
func run(ctx context.Context, out io.Writer, parent string) (err error) {
	dir, err := os.MkdirTemp(parent, "elasticcloud-sso-guide-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	g := &guide{out: out, dir: dir}
	if g.cli, err = cli.Find(); err != nil {
		return err
	}
	if err := g.say("Building the provider and fakecloud ..."); err != nil {
		return err
	}
	if err := cli.BuildProvider(ctx, filepath.Join(dir, "provider")); err != nil {
		return err
	}
	if g.fake, err = startFakecloud(ctx, dir, "-want-sign-in"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.fake.stop()) }()
	g.parts = g.fake
	return g.play(ctx)
}
