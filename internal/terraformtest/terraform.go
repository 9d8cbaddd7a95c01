// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package terraformtest plays Terraform in this process. Like the CLI, it refreshes,
// plans and applies a configuration with a provider server, but without a process or a
// socket. Tests and the benchmark use it.
//
// The walks of plan and apply (plan.go, apply.go, walk.go) work on blocks. Blocks are
// made from Go values (config.go) or from HCL (hcl.go, evaluate.go, functions.go).
// command.go takes the arguments of the CLI, and returns a text like the CLI's. A
// feature of Terraform that is not played is an error, and never ignored.
package terraformtest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// version is the version of Terraform that the provider is told.
const version = "1.11.4"

// Terraform is the state of a root module, and the provider for it.
type Terraform struct {
	// Server starts a new provider process.
	Server func() tfprotov6.ProviderServer
	// Settings of the provider block.
	Settings map[string]any
	// Imports are the IDs to import for addresses that are not in the state.
	Imports map[string]string
	// State is what Terraform remembers, by address. An object that a replacement has
	// left over has an address of Deposed.
	State map[string]Object
	// Parallelism is -parallelism, for plan and apply: how many resources Terraform
	// works on at a time. 0 means 10.
	Parallelism int
	// Choose returns the index of the resource that a walk visits next, among those
	// that are due, sorted by address. Nil means any.
	Choose func(due int) int
	// RemovedUnread plans a resource that is no longer configured before it is read,
	// and not after it. Terraform did so up to version 1.11.
	RemovedUnread bool

	Schemas *tfprotov6.GetProviderSchemaResponse
	// Types are the types of the resources, by name.
	Types map[string]tftypes.Object

	name string // of the provider
}

// Object is one resource in the state.
type Object struct {
	Type     string
	Value    tftypes.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
	// Behind are the addresses to which it referred when it was applied, directly or
	// indirectly.
	Behind []string
	// createFirst means that a replacement would have created before it destroys.
	createFirst bool
}

// New asks a provider for its schemas.
func New(ctx context.Context, server func() tfprotov6.ProviderServer) (*Terraform, error) {
	schemas, err := server().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err := Failure(schemas.Diagnostics, err); err != nil {
		return nil, err
	}
	return NewWithSchemas(schemas, server), nil
}

// NewWithSchemas is New for a provider whose schemas are known already.
func NewWithSchemas(schemas *tfprotov6.GetProviderSchemaResponse, server func() tfprotov6.ProviderServer) *Terraform {
	t := &Terraform{Server: server, State: map[string]Object{}, Schemas: schemas, Types: map[string]tftypes.Object{}}
	for name, schema := range schemas.ResourceSchemas {
		t.Types[name], _ = schema.ValueType().(tftypes.Object)
		t.name, _, _ = strings.Cut(name, "_")
	}
	return t
}

// Start starts a provider process and configures it.
func (t *Terraform) Start(ctx context.Context) (tfprotov6.ProviderServer, error) {
	server := t.Server()
	config, err := Dynamic(Value(t.Schemas.Provider.ValueType(), t.Settings))
	if err != nil {
		return nil, err
	}
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: version})
	if err != nil {
		return nil, err
	}
	return server, Failure(resp.Diagnostics, nil)
}

// atATime returns how many resources are worked on at a time.
func (t *Terraform) atATime() int {
	if t.Parallelism == 0 {
		return 10
	}
	return t.Parallelism
}

// Forget removes an address from the state without calling the provider. It plays
// removed { lifecycle { destroy = false } } and terraform state rm. The address is that
// of an object or, with all its instances, of a resource.
func (t *Terraform) Forget(address string) { forget(t.State, address) }

func forget(state map[string]Object, address string) {
	for held := range state {
		if instance, _ := cutDeposed(held); instance == address || resourceOf(held) == address {
			delete(state, held)
		}
	}
}

// provider has the calls for one resource.
type provider interface {
	ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error)
	ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error)
	PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error)
	ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error)
}

// of returns the provider of a type of resource.
func of(server tfprotov6.ProviderServer, typeName string) provider {
	if typeName == dataType {
		return dataProvider{}
	}
	return server
}

// typeOf returns the type of a resource's value.
func (t *Terraform) typeOf(typeName string) tftypes.Object {
	if typeName == dataType {
		return dataSchema
	}
	return t.Types[typeName]
}

// attributes returns the attributes of a type of resource.
func (t *Terraform) attributes(typeName string) []*tfprotov6.SchemaAttribute {
	if typeName == dataType {
		return dataAttributes
	}
	return t.Schemas.ResourceSchemas[typeName].Block.Attributes
}

// Diagnostic is an error or a warning, with the address that it is about.
type Diagnostic struct {
	Address string
	*tfprotov6.Diagnostic
}

func (d Diagnostic) isError() bool { return d.Severity == tfprotov6.DiagnosticSeverityError }

// OnDiagnostic, if it is set, is called with each error and warning of a provider.
var OnDiagnostic func(*tfprotov6.Diagnostic)

// diagnose turns the result of a call into diagnostics.
func diagnose(address string, diagnostics []*tfprotov6.Diagnostic, err error) []Diagnostic {
	var all []Diagnostic
	for _, d := range diagnostics {
		if OnDiagnostic != nil {
			OnDiagnostic(d)
		}
		all = append(all, Diagnostic{address, d})
	}
	if err != nil {
		all = append(all, Diagnostic{address, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: err.Error()}})
	}
	return all
}

// Failed joins the errors among diagnostics, each with its address. It returns nil if
// there are none.
func Failed(diagnostics []Diagnostic) error {
	var errs []error
	for _, d := range diagnostics {
		if d.isError() {
			errs = append(errs, fmt.Errorf("%s: %s", d.Address, strings.TrimSuffix(d.Summary+": "+d.Detail, ": ")))
		}
	}
	return errors.Join(errs...)
}

// Failure joins the errors among diagnostics. err is the first one.
func Failure(diagnostics []*tfprotov6.Diagnostic, err error) error {
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
	return errors.New(strings.Join(texts, "\n"))
}

// keep puts the result of a call into a state.
func (t *Terraform) keep(state map[string]Object, address string, o Object, value *tfprotov6.DynamicValue) error {
	var err error
	if o.Value, err = value.Unmarshal(t.typeOf(o.Type)); err != nil {
		return err
	}
	if o.Value.IsNull() {
		delete(state, address)
		return nil
	}
	state[address] = o
	return nil
}

// null returns the value of an object that does not exist.
func (t *Terraform) null(typeName string) tftypes.Value {
	return tftypes.NewValue(t.typeOf(typeName), nil)
}
