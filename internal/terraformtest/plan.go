// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Options are the options of a plan.
type Options struct {
	NoRefresh bool     // -refresh=false
	Destroy   bool     // -destroy
	Replace   []string // -replace
	// OneByOne is -parallelism=1, in a fixed order: configured resources by address,
	// and then removed ones.
	OneByOne bool
}

// Change is what a plan has for one resource.
type Change struct {
	Address string // of an object in the state; Deposed for one that a replacement left over
	Type    string
	Config  tftypes.Value // null for a removal
	Prior   Object
	Planned *tfprotov6.PlanResourceChangeResponse
	// Replaces means that the object is destroyed and created again.
	Replaces bool
	// Imports means that this plan imported the object into the state.
	Imports bool
	// Stays means that there is nothing else to do: apply does not call the provider.
	Stays bool

	block   Block
	because []*tftypes.AttributePath // attributes that force the replacement
	after   []string                 // addresses to which it refers, directly or indirectly
	behind  []string                 // addresses to which it referred before

	createFirst bool   // a replacement is created before the object is destroyed
	forced      string // the text of a plan for a replacement that another change forces; empty otherwise
}

// Plan is what terraform plan -out writes.
type Plan struct {
	// Changes has no resources that stay unchanged.
	Changes []*Change
	// Diagnostics are the warnings.
	Diagnostics []Diagnostic
	// State is the refreshed state.
	State map[string]Object

	config    Config
	known     values
	validated map[string]validated
}

// validated is the result of validating a block whose value is always the same.
type validated struct {
	config      tftypes.Value
	diagnostics []Diagnostic
}

// Plan refreshes a copy of the state, and returns what would change. The error joins
// those of all resources. The plan has the diagnostics also with an error.
func (t *Terraform) Plan(ctx context.Context, config Config, o Options) (*Plan, error) {
	p := &Plan{State: map[string]Object{}, config: config, known: values{}}
	maps.Copy(p.State, t.State)
	server, err := t.Start(ctx)
	if err != nil {
		p.Diagnostics = diagnose("provider", nil, err)
		return p, err
	}
	var invalid []Diagnostic
	if p.validated, invalid = t.validate(ctx, server, config); Failed(invalid) != nil {
		p.Diagnostics = invalid
		return p, Failed(invalid)
	} // the plan repeats a warning when more is known
	w := &planning{Terraform: t, Plan: p, server: server, Options: o, first: config.createFirst()}
	w.walk(ctx)
	slices.SortFunc(p.Changes, func(a, b *Change) int { return strings.Compare(a.Address, b.Address) })
	return p, Failed(p.Diagnostics)
}

// validate checks each block against its schema, before the values of references are
// known. It returns the blocks without references. Terraform validates every block
// again at plan and apply, which makes a difference only for blocks with references.
func (t *Terraform) validate(ctx context.Context, server tfprotov6.ProviderServer, config Config) (settled map[string]validated, all []Diagnostic) {
	settled = map[string]validated{}
	for _, address := range slices.Sorted(maps.Keys(config)) {
		b := config[address]
		value, err := t.configOf(b, nil)
		if err != nil {
			all = append(all, diagnose(address, nil, err)...)
			continue
		}
		diagnostics := t.validateOne(ctx, server, address, b.Type, value)
		if value.IsFullyKnown() && (b.hcl == nil || len(b.hcl.after) == 0) {
			settled[address] = validated{value, diagnostics}
		}
		all = append(all, diagnostics...)
	}
	return settled, all
}

// validConfig returns the value of a block and the diagnostics of its validation.
// References to values that are not in known are unknown.
func (t *Terraform) validConfig(ctx context.Context, server tfprotov6.ProviderServer, ch *Change, known values, settled map[string]validated) (tftypes.Value, []Diagnostic) {
	if v, found := settled[ch.Address]; found {
		return v.config, v.diagnostics
	}
	config, err := t.configOf(ch.block, known)
	if err != nil {
		return config, diagnose(ch.Address, nil, err)
	}
	return config, t.validateOne(ctx, server, ch.Address, ch.Type, config)
}

