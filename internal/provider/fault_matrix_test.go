// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

var (
	whichFaults = flag.String("faults", "some", "cases of the fault matrix: some (a fixed fortieth of them), all, or those whose name has this text")
	faultsPage  = flag.String("faults-page", "", "file to write the table of the fault matrix into")
)

const (
	faultWorkers = 16 // cases at a time: most of the time a case waits
	// caseTime is how long a case may take: no fault may hold a run up for long.
	caseTime = time.Minute
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
	var mu sync.Mutex // guards tally and missed
	tally := faultTally{}
	missed := 0
	operations := allOperations(t)
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
}

// selected tells whether a case is to be run. Some of them are the same ones each
// time, and have something of everything: under the race detector each takes a
// tenth of a second.
func selected(name string) bool {
	switch *whichFaults {
	case "all":
		return true
	case "some":
		h := fnv.New32a()
		_, _ = h.Write([]byte(name)) // never fails
		return h.Sum32()%40 == 0
	}
	return strings.Contains(name, *whichFaults)
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
			if f.writes && strings.HasPrefix(route, "GET ") {
				continue
			}
			for _, call := range slices.Compact([]int{0, calls[route] - 1}) {
				cases = append(cases, matrixCase{operation: o, fault: f, route: route, call: call})
			}
		}
	}
	return cases
}

// scene is an organization with a provider, where the operation comes next.
type scene struct {
	srv    *cloudtest.Server
	core   *core
	before map[string]string // what the service holds
	mails  int               // sent so far
}

func (o *operation) setUp(ctx context.Context, opts ...cloudtest.Option) (*scene, error) {
	srv := cloudtest.Start(opts...)
	o.seedAll(srv)
	c, err := newCore(srv)
	if err != nil {
		return nil, err
	}
	c.server = func() tfprotov6.ProviderServer {
		return providerserver.NewProtocol6(&elasticcloudProvider{version: "test", retryWait: time.Millisecond, maxWait: 5 * time.Millisecond,
			patience: 100 * time.Millisecond, gather: 3 * time.Millisecond, verifyWait: time.Millisecond})()
	}
	if o.kind != "create" { // which finds the organization by the key
		c.settings = map[string]any{"organization_id": srv.OrganizationID}
	}
	c.imports = o.importsOf(srv, true)
	if err := c.apply(ctx, o.configuration(o.before)); err != nil {
		srv.Close()
		return nil, fmt.Errorf("the configuration before: %w", err)
	}
	if o.between != nil {
		o.between(srv)
	}
	c.imports = o.importsOf(srv, false)
	srv.ResetLedger()
	return &scene{srv: srv, core: c, before: inService(srv), mails: len(srv.Mails())}, nil
}

// healthy runs the operation without a fault and returns what it comes to, and
// how often it calls which route.
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
