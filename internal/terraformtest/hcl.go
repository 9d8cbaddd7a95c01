// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// values are those of resources, by address.
type values map[string]tftypes.Value

// module is a configuration in HCL: its resources, and what it says of others.
type module struct {
	config   Config
	settings map[string]any    // of the provider block
	imports  map[string]string // IDs by address
	moved    [][2]string       // from and to, in order
	removed  []string          // what Terraform forgets, without destroying it
}

// instance is one resource that comes from HCL.
type instance struct {
	block       *hclsyntax.Block
	lines       []string // of the whole configuration
	typeName    string
	after       []string
	createFirst bool
	scope       map[string]cty.Value // each or count
	all         map[string][]string  // addresses of the instances of each resource of the module
}

// parse reads a configuration. Addresses that a moved or removed block is about
// are those of the state.
func (t *Terraform) parse(source string) (*module, error) {
	file, diags := hclsyntax.ParseConfig([]byte(source), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, errors.New("the configuration is no native HCL")
	}
	m := &module{config: Config{}, settings: map[string]any{}, imports: map[string]string{}}
	all := map[string][]string{}
	var errs []error
	for _, block := range body.Blocks {
		switch block.Type {
		case "terraform":
		case "provider":
			errs = append(errs, t.set(m, block.Body))
		case "resource":
			errs = append(errs, t.expand(m, block, strings.Split(source, "\n"), all))
		case "import":
			errs = append(errs, m.importBlock(block.Body))
		case "moved":
			errs = append(errs, m.movedBlock(block.Body))
		case "removed":
			errs = append(errs, m.removedBlock(block.Body))
		default:
			errs = append(errs, fmt.Errorf("%s blocks are not played here", block.Type))
		}
	}
	if len(body.Attributes) > 0 {
		errs = append(errs, errors.New("an attribute outside of any block"))
	}
	for _, b := range m.config {
		var err error
		b.hcl.after, err = b.hcl.refersTo()
		errs = append(errs, err)
	}
	return m, errors.Join(append(errs, m.check())...)
}

// check looks for what only the whole configuration shows.
func (m *module) check() error {
	var errs []error
	for address := range m.config {
		if slices.Contains(m.config.after(address), address) {
			errs = append(errs, fmt.Errorf("%s refers to itself", address))
		}
	}
	for to := range m.imports {
		if _, configured := m.config[to]; !configured {
			errs = append(errs, fmt.Errorf("the import is into %s, which is not in the configuration", to))
		}
	}
	for _, pair := range m.moved {
		fromType, _, _ := strings.Cut(pair[0], ".")
		if toType, _, _ := strings.Cut(pair[1], "."); fromType != toType {
			errs = append(errs, fmt.Errorf("a move from %s to %s is not played here", fromType, toType))
		}
		if _, still := m.config[pair[0]]; still {
			errs = append(errs, fmt.Errorf("%s has moved, and is in the configuration still", pair[0]))
		}
	}
	for _, from := range m.removed {
		if _, still := m.config[from]; still {
			errs = append(errs, fmt.Errorf("%s is removed, and is in the configuration still", from))
		}
	}
	return errors.Join(errs...)
}

// only is an error where a body has other attributes or blocks than these.
func only(body *hclsyntax.Body, names ...string) error {
	for name := range body.Attributes {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%s is not played here", name)
		}
	}
	for _, block := range body.Blocks {
		if !slices.Contains(names, block.Type) {
			return fmt.Errorf("a %s block is not played here", block.Type)
		}
	}
	return nil
}

// set takes the settings of the provider block, which are constants.
func (t *Terraform) set(m *module, body *hclsyntax.Body) error {
	var names []string
	for _, attribute := range t.Schemas.Provider.Block.Attributes {
		names = append(names, attribute.Name)
	}
	if err := only(body, names...); err != nil {
		return err
	}
	for _, attribute := range t.Schemas.Provider.Block.Attributes {
		a, found := body.Attributes[attribute.Name]
		if !found {
			continue
		}
		value, diags := a.Expr.Value(nil)
		if diags.HasErrors() {
			return diags
		}
		converted, err := convert.Convert(value, ctyType(attribute.Type))
		if err != nil {
			return err
		}
		if m.settings[attribute.Name], err = fromCty(converted, attribute.Type); err != nil {
			return err
		}
	}
	return nil
}

