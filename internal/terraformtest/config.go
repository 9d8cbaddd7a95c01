// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package terraformtest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Block is one resource of a configuration.
type Block struct {
	Type string
	// Attributes are values for the function Value. Missing ones are null.
	Attributes map[string]any
	// After is the address of the block to which this one refers, if any.
	After string
	// DependsOn are the addresses of further blocks.
	DependsOn []string
	// CreateFirst is create_before_destroy.
	CreateFirst bool

	hcl *instance // instead of Attributes, After and DependsOn, if the block is from HCL
}

// Config has the resources of a configuration, by address.
type Config map[string]Block

// after lists the addresses to which a block refers, directly or indirectly.
func (c Config) after(address string) []string {
	var all []string
	next := []string{address}
	for len(next) > 0 {
		b := c[next[0]]
		next = next[1:]
		direct := append([]string{b.After}, b.DependsOn...)
		if b.hcl != nil {
			direct = b.hcl.after
		}
		for _, other := range direct {
			if _, configured := c[other]; configured && !slices.Contains(all, other) {
				all = append(all, other)
				next = append(next, other)
			}
		}
	}
	return all
}

// createFirst returns the addresses that are replaced before they are destroyed: those
// of blocks with CreateFirst, and everything to which they refer.
func (c Config) createFirst() map[string]bool {
	first := map[string]bool{}
	for address, b := range c {
		if b.CreateFirst {
			first[address] = true
			for _, other := range c.after(address) {
				first[other] = true
			}
		}
	}
	return first
}

// configuredFirst compares addresses. Removed resources are last, and a resource is
// behind everything to which it refers.
func (c Config) configuredFirst(a, b string) int {
	_, aStays := c[a]
	_, bStays := c[b]
	switch {
	case aStays && !bStays:
		return -1
	case bStays && !aStays:
		return 1
	}
	return cmp.Or(len(c.after(a))-len(c.after(b)), strings.Compare(a, b))
}

// configOf returns the value of a block. References to values that are not in known are
// unknown.
func (t *Terraform) configOf(b Block, known values) (tftypes.Value, error) {
	if b.hcl != nil {
		return b.hcl.value(t, known)
	}
	return Value(t.typeOf(b.Type), b.Attributes), nil
}

// Dynamic encodes a value for a provider.
func Dynamic(value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	d, err := tfprotov6.NewDynamicValue(value.Type(), value)
	return &d, err
}

// Value converts a Go value into a value of a type. It accepts string, bool, int,
// []string, map[string][]string, []any, map[string]any for an object (missing
// attributes are null), and what tftypes.NewValue accepts.
func Value(as tftypes.Type, from any) tftypes.Value {
	switch from := from.(type) {
	case tftypes.Value:
		return from
	case map[string]any:
		if object, ok := as.(tftypes.Object); ok {
			fields := map[string]tftypes.Value{}
			for name, fieldType := range object.AttributeTypes {
				fields[name] = Value(fieldType, from[name])
			}
			return tftypes.NewValue(as, fields)
		}
	case map[string][]string:
		elements := map[string]tftypes.Value{}
		if all, ok := as.(tftypes.Map); ok {
			for key, texts := range from {
				elements[key] = Value(all.ElementType, texts)
			}
		}
		return tftypes.NewValue(as, elements)
	case []string:
		elements := make([]tftypes.Value, len(from))
		for i, text := range from {
			elements[i] = tftypes.NewValue(tftypes.String, text)
		}
		return tftypes.NewValue(as, elements)
	case []any:
		if all, ok := as.(tftypes.Set); ok {
			elements := make([]tftypes.Value, len(from))
			for i, element := range from {
				elements[i] = Value(all.ElementType, element)
			}
			return tftypes.NewValue(as, elements)
		}
	}
	return tftypes.NewValue(as, from)
}
