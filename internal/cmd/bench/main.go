// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures the provider on organizations of up to ten thousand people,
// compares it with a provider that does nothing, and checks the results against the
// required limits.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench has what all runs share.
type bench struct {
	dir      string
	cliPath  string
	version  string   // name and version of the CLI
	registry string   // from which the CLI installs providers
	real     string   // the provider's executable
	floor    string   // the executable of the provider that does nothing
	env      []string // added to the CLI's environment
	progress io.Writer
}

func (b *bench) workDir() string     { return filepath.Join(b.dir, "work") }
func (b *bench) providerDir() string { return filepath.Join(b.dir, "provider") }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	runs := flags.Int("runs", 3, "how often to run each scenario; the tables show the median")
	quick := flags.Bool("quick", false, "use a handful of people instead of thousands, and less latency, to test the benchmark itself")
	only := flags.String("only", "", "regular expression: run only the scenarios whose names in the progress output match it")
	output := flags.String("o", "", "file to which the tables are also written")
	page := flags.String("page", "", "page that has marks, between which the tables are written")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := regexp.Compile(*only)
	if err != nil || flags.NArg() > 0 || *runs < 1 {
		return errors.Join(err, fmt.Errorf("wrong arguments: %s", args))
	}
	// As the provider's own main does, for the provider in this process.
	if err := provider.QuietFramework(); err != nil {
		return err
	}
	z := fullSizes
	if *quick {
		z = quickSizes
	}
	dir, err := os.MkdirTemp("", "elasticcloud-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{dir: dir, progress: stderr}
	if *quick {
		b.env = []string{cli.PlainPlugins} // the times of a quick run do not matter
	}
	if err := b.setUp(ctx); err != nil {
		return err
	}
	var rows []row
	for _, j := range jobs(z, *runs) {
		if !chosen.MatchString(j.name()) {
			continue
		}
		rows = append(rows, b.measure(ctx, j)...)
		if ctx.Err() != nil {
			return fmt.Errorf("stopped: %w", context.Cause(ctx))
		}
	}
	limits := required(rows, z)
	report := write(b.version, time.Now(), rows, limits)
	if _, err := io.WriteString(stdout, report); err != nil {
		return err
	}
	if *output != "" {
		if err := os.WriteFile(*output, []byte(report), 0o600); err != nil {
			return err
		}
	}
	if *page != "" {
		if err := putIntoPage(*page, report); err != nil {
			return err
		}
	}
	return verdict(limits, *quick)
}

// setUp builds the providers and prepares the workspace. The CLI runs the meter instead
// of the provider, and the meter starts one of the two others.
func (b *bench) setUp(ctx context.Context) error {
	var err error
	if b.cliPath, err = cli.Find(); err != nil {
		return err
	}
	openTofu, err := cli.IsOpenTofu(ctx, b.cliPath)
	if err != nil {
		return err
	}
	b.registry = "registry.terraform.io"
	if openTofu {
		b.registry = "registry.opentofu.org"
	}
	version, err := exec.CommandContext(ctx, b.cliPath, "version").Output()
	if err != nil {
		return err
	}
	b.version, _, _ = strings.Cut(string(version), "\n")
	if err := cli.BuildProvider(ctx, b.providerDir()); err != nil {
		return err
	}
	here := cli.Module + "/internal/cmd/bench/"
	if err := cli.GoBuild(ctx, "-o", b.dir, here+"floor", here+"meter"); err != nil {
		return err
	}
	b.floor = filepath.Join(b.dir, "floor")
	if err := b.installMeter(); err != nil {
		return err
	}
	if err := os.Mkdir(b.workDir(), 0o700); err != nil {
		return err
	}
	if err := b.writeWorkspace(scenario{resource: member}, nil); err != nil {
		return err
	}
	workspace, err := cli.NewWorkspace(b.cliPath, b.workDir(), b.providerDir())
	if err != nil {
		return err
	}
	return workspace.Init(ctx)
}

// installMeter replaces the provider by the meter in the folders from which the CLI
// installs it. The provider that was built stays in its place.
func (b *bench) installMeter() error {
	built, err := filepath.Glob(filepath.Join(b.providerDir(), "terraform-provider-*"))
	if err != nil || len(built) != 1 {
		return errors.Join(err, fmt.Errorf("the build should have produced one provider, but produced %q", built))
	}
	b.real = built[0]
	installed, err := filepath.Glob(filepath.Join(b.providerDir(), "registry.*", "*", "*", "*", "*", filepath.Base(b.real)))
	if err != nil || len(installed) == 0 {
		return errors.Join(err, errors.New("the CLI does not find the provider that was built"))
	}
	for _, file := range installed {
		if err := errors.Join(os.Remove(file), os.Link(filepath.Join(b.dir, "meter"), file)); err != nil {
			return err
		}
	}
	return nil
}

// row has the measurements of a scenario: all runs, and then their medians. Those of
// the CLI and of the floor are set only if throughCLI is.
type row struct {
	scenario
	throughCLI bool
	cliRuns    []cliRun
	aloneRuns  []aloneRun
	cli, floor cliRun
	alone      aloneRun
	err        error
}

// measure runs a job. It runs the provider and the floor in turn, so that other load on
// the machine affects both.
func (b *bench) measure(ctx context.Context, j job) []row {
	rows := make([]row, len(j.latencies))
	for i, latency := range j.latencies {
		rows[i] = row{scenario: j.scenario, throughCLI: j.cli}
		rows[i].latency = latency
	}
	var floors []cliRun
	for n := range j.runs {
		for i := range rows {
			_, _ = fmt.Fprintf(b.progress, "%s, run %d of %d\n", rows[i].name(), n+1, j.runs)
			if err := b.measureOnce(ctx, &rows[i], i == 0, &floors); err != nil {
				_, _ = fmt.Fprintf(b.progress, "failed: %v\n", err)
				rows[i].err = errors.Join(rows[i].err, err)
			}
		}
	}
	for i := range rows {
		r := &rows[i]
		if r.throughCLI && len(floors) == 0 {
			r.err = errors.Join(r.err, errors.New("no run of the floor to compare with"))
		}
		if r.err == nil {
			r.cli, r.floor, r.alone = median(r.cliRuns), median(floors), medianAlone(r.aloneRuns)
		}
	}
	return rows
}

// measureOnce adds one run of each kind to a row.
func (b *bench) measureOnce(ctx context.Context, r *row, withFloor bool, floors *[]cliRun) error {
	st, err := r.set(ctx)
	if err != nil {
		return err
	}
	defer st.srv.Close()
	if r.throughCLI && withFloor {
		taken, err := b.runCLI(ctx, st, b.floor)
		if err != nil {
			return fmt.Errorf("floor: %w", err)
		}
		*floors = append(*floors, taken)
	}
	if r.throughCLI {
		taken, err := b.runCLI(ctx, st, b.real)
		if err != nil {
			return err
		}
		r.cliRuns = append(r.cliRuns, taken)
	}
	if r.throughCLI && !r.isPlan() { // the first run has changed the organization
		if st, err = r.set(ctx); err != nil {
			return err
		}
		defer st.srv.Close()
	}
	taken, err := runAlone(ctx, st)
	r.aloneRuns = append(r.aloneRuns, taken)
	return err
}

// name returns the scenario in one line.
func (s scenario) name() string {
	noun := "people"
	if s.people == 1 {
		noun = "person"
	}
	name := fmt.Sprintf("%s, %s, %d %s, %d ms", s.resource, s.operation, s.people, noun, s.latency.Milliseconds())
	if s.limit != "" {
		name += ", " + s.limit
	}
	return name
}
