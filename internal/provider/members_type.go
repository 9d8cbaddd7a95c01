// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.MapTypable                    = membersType{}
	_ basetypes.DynamicTypable                = membersType{}
	_ basetypes.MapValuableWithSemanticEquals = membersValue{}
)

// grantSetType is the type of what one person holds. Its elements are plain
// strings: a type of their own is slow at thousands, so elasticcloud_members
// compares spellings by itself.
var grantSetType = types.SetType{ElemType: types.StringType}

// membersType is a map from e-mail address to grants. It is as a plain map is,
// but for what the framework does with each element of one in every step, which
// takes long at thousands.
type membersType struct {
	basetypes.MapType
}

func newMembersType() membersType { return membersType{types.MapType{ElemType: grantSetType}} }

func (t membersType) Equal(o attr.Type) bool {
	other, ok := o.(membersType)
	return ok && t.MapType.Equal(other.MapType)
}

func (t membersType) ValueType(context.Context) attr.Value {
	return membersValue{types.MapNull(grantSetType)}
}

func (t membersType) ValueFromMap(_ context.Context, m basetypes.MapValue) (basetypes.MapValuable, diag.Diagnostics) {
	return membersValue{m}, nil
}

// ApplyTerraform5AttributePathStep leads nowhere. For each grant of each person,
// and for plan, state and configuration of each step, the framework would look up
// in the schema whether it is a block, is computed, or has a default. It does not
// for what is inside of a dynamic value, which the map says that it is.
func (t membersType) ApplyTerraform5AttributePathStep(tftypes.AttributePathStep) (any, error) {
	return nil, errors.New("members is taken as a whole")
}

// ValueFromDynamic makes the map a basetypes.DynamicTypable. To Terraform it is
// none, so there is never a dynamic value.
func (t membersType) ValueFromDynamic(context.Context, basetypes.DynamicValue) (basetypes.DynamicValuable, diag.Diagnostics) {
	return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Could not read members", "members is a map, and was sent as a dynamic value.")}
}

func (t membersType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.MapType.ValueFromTerraform(ctx, in)
	m, _ := value.(types.Map)
	return membersValue{m}, err
}

// Validate looks for nothing: the framework's own looks for duplicates in each
// set, and Terraform has sent none.
func (t membersType) Validate(context.Context, tftypes.Value, path.Path) diag.Diagnostics { return nil }

// membersValue is a value of members, in the spelling of the configuration.
type membersValue struct {
	types.Map
}

func newMembers(grants map[string]attr.Value) membersValue {
	return membersValue{types.MapValueMust(grantSetType, grants)}
}

// Equal implements attr.Value: the spelling counts here.
func (v membersValue) Equal(o attr.Value) bool {
	other, ok := o.(membersValue)
	return ok && v.Map.Equal(other.Map)
}

// String is short: the framework makes it for its log, also when there is none.
func (v membersValue) String() string { return "members" }

func (v membersValue) Type(context.Context) attr.Type { return newMembersType() }

// MapSemanticEquals spares the framework a look at each element where there is
// nothing to find.
func (v membersValue) MapSemanticEquals(_ context.Context, prior basetypes.MapValuable) (bool, diag.Diagnostics) {
	return v.Equal(prior), nil
}
