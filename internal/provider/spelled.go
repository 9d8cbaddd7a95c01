// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// notation defines how one kind of text is compared and checked. A notation is an empty
// struct, so that it can be part of a type.
type notation interface {
	// key returns the form that all spellings of the same thing share.
	key(text string) string
}

// checking is a notation that can check a text. The framework calls it for attributes, and
// not for the elements of a set or list: see spelledCheck.
type checking interface {
	notation
	check(text string, at path.Path, diags *diag.Diagnostics)
}

// spelledType is a string type in which several spellings can mean the same.
type spelledType[N notation] struct {
	basetypes.StringType
}

func (t spelledType[N]) Equal(o attr.Type) bool {
	_, ok := o.(spelledType[N])
	return ok
}

func (t spelledType[N]) String() string { return fmt.Sprintf("%T", *new(N)) }

func (t spelledType[N]) ValueType(context.Context) attr.Value { return spelled[N]{} }

func (t spelledType[N]) ValueFromString(_ context.Context, s basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return spelled[N]{s}, nil
}

func (t spelledType[N]) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	s, _ := value.(basetypes.StringValue)
	return spelled[N]{s}, err
}

// spelled is a value of spelledType, in the spelling of the configuration.
type spelled[N notation] struct {
	basetypes.StringValue
}

func spell[N notation](text string) spelled[N] {
	return spelled[N]{basetypes.NewStringValue(text)}
}

func (v spelled[N]) Type(context.Context) attr.Type { return spelledType[N]{} }

// Equal implements attr.Value: another spelling is not equal.
func (v spelled[N]) Equal(o attr.Value) bool {
	other, ok := o.(spelled[N])
	return ok && v.StringValue.Equal(other.StringValue)
}

// StringSemanticEquals keeps the spelling of the state if both mean the same.
func (v spelled[N]) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(spelled[N])
	return ok && v.same(other), nil
}

// key returns the form that all spellings of the same thing share.
func (v spelled[N]) key() string { return (*new(N)).key(v.ValueString()) }

// same reports whether both mean the same.
func (v spelled[N]) same(other spelled[N]) bool { return v.key() == other.key() }

// ValidateAttribute implements xattr.ValidateableAttribute.
func (v spelled[N]) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if n, ok := any(*new(N)).(checking); ok && !v.IsNull() && !v.IsUnknown() {
		n.check(v.ValueString(), req.Path, &resp.Diagnostics)
	}
}

// replacedByAnother replaces a resource if the meaning of the attribute changes, and not if
// only its spelling changes.
func replacedByAnother[N notation](what string) planmodifier.String {
	description := "Another " + what + " replaces the resource."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !spell[N](req.StateValue.ValueString()).same(spell[N](req.PlanValue.ValueString()))
	}, description, description)
}
