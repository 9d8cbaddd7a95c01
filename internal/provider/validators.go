// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// endpointValidator refuses what cloud.ParseEndpoint does.
type endpointValidator struct{}

func (endpointValidator) Description(context.Context) string {
	return "an https URL; http for loopback addresses only"
}

func (v endpointValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (endpointValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := cloud.ParseEndpoint(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "The endpoint cannot be used", err.Error())
	}
}

// timeoutValidator refuses what is no duration.
type timeoutValidator struct{}

func (timeoutValidator) Description(context.Context) string { return "a duration such as 30s" }

func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (timeoutValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseTimeout(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "The request timeout is no duration", err.Error())
	}
}

// expiryValidator refuses what the service does not take for expires_in.
type expiryValidator struct{}

var expiryFormat = regexp.MustCompile(`^[1-9][0-9]{0,5}[smhd]$`)

func (expiryValidator) Description(context.Context) string {
	return "a number and one of s, m, h or d, such as 7d"
}

func (v expiryValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v expiryValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if value := req.ConfigValue.ValueString(); !expiryFormat.MatchString(value) {
		resp.Diagnostics.AddAttributeError(req.Path, "The invitation's expiry is no duration",
			fmt.Sprintf("%q is not %s.", value, v.Description(ctx)))
	}
}

// emailValidator refuses what is no plain e-mail address, in a set of them.
type emailValidator struct{}

func (emailValidator) Description(context.Context) string { return "an e-mail address" }

func (v emailValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (emailValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		refuseEmail(req.ConfigValue.ValueString(), req.Path, &resp.Diagnostics)
	}
}

// grantValidator refuses what is no grant, and asks about a role that is not
// known but nearly one that is.
type grantValidator struct{}

func (grantValidator) Description(context.Context) string {
	return "a grant: a role ID, for a role on deployments or projects followed by :* or :<ID>, and then by any +application-role"
}

func (v grantValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (grantValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	grant, err := cloud.ParseGrant(req.ConfigValue.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "This is no grant", err.Error())
		return
	}
	if near := nearRole(grant.Role); near != "" {
		resp.Diagnostics.AddAttributeWarning(req.Path, fmt.Sprintf("Did you mean %s?", near),
			fmt.Sprintf("The role %s is not one that this provider has heard of. It is passed on as it is, since the service has new roles from time to time.", grant.Role))
	}
}

// nearRole is the known role that an unknown one was probably meant to be, or
// empty.
func nearRole(role string) string {
	roles := cloud.KnownRoles(role)
	if slices.Contains(roles, role) {
		return ""
	}
	near, least := "", 3 // a slip or two, not another word
	for _, known := range roles {
		distance := levenshtein.Distance(strings.ToLower(role), known, nil)
		if distance < least {
			near, least = known, distance
		}
	}
	return near
}
