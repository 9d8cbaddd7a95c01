// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// column is a text in each row of a report. An empty text is null.
type column[R any] struct {
	name, description string
	of                func(R) string
}

// columnsOf are the columns of one report.
type columnsOf[R any] []column[R]

// attributes returns the columns for the schema of a data source.
func (c columnsOf[R]) attributes() map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(c))
	for _, column := range c {
		attributes[column.name] = schema.StringAttribute{MarkdownDescription: column.description, Computed: true}
	}
	return attributes
}

func (c columnsOf[R]) rowType() types.ObjectType {
	texts := make(map[string]attr.Type, len(c))
	for _, column := range c {
		texts[column.name] = types.StringType
	}
	return types.ObjectType{AttrTypes: texts}
}

// rows returns the rows as a Terraform list.
func (c columnsOf[R]) rows(rows []R) types.List {
	rowType := c.rowType()
	list := make([]attr.Value, len(rows))
	for i, row := range rows {
		values := make(map[string]attr.Value, len(c))
		for _, column := range c {
			values[column.name] = textOrNull(column.of(row))
		}
		list[i] = types.ObjectValueMust(rowType.AttrTypes, values)
	}
	return types.ListValueMust(rowType, list)
}

// attributesOf returns the attributes of a resource, for a data source that reports the
// same.
func attributesOf(ctx context.Context, r resource.Resource) map[string]resourceschema.Attribute {
	var resp resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &resp)
	return resp.Schema.Attributes
}

// reported turns the attributes of a resource into those of a data source. An attribute
// may have a Description of the value alone, which is used here. Its MarkdownDescription
// has the defaults and rules of the configuration too.
func reported(attributes map[string]resourceschema.Attribute) map[string]schema.Attribute {
	reports := make(map[string]schema.Attribute, len(attributes))
	for name, attribute := range attributes {
		description := attribute.GetDescription()
		if description == "" {
			description = attribute.GetMarkdownDescription()
		}
		switch a := attribute.(type) {
		case resourceschema.StringAttribute:
			reports[name] = schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: a.CustomType}
		case resourceschema.BoolAttribute:
			reports[name] = schema.BoolAttribute{MarkdownDescription: description, Computed: true}
		case resourceschema.ListAttribute:
			reports[name] = schema.ListAttribute{MarkdownDescription: description, Computed: true, ElementType: a.ElementType}
		case resourceschema.SetAttribute:
			reports[name] = schema.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: a.ElementType}
		case resourceschema.SingleNestedAttribute:
			reports[name] = schema.SingleNestedAttribute{MarkdownDescription: description, Computed: true, Attributes: reported(a.Attributes)}
		case resourceschema.SetNestedAttribute:
			reports[name] = schema.SetNestedAttribute{MarkdownDescription: description, Computed: true, NestedObject: schema.NestedAttributeObject{Attributes: reported(a.NestedObject.Attributes)}}
		default:
			panic(fmt.Sprintf("reported does not know the attribute %s of type %T", name, attribute))
		}
	}
	return reports
}
