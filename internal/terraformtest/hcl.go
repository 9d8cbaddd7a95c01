// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// values are values of resources, by address.
type values map[string]tftypes.Value

// module is a configuration in HCL: its resources and its other blocks.
type module struct {
	config   Config
	settings map[string]any    // of the provider block
	imports  map[string]string // IDs by address
	moved    [][2]string       // from and to, in order
	removed  []string          // addresses that Terraform forgets without destroying the objects
}

// instance is one resource from HCL.
type instance struct {
	block    *hclsyntax.Block
	lines    []string // of the whole configuration
	typeName string
	after    []string
	bare     []string             // resources without instances to which the block refers
	triggers []trigger            // of replace_triggered_by
	scope    map[string]cty.Value // each or count
	all      map[string][]string  // addresses of the instances of each resource of the module
}

// parse reads a configuration. The addresses in moved and removed blocks are those of
// the state.
func (t *Terraform) parse(source string) (*module, error) {
	file, diags := hclsyntax.ParseConfig([]byte(source), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, errors.New("the configuration is not native HCL")
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
		after, err := b.hcl.refersTo()
		errs = append(errs, err)
		var behind []string
		b.hcl.triggers, behind, err = b.hcl.triggeredBy()
		errs = append(errs, err)
		b.hcl.after = slices.Compact(slices.Sorted(slices.Values(slices.Concat(after, behind))))
	}
	return m, errors.Join(append(errs, m.check())...)
}

// check finds mistakes that only the whole configuration shows.
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

// only returns an error if a body has attributes or blocks other than these.
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

// set reads the settings of the provider block, which have to be constants.
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
		m.config[address] = Block{Type: typeName, CreateFirst: first, hcl: &instance{block: block, lines: lines, typeName: typeName, scope: scope, all: all}}
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

// createsFirst reads the lifecycle block, which may have create_before_destroy and
// replace_triggered_by.
func createsFirst(body *hclsyntax.Body) (first bool, err error) {
	for _, block := range body.Blocks {
		if block.Type != "lifecycle" {
			return false, fmt.Errorf("a %s block is not played here", block.Type)
		}
		if err := only(block.Body, "create_before_destroy", "replace_triggered_by"); err != nil {
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

// removedBlock notes a block with destroy = false. Without destroy = false, Terraform
// destroys the object, like every object that is no longer configured.
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

// addressOf returns an attribute that is an address.
func addressOf(body *hclsyntax.Body, name string) (string, error) {
	a, found := body.Attributes[name]
	if !found {
		return "", fmt.Errorf("%s is missing", name)
	}
	traversal, diags := hcl.AbsTraversalForExpr(a.Expr)
	if diags.HasErrors() {
		return "", diags
	}
	return written(traversal), nil
}

// written returns the text of a reference.
func written(traversal hcl.Traversal) string {
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
	return address.String()
}

// rename carries out the moved and removed blocks on the state.
func (m *module) rename(state map[string]Object) (moved map[string]string) {
	moved = map[string]string{}
	for _, pair := range m.moved {
		before := maps.Clone(state)
		for address, held := range before {
			from, _ := cutDeposed(address)
			rest, isIt := strings.CutPrefix(from, pair[0])
			if !isIt || rest != "" && !strings.HasPrefix(rest, "[") {
				continue
			}
			to := pair[1] + rest
			if _, taken := before[to]; taken {
				continue
			}
			state[to+strings.TrimPrefix(address, from)] = held
			delete(state, address)
			moved[to] = from
		}
	}
	for _, from := range m.removed {
		forget(state, from)
	}
	return moved
}
