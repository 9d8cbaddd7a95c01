// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/sync/errgroup"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

// parallelism is how many resources the CLI works on at a time.
const parallelism = 10

// driver does with the provider what the CLI does, but in this process. It
// stands for one provider process.
type driver struct {
	server tfprotov6.ProviderServer
	schema *tfprotov6.Schema // of the one kind of resource that it drives
	name   string
}

// object is one resource; a value that is null is not there.
type object struct {
	config, state tftypes.Value
	private       []byte
}

func startDriver(ctx context.Context, srv *cloudtest.Server, s scenario) (*driver, error) {
	server := providerserver.NewProtocol6(provider.New("bench")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	d := &driver{server: server, schema: schemas.ResourceSchemas[s.resource], name: s.resource}
	if d.schema == nil {
		return nil, fmt.Errorf("the provider has no %s", s.resource)
	}
	settings := map[string]any{"endpoint": srv.URL, "api_key": srv.Key}
	if id := s.organizationID(srv); id != "" {
		settings["organization_id"] = id
	}
	config, err := dynamic(toValue(schemas.Provider.ValueType(), settings))
	if err != nil {
		return nil, err
	}
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.11.4"})
	if err != nil {
		return nil, err
	}
	return d, failure(resp.Diagnostics)
}

// change gives objects another configuration, and makes those that are new.
func (d *driver) change(held map[string]object, wanted map[string]map[string]any) map[string]object {
	objectType := d.schema.ValueType()
	changed := map[string]object{}
	for key, o := range held {
		o.config = tftypes.NewValue(objectType, nil)
		changed[key] = o
	}
	for key, attributes := range wanted {
		o, found := changed[key]
		if !found {
			o.state = tftypes.NewValue(objectType, nil)
		}
		o.config = toValue(objectType, attributes)
		changed[key] = o
	}
	return changed
}

// each does something with every object, as much at a time as the CLI.
func each(ctx context.Context, objects map[string]object, do func(context.Context, *object) error) error {
	results := make(map[string]*object, len(objects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallelism)
	for key, o := range objects {
		results[key] = &o
		group.Go(func() error {
			if err := do(ctx, &o); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			return nil
		})
	}
	err := group.Wait()
	for key, o := range results {
		objects[key] = *o
	}
	return err
}

func (d *driver) readAndPlan(ctx context.Context, o *object) error {
	if !o.state.IsNull() {
		current, err := dynamic(o.state)
		if err != nil {
			return err
		}
		resp, err := d.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: d.name, CurrentState: current, Private: o.private})
		if err != nil {
			return err
		}
		if err := errors.Join(failure(resp.Diagnostics), d.keep(o, resp.NewState, resp.Private)); err != nil {
			return err
		}
	}
	_, err := d.plan(ctx, o)
	return err
}

// plan validates the configuration first, as the CLI does.
func (d *driver) plan(ctx context.Context, o *object) (*tfprotov6.PlanResourceChangeResponse, error) {
	req := tfprotov6.PlanResourceChangeRequest{TypeName: d.name, PriorPrivate: o.private}
	var err error
	if req.Config, err = dynamic(o.config); err != nil {
		return nil, err
	}
	valid, err := d.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: d.name, Config: req.Config})
	if err != nil {
		return nil, err
	}
	if err := failure(valid.Diagnostics); err != nil {
		return nil, err
	}
	if req.PriorState, err = dynamic(o.state); err != nil {
		return nil, err
	}
	if req.ProposedNewState, err = dynamic(d.proposed(*o)); err != nil {
		return nil, err
	}
	resp, err := d.server.PlanResourceChange(ctx, &req)
	if err != nil {
		return nil, err
	}
	return resp, failure(resp.Diagnostics)
}

// apply plans what stays or comes once more, as the CLI does.
func (d *driver) apply(ctx context.Context, o *object) error {
	req := tfprotov6.ApplyResourceChangeRequest{TypeName: d.name, PlannedPrivate: o.private}
	var err error
	if req.Config, err = dynamic(o.config); err != nil {
		return err
	}
	if req.PriorState, err = dynamic(o.state); err != nil {
		return err
	}
	req.PlannedState = req.Config
	if !o.config.IsNull() {
		planned, err := d.plan(ctx, o)
		if err != nil {
			return err
		}
		req.PlannedState, req.PlannedPrivate = planned.PlannedState, planned.PlannedPrivate
	}
	resp, err := d.server.ApplyResourceChange(ctx, &req)
	if err != nil {
		return err
	}
	return errors.Join(failure(resp.Diagnostics), d.keep(o, resp.NewState, resp.Private))
}

func (d *driver) keep(o *object, state *tfprotov6.DynamicValue, private []byte) error {
	var err error
	o.private = private
	o.state, err = state.Unmarshal(d.schema.ValueType())
	return err
}

// proposed is the configuration with what the provider computed before.
func (d *driver) proposed(o object) tftypes.Value {
	var wanted, held map[string]tftypes.Value
	if o.config.IsNull() || o.state.IsNull() || o.config.As(&wanted) != nil || o.state.As(&held) != nil {
		return o.config
	}
	for _, attribute := range d.schema.Block.Attributes {
		if attribute.Computed && wanted[attribute.Name].IsNull() {
			wanted[attribute.Name] = held[attribute.Name]
		}
	}
	return tftypes.NewValue(o.config.Type(), wanted)
}

// failure joins the errors among diagnostics.
func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var failed []error
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			failed = append(failed, errors.New(d.Summary+": "+d.Detail))
		}
	}
	return errors.Join(failed...)
}

func dynamic(value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	d, err := tfprotov6.NewDynamicValue(value.Type(), value)
	return &d, err
}

// toValue makes a value of a type; attributes that from does not have are null.
func toValue(as tftypes.Type, from any) tftypes.Value {
	switch from := from.(type) {
	case map[string]any:
		fields := map[string]tftypes.Value{}
		if object, ok := as.(tftypes.Object); ok {
			for name, fieldType := range object.AttributeTypes {
				fields[name] = toValue(fieldType, from[name])
			}
		}
		return tftypes.NewValue(as, fields)
	case map[string][]string:
		elements := map[string]tftypes.Value{}
		if sets, ok := as.(tftypes.Map); ok {
			for key, texts := range from {
				elements[key] = toValue(sets.ElementType, texts)
			}
		}
		return tftypes.NewValue(as, elements)
	case []string:
		elements := make([]tftypes.Value, len(from))
		for i, text := range from {
			elements[i] = tftypes.NewValue(tftypes.String, text)
		}
		return tftypes.NewValue(as, elements)
	}
	return tftypes.NewValue(as, from)
}
