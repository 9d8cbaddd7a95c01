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
	description string // of what is right, such as "a duration such as 30s"
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

// spelledCheck is the check of a notation. It is for the elements of sets and
// lists: the framework asks the type of an attribute, and not that of an element.
func spelledCheck[N checking](description string) textCheck {
	return textCheck{description, (*new(N)).check}
}

var (
	emailCheck = spelledCheck[emailNotation]("an e-mail address")
	grantCheck = spelledCheck[grantNotation]("a grant: a role ID, followed by :* or :<ID> for a role on deployments or projects, and then by any +application-role")
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

// createTimeoutCheck refuses a time that is over before it begins.
var createTimeoutCheck = textCheck{"a duration above zero, such as 30m", func(text string, at path.Path, diags *diag.Diagnostics) {
	if d, err := time.ParseDuration(text); err == nil && d <= 0 { // what is no duration, timeouts.Attributes refuses
		diags.AddAttributeError(at, "Invalid timeout", fmt.Sprintf("%q is not above zero. Write a number and a unit, such as 30m or 1h30m.", text))
	}
}}

// parseTimeout reads a Go duration, or a plain number of seconds as EC_TIMEOUT
// may have it.
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

// expiryCheck refuses what the service does not take for expires_in.
var expiryCheck = textCheck{"a number followed by s, m, h or d, such as 7d", func(text string, at path.Path, diags *diag.Diagnostics) {
	if !expiryFormat.MatchString(text) {
		diags.AddAttributeError(at, "Invalid invitation expiry", fmt.Sprintf("%q is not a duration. Write a number followed by s, m, h or d, such as 7d.", text))
	}
}}

// issuerCheck refuses what comes along when an entity ID is copied.
var issuerCheck = textCheck{"an entity ID, without spaces around it and invisible characters", func(text string, at path.Path, diags *diag.Diagnostics) {
	invisible := strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsGraphic(c) })
	if text == "" || text != strings.TrimSpace(text) || invisible {
		diags.AddAttributeError(at, "Invalid issuer", fmt.Sprintf("%+q is not an entity ID: it must not be empty, have spaces around it, or have invisible characters in it. Copy it from the metadata of the IdP.", text))
	}
}}

// ssoURLCheck refuses what a browser should not be sent to.
var ssoURLCheck = textCheck{"an https URL", func(text string, at path.Path, diags *diag.Diagnostics) {
	parsed, err := url.Parse(text)
	odd := strings.ContainsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsGraphic(c) })
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" || odd {
		diags.AddAttributeError(at, "Invalid sso_url", fmt.Sprintf("%+q is not an https URL. Write the address at which the IdP takes SAML requests by HTTP-POST.", text))
	}
}}
