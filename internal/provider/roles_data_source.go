// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ datasource.DataSourceWithConfigure = (*rolesDataSource)(nil)

type rolesDataSource struct {
	baseDataSource
}

func newRolesDataSource() plainDataSource {
	return &rolesDataSource{baseDataSource{baseResource{typeName: "elasticcloud_roles"}}}
}

type rolesModel struct {
	Roles types.List `tfsdk:"roles"`
}

var roleColumns = columnsOf[cloud.Role]{
	{"role", "The role ID, such as `deployment-editor`. It is the first part of a grant.", func(r cloud.Role) string { return r.ID }},
	{"scope", "Where the role applies: `organization`, `deployment`, `cloud-connected`, or a project type such as `elasticsearch`.", func(r cloud.Role) string { return scopeOf(cloud.Grant{Role: r.ID}) }},
	{"name", "Name of the role in the Elastic Cloud console. Null if it is unknown.", func(r cloud.Role) string { return r.Name }},
}

func (d *rolesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the roles that this version of the provider knows. Elastic Cloud adds roles from time to time: you can also grant a role that is not in this list, with a warning. " +
			"This data source sends no request.",
		Attributes: map[string]schema.Attribute{
			"roles": schema.ListNestedAttribute{
				MarkdownDescription: "First the roles on the organization, then the roles on deployments, on each type of project, and on connected clusters.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: roleColumns.attributes()},
			},
		},
	}
}

func (d *rolesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(resp.State.Set(ctx, rolesModel{Roles: roleColumns.rows(cloud.Roles())})...)
}
