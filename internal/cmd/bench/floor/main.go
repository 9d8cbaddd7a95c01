// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command floor is a provider that has the schemas of the real one and does nothing. A
// run with it takes the time that Terraform itself takes. It is a part of the
// benchmark, and never shipped.
package main

import (
	"context"
	"log"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

func main() {
	// As the real provider does, because the benchmark compares the work and not the
	// logging.
	if err := provider.QuietFramework(); err != nil {
		log.Fatal(err)
	}
	server := providerserver.NewProtocol6(provider.New("floor")())()
	floor := &floor{ProviderServer: server, schemas: sync.OnceValues(func() (map[string]*tfprotov6.Schema, error) {
		resp, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			return nil, err
		}
		return resp.ResourceSchemas, nil
	})}
	err := tf6server.Serve("registry.terraform.io/elasticcloud-access/elasticcloud",
		func() tfprotov6.ProviderServer { return floor })
	if err != nil {
		log.Fatal(err)
	}
}

// floor passes values on unchanged and unread. It has only the schemas of the real
// provider.
type floor struct {
	tfprotov6.ProviderServer
	schemas func() (map[string]*tfprotov6.Schema, error)
}

// GetResourceIdentitySchemas returns no identities, so that there is nothing to fill
// in.
func (f *floor) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (f *floor) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

func (f *floor) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (f *floor) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (f *floor) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: &tfprotov6.DynamicValue{JSON: req.RawState.JSON}}, nil
}

func (f *floor) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private}, nil
}

func (f *floor) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp := &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState, PlannedPrivate: req.PriorPrivate}
	return resp, f.ifNew(req.TypeName, req.PriorState, req.ProposedNewState, func(attribute *tfprotov6.SchemaAttribute, value tftypes.Value) tftypes.Value {
		if attribute.Computed && value.IsNull() {
			return tftypes.NewValue(value.Type(), tftypes.UnknownValue)
		}
		return value
	}, &resp.PlannedState)
}

func (f *floor) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp := &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState, Private: req.PlannedPrivate}
	return resp, f.ifNew(req.TypeName, req.PriorState, req.PlannedState, func(_ *tfprotov6.SchemaAttribute, value tftypes.Value) tftypes.Value {
		switch {
		case value.IsKnown():
			return value
		case value.Type().Is(tftypes.String):
			return tftypes.NewValue(tftypes.String, "made up")
		}
		return tftypes.NewValue(value.Type(), nil)
	}, &resp.NewState)
}

// ifNew fills in the attributes of a resource that is being created. It returns all
// other values unchanged.
func (f *floor) ifNew(typeName string, prior, value *tfprotov6.DynamicValue, rewrite func(*tfprotov6.SchemaAttribute, tftypes.Value) tftypes.Value, into **tfprotov6.DynamicValue) error {
	if isNew, err := prior.IsNull(); err != nil || !isNew {
		return err
	}
	schemas, err := f.schemas()
	if err != nil {
		return err
	}
	objectType := schemas[typeName].ValueType()
	object, err := value.Unmarshal(objectType)
	if err != nil {
		return err
	}
	var attributes map[string]tftypes.Value
	if err := object.As(&attributes); err != nil {
		return err
	}
	for _, attribute := range schemas[typeName].Block.Attributes {
		attributes[attribute.Name] = rewrite(attribute, attributes[attribute.Name])
	}
	written, err := tfprotov6.NewDynamicValue(objectType, tftypes.NewValue(objectType, attributes))
	*into = &written
	return err
}
