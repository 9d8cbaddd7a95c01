// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// core does what Terraform does with a provider, without the CLI: for tests
// that make thousands of runs. It applies as much at a time as Terraform.
type core struct {
	fake     *cloudtest.Server
	server   func() tfprotov6.ProviderServer
	settings map[string]any    // of the provider, beside endpoint and key
	imports  map[string]string // address to import ID, of what is not in the state
	schemas  *tfprotov6.GetProviderSchemaResponse
	types    map[string]tftypes.Object
	state    map[string]object
}

// allSchemas are those of the provider, which are the same in every test.
var allSchemas = sync.OnceValues(func() (*tfprotov6.GetProviderSchemaResponse, error) {
	return newServer().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
})

// object is one resource in the state.
type object struct {
	typeName string
	value    tftypes.Value
	private  []byte
	behind   []string // addresses of what it referred to when it was applied
}

// block is one resource of a configuration; attributes are string, bool, int,
// []string, map[string][]string or inGroup.
type block struct {
	typeName   string
	attributes map[string]any
	after      string // address of the block that this one refers to, if any
}

// inGroup is the rule of a role mapping for those who are in one group.
type inGroup string

// change is what a plan holds for one resource.
type change struct {
	address  string
	typeName string
	config   tftypes.Value // null for a removal
	prior    object
	planned  *tfprotov6.PlanResourceChangeResponse
	replaces bool
	after    []string // addresses of what it refers to, directly or not
	behind   []string // and of what it referred to before
}

func newCore(fake *cloudtest.Server) (*core, error) {
	schemas, err := allSchemas()
	if err != nil {
		return nil, err
	}
	c := &core{fake: fake, server: newServer, schemas: schemas, types: map[string]tftypes.Object{}, state: map[string]object{}}
	for name, schema := range schemas.ResourceSchemas {
		c.types[name], _ = schema.ValueType().(tftypes.Object)
	}
	return c, nil
}

// start is a provider process: configured once.
func (c *core) start(ctx context.Context) (tfprotov6.ProviderServer, error) {
	server := c.server()
	settings := map[string]any{"endpoint": c.fake.URL, "api_key": c.fake.Key}
	maps.Copy(settings, c.settings)
	config, err := dynamic(toValue(c.schemas.Provider.ValueType(), settings))
	if err != nil {
		return nil, err
	}
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.11.4"})
	return server, failure(resp.Diagnostics, err)
}

// plan refreshes the state, imports, and returns what would change. Where it
// fails, the state stays as it was.
func (c *core) plan(ctx context.Context, config map[string]block) (changes []change, err error) {
	server, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	before := maps.Clone(c.state)
	defer func() {
		if err != nil {
			c.state = before
		}
	}()
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		if err := c.refresh(ctx, server, address); err != nil {
			return nil, fmt.Errorf("refresh %s: %w", address, err)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(c.imports)) {
		if _, found := c.state[address]; !found {
			if err := c.importOne(ctx, server, address, config[address].typeName); err != nil {
				return nil, fmt.Errorf("import %s: %w", address, err)
			}
		}
	}
	for address, b := range config { // in any order
		planned := change{address: address, typeName: b.typeName, config: toValue(c.types[b.typeName], b.attributes), prior: c.prior(address, b.typeName)}
		for first := b.after; first != ""; first = config[first].after {
			planned.after = append(planned.after, first)
		}
		planned.behind = slices.Concat(planned.prior.behind, planned.after)
		if held, found := c.state[address]; found { // also where nothing changes
			held.behind = planned.behind
			c.state[address] = held
		}
		if err := c.planOne(ctx, server, &planned); err != nil {
			return nil, fmt.Errorf("plan %s: %w", address, err)
		}
		changes = append(changes, planned)
	}
	for _, address := range slices.Sorted(maps.Keys(c.state)) {
		if _, configured := config[address]; configured {
			continue
		}
		held := c.state[address]
		planned := change{address: address, typeName: held.typeName, config: tftypes.NewValue(c.types[held.typeName], nil), prior: held}
		if err := c.planOne(ctx, server, &planned); err != nil {
			return nil, fmt.Errorf("plan the removal of %s: %w", address, err)
		}
		changes = append(changes, planned)
	}
	return slices.DeleteFunc(changes, func(ch change) bool { return !ch.replaces && c.isNoOp(ch) }), nil
}

func (c *core) isNoOp(ch change) bool {
	planned, err := ch.planned.PlannedState.Unmarshal(c.types[ch.typeName])
	return err == nil && planned.Equal(ch.prior.value)
}

