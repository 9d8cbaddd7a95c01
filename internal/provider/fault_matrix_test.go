// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var (
	whichFaults = flag.String("faults", cmp.Or(os.Getenv("ELASTICCLOUD_TEST_FAULTS"), "1/40"),
		"cases of the fault matrix: one part of so many, such as 17/40, or all, or those whose name has this text")
	faultsPage = flag.String("faults-page", "", "file to write the table of the fault matrix into")
)

const (
	faultWorkers = 16 // cases at a time: most of the time a case waits
	// caseTime is how long a case may take, by the provider's own waits: five calls
	// that are each told to come back in an hour wait a minute before the next.
	caseTime = 20 * time.Minute
	// timeoutOfHanging is the request timeout where a reply hangs.
	timeoutOfHanging = 100 * time.Millisecond
)

// matrixCase is one operation with one fault.
type matrixCase struct {
	*operation
	fault
	route string // "" where the fault is of no single call
	call  int    // the first that fails, by its number among those of the route
}

func (c matrixCase) name() string {
	return fmt.Sprintf("%s/%s/%s %d/%s", c.resource, c.operation.name, c.route, c.call+1, c.fault.name)
}

// Whatever fails: the run may fail with a clear error, the next one converges,
// nobody loses anything on the way, and nothing is done twice.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	wantRepeated(t)
	virtually(t, func(t *testing.T) {
		var mu sync.Mutex // guards tally and missed
		tally := faultTally{}
		missed := 0
		operations := allOperations(t)
		selected, err := selectFaults(*whichFaults)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("these cases again: go test ./internal/provider -run '^TestFaultMatrix$' -faults '%s'", *whichFaults)
		var group sync.WaitGroup
		cases := make(chan func())
		for range faultWorkers {
			group.Go(func() {
				for run := range cases {
					run()
				}
			})
		}
		for _, o := range operations {
			healthy, calls := o.healthy(t)
			for _, c := range o.cases(calls) {
				if !selected(c.name()) {
					continue
				}
				cases <- func() {
					r := c.run(healthy)
					for _, problem := range r.problems {
						t.Errorf("%s: %s", c.name(), problem)
					}
					mu.Lock()
					defer mu.Unlock()
					if r.missed {
						missed++
						return
					}
					tally.add(c, r)
				}
			}
		}
		close(cases)
		group.Wait()
		t.Logf("%s; in %d more the fault met no call", tally.total(), missed)
		if 100*missed >= tally.total().cases {
			t.Error("too few faults met a call")
		}
		if *faultsPage != "" && *whichFaults == "all" && !t.Failed() {
			if err := tally.write(*faultsPage); err != nil {
				t.Error(err)
			}
		}
	})
}

var onePart = regexp.MustCompile(`^(\d+)/(\d+)$`)

// selectFaults returns the function that picks cases by their names. A part of
// them has something of everything. `make test` plays another one for each commit,
// since all cases take minutes, and a tenth of it with the race detector.
func selectFaults(which string) (func(name string) bool, error) {
	if which == "all" {
		return func(string) bool { return true }, nil
	}
	match := onePart.FindStringSubmatch(which)
	if match == nil {
		return func(name string) bool { return strings.Contains(name, which) }, nil
	}
	part, err := strconv.ParseUint(match[1], 10, 32)
	if err != nil {
		return nil, err
	}
	parts, err := strconv.ParseUint(match[2], 10, 32)
	if err != nil {
		return nil, err
	}
	if part < 1 || part > parts {
		return nil, fmt.Errorf("there is no part %s of the fault cases", which)
	}
	return func(name string) bool {
		h := fnv.New32a()
		_, _ = h.Write([]byte(name)) // never fails
		n := uint64(h.Sum32())
		return n%parts == part%parts && (!raced || n/parts%10 == part%10)
	}, nil
}

// Each case is in one part, and what names no part is not taken for one.
func TestSelectFaults(t *testing.T) {
	t.Parallel()
	names := map[string]int{}
	for part := range 40 {
		if raced {
			t.Skip("with the race detector, a tenth is played")
		}
		selected, err := selectFaults(fmt.Sprintf("%d/40", part+1))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 400 {
			if name := fmt.Sprintf("case %d", i); selected(name) {
				names[name]++
			}
		}
	}
	for name, parts := range names {
		if parts != 1 {
			t.Errorf("%s is in %d parts", name, parts)
		}
	}
	if len(names) != 400 {
		t.Errorf("%d of 400 cases are in a part", len(names))
	}
	for _, which := range []string{"0/40", "41/40", "1/0", "1/99999999999"} {
		if _, err := selectFaults(which); err == nil {
			t.Errorf("%s is taken", which)
		}
	}
	if selected, err := selectFaults("hangs"); err != nil || !selected("create/hangs") || selected("create/cut") {
		t.Errorf("a text does not select by name: %v", err)
	}
}

