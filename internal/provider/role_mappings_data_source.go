// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*roleMappingsDataSource)(nil)

type roleMappingsDataSource struct {
	baseDataSource
}

func newRoleMappingsDataSource() datasource.DataSource { return &roleMappingsDataSource{} }

type roleMappingsModel struct {
	RoleMappings []listedMapping `tfsdk:"role_mappings"`
}

// listedMapping is roleMappingModel without its id, which is the name.
type listedMapping struct {
	Name    types.String `tfsdk:"name"`
	Enabled types.Bool   `tfsdk:"enabled"`
	Rule    types.Object `tfsdk:"rule"`
	Roles   types.Set    `tfsdk:"roles"`
}

func (d *roleMappingsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "elasticcloud_role_mappings"
}

func (d *roleMappingsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	conditions := func(description string) schema.SetNestedAttribute {
		return schema.SetNestedAttribute{
			MarkdownDescription: description,
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{
				Attributes: map[string]schema.Attribute{
					"group": schema.StringAttribute{
						MarkdownDescription: "Name of a group in the assertion's `groups`, in which `*` stands for zero or more characters. Null where the condition is on the address.",
						Computed:            true,
					},
					"email": schema.StringAttribute{
						MarkdownDescription: "E-mail address, in which `*` stands for zero or more characters. Null where the condition is on a group.",
						Computed:            true,
					},
				},
			},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "All role mappings of the organization: who gets which roles at a sign-in through SSO. A key that may only read is enough.",
		Attributes: map[string]schema.Attribute{
			"role_mappings": schema.ListNestedAttribute{
				MarkdownDescription: "The mappings, sorted by name. Empty where there is none.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{
							MarkdownDescription: "Name of the mapping, unique in the organization.",
							Computed:            true,
						},
						"enabled": schema.BoolAttribute{
							MarkdownDescription: "Whether the mapping counts at a sign-in.",
							Computed:            true,
						},
						"rule": schema.SingleNestedAttribute{
							MarkdownDescription: "Whom the mapping is for: either `any` or `all`, the other is null.",
							Computed:            true,
							Attributes: map[string]schema.Attribute{
								"any": conditions("Conditions of which one has to be met."),
								"all": conditions("Conditions which all have to be met."),
							},
						},
						"roles": schema.SetAttribute{
							MarkdownDescription: "The grants that the mapping gives. See [Grants](../index.md#grants).",
							Computed:            true,
							ElementType:         types.StringType,
						},
					},
				},
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
	d.run.checkKey(&resp.Diagnostics)
	organizationID := d.organizationID(ctx, &resp.Diagnostics)
	listed := make([]listedMapping, len(mappings)) // not nil, which would be null
	for i, mapping := range mappings {
		model := roleMappingModel{Roles: types.SetNull(types.StringType)}
		resp.Diagnostics.Append(model.fromAPI(ctx, mapping, organizationID)...)
		listed[i] = listedMapping{Name: model.ID, Enabled: model.Enabled, Rule: model.Rule, Roles: model.Roles}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, roleMappingsModel{RoleMappings: listed})...)
}
