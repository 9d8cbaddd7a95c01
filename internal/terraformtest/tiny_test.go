// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// tiny is a service with things, and the provider of them. A thing has a name, a
// key that it cannot change, and a note that it can.
type tiny struct {
	// takes is how long each call to the provider takes.
	takes time.Duration
	// fails has the calls that fail, such as "destroy a1".
	fails map[string]bool

	mu        sync.Mutex
	asked     []string // all calls, in order, each with the number of its process
	gone      map[string]bool
	processes int
	running   int
	most      int // so many calls ran at the same time
}

// process is a process of the provider.
type process struct {
	tfprotov6.ProviderServer // for the calls that nothing here makes

	*tiny
	number int
}

var tinySchema = &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
	{Name: "name", Type: tftypes.String, Required: true},
	{Name: "key", Type: tftypes.String, Optional: true},
	{Name: "note", Type: tftypes.String, Optional: true},
}}}

// newTiny is an empty service, and Terraform for it.
func newTiny() (*tiny, *Terraform) {
	s := &tiny{fails: map[string]bool{}, gone: map[string]bool{}}
	schemas := &tfprotov6.GetProviderSchemaResponse{
		Provider:        &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
		ResourceSchemas: map[string]*tfprotov6.Schema{"tiny_thing": tinySchema},
	}
	return s, NewWithSchemas(schemas, func() tfprotov6.ProviderServer {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.processes++
		return &process{tiny: s, number: s.processes}
	})
}

// thing is a block of Go values. Its address begins with the name.
func thing(name, key, note string) Block {
	return Block{Type: "tiny_thing", Attributes: map[string]any{"name": name, "key": key, "note": note}}
}

// calls returns the calls since the last time.
func (s *tiny) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// call is one call about a thing, which may fail.
func (p *process) call(what string, value *tfprotov6.DynamicValue, private []byte) (nameAndKey string, failed []*tfprotov6.Diagnostic) {
	v, err := value.Unmarshal(tinySchema.ValueType())
	fields := map[string]tftypes.Value{}
	var name, key string
	if err == nil {
		err = v.As(&fields)
	}
	if err == nil {
		err = fields["name"].As(&name)
	}
	if err == nil && !fields["key"].IsNull() {
		err = fields["key"].As(&key)
	}
	if err != nil {
		panic(err) // a mistake in a test
	}
	said := what + " " + name + key
	line := fmt.Sprintf("%d: %s", p.number, said)
	if len(private) > 0 {
		line += fmt.Sprintf(" (%s)", strings.TrimSuffix(string(private), ", "))
	}
	p.mu.Lock()
	p.asked = append(p.asked, line)
	fails := p.fails[said]
	p.running++
	p.most = max(p.most, p.running)
	p.mu.Unlock()
	time.Sleep(p.takes)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	if fails {
		failed = []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "could not " + said}}
	}
	return name + key, failed
}

func (p *process) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (p *process) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p *process) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	it, failed := p.call("read", req.CurrentState, nil)
	resp := &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private, Diagnostics: failed}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone[it] {
		null, err := Dynamic(tftypes.NewValue(tinySchema.ValueType(), nil))
		resp.NewState = null
		return resp, err
	}
	return resp, nil
}

// PlanResourceChange writes into the private data which process has planned.
func (p *process) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState}
	made, _, _ := strings.Cut(string(req.PriorPrivate), "planned")
	resp.PlannedPrivate = fmt.Appendf(nil, "%splanned by %d", made, p.number)
	prior, err := req.PriorState.Unmarshal(tinySchema.ValueType())
	if err != nil {
		return nil, err
	}
	next, err := req.ProposedNewState.Unmarshal(tinySchema.ValueType())
	if err != nil {
		return nil, err
	}
	switch {
	case next.IsNull():
		_, resp.Diagnostics = p.call("plan destroy", req.PriorState, req.PriorPrivate)
	case prior.IsNull():
		_, resp.Diagnostics = p.call("plan create", req.ProposedNewState, req.PriorPrivate)
	default:
		_, resp.Diagnostics = p.call("plan update", req.ProposedNewState, req.PriorPrivate)
		var before, after map[string]tftypes.Value
		if err := prior.As(&before); err != nil {
			return nil, err
		}
		if err := next.As(&after); err != nil {
			return nil, err
		}
		if !before["key"].Equal(after["key"]) {
			resp.RequiresReplace = []*tftypes.AttributePath{tftypes.NewAttributePath().WithAttributeName("key")}
		}
	}
	return resp, nil
}

// ApplyResourceChange writes into the private data which process has made a thing.
func (p *process) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp := &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState, Private: fmt.Appendf(nil, "made by %d, ", p.number)}
	prior, err := req.PriorState.Unmarshal(tinySchema.ValueType())
	if err != nil {
		return nil, err
	}
	next, err := req.PlannedState.Unmarshal(tinySchema.ValueType())
	if err != nil {
		return nil, err
	}
	switch {
	case next.IsNull():
		_, resp.Diagnostics = p.call("destroy", req.PriorState, req.PlannedPrivate)
	case prior.IsNull():
		_, resp.Diagnostics = p.call("create", req.PlannedState, req.PlannedPrivate)
	default:
		_, resp.Diagnostics = p.call("update", req.PlannedState, req.PlannedPrivate)
	}
	if len(resp.Diagnostics) > 0 {
		resp.NewState = req.PriorState
		resp.Private = req.PlannedPrivate
	}
	return resp, nil
}

// mustPlan plans, which has to succeed.
func mustPlan(t *testing.T, tf *Terraform, config Config, o Options) *Plan {
	t.Helper()
	p, err := tf.Plan(t.Context(), config, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustApply plans and applies, which has to succeed.
func mustApply(t *testing.T, tf *Terraform, config Config) {
	t.Helper()
	if _, err := tf.Apply(t.Context(), mustPlan(t, tf, config, Options{})); err != nil {
		t.Fatal(err)
	}
}

// wantState fails the test unless the state has these addresses and no other.
func wantState(t *testing.T, tf *Terraform, addresses ...string) {
	t.Helper()
	if got := slices.Sorted(maps.Keys(tf.State)); !slices.Equal(got, addresses) {
		t.Errorf("the state has %q, and should have %q", got, addresses)
	}
}

// wantCalls fails the test unless the calls include these, in this order.
func wantCalls(t *testing.T, made []string, wanted ...string) {
	t.Helper()
	rest := wanted
	for _, call := range made {
		if len(rest) > 0 && call == rest[0] {
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		t.Errorf("%q is not among the calls, or not in this order: %q", rest[0], made)
	}
}
