// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var _ datasource.DataSourceWithConfigure = (*roleMappingsDataSource)(nil)

type roleMappingsDataSource struct {
	baseDataSource
}

func newRoleMappingsDataSource() plainDataSource {
	return &roleMappingsDataSource{baseDataSource{baseResource{typeName: "elasticcloud_role_mappings"}}}
}

type roleMappingsModel struct {
	RoleMappings []mappingModel `tfsdk:"role_mappings"`
}

func (d *roleMappingsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := reported(attributesOf(ctx, newRoleMappingResource()))
	delete(attributes, "id")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all role mappings of the organization: who gets which roles at a sign-in through SSO. See [which API key is needed](../index.md#authentication).",
		Attributes: map[string]schema.Attribute{
			"role_mappings": schema.ListNestedAttribute{
				MarkdownDescription: "The mappings, sorted by name. Empty if there are none.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}

func (d *roleMappingsDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	mappings, err := d.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the role mappings", err)
		return
	}
	organizationID := d.organizationID(ctx, &resp.Diagnostics)
	listed := make([]mappingModel, len(mappings)) // not nil, which would be null
	for i, mapping := range mappings {
		model, diags := adoptedMapping(ctx, mapping.Name, mapping, organizationID)
		resp.Diagnostics.Append(diags...)
		listed[i] = model.mappingModel
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, roleMappingsModel{RoleMappings: listed})...)
}
