// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Applied is the result of applying a plan.
type Applied struct {
	Diagnostics               []Diagnostic
	Added, Changed, Destroyed int
}

// step is one half of a replacement, or another change as a whole.
type step struct {
	node
	*Change
	destroys bool
	// deposed is the address in the state of an object whose replacement is created
	// first. It is empty if the object is destroyed first.
	deposed string
	// behind are the addresses to which the object referred, according to the state.
	behind []string
}

// isBehind reports whether the object of a step referred to the resource of another.
func (s *step) isBehind(other *step) bool {
	resource := resourceOf(other.Address)
	return slices.ContainsFunc(s.behind, func(address string) bool { return resourceOf(address) == resource })
}

// Apply applies a plan, in any order that Terraform may choose, with at most
// Parallelism resources at a time. It skips resources that refer to a failed one, and
// continues with the others. The state has what was done.
func (t *Terraform) Apply(ctx context.Context, p *Plan) (*Applied, error) {
	a := &applying{Terraform: t, Applied: &Applied{}, Plan: p, state: map[string]Object{}, known: values{}}
	maps.Copy(a.state, p.State)
	var err error
	if a.server, err = t.Start(ctx); err != nil {
		a.Applied.Diagnostics = diagnose("provider", nil, err)
		return a.Applied, err
	}
	for address, o := range p.State {
		a.known[address] = o.Value
	}
	for _, ch := range p.Changes {
		if !ch.Stays {
			delete(a.known, ch.Address)
		}
	}
	a.walk(ctx, steps(p))
	t.State = a.state
	return a.Applied, Failed(a.Applied.Diagnostics)
}

// steps orders the changes of a plan:
//
//   - A creation or an update waits for the creation and update of everything it refers
//     to.
//   - A destruction waits for the destruction of everything that referred to it.
//   - If a creation and a destruction are about one object, or about two of which one
//     refers to the other, the destruction is first. With create_before_destroy it is
//     last.
//
// Blocks of Go values are for property tests, which hold in every order. For two
// objects of such blocks, only the destruction waits.
func steps(p *Plan) []*step {
	var creations, ends []*step
	for _, ch := range p.Changes {
		instance, key := cutDeposed(ch.Address)
		var deposed string
		switch {
		case key != "":
			deposed = ch.Address
		case ch.Replaces && ch.createFirst:
			deposed = unusedDeposed(p.State, ch.Address)
		}
		if !ch.Config.IsNull() && !ch.Stays {
			creations = append(creations, &step{Change: ch, deposed: deposed, behind: ch.behind})
		}
		if (ch.Config.IsNull() || ch.Replaces) && !ch.Stays {
			end := &step{Change: ch, destroys: true, deposed: deposed, behind: ch.Prior.Behind}
			if key != "" {
				end.behind = p.State[instance].Behind
			}
			ends = append(ends, end)
		}
	}
	for _, s := range creations {
		for _, other := range creations {
			if slices.Contains(s.after, other.Address) {
				s.waitsFor = append(s.waitsFor, &other.node)
			}
		}
		for _, end := range ends {
			instance, _ := cutDeposed(end.Address)
			same, played := instance == s.Address, s.block.hcl != nil
			later := end.deposed != "" || end.Prior.createFirst
			switch {
			case later && (same || s.isBehind(end) || played && end.isBehind(s)):
				end.waitsFor = append(end.waitsFor, &s.node)
			case !later && (same || played && (s.isBehind(end) || end.isBehind(s))):
				s.waitsFor = append(s.waitsFor, &end.node)
			}
		}
	}
	for _, end := range ends {
		for _, other := range ends {
			if end != other && other.isBehind(end) {
				end.waitsFor = append(end.waitsFor, &other.node)
			}
		}
	}
	return slices.Concat(creations, ends)
}

// applying is one walk over the changes.
type applying struct {
	*Terraform
	*Applied
	*Plan
	server tfprotov6.ProviderServer

	mu    sync.Mutex // guards the following fields, and Applied
	state map[string]Object
	known values
}

