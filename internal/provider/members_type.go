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

// grantSetType is the type of one person's grants. Its elements are plain strings: a custom
// type is slow for thousands of people. So elasticcloud_members compares spellings in its
// own code.
var grantSetType = types.SetType{ElemType: types.StringType}

// membersType is a map from e-mail address to grants. It equals a plain map, except that
// it avoids the framework's work for each element in every step, which is slow for
// thousands of people.
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

// ApplyTerraform5AttributePathStep always fails. For each grant of each person, and for
// plan, state and configuration of each step, the framework would look up in the schema
// whether it is a block, is computed, or has a default. It skips the inside of a dynamic
// value, and so the map claims to be one.
func (t membersType) ApplyTerraform5AttributePathStep(tftypes.AttributePathStep) (any, error) {
	return nil, errors.New("members has no attributes inside")
}

// ValueFromDynamic makes the map a basetypes.DynamicTypable. Terraform sees a map, so it
// never sends a dynamic value.
func (t membersType) ValueFromDynamic(context.Context, basetypes.DynamicValue) (basetypes.DynamicValuable, diag.Diagnostics) {
	return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Could not read members", "members is a map, and was sent as a dynamic value.")}
}

func (t membersType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.MapType.ValueFromTerraform(ctx, in)
	m, _ := value.(types.Map)
	return membersValue{m}, err
}

// Validate does nothing: the framework's own looks for duplicates in each set, and
// Terraform sends none.
func (t membersType) Validate(context.Context, tftypes.Value, path.Path) diag.Diagnostics { return nil }

// membersValue is a value of members, in the spelling of the configuration.
type membersValue struct {
	types.Map
}

func newMembers(grants map[string]attr.Value) membersValue {
	return membersValue{types.MapValueMust(grantSetType, grants)}
}

// Equal implements attr.Value: another spelling is not equal.
func (v membersValue) Equal(o attr.Value) bool {
	other, ok := o.(membersValue)
	return ok && v.Map.Equal(other.Map)
}

// String is short: the framework calls it for its log, even if the log is off.
func (v membersValue) String() string { return "members" }

func (v membersValue) Type(context.Context) attr.Type { return newMembersType() }

// MapSemanticEquals saves the framework from comparing each element.
func (v membersValue) MapSemanticEquals(_ context.Context, prior basetypes.MapValuable) (bool, diag.Diagnostics) {
	return v.Equal(prior), nil
}
