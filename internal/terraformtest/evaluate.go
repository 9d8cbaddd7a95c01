// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// refersTo lists the addresses to which the block refers.
func (i *instance) refersTo() (after []string, err error) {
	for name, a := range i.block.Body.Attributes {
		traversals := a.Expr.Variables()
		if name == "depends_on" {
			traversals = nil
			expressions, diags := hcl.ExprList(a.Expr)
			if diags.HasErrors() {
				return nil, diags
			}
			for _, e := range expressions {
				traversal, diags := hcl.AbsTraversalForExpr(e)
				if diags.HasErrors() {
					return nil, diags
				}
				if attr, ok := traversal[min(1, len(traversal)-1)].(hcl.TraverseAttr); !ok || i.all[traversal.RootName()+"."+attr.Name] == nil {
					return nil, fmt.Errorf("depends_on names %s, which is not in the configuration", traversal.RootName())
				}
				traversals = append(traversals, traversal)
			}
		}
		for _, traversal := range traversals {
			if len(traversal) < 2 {
				continue
			}
			if attr, ok := traversal[1].(hcl.TraverseAttr); ok {
				resource := traversal.RootName() + "." + attr.Name
				instances, found := i.all[resource]
				if after = append(after, instances...); found && len(instances) == 0 {
					i.bare = append(i.bare, resource)
				}
			}
		}
	}
	slices.Sort(after)
	return slices.Compact(after), nil
}

// value returns the value of the block. References to values that are not in known are
// unknown.
func (i *instance) value(t *Terraform, known values) (tftypes.Value, error) {
	variables, err := i.variables(t, known)
	if err != nil {
		return tftypes.Value{}, err
	}
	for name, value := range i.scope {
		variables[name] = value
		if known == nil { // validated once for all of them
			variables[name] = cty.UnknownVal(value.Type())
		}
	}
	scope := &hcl.EvalContext{Variables: variables, Functions: functions(t)}
	fields := map[string]cty.Value{}
	wanted := map[string]bool{"count": true, "for_each": true, "depends_on": true, "provider": true}
	for _, attribute := range t.attributes(i.typeName) {
		wanted[attribute.Name] = true
		as := configType(attribute)
		fields[attribute.Name] = cty.NullVal(as)
		if a, found := i.block.Body.Attributes[attribute.Name]; found {
			value, diags := a.Expr.Value(scope)
			if diags.HasErrors() {
				return tftypes.Value{}, diags
			}
			if fields[attribute.Name], err = convert.Convert(value, as); err != nil {
				return tftypes.Value{}, fmt.Errorf("Incorrect attribute value type: Inappropriate value for attribute %q: %w", attribute.Name, err) //nolint:staticcheck // Terraform's words
			}
		} else if attribute.Required {
			return tftypes.Value{}, fmt.Errorf("Missing required argument: The argument %q is required, but no definition was found", attribute.Name) //nolint:staticcheck // Terraform's words
		}
	}
	for name := range i.block.Body.Attributes {
		if !wanted[name] {
			return tftypes.Value{}, fmt.Errorf("Unsupported argument: An argument named %q is not expected here", name) //nolint:staticcheck // Terraform's words
		}
	}
	return fromCty(cty.ObjectVal(fields), t.typeOf(i.typeName))
}

// variables are the resources of the module, by type and name. Only those to which the
// block refers are turned into values.
func (i *instance) variables(t *Terraform, known values) (map[string]cty.Value, error) {
	referred := values{}
	for _, address := range i.after {
		if value, found := known[address]; found {
			referred[address] = value
		}
	}
	types := map[string]map[string]cty.Value{}
	for name, addresses := range i.all {
		typeName, short, _ := strings.Cut(name, ".")
		if types[typeName] == nil {
			types[typeName] = map[string]cty.Value{}
		}
		var err error
		if types[typeName][short], err = instancesValue(t, typeName, name, addresses, referred); err != nil {
			return nil, err
		}
	}
	variables := map[string]cty.Value{}
	for typeName, resources := range types {
		variables[typeName] = cty.ObjectVal(resources)
	}
	return variables, nil
}

