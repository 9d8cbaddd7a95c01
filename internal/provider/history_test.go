// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// historyWorkers make histories side by side, as one waits for most of its time:
// each as many as -rapid.checks says.
var historyWorkers = flag.Int("history-workers", 2, "how many random histories are made side by side; -rapid.checks is of each")

// Whatever happens to an organization and its configuration, in whatever order,
// and whatever fails on the way: an apply that nothing disturbs gives what the
// configuration says and touches nothing else, or is refused as the model says.
func TestHistories(t *testing.T) {
	t.Parallel()
	var done atomic.Int64
	certificates := []string{longLived(t, "first"), longLived(t, "second")}
	t.Run("of", func(t *testing.T) {
		for worker := range *historyWorkers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				rapidly(t, func(t *rapid.T) {
					runHistory(t, certificates, rapid.SliceOfN(historyStep(), 1, 8).Draw(t, "steps"), serviceReading{})
					done.Add(1)
				})
			})
		}
	})
	t.Logf("%d histories", done.Load())
}

// history is an organization with a configuration, in the middle of its life.
type history struct {
	t            *rapid.T
	reading      serviceReading
	ctx          context.Context
	srv          *cloudtest.Server
	core         *core
	config       map[string]block
	certificates []string
	number       int
	serial       int // of the state
	saved        *savedPlan
	seen         *seen

	mu sync.Mutex // guards what follows

	published map[string]string // TXT records, by domain
	calls     int               // since the run began
	stop      func()            // the run, where it is cancelled
	stopAt    int
	stay      map[string][]string // grants that nobody may lose, by address
	lost      string              // one that somebody has lost
	ownsNow   bool                // that there is an owner has to stay so
	ownerOK   bool
}

// savedPlan is what terraform plan -out leaves.
type savedPlan struct {
	config  map[string]block
	changes []change
	state   map[string]object // refreshed
	serial  int               // of the state that it was made for
}

func runHistory(t *rapid.T, certificates []string, steps []step, r serviceReading) {
	srv := cloudtest.Start(append(slices.Clone(r.opts), cloudtest.InProcess(), cloudtest.Seed(rapid.Int64().Draw(t, "seed")))...)
	defer srv.Close()
	srv.AddMember("owner@example.com", "organization-admin")
	srv.AddMember("dora@example.com", "billing-admin")
	srv.AddMember("erin@example.com", "deployment-viewer:e")
	srv.AddUnknownAssignment("erin@example.com", "connected_cluster", `[{"role_id":"x"}]`)
	srv.AddInvitation("frank@example.com", "deployment-viewer:f")
	ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour) // a whole history waits longer than one run
	defer cancel()
	c, err := newCore(srv)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{t: t, ctx: ctx, reading: r, srv: srv, core: c, certificates: certificates, seen: &seen{}, ownerOK: true, published: map[string]string{}}
	c.Imports = map[string]string{}
	c.Server = func() tfprotov6.ProviderServer {
		return &watched{seen: h.seen, ProviderServer: c.process()}
	}
	srv.Observe(h.observe)
	for _, s := range steps {
		s.run(h, s)
		h.afterStep()
		time.Sleep(r.settles)
	}
	h.healthy("apply")
	h.afterStep()
	h.change(nil)
	h.healthy("destroy")
	h.afterStep()
}

func (h *history) say(format string, args ...any) {
	h.number++
	h.t.Logf("%d. %s", h.number, fmt.Sprintf(format, args...))
}

// observe runs after each request: who waits for a TXT record finds it, an owner
// has to be left, and a run may be stopped.
func (h *history) observe() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, domain := range []string{"example.com", "example.org"} {
		code, old := h.srv.VerificationCode(domain), h.published[domain]
		if code == "" || code == old {
			continue
		}
		if old != "" { // all that ever were would not fit into an answer
			h.srv.UnpublishTXT(cloud.ChallengeRecordName(domain), old)
		}
		h.srv.PublishTXT(cloud.ChallengeRecordName(domain), code)
		h.published[domain] = code
	}
	if h.ownsNow && len(ownersOf(peopleOf(h.srv))) == 0 {
		h.ownerOK = false
	}
	for email, grants := range h.stay {
		held := h.srv.Grants(email)
		for _, grant := range grants {
			if !slices.Contains(held, grant) {
				h.lost = fmt.Sprintf("%s lost %s, which stays, and holds %v", email, grant, held)
			}
		}
	}
	if h.calls++; h.stop != nil && h.calls == h.stopAt {
		h.stop()
	}
}