func (c *core) prior(address, typeName string) object {
	if held, found := c.state[address]; found {
		return held
	}
	return object{typeName: typeName, value: tftypes.NewValue(c.types[typeName], nil)}
}

func (c *core) refresh(ctx context.Context, server tfprotov6.ProviderServer, address string) error {
	held := c.state[address]
	current, err := dynamic(held.value)
	if err != nil {
		return err
	}
	resp, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: held.typeName, CurrentState: current, Private: held.private})
	if err := failure(resp.Diagnostics, err); err != nil {
		return err
	}
	return c.keep(address, held.typeName, resp.NewState, resp.Private)
}

// importOne imports one resource, and refreshes it.
func (c *core) importOne(ctx context.Context, server tfprotov6.ProviderServer, address, typeName string) error {
	resp, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: c.imports[address]})
	if err := failure(resp.Diagnostics, err); err != nil {
		return err
	}
	imported := resp.ImportedResources[0]
	if err := c.keep(address, typeName, imported.State, imported.Private); err != nil {
		return err
	}
	return c.refresh(ctx, server, address)
}

func (c *core) keep(address, typeName string, state *tfprotov6.DynamicValue, private []byte) error {
	value, err := state.Unmarshal(c.types[typeName])
	if err != nil {
		return err
	}
	if value.IsNull() {
		delete(c.state, address)
		return nil
	}
	c.state[address] = object{typeName: typeName, value: value, private: private, behind: c.state[address].behind}
	return nil
}

// planOne plans one resource, and a replacement once more as a creation.
func (c *core) planOne(ctx context.Context, server tfprotov6.ProviderServer, ch *change) (err error) {
	private := ch.prior.private
	prior := ch.prior.value
	for {
		req := tfprotov6.PlanResourceChangeRequest{TypeName: ch.typeName, PriorPrivate: private}
		if req.Config, err = dynamic(ch.config); err != nil {
			return err
		}
		if req.PriorState, err = dynamic(prior); err != nil {
			return err
		}
		if req.ProposedNewState, err = dynamic(c.proposed(ch.typeName, ch.config, prior)); err != nil {
			return err
		}
		if ch.planned, err = server.PlanResourceChange(ctx, &req); err != nil {
			return err
		}
		if err := failure(ch.planned.Diagnostics, nil); err != nil {
			return err
		}
		if len(ch.planned.RequiresReplace) == 0 || prior.IsNull() || ch.config.IsNull() {
			return nil
		}
		ch.replaces = true
		prior, private = tftypes.NewValue(prior.Type(), nil), ch.planned.PlannedPrivate
	}
}

// proposed is the configuration with what the provider computes from before.
func (c *core) proposed(typeName string, config, prior tftypes.Value) tftypes.Value {
	if config.IsNull() || prior.IsNull() {
		return config
	}
	var fields, before map[string]tftypes.Value
	if config.As(&fields) != nil || prior.As(&before) != nil {
		return config
	}
	for _, attribute := range c.schemas.ResourceSchemas[typeName].Block.Attributes {
		if fields[attribute.Name].IsNull() && attribute.Computed {
			fields[attribute.Name] = before[attribute.Name]
		}
	}
	return tftypes.NewValue(config.Type(), fields)
}

// apply plans and carries the changes out, ten at a time and in any order. Each
// failure is in the error; what refers to it is skipped, and the others go on.
func (c *core) apply(ctx context.Context, config map[string]block) error {
	changes, err := c.plan(ctx, config)
	if err != nil {
		return err
	}
	return c.carryOut(ctx, changes)
}

