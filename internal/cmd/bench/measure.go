// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// traffic is the traffic with the service.
type traffic struct {
	requests map[string]int // by route
	refused  int            // with 429
	sent     int            // bytes in bodies, to the service
	received int            // and back
}

func trafficOf(srv *cloudtest.Server) traffic {
	t := traffic{requests: map[string]int{}}
	for _, r := range srv.Requests() {
		t.requests[r.Route]++
		t.sent += len(r.Body)
		t.received += r.Sent
		if r.Status == http.StatusTooManyRequests {
			t.refused++
		}
	}
	return t
}

func (t traffic) count() int {
	count := 0
	for _, n := range t.requests {
		count += n
	}
	return count
}

// cliRun is what one run of the CLI took.
type cliRun struct {
	wall        time.Duration
	cliCPU      time.Duration // of the CLI without the provider
	providerCPU time.Duration
	memory      int // peak of the provider, in bytes
	traffic
}

// aloneRun is what one provider process took, without the CLI.
type aloneRun struct {
	wall time.Duration
	traffic
}

// stage is an organization before an operation, and the state that an earlier run would
// have left.
type stage struct {
	scenario
	srv  *cloudtest.Server
	held map[string]terraformtest.Object
}

// set opens an organization and adopts its people with the provider. The caller has to
// close it.
func (s scenario) set(ctx context.Context) (*stage, error) {
	srv, err := s.open()
	if err != nil {
		return nil, err
	}
	st := &stage{scenario: s, srv: srv}
	if len(s.before()) == 0 {
		return st, nil
	}
	t, err := s.terraform(ctx, srv)
	if err == nil {
		err = apply(ctx, t, s.blocks(s.before()))
	}
	if err != nil {
		srv.Close()
		return nil, fmt.Errorf("could not adopt the members: %w", err)
	}
	st.held = t.State
	srv.ResetLedger()
	srv.Advance(time.Minute) // to a new window of the rate limit
	return st, nil
}

// runCLI makes one run of the CLI with one of the providers that setUp built.
func (b *bench) runCLI(ctx context.Context, st *stage, provider string) (cliRun, error) {
	if err := b.writeWorkspace(st.scenario, st.held); err != nil {
		return cliRun{}, err
	}
	usage := filepath.Join(b.dir, "usage")
	if err := removeFile(usage); err != nil {
		return cliRun{}, err
	}
	env := append([]string{"EC_ENDPOINT=" + st.srv.URL, "EC_API_KEY=" + st.srv.Key, "EC_ORGANIZATION_ID=" + st.organizationID(st.srv),
		"BENCH_PROVIDER=" + provider, "BENCH_USAGE=" + usage}, b.env...)
	workspace, err := cli.NewWorkspace(b.cliPath, b.workDir(), b.providerDir(), env...)
	if err != nil {
		return cliRun{}, err
	}
	args := []string{"apply", "-auto-approve", "-no-color"}
	if st.isPlan() {
		args = []string{"plan", "-detailed-exitcode", "-no-color"}
	}
	st.srv.ResetLedger()
	cmd := workspace.Command(ctx, args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	run := cliRun{wall: time.Since(start), traffic: trafficOf(st.srv)}
	if err := checkExit(st.scenario, err, out); err != nil {
		return run, err
	}
	if run.providerCPU, run.memory, err = readUsage(usage); err != nil {
		return run, err
	}
	// The operating system's numbers of the CLI include the provider.
	run.cliCPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() - run.providerCPU
	if provider == b.floor {
		if run.count() > 0 {
			return run, fmt.Errorf("the floor made requests: %v", run.requests)
		}
		return run, nil
	}
	return run, st.check(st.srv)
}

// writeWorkspace writes the configuration and the state of a run.
func (b *bench) writeWorkspace(s scenario, held map[string]terraformtest.Object) error {
	hcl, variable := s.configuration()
	text, err := json.Marshal(map[string]any{"people": variable})
	if err != nil {
		return err
	}
	state := filepath.Join(b.workDir(), "terraform.tfstate")
	err = errors.Join(
		os.WriteFile(filepath.Join(b.workDir(), "main.tf"), []byte(hcl), 0o600),
		os.WriteFile(filepath.Join(b.workDir(), "people.auto.tfvars.json"), text, 0o600),
		removeFile(state),
	)
	if err != nil || len(held) == 0 {
		return err
	}
	if text, err = stateFile(s, b.registry, held); err != nil {
		return err
	}
	return os.WriteFile(state, text, 0o600)
}

// removeFile removes a file if it exists.
func removeFile(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// checkExit checks that a plan has changes if it should have some, and otherwise none.
func checkExit(s scenario, err error, out []byte) error {
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code, err = exit.ExitCode(), nil
	}
	want := 0
	if s.operation == someChange {
		want = 2
	}
	if err == nil && code != want {
		err = fmt.Errorf("exit status %d, not %d", code, want)
	}
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out[max(0, len(out)-2000):])
	}
	return nil
}

