// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// functions are the functions of Terraform that are played here, and those of the
// provider.
func functions(t *Terraform) map[string]function.Function {
	all := map[string]function.Function{
		"concat": stdlib.ConcatFunc, "keys": stdlib.KeysFunc, "length": lengthFunc, "lower": stdlib.LowerFunc, "merge": stdlib.MergeFunc,
		"setunion": stdlib.SetUnionFunc, "sort": stdlib.SortFunc, "upper": stdlib.UpperFunc, "tolist": convertTo(cty.List(cty.String)), "toset": convertTo(cty.Set(cty.String)), "range": stdlib.RangeFunc, "format": stdlib.FormatFunc,
	}
	for name, f := range t.Schemas.Functions {
		all["provider::"+t.name+"::"+name] = providerFunction(t, name, f)
	}
	return all
}

var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}},
	Type:   function.StaticReturnType(cty.Number),
	Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0].Length(), nil },
})

// convertTo returns a function that converts a value into a type.
func convertTo(as cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(as),
		Impl:   func(args []cty.Value, as cty.Type) (cty.Value, error) { return convert.Convert(args[0], as) },
	})
}

// providerFunction returns a function that calls a function of the provider.
func providerFunction(t *Terraform, name string, f *tfprotov6.Function) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(ctyType(f.Return.Type))}
	for _, p := range f.Parameters {
		spec.Params = append(spec.Params, function.Parameter{Name: p.Name, Type: ctyType(p.Type), AllowNull: p.AllowNullValue, AllowUnknown: p.AllowUnknownValues})
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		req := &tfprotov6.CallFunctionRequest{Name: name}
		for i, arg := range args {
			text, err := msgpack.Marshal(arg, spec.Params[i].Type)
			if err != nil {
				return cty.NilVal, err
			}
			req.Arguments = append(req.Arguments, &tfprotov6.DynamicValue{MsgPack: text})
		}
		resp, err := t.Server().CallFunction(context.Background(), req)
		if err != nil {
			return cty.NilVal, err
		}
		if resp.Error != nil {
			return cty.NilVal, errors.New(resp.Error.Text)
		}
		return msgpack.Unmarshal(resp.Result.MsgPack, ctyType(f.Return.Type))
	}
	return function.New(spec)
}