// expand adds the instances of a resource.
func (t *Terraform) expand(m *module, block *hclsyntax.Block, lines []string, all map[string][]string) error {
	typeName, name := block.Labels[0], typeAndName(block)
	if _, known := t.Types[typeName]; !known && typeName != dataType {
		return fmt.Errorf("the provider has no %s", typeName)
	}
	if _, twice := all[name]; twice {
		return fmt.Errorf("there are two of %s", name)
	}
	all[name] = []string{}
	first, err := createsFirst(block.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	add := func(address string, scope map[string]cty.Value) {
		all[name] = append(all[name], address)
		m.config[address] = Block{Type: typeName, hcl: &instance{block: block, lines: lines, typeName: typeName, createFirst: first, scope: scope, all: all}}
	}
	attribute := func(name string) (cty.Value, bool, error) {
		a, found := block.Body.Attributes[name]
		if !found {
			return cty.NilVal, false, nil
		}
		value, diags := a.Expr.Value(&hcl.EvalContext{Functions: functions(t)})
		if diags.HasErrors() {
			return cty.NilVal, true, diags
		}
		return value, true, nil
	}
	if count, found, err := attribute("count"); found {
		if err != nil {
			return err
		}
		if _, both := block.Body.Attributes["for_each"]; both || count.Type() != cty.Number || !count.IsKnown() || count.IsNull() {
			return fmt.Errorf("%s: count has to be a number that is known, without for_each", name)
		}
		n, exact := count.AsBigFloat().Int64()
		if n < 0 || exact != big.Exact {
			return fmt.Errorf("%s: count has to be a whole number", name)
		}
		for i := range n {
			add(fmt.Sprintf("%s[%d]", name, i), map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(i)})})
		}
		return nil
	}
	if each, found, err := attribute("for_each"); found {
		if err != nil {
			return err
		}
		if !each.IsWhollyKnown() || each.IsNull() || !each.Type().IsSetType() && !each.Type().IsMapType() && !each.Type().IsObjectType() {
			return fmt.Errorf("%s: for_each has to be a set or a map that is known", name)
		}
		for it := each.ElementIterator(); it.Next(); {
			key, value := it.Element()
			if each.Type().IsSetType() {
				key = value
			}
			add(fmt.Sprintf("%s[%q]", name, key.AsString()), map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})})
		}
		return nil
	}
	add(name, nil)
	return nil
}

func typeAndName(block *hclsyntax.Block) string { return strings.Join(block.Labels, ".") }

// createsFirst reads the lifecycle block, which may have create_before_destroy.
func createsFirst(body *hclsyntax.Body) (first bool, err error) {
	for _, block := range body.Blocks {
		if block.Type != "lifecycle" {
			return false, fmt.Errorf("a %s block is not played here", block.Type)
		}
		if err := only(block.Body, "create_before_destroy"); err != nil {
			return false, err
		}
		if a, found := block.Body.Attributes["create_before_destroy"]; found {
			value, diags := a.Expr.Value(nil)
			if diags.HasErrors() {
				return false, diags
			}
			first = value.RawEquals(cty.True)
		}
	}
	return first, nil
}

func (m *module) importBlock(body *hclsyntax.Body) error {
	if err := only(body, "to", "id", "provider"); err != nil {
		return err
	}
	to, err := addressOf(body, "to")
	if err != nil {
		return err
	}
	a, found := body.Attributes["id"]
	if !found {
		return errors.New("an import without an id is not played here")
	}
	value, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		return diags
	}
	if value.Type() != cty.String || value.IsNull() {
		return errors.New("the id of an import has to be a text")
	}
	m.imports[to] = value.AsString()
	return nil
}

func (m *module) movedBlock(body *hclsyntax.Body) error {
	from, err := addressOf(body, "from")
	if err != nil {
		return err
	}
	to, err := addressOf(body, "to")
	if err != nil {
		return err
	}
	m.moved = append(m.moved, [2]string{from, to})
	return only(body, "from", "to")
}

// removedBlock takes note of a block that has destroy = false. Without that
// Terraform destroys the object, as any that has left the configuration.
func (m *module) removedBlock(body *hclsyntax.Body) error {
	from, err := addressOf(body, "from")
	if err != nil {
		return err
	}
	for _, block := range body.Blocks {
		if a, found := block.Body.Attributes["destroy"]; found && block.Type == "lifecycle" {
			if value, _ := a.Expr.Value(nil); value.RawEquals(cty.False) {
				m.removed = append(m.removed, from)
			}
		}
	}
	return only(body, "from", "lifecycle")
}

