// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// textCheck is a validator of a string, as a value.
type textCheck struct {
	description string // of a valid value, such as "a duration such as 30s"
	check       func(text string, at path.Path, diags *diag.Diagnostics)
}

// Description implements validator.String.
func (c textCheck) Description(context.Context) string { return c.description }

// MarkdownDescription implements validator.String.
func (c textCheck) MarkdownDescription(context.Context) string { return c.description }

// ValidateString implements validator.String.
func (c textCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		c.check(req.ConfigValue.ValueString(), req.Path, &resp.Diagnostics)
	}
}

// spelledCheck returns the check of a notation, for the elements of sets and lists. The
// framework validates the type of an attribute, but not the type of an element.
func spelledCheck[N checking](description string) textCheck {
	return textCheck{description, (*new(N)).check}
}

var (
	emailCheck = spelledCheck[emailNotation]("an e-mail address")
	grantCheck = spelledCheck[grantNotation]("a grant: a role ID, then :* or :<ID> for a role on deployments or projects, then any +application-role")
)

var endpointCheck = textCheck{"an https URL; http for loopback addresses only", func(text string, at path.Path, diags *diag.Diagnostics) {
	if _, err := cloud.ParseEndpoint(text); err != nil {
		diags.AddAttributeError(at, "Invalid endpoint", err.Error())
	}
}}

var requestTimeoutCheck = textCheck{"a duration above zero, such as 30s", func(text string, at path.Path, diags *diag.Diagnostics) {
	if d, err := time.ParseDuration(text); err != nil || d <= 0 {
		diags.AddAttributeError(at, "Invalid request_timeout", fmt.Sprintf("%q is not a duration above zero. Write a number and a unit, such as 30s or 2m.", text))
	}
}}

// createTimeoutCheck refuses a timeout that is not above zero.
var createTimeoutCheck = textCheck{"a duration above zero, such as 30m", func(text string, at path.Path, diags *diag.Diagnostics) {
	if d, err := time.ParseDuration(text); err == nil && d <= 0 { // timeouts.Attributes refuses a text that is not a duration
		diags.AddAttributeError(at, "Invalid timeout", fmt.Sprintf("%q is not above zero. Write a number and a unit, such as 30m or 1h30m.", text))
	}
}}

// parseTimeout reads a Go duration, or a plain number of seconds, which EC_TIMEOUT allows.
func parseTimeout(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if seconds, numErr := strconv.Atoi(s); numErr == nil {
		d, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration above zero. Write a number and a unit, such as 30s or 2m", s)
	}
	return d, nil
}

var expiryFormat = regexp.MustCompile(`^[1-9][0-9]{0,5}[smhd]$`)

// expiryCheck refuses values of expires_in that Elastic Cloud would not accept.
var expiryCheck = textCheck{"a number followed by s, m, h or d, such as 7d", func(text string, at path.Path, diags *diag.Diagnostics) {
	if !expiryFormat.MatchString(text) {
		diags.AddAttributeError(at, "Invalid invitation expiry", fmt.Sprintf("%q is not a duration. Write a number followed by s, m, h or d, such as 7d.", text))
	}
}}

// issuerCheck refuses characters that are often copied together with an entity ID.
var issuerCheck = textCheck{"an entity ID, without spaces around it or invisible characters", func(text string, at path.Path, diags *diag.Diagnostics) {
	invisible := strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsGraphic(c) })
	if text == "" || text != strings.TrimSpace(text) || invisible {
		diags.AddAttributeError(at, "Invalid issuer", fmt.Sprintf("%+q is not an entity ID. It must not be empty, have spaces around it, or contain invisible characters. Copy it from the metadata of the IdP.", text))
	}
}}

// ssoURLCheck refuses URLs to which no browser should be sent.
var ssoURLCheck = textCheck{"an https URL", func(text string, at path.Path, diags *diag.Diagnostics) {
	parsed, err := url.Parse(text)
	odd := strings.ContainsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsGraphic(c) })
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" || odd {
		diags.AddAttributeError(at, "Invalid sso_url", fmt.Sprintf("%+q is not an https URL. Write the address at which the IdP accepts SAML requests by HTTP-POST.", text))
	}
}}
