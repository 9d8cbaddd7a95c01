// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command releasecheck looks at what GoReleaser made as a registry and a CLI
// will: the names, the checksums, what is in each archive, and an apply with the
// archive of this platform. It looks at the archives of plansummary as the action
// will.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dist := flag.String("dist", "dist", "folder that GoReleaser wrote to")
	manifest := flag.String("manifest", "terraform-registry-manifest.json", "the manifest that is released too")
	summary := flag.String("summary", "bin/plansummary", "folder that GoReleaser wrote plansummary to")
	script := flag.String("script", ".github/actions/plan-summary/plansummary.sh", "the script that downloads plansummary, which is released too")
	platforms := flag.Int("platforms", 0, "number of platforms that have to be there")
	flag.Parse()
	if err := run(ctx, os.Stdout, folders{*dist, *manifest, *summary, *script}, *platforms); err != nil {
		fmt.Fprintln(os.Stderr, "releasecheck:", err)
		os.Exit(1)
	}
}

// folders are where the parts of a release are.
type folders struct {
	dist, manifest  string
	summary, script string
}

func run(ctx context.Context, out io.Writer, in folders, platforms int) error {
	r, err := open(in.dist)
	if err != nil {
		return err
	}
	if len(r.archives) != platforms {
		return fmt.Errorf("platforms with archives: %d, not %d", len(r.archives), platforms)
	}
	if err := r.checkManifest(in.manifest); err != nil {
		return err
	}
	if err := r.checkSums(in.manifest); err != nil {
		return err
	}
	for _, a := range r.archives {
		if err := a.check(r.version); err != nil {
			return fmt.Errorf("%s: %w", a.name(), err)
		}
	}
	if err := r.checkSummary(ctx, in.summary, in.script); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "Version %s: names, checksums, manifest and archives are right, those of plansummary too. Platforms: %d.\n", r.version, platforms); err != nil {
		return err
	}
	agent, err := r.apply(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Installed from its archive, applied and destroyed as %s.\n", agent)
	return err
}
