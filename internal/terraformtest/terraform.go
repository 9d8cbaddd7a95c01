// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package terraformtest plays Terraform's part in this process: it refreshes,
// plans and applies a configuration with a provider server, as the CLI does,
// but with no process and no socket. Tests and the benchmark use it.
//
// The walks of plan and apply (plan.go, apply.go, walk.go) work on blocks, which come from Go values
// (config.go) or from HCL (hcl.go, evaluate.go, functions.go). command.go takes
// the arguments of the CLI and answers with a text like the CLI's. What it does
// not play is an error, never ignored.
package terraformtest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// version is what the provider is told of Terraform.
const version = "1.11.4"

// Terraform is a root module's state, and the provider that it is worked on with.
type Terraform struct {
	// Server is a new provider process.
	Server func() tfprotov6.ProviderServer
	// Settings of the provider block.
	Settings map[string]any
	// Imports are IDs of what is imported where it is not in the state, by address.
	Imports map[string]string
	// State is what Terraform remembers, by address. Deposed is the address of what a
	// replacement has left over.
	State map[string]Object
	// Parallelism is -parallelism, of plan and of apply: how many resources Terraform
	// works on at a time. 0 is 10.
	Parallelism int
	// Choose says which of so many resources that are due, by address, a walk comes to
	// next. Nil is any.
	Choose func(due int) int
	// RemovedUnread has what left the configuration planned before it is read, and not
	// after it: Terraform did so up to 1.11.
	RemovedUnread bool

	Schemas *tfprotov6.GetProviderSchemaResponse
	// Types are those of the resources, by name.
	Types map[string]tftypes.Object

	name string // of the provider
}

// Object is one resource in the state.
type Object struct {
	Type     string
	Value    tftypes.Value
	Private  []byte
	Identity *tfprotov6.ResourceIdentityData
	// Behind are the addresses of what it referred to when it was applied, directly or not.
	Behind []string
	// createFirst says that a replacement would have created before it destroys.
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

// Start is a provider process: configured once.
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

// atATime is how many resources are worked on at a time.
func (t *Terraform) atATime() int {
	if t.Parallelism == 0 {
		return 10
	}
	return t.Parallelism
}

// Forget drops what an address has in the state, and nobody asks the provider: that
// is removed { lifecycle { destroy = false } }, and terraform state rm. The address
// is that of an object or, with all its instances, of a resource.
func (t *Terraform) Forget(address string) { forget(t.State, address) }

func forget(state map[string]Object, address string) {
	for held := range state {
		if instance, _ := cutDeposed(held); instance == address || resourceOf(held) == address {
			delete(state, held)
		}
	}
}

// provider is what is asked about one resource.
type provider interface {
	ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error)
	ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error)
	PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error)
	ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error)
}

// of is the provider of a type of resource.
func of(server tfprotov6.ProviderServer, typeName string) provider {
	if typeName == dataType {
		return dataProvider{}
	}
	return server
}

// typeOf is the type of a resource's value.
func (t *Terraform) typeOf(typeName string) tftypes.Object {
	if typeName == dataType {
		return dataSchema
	}
	return t.Types[typeName]
}

// attributes are those of a type of resource.
func (t *Terraform) attributes(typeName string) []*tfprotov6.SchemaAttribute {
	if typeName == dataType {
		return dataAttributes
	}
	return t.Schemas.ResourceSchemas[typeName].Block.Attributes
}

// Diagnostic is an error or a warning, with the address that it is of.
type Diagnostic struct {
	Address string
	*tfprotov6.Diagnostic
}

func (d Diagnostic) isError() bool { return d.Severity == tfprotov6.DiagnosticSeverityError }

// OnDiagnostic, if it is set, is called with each error and warning of a provider.
var OnDiagnostic func(*tfprotov6.Diagnostic)

// diagnose turns what a call returned into diagnostics.
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

// Failed joins the errors among diagnostics, each with its address; nil for none.
func Failed(diagnostics []Diagnostic) error {
	var errs []error
	for _, d := range diagnostics {
		if d.isError() {
			errs = append(errs, fmt.Errorf("%s: %s", d.Address, strings.TrimSuffix(d.Summary+": "+d.Detail, ": ")))
		}
	}
	return errors.Join(errs...)
}

// Failure joins the errors among diagnostics; err goes first.
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

// keep puts what a call returned into a state.
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

// null is the value of what is not there.
func (t *Terraform) null(typeName string) tftypes.Value {
	return tftypes.NewValue(t.typeOf(typeName), nil)
}