// begin is right before the provider runs.
func (h *history) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = 0
	if len(h.reading.opts) == 0 { // others take along what they do not show
		h.stay = h.givenBeforeAndAfter()
	}
	h.ownsNow = len(ownersOf(peopleOf(h.srv))) > 0
}

// givenBeforeAndAfter has the grants that members hold and that resources give them by
// the state and by the configuration.
func (h *history) givenBeforeAndAfter() map[string][]string {
	before := map[string]map[string]bool{}
	for _, o := range h.core.State {
		for email, grants := range givenBy(o) {
			for _, grant := range grants {
				if before[email] == nil {
					before[email] = map[string]bool{}
				}
				before[email][grant] = true
			}
		}
	}
	stay := map[string][]string{}
	for _, b := range h.config {
		for email, grants := range givenBy(object{Type: b.Type, Value: terraformtest.Value(h.core.Types[b.Type], b.Attributes)}) {
			for _, grant := range grants {
				if before[email][grant] && h.srv.Status(email) == statusActive && slices.Contains(h.srv.Grants(email), grant) {
					stay[email] = append(stay[email], grant)
				}
			}
		}
	}
	return stay
}

// end is right after it.
func (h *history) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stop, h.stay, h.ownsNow = nil, nil, false
}

// afterStep checks what has to hold whatever happened.
func (h *history) afterStep() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost != "" {
		h.t.Fatal(h.lost)
	}
	if !h.ownerOK {
		h.t.Fatalf("the organization had an owner, and had none for a moment:\n%s", organizationInWords(inService(h.srv)))
	}
	if where := h.seen.holds(append(h.srv.Tokens(), h.srv.Key)); where != "" {
		h.t.Fatalf("there is a secret in %s", where)
	}
	if v := h.srv.Violations(); len(v) > 0 {
		h.t.Fatalf("not in the contract: %v", v)
	}
}

// change writes another configuration. Where people move to elasticcloud_members,
// the user takes the resources for single people out of the state first.
func (h *history) change(config map[string]block) {
	h.config = config
	h.say("the configuration is now\n%s", asHCL(config))
	if _, everybody := config["elasticcloud_members.this"]; !everybody {
		return
	}
	for _, address := range slices.Sorted(maps.Keys(h.core.State)) {
		switch h.core.State[address].Type {
		case "elasticcloud_member", "elasticcloud_role_assignment":
			h.say("removed { from = %s, lifecycle { destroy = false } }", address)
			delete(h.core.State, address)
			h.serial++
		}
	}
}

// healthy is an apply that nothing disturbs.
func (h *history) healthy(what string) {
	before := inService(h.srv)
	outcomes := h.predict()
	h.begin()
	err := h.core.apply(h.ctx, h.config)
	h.end()
	h.serial++
	h.say("%s: %s", what, inShort(err))
	h.noBug(err)
	if h.reading.excuses(err) {
		return
	}
	got := inService(h.srv)
	i := slices.IndexFunc(outcomes, func(o outcomeOfApply) bool { return maps.Equal(o.held, got) && o.refused == (err != nil) })
	if i < 0 {
		for _, o := range outcomes {
			h.t.Logf("   the model has (refused: %t)\n%s", o.refused, organizationInWords(o.held))
		}
		h.t.Fatalf("%s ended with %v, and of what was there\n%s\nis there now\n%s", what, err, organizationInWords(before), organizationInWords(got))
	}
	if len(outcomes[i].imports) > 0 {
		maps.Copy(h.core.Imports, outcomes[i].imports)
		h.say("import blocks are added: %v", outcomes[i].imports)
	}
	if err != nil {
		return
	}
	h.core.Imports = map[string]string{}
	changes, err := h.core.plan(h.ctx, h.config)
	if err != nil || len(changes) > 0 {
		h.t.Fatalf("after the %s the plan is not empty: %v, %v", what, addresses(changes), err)
	}
	if got, want := slices.Sorted(maps.Keys(h.core.State)), slices.Sorted(maps.Keys(h.config)); !slices.Equal(got, want) {
		h.t.Fatalf("after the %s the state has %v, and should have %v", what, got, want)
	}
}

