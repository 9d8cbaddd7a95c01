// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var (
	_ basetypes.StringTypable                    = grantType{}
	_ basetypes.StringValuableWithSemanticEquals = grantValue{}
)

// grantType is a grant string, in which the order of the application roles
// makes no difference.
type grantType struct {
	basetypes.StringType
}

func (t grantType) Equal(o attr.Type) bool {
	_, ok := o.(grantType)
	return ok
}

func (t grantType) String() string { return "grantType" }

func (t grantType) ValueType(context.Context) attr.Value { return grantValue{} }

func (t grantType) ValueFromString(_ context.Context, s basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return grantValue{StringValue: s}, nil
}

func (t grantType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	s, err := stringValue(ctx, in)
	return grantValue{StringValue: s}, err
}

// grantValue is a grant in the spelling of the configuration.
type grantValue struct {
	basetypes.StringValue
}

func newGrantValue(s string) grantValue { return grantValue{StringValue: types.StringValue(s)} }

// grant is what the string says. What is no grant was refused before it came
// here.
func (v grantValue) grant() cloud.Grant {
	g, _ := cloud.ParseGrant(v.ValueString())
	return g
}

// Equal implements attr.Value: the spelling counts here.
func (v grantValue) Equal(o attr.Value) bool {
	other, ok := o.(grantValue)
	return ok && v.StringValue.Equal(other.StringValue)
}

func (v grantValue) Type(context.Context) attr.Type { return grantType{} }

// StringSemanticEquals tells that both give the same access.
func (v grantValue) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(grantValue)
	if !ok {
		return false, nil
	}
	return v.grant() == other.grant(), nil
}

// grantsOf reads a set of grants, of grantType or of plain strings. It is false
// where the set or an element is not known yet, and reads the others.
func grantsOf(set types.Set) (grants []cloud.Grant, known bool) {
	if set.IsUnknown() {
		return nil, false
	}
	elements := set.Elements()
	grants, known = make([]cloud.Grant, 0, len(elements)), true
	for _, element := range elements {
		if element.IsUnknown() {
			known = false
			continue
		}
		grants = append(grants, grantOf(element))
	}
	return grants, known
}

// grantOf reads an element of a set of grants.
func grantOf(element attr.Value) cloud.Grant {
	value, ok := element.(interface{ ValueString() string })
	if !ok {
		return cloud.Grant{}
	}
	return newGrantValue(value.ValueString()).grant()
}

// sameGrants tells that both sets are known and give the same access, in
// whatever spelling. Left out and empty are not the same.
func sameGrants(a, b types.Set) bool {
	grantsA, knownA := grantsOf(a)
	grantsB, knownB := grantsOf(b)
	add, remove := cloud.DiffGrants(grantsA, grantsB)
	return knownA && knownB && a.IsNull() == b.IsNull() && len(add)+len(remove) == 0
}

// grantSet writes grants as a set like prior, each in the spelling that it has
// there.
func grantSet(grants []cloud.Grant, prior types.Set) types.Set {
	if held, known := grantsOf(prior); known && !prior.IsNull() {
		if add, remove := cloud.DiffGrants(held, grants); len(add)+len(remove) == 0 {
			return prior
		}
	}
	spelling := map[cloud.Grant]attr.Value{}
	for _, element := range prior.Elements() {
		spelling[grantOf(element)] = element
	}
	newElement, elementType := func(s string) attr.Value { return newGrantValue(s) }, attr.Type(grantType{})
	if prior.ElementType(context.Background()) == types.StringType {
		newElement, elementType = func(s string) attr.Value { return types.StringValue(s) }, types.StringType
	}
	elements := make([]attr.Value, len(grants))
	for i, g := range grants {
		if elements[i] = spelling[g]; elements[i] == nil {
			elements[i] = newElement(g.String())
		}
	}
	return types.SetValueMust(elementType, elements)
}