func (a *applying) walk(ctx context.Context, all []*step) {
	var nodes []*node
	for _, s := range all {
		s.name, s.visit = s.Address, func() bool { return a.visit(ctx, s) }
		if s.destroys {
			s.name += " (destroy)"
		}
		nodes = append(nodes, &s.node)
	}
	err := walk(nodes, a.atATime(), a.pick)
	a.Applied.Diagnostics = append(a.Applied.Diagnostics, diagnose("apply", nil, err)...)
}

// visit carries out one step, and counts it.
func (a *applying) visit(ctx context.Context, s *step) bool {
	stopped := ctx.Err() // a stopped Terraform begins no more steps
	diagnostics := diagnose(s.Address, nil, stopped)
	if stopped == nil {
		diagnostics = a.one(ctx, s)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.Applied.Diagnostics = append(a.Applied.Diagnostics, diagnostics...)
	switch {
	case Failed(diagnostics) != nil:
		return false
	case s.destroys:
		a.Destroyed++
	case s.Prior.Value.IsNull() || s.Replaces:
		a.Added++
	default:
		a.Changed++
	}
	return true
}

// one carries out one step. It plans the step again first, unless it is the destruction
// of a deposed object.
func (a *applying) one(ctx context.Context, s *step) (diagnostics []Diagnostic) {
	ch := *s.Change
	switch {
	case s.destroys && s.deposed != "":
		ch.Address, ch.Config, ch.Replaces = s.deposed, a.null(ch.Type), false
		if diagnostics = a.PlanOne(ctx, a.server, &ch, false); Failed(diagnostics) != nil {
			return diagnostics
		}
	case s.destroys:
		var err error
		ch.Config = a.null(ch.Type)
		ch.Planned = &tfprotov6.PlanResourceChangeResponse{PlannedPrivate: ch.Planned.PlannedPrivate}
		if ch.Planned.PlannedState, err = Dynamic(ch.Config); err != nil {
			return diagnose(ch.Address, nil, err)
		}
	default:
		if s.deposed != "" {
			a.move(ch.Address, s.deposed)
		}
		if ch.Replaces {
			ch.Prior, ch.Replaces = Object{Type: ch.Type, Value: a.null(ch.Type)}, false
		}
		if diagnostics = a.planAgain(ctx, &ch); Failed(diagnostics) != nil {
			return diagnostics // a deposed object stays deposed, as in Terraform
		}
	}
	diagnostics = append(diagnostics, a.write(ctx, ch)...)
	if !s.destroys && s.deposed != "" && Failed(diagnostics) != nil {
		a.move(s.deposed, ch.Address)
	}
	return diagnostics
}

// move moves an object in the state to another address, which has nothing.
func (a *applying) move(from, to string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	held, found := a.state[from]
	if _, taken := a.state[to]; found && !taken {
		a.state[to] = held
		delete(a.state, from)
	}
}

// planAgain plans with the values that are known by now. Like Terraform, it compares
// the result with the plan.
func (a *applying) planAgain(ctx context.Context, ch *Change) (diagnostics []Diagnostic) {
	var known values
	if ch.block.hcl != nil {
		a.mu.Lock()
		known = maps.Clone(a.known)
		a.mu.Unlock()
	}
	if ch.Config, diagnostics = a.validConfig(ctx, a.server, ch, known, a.validated); Failed(diagnostics) != nil {
		return diagnostics
	}
	first := ch.Planned
	diagnostics = a.PlanOne(ctx, a.server, ch, false)
	if Failed(diagnostics) != nil {
		return diagnostics
	}
	if ch.Replaces {
		return append(diagnostics, diagnose(ch.Address, nil, fmt.Errorf("%w final plan: it became a replacement", ErrInconsistent))...)
	}
	if err := a.conforms(ch.Type, first.PlannedState, ch.Planned.PlannedState); err != nil {
		return append(diagnostics, diagnose(ch.Address, nil, fmt.Errorf("%w final plan: %w", ErrInconsistent, err))...)
	}
	return diagnostics
}

// write makes one change, and keeps its result.
func (a *applying) write(ctx context.Context, ch Change) []Diagnostic {
	address := ch.Address
	req := tfprotov6.ApplyResourceChangeRequest{TypeName: ch.Type, PlannedState: ch.Planned.PlannedState, PlannedPrivate: ch.Planned.PlannedPrivate, PlannedIdentity: ch.Planned.PlannedIdentity}
	var err error
	if req.Config, err = Dynamic(ch.Config); err != nil {
		return diagnose(address, nil, err)
	}
	if req.PriorState, err = Dynamic(ch.Prior.Value); err != nil {
		return diagnose(address, nil, err)
	}
	resp, err := of(a.server, ch.Type).ApplyResourceChange(ctx, &req)
	if err != nil {
		return diagnose(address, nil, err)
	}
	diagnostics := diagnose(address, resp.Diagnostics, nil)
	if Failed(diagnostics) == nil {
		if err := a.conforms(ch.Type, req.PlannedState, resp.NewState); err != nil {
			diagnostics = append(diagnostics, diagnose(address, nil, fmt.Errorf("%w result: %w", ErrInconsistent, err))...)
		}
	}
	o := Object{Type: ch.Type, Private: resp.Private, Identity: resp.NewIdentity, Behind: ch.after, createFirst: ch.createFirst}
	if ch.Config.IsNull() { // and the destruction failed
		o.Behind, o.createFirst = ch.Prior.Behind, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.keep(a.state, address, o, resp.NewState); err != nil {
		return append(diagnostics, diagnose(address, nil, err)...)
	}
	held, kept := a.state[address]
	if kept {
		a.known[address] = held.Value
	}
	if kept && Failed(diagnostics) != nil && ch.Prior.Value.IsNull() {
		diagnostics = append(diagnostics, diagnose(address, nil, errors.New("a creation that failed left a state, which Terraform would taint"))...)
	}
	if kept && !held.Value.IsFullyKnown() {
		diagnostics = append(diagnostics, diagnose(address, nil, fmt.Errorf("%w result: something is unknown after apply", ErrInconsistent))...)
	}
	return diagnostics
}

// ErrInconsistent is returned for a result that Terraform calls a bug in the provider.
var ErrInconsistent = errors.New("provider produced inconsistent")

// conforms reports whether a value has everything that the plan said is known.
// Terraform compares the plan that is made at apply, and then the new state, with the
// earlier plan.
func (t *Terraform) conforms(typeName string, planned, actual *tfprotov6.DynamicValue) error {
	before, err := planned.Unmarshal(t.typeOf(typeName))
	if err != nil {
		return err
	}
	after, err := actual.Unmarshal(t.typeOf(typeName))
	if err != nil {
		return err
	}
	return conforming(tftypes.NewAttributePath(), before, after)
}

func conforming(at *tftypes.AttributePath, planned, actual tftypes.Value) error {
	switch {
	case !planned.IsKnown():
		return nil
	case !actual.IsKnown(), planned.IsNull() != actual.IsNull():
		return fmt.Errorf("%s was %s and is %s", at, planned, actual)
	case planned.IsNull(), planned.Type().Is(tftypes.Set{}) && !planned.IsFullyKnown():
		return nil
	}
	var before, after map[string]tftypes.Value
	if planned.As(&before) == nil && actual.As(&after) == nil {
		if !slices.Equal(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))) {
			return fmt.Errorf("%s was %s and is %s", at, planned, actual)
		}
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if err := conforming(at.WithElementKeyString(name), before[name], after[name]); err != nil {
				return err
			}
		}
		return nil
	}
	if planned.IsFullyKnown() && !planned.Equal(actual) {
		return fmt.Errorf("%s was %s and is %s", at, planned, actual)
	}
	return nil
}
