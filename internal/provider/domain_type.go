// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/net/idna"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var (
	_ basetypes.StringTypable                    = domainType{}
	_ basetypes.StringValuableWithSemanticEquals = domainValue{}
	_ xattr.ValidateableAttribute                = domainValue{}
)

// domainType is a domain name, which compares without regard to case and to a
// dot at its end.
type domainType struct {
	basetypes.StringType
}

func (t domainType) Equal(o attr.Type) bool {
	_, ok := o.(domainType)
	return ok
}

func (t domainType) String() string { return "domainType" }

func (t domainType) ValueType(context.Context) attr.Value { return domainValue{} }

func (t domainType) ValueFromString(_ context.Context, s basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return domainValue{StringValue: s}, nil
}

func (t domainType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	s, err := stringValue(ctx, in)
	return domainValue{StringValue: s}, err
}

// domainValue is a domain name in the spelling of the configuration.
type domainValue struct {
	basetypes.StringValue
}

func newDomain(s string) domainValue { return domainValue{StringValue: basetypes.NewStringValue(s)} }

// name is the domain in the form that is sent and compared.
func (v domainValue) name() string {
	return strings.TrimSuffix(cloud.Fold(v.ValueString()), ".")
}

// Equal implements attr.Value: the spelling counts here.
func (v domainValue) Equal(o attr.Value) bool {
	other, ok := o.(domainValue)
	return ok && v.StringValue.Equal(other.StringValue)
}

func (v domainValue) Type(context.Context) attr.Type { return domainType{} }

// StringSemanticEquals keeps the spelling of the state where both are the same
// domain.
func (v domainValue) StringSemanticEquals(_ context.Context, o basetypes.StringValuable) (bool, diag.Diagnostics) {
	other, ok := o.(domainValue)
	return ok && v.name() == other.name(), nil
}

// ValidateAttribute refuses what is no domain name.
func (v domainValue) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	refuseDomain(v.ValueString(), req.Path, &resp.Diagnostics)
}

// refuseDomain adds an error for what is no domain name.
func refuseDomain(s string, at path.Path, diags *diag.Diagnostics) {
	if problem := domainProblem(s); problem != "" {
		diags.AddAttributeError(at, "This is no domain", fmt.Sprintf("%q %s.", s, problem))
	}
}

// domainLabel is what stands between two dots.
var domainLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// domainProblem says what is wrong with a domain name, or nothing.
func domainProblem(s string) string {
	name := newDomain(s).name()
	switch {
	case strings.Contains(s, "/"):
		return "is an address on the web or part of one: write the domain alone, such as example.com"
	case strings.Contains(s, "@"):
		return "is an e-mail address: write what stands after the @"
	case strings.Contains(s, "*"):
		return "has a wildcard in it: the service claims one domain at a time, and a sub-domain by itself"
	case strings.ContainsFunc(s, func(r rune) bool { return r > 127 }):
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			return "is not in the form that DNS uses: write " + ascii
		}
		return "has a character in it that no domain has"
	case net.ParseIP(name) != nil:
		return "is an IP address"
	case !strings.Contains(name, "."):
		return "has no dot in it: write the whole domain, such as example.com"
	case len(name) > 253:
		return "is longer than the 253 characters that a domain may have"
	}
	for label := range strings.SplitSeq(name, ".") {
		if !domainLabel.MatchString(label) {
			return fmt.Sprintf("has the part %q, which is not made of letters, digits and hyphens, 1 to 63 of them with no hyphen at either end", label)
		}
	}
	return ""
}

// differsAsDomain tells that a domain is another one.
func differsAsDomain(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
	resp.RequiresReplace = newDomain(req.StateValue.ValueString()).name() != newDomain(req.PlanValue.ValueString()).name()
}
