// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Every schema is one that the framework takes, and every attribute says what
// it means.
func TestSchemas(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p := &elasticcloudProvider{version: "test"}
	var providerResp fwprovider.SchemaResponse
	p.Schema(ctx, fwprovider.SchemaRequest{}, &providerResp)
	if diags := providerResp.Schema.ValidateImplementation(ctx); diags.HasError() {
		t.Errorf("provider: %v", diags)
	}
	for name, attribute := range providerResp.Schema.Attributes {
		described(t, "provider."+name, attribute.GetMarkdownDescription())
	}
	for _, newResource := range p.Resources(ctx) {
		r := newResource()
		var meta resource.MetadataResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "elasticcloud"}, &meta)
		t.Run(meta.TypeName, func(t *testing.T) {
			t.Parallel()
			var resp resource.SchemaResponse
			r.Schema(ctx, resource.SchemaRequest{}, &resp)
			if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
				t.Error(diags)
			}
			described(t, meta.TypeName, resp.Schema.MarkdownDescription)
			for name, attribute := range resp.Schema.Attributes {
				described(t, name, attribute.GetMarkdownDescription())
			}
			identified, ok := r.(resource.ResourceWithIdentity)
			if !ok {
				t.Fatal("it has no identity")
			}
			var identity resource.IdentitySchemaResponse
			identified.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &identity)
			if diags := identity.IdentitySchema.ValidateImplementation(ctx); diags.HasError() {
				t.Error(diags)
			}
			for name, attribute := range identity.IdentitySchema.Attributes {
				described(t, "identity."+name, attribute.GetDescription())
			}
		})
	}
	for _, newList := range p.ListResources(ctx) {
		l := newList()
		var meta resource.MetadataResponse
		l.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "elasticcloud"}, &meta)
		var resp list.ListResourceSchemaResponse
		l.ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &resp)
		if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Error(diags)
		}
		described(t, "list "+meta.TypeName, resp.Schema.GetMarkdownDescription())
		for name, attribute := range resp.Schema.GetAttributes() {
			described(t, "list "+meta.TypeName+"."+name, attribute.GetMarkdownDescription())
		}
	}
	for _, newAction := range p.Actions(ctx) {
		a := newAction()
		var meta action.MetadataResponse
		a.Metadata(ctx, action.MetadataRequest{ProviderTypeName: "elasticcloud"}, &meta)
		var resp action.SchemaResponse
		a.Schema(ctx, action.SchemaRequest{}, &resp)
		if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Error(diags)
		}
		described(t, meta.TypeName, resp.Schema.MarkdownDescription)
		for name, attribute := range resp.Schema.Attributes {
			described(t, meta.TypeName+"."+name, attribute.GetMarkdownDescription())
		}
	}
	for _, newDataSource := range p.DataSources(ctx) {
		d := newDataSource()
		var meta datasource.MetadataResponse
		d.Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "elasticcloud"}, &meta)
		var resp datasource.SchemaResponse
		d.Schema(ctx, datasource.SchemaRequest{}, &resp)
		if diags := resp.Schema.ValidateImplementation(ctx); diags.HasError() {
			t.Errorf("data source %s: %v", meta.TypeName, diags)
		}
		described(t, "data source "+meta.TypeName, resp.Schema.MarkdownDescription)
		for name, attribute := range resp.Schema.Attributes {
			described(t, meta.TypeName+"."+name, attribute.GetMarkdownDescription())
			if nested, ok := attribute.(schema.NestedAttribute); ok {
				for inner, attribute := range nested.GetNestedObject().GetAttributes() {
					described(t, meta.TypeName+"."+name+"."+inner, attribute.GetMarkdownDescription())
				}
			}
		}
	}
	for _, newFunction := range p.Functions(ctx) {
		f := newFunction()
		var meta function.MetadataResponse
		f.Metadata(ctx, function.MetadataRequest{}, &meta)
		var resp function.DefinitionResponse
		f.Definition(ctx, function.DefinitionRequest{}, &resp)
		described(t, meta.Name, resp.Definition.MarkdownDescription)
	}
}

func described(t *testing.T, what, description string) {
	t.Helper()
	if len(description) < 10 || description[len(description)-1] != '.' {
		t.Errorf("%s is described as %q", what, description)
	}
}