func (c *core) carryOut(ctx context.Context, changes []change) error {
	server, err := c.start(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex // guards c.state, failed and notDone
	var failed []string
	notDone := map[string]bool{} // what failed, and what was skipped for that
	var group sync.WaitGroup
	slots := make(chan struct{}, 10)
	done := map[string]chan struct{}{}
	for _, ch := range changes {
		done[ch.address] = make(chan struct{})
	}
	for _, ch := range changes {
		group.Go(func() {
			defer close(done[ch.address])
			for _, other := range changes {
				// what refers to something is made after it, and destroyed before it
				first := !ch.config.IsNull() && slices.Contains(ch.after, other.address) ||
					ch.config.IsNull() && other.config.IsNull() && slices.Contains(other.prior.behind, ch.address)
				if !first {
					continue
				}
				<-done[other.address]
				mu.Lock()
				skip := notDone[other.address]
				notDone[ch.address] = notDone[ch.address] || skip
				mu.Unlock()
				if skip {
					return
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := c.applyOne(ctx, server, &mu, ch); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, ch.address+": "+err.Error())
				notDone[ch.address] = true
			}
		})
	}
	group.Wait()
	if len(failed) > 0 {
		slices.Sort(failed)
		return fmt.Errorf("%s", strings.Join(failed, "\n"))
	}
	return nil
}

// applyOne plans again, as Terraform does, and applies.
func (c *core) applyOne(ctx context.Context, server tfprotov6.ProviderServer, mu *sync.Mutex, ch change) error {
	if ch.replaces {
		removal := change{address: ch.address, typeName: ch.typeName, prior: ch.prior, config: tftypes.NewValue(c.types[ch.typeName], nil)}
		var err error
		removal.planned = &tfprotov6.PlanResourceChangeResponse{PlannedPrivate: ch.prior.private}
		if removal.planned.PlannedState, err = dynamic(removal.config); err != nil {
			return err
		}
		if err := c.applyOne(ctx, server, mu, removal); err != nil {
			return err
		}
		ch.prior = object{typeName: ch.typeName, value: removal.config}
		ch.replaces = false
	}
	if !ch.config.IsNull() {
		first := ch.planned
		if err := c.planOne(ctx, server, &ch); err != nil {
			return err
		}
		if err := c.conforms(ch.typeName, first.PlannedState, ch.planned.PlannedState); err != nil {
			return fmt.Errorf("%w final plan: %w", errInconsistent, err)
		}
	}
	req := tfprotov6.ApplyResourceChangeRequest{TypeName: ch.typeName, PlannedState: ch.planned.PlannedState, PlannedPrivate: ch.planned.PlannedPrivate}
	var err error
	if req.Config, err = dynamic(ch.config); err != nil {
		return err
	}
	if req.PriorState, err = dynamic(ch.prior.value); err != nil {
		return err
	}
	resp, err := server.ApplyResourceChange(ctx, &req)
	if err != nil {
		return err
	}
	applyErr := failure(resp.Diagnostics, nil)
	if applyErr == nil {
		if err := c.conforms(ch.typeName, req.PlannedState, resp.NewState); err != nil {
			applyErr = fmt.Errorf("%w result: %w", errInconsistent, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if err := c.keep(ch.address, ch.typeName, resp.NewState, resp.Private); err != nil {
		return err
	}
	if held, kept := c.state[ch.address]; kept && !ch.config.IsNull() {
		held.behind = ch.behind
		c.state[ch.address] = held
	}
	if _, kept := c.state[ch.address]; kept && applyErr != nil && ch.prior.value.IsNull() {
		return fmt.Errorf("a creation that failed left a state, which Terraform would taint: %w", applyErr)
	}
	return applyErr
}

// failure joins the errors among diagnostics.
func failure(diagnostics []*tfprotov6.Diagnostic, err error) error {
	if err != nil {
		return err
	}
	var texts []string
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, d.Summary+": "+d.Detail)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(texts, "\n"))
}

func dynamic(value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	d, err := tfprotov6.NewDynamicValue(value.Type(), value)
	return &d, err
}

// toValue makes an object of a type; what attributes do not have is null.
func toValue(objectType tftypes.Type, attributes map[string]any) tftypes.Value {
	fields := map[string]tftypes.Value{}
	object, _ := objectType.(tftypes.Object)
	for name, fieldType := range object.AttributeTypes {
		value := attributes[name]
		switch v := value.(type) {
		case []string:
			value = textValues(v)
		case map[string][]string:
			mapType, _ := fieldType.(tftypes.Map)
			elements := make(map[string]tftypes.Value, len(v))
			for key, list := range v {
				elements[key] = tftypes.NewValue(mapType.ElementType, textValues(list))
			}
			value = elements
		case inGroup:
			value = v.fields(fieldType)
		}
		fields[name] = tftypes.NewValue(fieldType, value)
	}
	return tftypes.NewValue(objectType, fields)
}

func (g inGroup) fields(ruleType tftypes.Type) map[string]tftypes.Value {
	rule, _ := ruleType.(tftypes.Object)
	conditions, _ := rule.AttributeTypes["any"].(tftypes.Set)
	condition := toValue(conditions.ElementType, map[string]any{"group": string(g)})
	return map[string]tftypes.Value{
		"any": tftypes.NewValue(conditions, []tftypes.Value{condition}),
		"all": tftypes.NewValue(conditions, nil),
	}
}

func textValues(texts []string) []tftypes.Value {
	values := make([]tftypes.Value, len(texts))
	for i, text := range texts {
		values[i] = tftypes.NewValue(tftypes.String, text)
	}
	return values
}

// timeout bounds a run that should end by itself.
func timeout() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Minute)
}
