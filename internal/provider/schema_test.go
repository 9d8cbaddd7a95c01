// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/function"
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