// readUsage adds up the CPU time of the provider processes of a run. The memory is that
// of the largest process.
func readUsage(file string) (cpu time.Duration, memory int, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var nanoseconds, peak int
		if _, err := fmt.Sscan(lines.Text(), &nanoseconds, &peak); err != nil {
			return 0, 0, err
		}
		cpu += time.Duration(nanoseconds)
		memory = max(memory, peak)
	}
	return cpu, memory, lines.Err()
}

// runAlone measures one provider process as the CLI would use it. For a plan the
// process reads and plans. For a change it applies what another process has planned.
func runAlone(ctx context.Context, st *stage) (aloneRun, error) {
	t, err := st.terraform(ctx, st.srv)
	if err != nil {
		return aloneRun{}, err
	}
	t.State = st.held
	config := st.blocks(st.after())
	do := func() error {
		_, err := t.Plan(ctx, config, terraformtest.Options{})
		return err
	}
	if !st.isPlan() { // the plan of an apply is measured by other scenarios
		p, err := t.Plan(ctx, config, terraformtest.Options{NoRefresh: true})
		if err != nil {
			return aloneRun{}, err
		}
		do = func() error {
			_, err := t.Apply(ctx, p)
			return err
		}
	}
	st.srv.ResetLedger()
	st.srv.Advance(time.Minute) // to a new window of the rate limit
	runtime.GC()                // garbage so far is not the provider's

	start := time.Now()
	err = do()
	run := aloneRun{wall: time.Since(start), traffic: trafficOf(st.srv)}
	if err != nil {
		return run, err
	}
	return run, st.check(st.srv)
}

// terraform works on the organization over the network, with the provider in this
// process.
func (s scenario) terraform(ctx context.Context, srv *cloudtest.Server) (*terraformtest.Terraform, error) {
	t, err := terraformtest.New(ctx, providerserver.NewProtocol6(provider.New("bench")()))
	if err != nil {
		return nil, err
	}
	t.Settings = map[string]any{"endpoint": srv.URL, "api_key": srv.Key}
	if id := s.organizationID(srv); id != "" {
		t.Settings["organization_id"] = id
	}
	return t, nil
}

func apply(ctx context.Context, t *terraformtest.Terraform, config terraformtest.Config) error {
	p, err := t.Plan(ctx, config, terraformtest.Options{})
	if err == nil {
		_, err = t.Apply(ctx, p)
	}
	return err
}

// median returns the run with the median wall time, and the memory of the largest run.
func median(runs []cliRun) cliRun {
	if len(runs) == 0 {
		return cliRun{}
	}
	sorted := slices.SortedFunc(slices.Values(runs), func(a, b cliRun) int { return cmp.Compare(a.wall, b.wall) })
	middle := sorted[len(sorted)/2]
	for _, run := range runs {
		middle.memory = max(middle.memory, run.memory)
	}
	return middle
}

func medianAlone(runs []aloneRun) aloneRun {
	sorted := slices.SortedFunc(slices.Values(runs), func(a, b aloneRun) int { return cmp.Compare(a.wall, b.wall) })
	return sorted[len(sorted)/2]
}