// instancesValue returns the value of name in an expression: an object, a list for
// count, or a map for for_each.
func instancesValue(t *Terraform, typeName, name string, addresses []string, known values) (cty.Value, error) {
	list, byKey := []cty.Value{}, map[string]cty.Value{}
	for _, address := range addresses {
		value := cty.DynamicVal
		if held, found := known[address]; found {
			var err error
			if value, err = toCty(held, t.typeOf(typeName)); err != nil {
				return cty.NilVal, err
			}
		}
		if address == name {
			return value, nil
		}
		key := strings.TrimSuffix(strings.TrimPrefix(address, name+"["), "]")
		if text, err := unquote(key); err == nil {
			byKey[text] = value
		}
		list = append(list, value)
	}
	if len(byKey) > 0 {
		return cty.ObjectVal(byKey), nil
	}
	return cty.TupleVal(list), nil
}

func unquote(key string) (text string, err error) {
	err = json.Unmarshal([]byte(key), &text)
	return text, err
}

// configType returns the type that a configuration has to give. In nested objects,
// everything that is optional may be missing.
func configType(attribute *tfprotov6.SchemaAttribute) cty.Type {
	if attribute.NestedType == nil {
		return ctyType(attribute.Type)
	}
	fields := map[string]cty.Type{}
	var optional []string
	for _, nested := range attribute.NestedType.Attributes {
		fields[nested.Name] = configType(nested)
		if !nested.Required {
			optional = append(optional, nested.Name)
		}
	}
	object := cty.ObjectWithOptionalAttrs(fields, optional)
	switch attribute.NestedType.Nesting {
	case tfprotov6.SchemaObjectNestingModeSet:
		return cty.Set(object)
	case tfprotov6.SchemaObjectNestingModeList:
		return cty.List(object)
	case tfprotov6.SchemaObjectNestingModeMap:
		return cty.Map(object)
	}
	return object
}

// ctyTypes caches the types that ctyType has made, by their text.
var ctyTypes sync.Map

// ctyType returns a type of the plugin library as HCL knows it. A type that cannot be
// written down is a mistake in this package.
func ctyType(of tftypes.Type) cty.Type {
	if made, found := ctyTypes.Load(of.String()); found {
		as, _ := made.(cty.Type)
		return as
	}
	as := newCtyType(of)
	ctyTypes.Store(of.String(), as)
	return as
}

func newCtyType(of tftypes.Type) cty.Type {
	text, err := of.MarshalJSON() //nolint:staticcheck // there is no other way to write a type down
	if err == nil {
		var as cty.Type
		if as, err = ctyjson.UnmarshalType(text); err == nil {
			return as
		}
	}
	panic(err)
}

func toCty(value tftypes.Value, as tftypes.Type) (cty.Value, error) {
	d, err := Dynamic(value)
	if err != nil {
		return cty.NilVal, err
	}
	return msgpack.Unmarshal(d.MsgPack, ctyType(as))
}

func fromCty(value cty.Value, as tftypes.Type) (tftypes.Value, error) {
	text, err := msgpack.Marshal(value, ctyType(as))
	if err != nil {
		return tftypes.Value{}, err
	}
	return (&tfprotov6.DynamicValue{MsgPack: text}).Unmarshal(as)
}

// beforeAndAfter returns the values before and after a change.
func (t *Terraform) beforeAndAfter(ch *Change) (before, after cty.Value, err error) {
	planned, err := ch.Planned.PlannedState.Unmarshal(t.typeOf(ch.Type))
	if err != nil {
		return before, after, err
	}
	if before, err = toCty(ch.Prior.Value, t.typeOf(ch.Type)); err != nil {
		return before, after, err
	}
	after, err = toCty(planned, t.typeOf(ch.Type))
	return before, after, err
}
