// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command ssoguide follows the guide "Single sign-on from nothing to enforced" and
// back, with the real CLI, the real provider and fakecloud. With -real-parts, the DNS
// server, the IdP and the browser are real, too.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
)

func main() {
	// The folder has to be removed also if the terminal or the pipe is closed. If the
	// signal of a closed pipe is ignored, the write returns an error. A closed
	// connection of the browser sends the same signal, which does not matter here.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	withRealParts := flag.Bool("real-parts", false, "use BIND, SimpleSAMLphp and Chromium instead of the DNS server and the IdP of fakecloud")
	flag.Parse()
	if err := run(ctx, os.Stdout, "", *withRealParts); err != nil {
		fmt.Fprintln(os.Stderr, "ssoguide:", err)
		os.Exit(1)
	}
}

// run follows the guide in a new folder inside parent, or inside the system's folder
// for temporary files if parent is empty.
func run(ctx context.Context, out io.Writer, parent string, withRealParts bool) (err error) {
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
	arguments := []string{"-want-sign-in"}
	var parts *realParts
	if withRealParts {
		if parts, err = startRealParts(ctx, dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, parts.stop()) }()
		arguments = append(arguments, "-ask-dns", parts.address)
	}
	if g.fake, err = startFakecloud(ctx, dir, arguments...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.fake.stop()) }()
	g.parts = g.fake
	if withRealParts {
		parts.fake = g.fake
		g.parts, g.mistakes, g.rollover = parts, parts.mistakes(g), parts.rollover(g)
	}
	return g.play(ctx)
}