// addressOf is an attribute that is an address.
func addressOf(body *hclsyntax.Body, name string) (string, error) {
	a, found := body.Attributes[name]
	if !found {
		return "", fmt.Errorf("%s is missing", name)
	}
	traversal, diags := hcl.AbsTraversalForExpr(a.Expr)
	if diags.HasErrors() {
		return "", diags
	}
	var address strings.Builder
	for _, part := range traversal {
		switch part := part.(type) {
		case hcl.TraverseRoot:
			address.WriteString(part.Name)
		case hcl.TraverseAttr:
			address.WriteString("." + part.Name)
		case hcl.TraverseIndex:
			if part.Key.Type() == cty.String {
				fmt.Fprintf(&address, "[%q]", part.Key.AsString())
			} else {
				fmt.Fprintf(&address, "[%s]", part.Key.AsBigFloat().String())
			}
		}
	}
	return address.String(), nil
}

// refersTo lists the addresses of what the block refers to.
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
				after = append(after, i.all[traversal.RootName()+"."+attr.Name]...)
			}
		}
	}
	slices.Sort(after)
	return slices.Compact(after), nil
}

// value is what the block says, as far as what it refers to is known.
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

// variables are the resources of the module, by type and name.
func (i *instance) variables(t *Terraform, known values) (map[string]cty.Value, error) {
	types := map[string]map[string]cty.Value{}
	for name, addresses := range i.all {
		typeName, short, _ := strings.Cut(name, ".")
		if types[typeName] == nil {
			types[typeName] = map[string]cty.Value{}
		}
		var err error
		if types[typeName][short], err = instancesValue(t, typeName, name, addresses, known); err != nil {
			return nil, err
		}
	}
	variables := map[string]cty.Value{}
	for typeName, resources := range types {
		variables[typeName] = cty.ObjectVal(resources)
	}
	return variables, nil
}

// instancesValue is what name stands for in an expression: one object, a list
// for count, or a map for for_each.
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

// configType is the type that a configuration has to give: of nested objects
// everything that is optional may be left out.
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

// ctyTypes are those that ctyType has made, by their text.
var ctyTypes sync.Map

// ctyType is a type of the plugin library as HCL knows it. A type that cannot be
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

// functions are those of Terraform that are played here, and the provider's own.
func functions(t *Terraform) map[string]function.Function {
	all := map[string]function.Function{
		"concat": stdlib.ConcatFunc, "keys": stdlib.KeysFunc, "length": lengthFunc, "lower": stdlib.LowerFunc, "merge": stdlib.MergeFunc,
		"setunion": stdlib.SetUnionFunc, "sort": stdlib.SortFunc, "upper": stdlib.UpperFunc, "tolist": toListFunc, "toset": toSetFunc, "range": stdlib.RangeFunc, "format": stdlib.FormatFunc,
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

var toListFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.List(cty.String)),
	Impl:   func(args []cty.Value, as cty.Type) (cty.Value, error) { return convert.Convert(args[0], as) },
})

var toSetFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Set(cty.String)),
	Impl:   func(args []cty.Value, as cty.Type) (cty.Value, error) { return convert.Convert(args[0], as) },
})

// providerFunction calls a function of the provider.
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

// rename carries out what moved and removed blocks say of the state.
func (m *module) rename(state map[string]Object) (moved map[string]string) {
	moved = map[string]string{}
	for _, pair := range m.moved {
		for _, address := range slices.Sorted(maps.Keys(state)) {
			rest, isIt := strings.CutPrefix(address, pair[0])
			if !isIt || rest != "" && !strings.HasPrefix(rest, "[") {
				continue
			}
			to := pair[1] + rest
			if _, taken := state[to]; taken {
				continue
			}
			state[to] = state[address]
			delete(state, address)
			moved[to] = address
		}
	}
	for _, from := range m.removed {
		for address := range state {
			if rest, isIt := strings.CutPrefix(address, from); isIt && (rest == "" || strings.HasPrefix(rest, "[")) {
				delete(state, address)
			}
		}
	}
	return moved
}
