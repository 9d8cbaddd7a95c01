// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
)

var _ list.ListResourceWithConfigure = (*roleMappingResource)(nil)

func newRoleMappingList() list.ListResource {
	return &roleMappingResource{baseResource{typeName: roleMappingType}}
}

// ListResourceConfigSchema implements list.ListResource.
func (r *roleMappingResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the role mappings of the organization, including disabled ones. " + listNeeds,
	}
}

// List implements list.ListResource.
func (r *roleMappingResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	organizationID := r.organizationID(ctx, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	mappings, err := r.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(&diags, "Could not list the role mappings of the organization", err)
	}
	var objects []listItem
	for _, mapping := range mappings {
		model, problems := adoptedMapping(ctx, mapping.Name, mapping, organizationID)
		diags.Append(problems...)
		name := mapping.Name
		if !mapping.Enabled {
			name += " (disabled)"
		}
		objects = append(objects, listItem{name: name, model: model})
	}
	stream.Results = r.results(ctx, req, diags, slices.Values(objects))
}