func (t *Terraform) validateOne(ctx context.Context, server tfprotov6.ProviderServer, address, typeName string, config tftypes.Value) []Diagnostic {
	value, err := Dynamic(config)
	if err != nil {
		return diagnose(address, nil, err)
	}
	resp, err := of(server, typeName).ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: typeName, Config: value,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true}})
	if err != nil {
		return diagnose(address, nil, err)
	}
	return diagnose(address, resp.Diagnostics, nil)
}

// planning is one walk over all resources.
type planning struct {
	*Terraform
	*Plan
	Options
	server tfprotov6.ProviderServer
	first  map[string]bool // addresses that are created before they are destroyed

	mu sync.Mutex // guards Plan
}

// walk plans each resource after everything to which it refers. Deposed objects, and
// resources that are no longer configured, have no order. A removed instance of a
// resource that is still configured is planned with its other instances.
func (w *planning) walk(ctx context.Context) {
	nodes := map[string]*node{}
	for _, addresses := range []iter.Seq[string]{maps.Keys(w.Plan.State), maps.Keys(w.config)} {
		for address := range addresses {
			nodes[address] = &node{name: address, visit: func() bool { return w.visit(ctx, address) }}
		}
	}
	instances, configured := map[string][]*node{}, map[string]string{} // by resource
	for address, n := range nodes {
		resource := resourceOf(address)
		if _, key := cutDeposed(address); key == "" {
			instances[resource] = append(instances[resource], n)
		}
		if _, found := w.config[address]; found {
			configured[resource] = address
		}
	}
	for address, n := range nodes {
		if _, key := cutDeposed(address); key != "" {
			continue
		}
		block := address
		if _, found := w.config[address]; !found {
			block = configured[resourceOf(address)]
		}
		referred := map[string]bool{}
		for _, other := range w.config.after(block) {
			referred[resourceOf(other)] = true
		}
		if b := w.config[block]; b.hcl != nil {
			for _, resource := range b.hcl.bare { // the removed instances of that resource are planned first, too
				referred[resource] = true
			}
		}
		for resource := range referred {
			n.waitsFor = append(n.waitsFor, instances[resource]...)
		}
	}
	all, atATime, pick := slices.Collect(maps.Values(nodes)), w.atATime(), w.pick
	if w.OneByOne {
		atATime, pick = 1, func(due []*node) *node {
			return slices.MinFunc(due, func(a, b *node) int { return w.config.configuredFirst(a.name, b.name) })
		}
	}
	w.Diagnostics = append(w.Diagnostics, diagnose("plan", nil, walk(all, atATime, pick))...)
}

// visit plans one resource, and keeps the result.
func (w *planning) visit(ctx context.Context, address string) bool {
	diagnostics := w.one(ctx, address)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Diagnostics = append(w.Diagnostics, diagnostics...)
	return Failed(diagnostics) == nil
}

