// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ function.Function = (*parseGrantFunction)(nil)

type parseGrantFunction struct{}

func newParseGrantFunction() function.Function { return &parseGrantFunction{} }

func (f *parseGrantFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_grant"
}

var parsedGrantTypes = map[string]attr.Type{
	"role":              types.StringType,
	"scope":             types.StringType,
	"resource_id":       types.StringType,
	"application_roles": types.ListType{ElemType: types.StringType},
}

func (f *parseGrantFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Splits a grant into its parts",
		MarkdownDescription: "Splits a grant string into its parts, for policies and reports. The result has\n" +
			"- `role`: the role ID, such as `deployment-editor`;\n" +
			"- `scope`: where the role applies: `organization`, `deployment`, `cloud-connected`, or a project type such as `elasticsearch`;\n" +
			"- `resource_id`: the ID of the deployment, project or connected cluster. Null for a grant on all of them, and for a role on the organization;\n" +
			"- `application_roles`: the application roles, sorted. Null if the grant names none, so that the role's default applies. Empty for a grant that ends with `+`, which gives access to the Cloud console only.\n\n" +
			"A string that is not a grant is an error. A role that this version of the provider does not know is allowed.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "grant", MarkdownDescription: "A grant, such as `elasticsearch-viewer:*+analyst`. See [Grants](../index.md#grants)."},
		},
		Return: function.ObjectReturn{AttributeTypes: parsedGrantTypes},
	}
}

func (f *parseGrantFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	resp.Error = req.Arguments.Get(ctx, &text)
	if resp.Error != nil {
		return
	}
	g, err := cloud.ParseGrant(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	applicationRoles := types.ListNull(types.StringType)
	if roles := g.ApplicationRoleList(); roles != nil {
		applicationRoles = stringList(roles)
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(parsedGrantTypes, map[string]attr.Value{
		"role":              types.StringValue(g.Role),
		"scope":             types.StringValue(scopeOf(g)),
		"resource_id":       textOrNull(resourceOf(g)),
		"application_roles": applicationRoles,
	}))
}