// cases are all faults at all routes that the operation calls: at the first
// call of a route, and at the last.
func (o *operation) cases(calls map[string]int) (cases []matrixCase) {
	for _, f := range allFaults() {
		if f.lag > 0 {
			cases = append(cases, matrixCase{operation: o, fault: f})
			continue
		}
		for _, route := range slices.Sorted(maps.Keys(calls)) {
			if f.writes && strings.HasPrefix(route, "GET ") || f.fails.Undone && route == askCode {
				continue // nothing but its answer shows a code
			}
			for _, call := range slices.Compact([]int{0, calls[route] - 1}) {
				cases = append(cases, matrixCase{operation: o, fault: f, route: route, call: call})
			}
		}
	}
	return cases
}

// scene is an organization with a provider, right before the operation.
type scene struct {
	srv    *cloudtest.Server
	core   *core
	before map[string]string // what the service holds
	mails  int               // sent so far
}

func (o *operation) setUp(ctx context.Context, opts ...cloudtest.Option) (*scene, error) {
	srv := cloudtest.Start(append(opts, cloudtest.InProcess())...)
	o.seedAll(srv)
	c, err := newCore(srv)
	if err != nil {
		return nil, err
	}
	if o.kind != "create" { // which finds the organization by the key
		c.settings = map[string]any{"organization_id": srv.OrganizationID}
	}
	c.Imports = o.importsOf(srv, true)
	if err := c.apply(ctx, o.configuration(o.before)); err != nil {
		srv.Close()
		return nil, fmt.Errorf("the configuration before: %w", err)
	}
	if o.between != nil {
		o.between(srv)
	}
	c.Imports = o.importsOf(srv, false)
	srv.ResetLedger()
	return &scene{srv: srv, core: c, before: inService(srv), mails: len(srv.Mails())}, nil
}

// healthy runs the operation without a fault. It returns the outcome, and how often it calls
// each route.
func (o *operation) healthy(t *testing.T) (outcomeOfCase, map[string]int) {
	t.Helper()
	ctx, cancel := timeout()
	defer cancel()
	s, err := o.setUp(ctx)
	if err != nil {
		t.Fatalf("%s, %s: %v", o.resource, o.name, err)
	}
	defer s.srv.Close()
	lost := s.watch(o)
	if err := o.firstRun(ctx, s.core); err != nil {
		t.Errorf("%s, %s: without a fault: %v", o.resource, o.name, err)
	}
	calls := map[string]int{}
	for _, request := range s.srv.Requests() {
		calls[request.Route]++
	}
	if changes, err := s.core.plan(ctx, o.configuration(o.after)); err != nil || len(changes) > 0 {
		t.Errorf("%s, %s: without a fault the next plan is not empty: %v, %v", o.resource, o.name, addresses(changes), err)
	}
	want := o.wanted()
	if got := inService(s.srv); !maps.Equal(got, want) {
		t.Errorf("%s, %s: without a fault the service holds\n%v\nand not\n%v", o.resource, o.name, got, want)
	}
	if (o.kind == "read" || o.kind == "import") && len(s.srv.Writes()) > 0 {
		t.Errorf("%s, %s: something is written", o.resource, o.name)
	}
	for _, problem := range slices.Concat(s.srv.Violations(), lost.all()) {
		t.Errorf("%s, %s: without a fault: %s", o.resource, o.name, problem)
	}
	return outcomeOfCase{mails: mailsTo(s.srv, s.mails), writes: len(s.srv.Writes())}, calls
}

// firstRun is the one that meets the fault: for a read a plan, which has to be
// empty, and else an apply.
func (o *operation) firstRun(ctx context.Context, c *core) error {
	if o.kind != "read" {
		return c.apply(ctx, o.configuration(o.after))
	}
	changes, err := c.plan(ctx, o.configuration(o.after))
	if err == nil && len(changes) > 0 {
		return fmt.Errorf("%w: %v", errWrongPlan, addresses(changes))
	}
	return err
}

// mailsTo counts the e-mails to each address, but for the first ones.
func mailsTo(srv *cloudtest.Server, first int) map[string]int {
	count := map[string]int{}
	for _, mail := range srv.Mails()[first:] {
		count[mail.To]++
	}
	return count
}
