// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func providerSchema(
	from *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse,
) (*tfjson.ProviderSchema, error) {
	var (
		to  tfjson.ProviderSchema
		err error
	)
	if to.ConfigSchema, err = schema(from.Provider); err != nil {
		return nil, fmt.Errorf("provider: %w", err)
	}
	if to.ResourceSchemas, err = each(from.ResourceSchemas, schema); err != nil {
		return nil, fmt.Errorf("resource %w", err)
	}
	if to.DataSourceSchemas, err = each(from.DataSourceSchemas, schema); err != nil {
		return nil, fmt.Errorf("data source %w", err)
	}
	if to.EphemeralResourceSchemas, err = each(from.EphemeralResourceSchemas, schema); err != nil {
		return nil, fmt.Errorf("ephemeral resource %w", err)
	}
	if to.ListResourceSchemas, err = each(from.ListResourceSchemas, schema); err != nil {
		return nil, fmt.Errorf("list resource %w", err)
	}
	if to.ActionSchemas, err = each(from.ActionSchemas, action); err != nil {
		return nil, fmt.Errorf("action %w", err)
	}
	if to.ResourceIdentitySchemas, err = each(identities.IdentitySchemas, identity); err != nil {
		return nil, fmt.Errorf("identity of %w", err)
	}
	if to.Functions, err = each(from.Functions, function); err != nil {
		return nil, fmt.Errorf("function %w", err)
	}
	return &to, nil
}

// each converts the values of a map.
func each[From, To any](from map[string]From, convert func(From) (To, error)) (map[string]To, error) {
	to := make(map[string]To, len(from))
	for name, value := range from {
		converted, err := convert(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		to[name] = converted
	}
	return to, nil
}

func schema(from *tfprotov6.Schema) (*tfjson.Schema, error) {
	if from == nil {
		return &tfjson.Schema{Block: &tfjson.SchemaBlock{}}, nil
	}
	converted, err := block(from.Block)
	return &tfjson.Schema{Version: uint64(from.Version), Block: converted}, err
}

func action(from *tfprotov6.ActionSchema) (*tfjson.ActionSchema, error) {
	converted, err := block(from.Schema.Block)
	return &tfjson.ActionSchema{Block: converted}, err
}

func block(from *tfprotov6.SchemaBlock) (*tfjson.SchemaBlock, error) {
	converted, err := attributes(from.Attributes)
	if err != nil {
		return nil, err
	}
	to := tfjson.SchemaBlock{
		Attributes:      converted,
		NestedBlocks:    make(map[string]*tfjson.SchemaBlockType, len(from.BlockTypes)),
		Description:     from.Description,
		DescriptionKind: descriptionKind(from.DescriptionKind),
		Deprecated:      from.Deprecated,
	}
	for _, nested := range from.BlockTypes {
		converted, err := block(nested.Block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", nested.TypeName, err)
		}
		to.NestedBlocks[nested.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: blockNesting[nested.Nesting],
			Block:       converted,
			MinItems:    uint64(nested.MinItems),
			MaxItems:    uint64(nested.MaxItems),
		}
	}
	return &to, nil
}

func attributes(from []*tfprotov6.SchemaAttribute) (map[string]*tfjson.SchemaAttribute, error) {
	to := make(map[string]*tfjson.SchemaAttribute, len(from))
	for _, attribute := range from {
		converted := tfjson.SchemaAttribute{
			Description:     attribute.Description,
			DescriptionKind: descriptionKind(attribute.DescriptionKind),
			Deprecated:      attribute.Deprecated,
			Required:        attribute.Required,
			Optional:        attribute.Optional,
			Computed:        attribute.Computed,
			Sensitive:       attribute.Sensitive,
			WriteOnly:       attribute.WriteOnly,
		}
		if err := setType(&converted, attribute); err != nil {
			return nil, fmt.Errorf("%s: %w", attribute.Name, err)
		}
		to[attribute.Name] = &converted
	}
	return to, nil
}

// setType sets the nested type of a nested attribute, and the type of any other.
func setType(to *tfjson.SchemaAttribute, from *tfprotov6.SchemaAttribute) error {
	if from.NestedType == nil {
		return convertType(&to.AttributeType, from.Type)
	}
	nested, err := attributes(from.NestedType.Attributes)
	if err != nil {
		return err
	}
	to.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
		Attributes:  nested,
		NestingMode: attributeNesting[from.NestedType.Nesting],
	}
	return nil
}

func identity(from *tfprotov6.ResourceIdentitySchema) (*tfjson.IdentitySchema, error) {
	to := tfjson.IdentitySchema{
		Version:    uint64(from.Version),
		Attributes: make(map[string]*tfjson.IdentityAttribute, len(from.IdentityAttributes)),
	}
	for _, attribute := range from.IdentityAttributes {
		converted := tfjson.IdentityAttribute{
			Description:       attribute.Description,
			RequiredForImport: attribute.RequiredForImport,
			OptionalForImport: attribute.OptionalForImport,
		}
		if err := convertType(&converted.IdentityType, attribute.Type); err != nil {
			return nil, fmt.Errorf("%s: %w", attribute.Name, err)
		}
		to.Attributes[attribute.Name] = &converted
	}
	return &to, nil
}

func function(from *tfprotov6.Function) (*tfjson.FunctionSignature, error) {
	to := tfjson.FunctionSignature{
		Summary:            from.Summary,
		Description:        from.Description,
		DeprecationMessage: from.DeprecationMessage,
	}
	if err := convertType(&to.ReturnType, from.Return.Type); err != nil {
		return nil, fmt.Errorf("return value: %w", err)
	}
	for _, p := range from.Parameters {
		converted, err := parameter(p)
		if err != nil {
			return nil, err
		}
		to.Parameters = append(to.Parameters, converted)
	}
	if from.VariadicParameter != nil {
		converted, err := parameter(from.VariadicParameter)
		if err != nil {
			return nil, err
		}
		to.VariadicParameter = converted
	}
	return &to, nil
}

func parameter(from *tfprotov6.FunctionParameter) (*tfjson.FunctionParameter, error) {
	to := tfjson.FunctionParameter{Name: from.Name, Description: from.Description, IsNullable: from.AllowNullValue}
	if err := convertType(&to.Type, from.Type); err != nil {
		return nil, fmt.Errorf("parameter %s: %w", from.Name, err)
	}
	return &to, nil
}

// convertType converts through JSON, the only form that both kinds of types have.
func convertType(to json.Unmarshaler, from tftypes.Type) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return to.UnmarshalJSON(data)
}

func descriptionKind(kind tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if kind == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}

var attributeNesting = map[tfprotov6.SchemaObjectNestingMode]tfjson.SchemaNestingMode{
	tfprotov6.SchemaObjectNestingModeSingle: tfjson.SchemaNestingModeSingle,
	tfprotov6.SchemaObjectNestingModeList:   tfjson.SchemaNestingModeList,
	tfprotov6.SchemaObjectNestingModeSet:    tfjson.SchemaNestingModeSet,
	tfprotov6.SchemaObjectNestingModeMap:    tfjson.SchemaNestingModeMap,
}

// blockNesting has neither map nor group, because the framework and the documentation
// generator do not know them.
var blockNesting = map[tfprotov6.SchemaNestedBlockNestingMode]tfjson.SchemaNestingMode{
	tfprotov6.SchemaNestedBlockNestingModeSingle: tfjson.SchemaNestingModeSingle,
	tfprotov6.SchemaNestedBlockNestingModeList:   tfjson.SchemaNestingModeList,
	tfprotov6.SchemaNestedBlockNestingModeSet:    tfjson.SchemaNestingModeSet,
}