// one refreshes one resource, and plans it.
func (w *planning) one(ctx context.Context, address string) (diagnostics []Diagnostic) {
	w.mu.Lock()
	held, found := w.Plan.State[address]
	w.mu.Unlock()
	b, configured := w.config[address]
	ch := &Change{Address: address, Type: b.Type, block: b, after: w.config.after(address), createFirst: w.first[address]}
	if !configured {
		ch.Type = held.Type
	}
	if id, imported := w.Imports[address]; imported && !found && configured && !w.Destroy {
		imported, more := w.ImportOne(ctx, w.server, address, ch.Type, id)
		diagnostics = append(diagnostics, more...)
		if Failed(more) != nil {
			return diagnostics
		}
		held, found, ch.Imports = imported, true, true
	}
	if _, key := cutDeposed(address); w.RemovedUnread && key == "" && !configured && !w.Destroy && !w.NoRefresh {
		return w.unread(ctx, ch, held)
	}
	if found && (!w.NoRefresh || ch.Imports) {
		var more []Diagnostic
		held, more = w.RefreshOne(ctx, w.server, address, held)
		diagnostics = append(diagnostics, more...)
		if Failed(more) != nil {
			return diagnostics
		}
		if found = !held.Value.IsNull(); !found && ch.Imports {
			return append(diagnostics, diagnose(address, nil, errors.New("cannot import a non-existent remote object"))...)
		}
	}
	ch.behind = slices.Concat(held.Behind, ch.after)
	if configured {
		held.Behind, held.createFirst = ch.behind, ch.createFirst
	}
	ch.Prior = held
	w.mu.Lock()
	if found {
		w.Plan.State[address] = held
	} else {
		delete(w.Plan.State, address)
		ch.Prior = Object{Type: ch.Type, Value: w.null(ch.Type)}
	}
	w.mu.Unlock()
	if !found && (!configured || w.Destroy) {
		return diagnostics
	}
	ch.Config = w.null(ch.Type)
	if configured && !w.Destroy {
		var known values
		if b.hcl != nil {
			w.mu.Lock()
			known = maps.Clone(w.known)
			w.mu.Unlock()
		}
		var more []Diagnostic
		ch.Config, more = w.validConfig(ctx, w.server, ch, known, w.validated)
		diagnostics = append(diagnostics, more...)
		if Failed(more) != nil {
			return diagnostics
		}
	}
	w.mu.Lock()
	triggered, err := w.triggered(b, w.Changes)
	w.mu.Unlock()
	if err != nil {
		return append(diagnostics, diagnose(address, nil, err)...)
	}
	switch {
	case triggered && !w.Destroy:
		ch.forced = " due to changes in replace_triggered_by"
	case slices.Contains(w.Replace, address):
		ch.forced = ", as requested"
	}
	more := w.PlanOne(ctx, w.server, ch, ch.forced != "")
	diagnostics = append(diagnostics, more...)
	if Failed(more) != nil {
		return diagnostics
	}
	planned, err := ch.Planned.PlannedState.Unmarshal(w.typeOf(ch.Type))
	if err != nil {
		return append(diagnostics, diagnose(address, nil, err)...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known[address] = planned
	if ch.Stays = !ch.Replaces && planned.Equal(ch.Prior.Value); ch.Stays {
		held.Behind = ch.after
		w.Plan.State[address] = held
	}
	if ch.Imports || !ch.Stays {
		w.Changes = append(w.Changes, ch)
	}
	return diagnostics
}

// unread plans an object that is no longer configured, and then reads it.
func (w *planning) unread(ctx context.Context, ch *Change, held Object) (diagnostics []Diagnostic) {
	ch.Prior, ch.Config = held, w.null(ch.Type)
	if diagnostics = w.PlanOne(ctx, w.server, ch, false); Failed(diagnostics) != nil {
		return diagnostics
	}
	held, more := w.RefreshOne(ctx, w.server, ch.Address, held)
	diagnostics = append(diagnostics, more...)
	if Failed(more) != nil {
		return diagnostics
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if held.Value.IsNull() {
		delete(w.Plan.State, ch.Address)
		return diagnostics
	}
	w.Plan.State[ch.Address] = held
	w.Changes = append(w.Changes, ch)
	return diagnostics
}

// RefreshOne reads one resource. The value is null if the object is gone.
func (t *Terraform) RefreshOne(ctx context.Context, server tfprotov6.ProviderServer, address string, held Object) (Object, []Diagnostic) {
	current, err := Dynamic(held.Value)
	if err != nil {
		return held, diagnose(address, nil, err)
	}
	resp, err := of(server, held.Type).ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: held.Type, CurrentState: current, Private: held.Private, CurrentIdentity: held.Identity})
	if err != nil {
		return held, diagnose(address, nil, err)
	}
	diagnostics := diagnose(address, resp.Diagnostics, nil)
	if Failed(diagnostics) != nil {
		return held, diagnostics
	}
	if held.Value, err = resp.NewState.Unmarshal(t.typeOf(held.Type)); err != nil {
		return held, append(diagnostics, diagnose(address, nil, err)...)
	}
	held.Private, held.Identity = resp.Private, resp.NewIdentity
	return held, diagnostics
}

// ImportOne imports an object by its ID. Read it with RefreshOne.
func (t *Terraform) ImportOne(ctx context.Context, server tfprotov6.ProviderServer, address, typeName, id string) (Object, []Diagnostic) {
	resp, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
	if err != nil {
		return Object{}, diagnose(address, nil, err)
	}
	diagnostics := diagnose(address, resp.Diagnostics, nil)
	if Failed(diagnostics) != nil {
		return Object{}, diagnostics
	}
	if len(resp.ImportedResources) != 1 {
		return Object{}, diagnose(address, nil, fmt.Errorf("the import of %q should return one object, but returned %d", id, len(resp.ImportedResources)))
	}
	imported := resp.ImportedResources[0]
	value, err := imported.State.Unmarshal(t.typeOf(typeName))
	return Object{Type: typeName, Value: value, Private: imported.Private, Identity: imported.Identity}, append(diagnostics, diagnose(address, nil, err)...)
}

// PlanOne plans one resource. It plans a replacement again as a creation, and drops the
// warnings of that, as Terraform does.
func (t *Terraform) PlanOne(ctx context.Context, server tfprotov6.ProviderServer, ch *Change, replace bool) (diagnostics []Diagnostic) {
	req := tfprotov6.PlanResourceChangeRequest{TypeName: ch.Type, PriorPrivate: ch.Prior.Private, PriorIdentity: ch.Prior.Identity}
	prior := ch.Prior.Value
	for {
		var err error
		if req.Config, err = Dynamic(ch.Config); err != nil {
			return diagnose(ch.Address, nil, err)
		}
		if req.PriorState, err = Dynamic(prior); err != nil {
			return diagnose(ch.Address, nil, err)
		}
		if req.ProposedNewState, err = Dynamic(t.proposed(ch.Type, ch.Config, prior)); err != nil {
			return diagnose(ch.Address, nil, err)
		}
		planned, err := of(server, ch.Type).PlanResourceChange(ctx, &req)
		if err != nil {
			return append(diagnostics, diagnose(ch.Address, nil, err)...)
		}
		ch.Planned = planned
		more := diagnose(ch.Address, planned.Diagnostics, nil)
		if Failed(more) != nil || !ch.Replaces {
			diagnostics = append(diagnostics, more...)
		}
		ch.because = append(ch.because, planned.RequiresReplace...)
		if Failed(more) != nil || prior.IsNull() || ch.Config.IsNull() || len(planned.RequiresReplace) == 0 && !replace {
			return diagnostics
		}
		ch.Replaces = true
		prior = tftypes.NewValue(prior.Type(), nil)
		req.PriorPrivate, req.PriorIdentity = planned.PlannedPrivate, nil
	}
}

// proposed returns the configuration with the computed values of the prior state.
func (t *Terraform) proposed(typeName string, config, prior tftypes.Value) tftypes.Value {
	var fields, before map[string]tftypes.Value
	if config.IsNull() || prior.IsNull() || config.As(&fields) != nil || prior.As(&before) != nil {
		return config
	}
	fields = maps.Clone(fields) // these are the fields of the configuration
	for _, attribute := range t.attributes(typeName) {
		if fields[attribute.Name].IsNull() && attribute.Computed {
			fields[attribute.Name] = before[attribute.Name]
		}
	}
	return tftypes.NewValue(config.Type(), fields)
}
