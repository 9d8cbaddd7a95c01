// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The values that hold others, as in JSON.
type (
	jsonObject = map[string]any
	jsonArray  = []any
)

// attrValue is what Terraform passes to a dynamic parameter for a value of Go;
// an attr.Value is passed as it is.
func attrValue(value any) attr.Value {
	switch v := value.(type) {
	case attr.Value:
		return v
	case nil:
		return types.DynamicNull()
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case float64:
		return types.NumberValue(big.NewFloat(v))
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case jsonArray:
		elements, elementTypes := make([]attr.Value, len(v)), make([]attr.Type, len(v))
		for i, item := range v {
			elements[i] = attrValue(item)
			elementTypes[i] = elements[i].Type(context.Background())
		}
		return types.TupleValueMust(elementTypes, elements)
	case jsonObject:
		attributes, attributeTypes := map[string]attr.Value{}, map[string]attr.Type{}
		for name, field := range v {
			attributes[name] = attrValue(field)
			attributeTypes[name] = attributes[name].Type(context.Background())
		}
		return types.ObjectValueMust(attributeTypes, attributes)
	}
	panic(fmt.Sprintf("no value of Terraform is made of %T", value))
}

// call runs a function, and one that is variadic where more is not nil.
func call(t testing.TB, f function.Function, more []string, arguments ...any) (attr.Value, *function.FuncError) {
	t.Helper()
	var definition function.DefinitionResponse
	f.Definition(t.Context(), function.DefinitionRequest{}, &definition)
	result, funcErr := definition.Definition.Return.NewResultData(t.Context())
	if funcErr != nil {
		t.Fatal(funcErr)
	}
	var values []attr.Value
	for i, argument := range arguments {
		value := attrValue(argument)
		if _, isDynamic := definition.Definition.Parameters[i].(function.DynamicParameter); isDynamic {
			value = types.DynamicValue(value)
		}
		values = append(values, value)
	}
	if definition.Definition.VariadicParameter != nil {
		texts := jsonArray{}
		for _, text := range more {
			texts = append(texts, text)
		}
		values = append(values, attrValue(texts))
	}
	resp := function.RunResponse{Result: result}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(values)}, &resp)
	return resp.Result.Value(), resp.Error
}