// disturbed is an apply that something happens to. It may do as much as it can,
// and nothing else.
func (h *history) disturbed(what string, config map[string]block, state map[string]object, run func() error) {
	bounds := h.newModel(config, state)
	h.begin()
	err := run()
	h.end()
	h.serial++
	h.say("%s: %s", what, inShort(err))
	h.noBug(err)
	if h.reading.excuses(err) {
		return
	}
	h.withinBounds(bounds)
}

// noBug fails for an error that no failure of the service excuses.
func (h *history) noBug(err error) {
	if err != nil && (strings.Contains(err.Error(), terraformtest.ErrInconsistent.Error()) || strings.Contains(err.Error(), "which Terraform would taint")) {
		h.t.Fatal(err)
	}
}

func (h *history) applyWithFault(f historyFault) {
	h.disturbed("apply, while the service fails: "+f.String(), h.config, maps.Clone(h.core.State), func() error { return h.failing(f) })
}

// failing is an apply while the service fails.
func (h *history) failing(f historyFault) error {
	defer func() { h.srv.ClearFaults(); h.srv.SetLag(0); h.core.settings = nil }()
	if f.fault.lag > 0 {
		h.srv.SetLag(f.fault.lag)
		return h.core.apply(h.ctx, h.config)
	}
	fails := f.fault.fails
	fails.Route, fails.Skip = f.route, f.skip
	if f.fault.retryAfter != nil {
		fails.Header = map[string][]string{"Retry-After": {f.fault.retryAfter(time.Now())}}
	}
	if fails.Hang > 0 {
		h.core.settings = map[string]any{"request_timeout": timeoutOfHanging.String(), "max_retries": 1}
	}
	h.srv.Fail(fails)
	return h.core.apply(h.ctx, h.config)
}

func (h *history) applyAndStop(after int) {
	h.disturbed(fmt.Sprintf("apply, stopped after %d calls", after), h.config, maps.Clone(h.core.State), func() error { return h.stopped(after) })
}

// stopped is an apply that ends after so many calls.
func (h *history) stopped(after int) error {
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	h.mu.Lock()
	h.stop, h.stopAt = cancel, after
	h.mu.Unlock()
	return h.core.apply(ctx, h.config)
}

// savePlan leaves the state as it is, as terraform plan -out does.
func (h *history) savePlan() {
	state := maps.Clone(h.core.State)
	changes, err := h.core.plan(h.ctx, h.config)
	h.say("plan -out=saved: %s", inShort(err))
	h.noBug(err)
	h.saved = nil
	if err == nil {
		h.saved = &savedPlan{config: h.config, changes: changes, state: h.core.State, serial: h.serial}
	}
	h.core.State = state
}

// applySaved applies what was planned, unless the state has changed since:
// Terraform refuses that.
func (h *history) applySaved() {
	saved := h.saved
	h.saved = nil
	if saved == nil || saved.serial != h.serial {
		h.say("apply saved: there is no plan, or it is stale")
		return
	}
	h.disturbed("apply saved", saved.config, maps.Clone(saved.state), func() error {
		h.core.State = saved.state
		return h.core.carryOut(h.ctx, saved.changes)
	})
}

// inShort is the first line of an error.
func inShort(err error) string {
	if err == nil {
		return "done"
	}
	if errors.Is(err, context.Canceled) {
		return "stopped"
	}
	return "FAILED: " + strings.ReplaceAll(err.Error(), "\n", "\n     ")
}
