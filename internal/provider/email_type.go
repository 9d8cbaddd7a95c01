// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var (
	_ basetypes.StringTypable                    = emailType{}
	_ basetypes.StringValuableWithSemanticEquals = emailValue{}
	_ xattr.ValidateableAttribute                = emailValue{}
)

// emailType is a string that compares without regard to case.
type emailType struct {
	basetypes.StringType
}

func (t emailType) Equal(o attr.Type) bool {
	_, ok := o.(emailType)
	return ok
}

func (t emailType) String() string { return "emailType" }

func (t emailType) ValueType(context.Context) attr.Value { return emailValue{} }

func (t emailType) ValueFromString(_ context.Context, s basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return emailValue{StringValue: s}, nil
}

func (t emailType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	s, err := stringValue(ctx, in)
	return emailValue{StringValue: s}, err
}

// stringValue is what custom string types are made of.
func stringValue(ctx context.Context, in tftypes.Value) (basetypes.StringValue, error) {
	value, err := basetypes.StringType{}.ValueFromTerraform(ctx, in)
	if err != nil {
		return basetypes.StringValue{}, err
	}
	s, ok := value.(basetypes.StringValue)
	if !ok {
		return s, fmt.Errorf("unexpected value of type %T", value)
	}
	return s, nil
}

// emailValue is an e-mail address in the spelling of the configuration.
type emailValue struct {
	basetypes.StringValue
}

func newEmail(s string) emailValue { return emailValue{StringValue: basetypes.NewStringValue(s)} }

// Equal implements attr.Value: the spelling counts here.
func (v emailValue) Equal(o attr.Value) bool {
	other, ok := o.(emailValue)
	return ok && v.StringValue.Equal(other.StringValue)
}

func (v emailValue) Type(context.Context) attr.Type { return emailType{} }

// StringSemanticEquals keeps the spelling of the state where only the case
// differs.
func (v emailValue) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(emailValue)
	return ok && v.same(other), nil
}

// same tells that both are the same person's address, in the way in which the
// client compares them. EqualFold would find letters alike that are not.
func (v emailValue) same(other emailValue) bool {
	return v.key() == other.key()
}

// key is the form in which addresses compare.
func (v emailValue) key() string { return cloud.Fold(v.ValueString()) }

// ValidateAttribute refuses what is no plain e-mail address.
func (v emailValue) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	refuseEmail(v.ValueString(), req.Path, &resp.Diagnostics)
}

// refuseEmail adds an error for what is no plain e-mail address. A domain without
// a dot may be a slip; it may also be what the organization holds.
func refuseEmail(s string, at path.Path, diags *diag.Diagnostics) {
	_, domain, _ := strings.Cut(s, "@")
	switch {
	case !isAddress(s):
		diags.AddAttributeError(at, "This is no e-mail address",
			fmt.Sprintf("%q is not an address such as alice@example.com, without a name and without spaces around it.", s))
	case !strings.Contains(strings.Trim(domain, "."), "."):
		diags.AddAttributeWarning(at, "Is "+s+" complete?",
			fmt.Sprintf("There is no dot in %q. It is passed on as it is, since an organization may hold such an address; the service may refuse to invite it.", domain))
	}
}

// isAddress tells whom resources can name: whoever it is false for has to be left
// alone by those that remove whoever is not listed.
func isAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s
}
