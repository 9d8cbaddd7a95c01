// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// writeOrganization returns the reply to calls on one organization. It has more fields
// than lists and invitations.
func (s *Server) writeOrganization(o *organization) map[string]any {
	shown := map[string]any{"id": o.id, "name": o.name}
	for field, value := range o.settings {
		shown[field] = value
	}
	if o.identity != nil {
		shown["sso_login_identifier"] = o.loginIdentifier()
	}
	switch {
	case s.omitEnforcement:
	case o.enforcingSSO:
		shown["enforce_authentication_method"] = "sso"
	case !s.omitNoEnforcement:
		shown["enforce_authentication_method"] = nil
	}
	return shown
}

// putOrganization changes the fields in the request. A missing field differs from null.
func (s *Server) putOrganization(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &fields); err != nil {
		return fail(http.StatusBadRequest, "root.invalid_request", "%v", err)
	}
	name, enforcing, settings := o.name, o.enforcingSSO, maps.Clone(o.settings)
	for field, value := range fields {
		switch field {
		case "name":
			if err := json.Unmarshal(value, &name); err != nil || name == "" {
				return fail(http.StatusBadRequest, "organization.invalid_name", "an organization needs a name")
			}
		case "enforce_authentication_method":
			enforcing = string(value) == `"sso"`
		case "default_disk_usage_alerts_enabled", "notifications_allowed_email_domains", "billing_contacts", "operational_contacts":
			settings[field] = value
		default:
			return fail(http.StatusBadRequest, "root.invalid_request", "unknown field %q", field)
		}
	}
	if enforcing && !o.enforcingSSO {
		if err := s.mayEnforce(o); err != nil {
			return failWith(err)
		}
	}
	o.name, o.enforcingSSO, o.settings = name, enforcing, settings
	return reply{status: http.StatusOK, body: s.writeOrganization(o)}
}

const (
	ssoLoginRequired = "org.enforcement.sso_login_required"
	signInFirst      = "sign in through single sign-on with the current configuration before you enforce it"
)

// mayEnforce returns an error if SSO cannot be enforced.
func (s *Server) mayEnforce(o *organization) *apiError {
	fields := []string{"enforce_authentication_method"}
	switch {
	case s.keyMayNotEnforce:
		return &apiError{http.StatusForbidden, ssoLoginRequired, signInFirst, fields}
	case o.identity == nil:
		return &apiError{http.StatusBadRequest, "org.idp.idp_not_configured", "no SAML IdP is configured", fields}
	case !o.identity.Enabled:
		return &apiError{http.StatusBadRequest, "org.idp.idp_disabled", "the SAML IdP is disabled", fields}
	case s.wantsSignIn && !o.identity.proven:
		return &apiError{http.StatusForbidden, ssoLoginRequired, signInFirst, fields}
	}
	return nil
}

// Enforce turns SSO enforcement on or off, in the console.
func (s *Server) Enforce(on bool) {
	s.helper()
	s.verb(func(o *organization) error {
		if on && o.identity == nil {
			return fmt.Errorf("no IdP is configured")
		}
		o.enforcingSSO = on
		return nil
	})
}

// Enforced reports whether members must sign in through SSO.
func (s *Server) Enforced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.organizations[0].enforcingSSO
}
