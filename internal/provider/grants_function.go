// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ function.Function = (*grantsFunction)(nil)

type grantsFunction struct{}

func newGrantsFunction() function.Function { return &grantsFunction{} }

func (f *grantsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "grants"
}

func (f *grantsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Makes grants from objects",
		MarkdownDescription: "Converts objects to the grant strings of `roles`. Use it if your configuration keeps roles as objects. Each object has\n" +
			"- `role`: the API's role ID;\n" +
			"- `all_resources = true` or `resource_ids`, for a role on deployments or projects. `resource_ids` is a list of IDs, with one grant for each;\n" +
			"- `application_roles`: a list, optional.\n\n" +
			"You can omit fields that are not needed, or set them to null.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "roles",
				MarkdownDescription: "A list, set or tuple of objects `{ role, all_resources, resource_ids, application_roles }`.",
			},
		},
		Return: function.SetReturn{ElementType: types.StringType},
	}
}

func (f *grantsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var roles types.Dynamic
	resp.Error = req.Arguments.Get(ctx, &roles)
	if resp.Error != nil {
		return
	}
	if hasUnknown(roles.UnderlyingValue()) {
		resp.Error = resp.Result.Set(ctx, types.SetUnknown(types.StringType))
		return
	}
	objects, ok := elementsOf(roles.UnderlyingValue())
	if !ok {
		resp.Error = function.NewArgumentFuncError(0, "roles must be a list of objects, such as { role = \"deployment-viewer\", all_resources = true }")
		return
	}
	seen := map[string]bool{}
	var grants []attr.Value
	for i, object := range objects {
		texts, err := grantStrings(object)
		if err != nil {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("roles[%d]: %s", i, err))
			return
		}
		for _, text := range texts {
			if !seen[text] {
				seen[text] = true
				grants = append(grants, types.StringValue(text))
			}
		}
	}
	resp.Error = resp.Result.Set(ctx, types.SetValueMust(types.StringType, grants))
}

// grantStrings returns the grants of one object.
func grantStrings(object attr.Value) ([]string, error) {
	role, err := roleObjectOf(object)
	if err != nil {
		return nil, err
	}
	return role.grants()
}

// roleObjectOf reads an object of the argument.
func roleObjectOf(object attr.Value) (o roleObject, err error) {
	fields, ok := fieldsOf(object)
	if !ok {
		return o, fmt.Errorf("this must be an object with a role")
	}
	for name, value := range fields {
		if value == nil || value.IsNull() {
			continue
		}
		var ok bool
		switch name {
		case "role":
			o.role, ok = text(value)
		case "all_resources":
			var b types.Bool
			b, ok = value.(types.Bool)
			o.all = b.ValueBool()
		case "resource_ids":
			o.ids, ok = texts(value)
		case "application_roles":
			o.applicationRoles, ok = texts(value)
		default:
			return o, fmt.Errorf("unknown field %q. The fields are role, all_resources, resource_ids and application_roles", name)
		}
		if !ok {
			return o, fmt.Errorf("%s has the wrong type. role is a string, all_resources is a bool, resource_ids and application_roles are lists of strings", name)
		}
	}
	return o, nil
}
