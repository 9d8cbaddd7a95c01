// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

const organizationRoute = "/organizations/{organization_id}"

// Organization is one organization that the key sees.
type Organization struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Enforcement Enforcement `json:"enforce_authentication_method"`
	// EnforcementShown means that the service has shown the field of Enforcement, with
	// any value. If it is false, Enforcement is unknown.
	EnforcementShown bool `json:"-"`

	// The following fields are only in the reply for one organization, not in lists.

	// SSOLoginIdentifier is what members enter to sign in through SSO.
	SSOLoginIdentifier  string   `json:"sso_login_identifier"`
	BillingContacts     []string `json:"billing_contacts"`
	OperationalContacts []string `json:"operational_contacts"`
	// NotificationDomains are the domains to which notifications may be sent.
	NotificationDomains []string `json:"notifications_allowed_email_domains"`
}

// Enforcement says whether members have to sign in through SSO.
type Enforcement int

// The zero value means that the service did not say: SSO may be enforced or not.
const (
	EnforcementUnknown Enforcement = iota
	EnforcementOff
	EnforcementOn
)

// UnmarshalJSON reads an organization, and notes which fields it shows.
func (o *Organization) UnmarshalJSON(data []byte) error {
	type fields Organization
	if err := json.Unmarshal(data, (*fields)(o)); err != nil {
		return err
	}
	var shown struct {
		Method json.RawMessage `json:"enforce_authentication_method"`
	}
	err := json.Unmarshal(data, &shown)
	o.EnforcementShown = shown.Method != nil
	return err
}

// UnmarshalJSON reads enforce_authentication_method. Null or an empty text is off. An
// unknown method is EnforcementUnknown.
func (e *Enforcement) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case `null`, `""`:
		*e = EnforcementOff
	case `"sso"`:
		*e = EnforcementOn
	default:
		*e = EnforcementUnknown
	}
	return nil
}

// GetOrganization reads an organization (GET /organizations/{organization_id}).
//
//api:operation getOrganization
func (c *Client) GetOrganization(ctx context.Context, organizationID string) (Organization, error) {
	var o Organization
	r := request{method: http.MethodGet, route: organizationRoute, args: [][]string{{organizationID}}, out: &o}
	if err := c.do(ctx, r); err != nil {
		return Organization{}, err
	}
	if o.ID == "" {
		return Organization{}, r.unpromised("it is not an organization")
	}
	return o, nil
}

// SetEnforcement turns SSO enforcement on or off, and returns the enforcement of the
// reply (PUT /organizations/{organization_id}). Nothing else of the organization
// changes.
//
//api:operation updateOrganization
func (c *Client) SetEnforcement(ctx context.Context, organizationID string, on bool) (Enforcement, error) {
	method := any(nil) // null turns it off; a missing field does not
	if on {
		method = "sso"
	}
	var o Organization
	err := c.do(ctx, request{
		method: http.MethodPut,
		route:  organizationRoute,
		args:   [][]string{{organizationID}},
		in:     map[string]any{"enforce_authentication_method": method},
		out:    &o,
	})
	return o.Enforcement, err
}

// ListOrganizations lists all organizations that the key sees (GET /organizations).
//
//api:operation listOrganizations
func (c *Client) ListOrganizations(ctx context.Context) ([]Organization, error) {
	organizations, _, err := listAll[Organization](ctx, c, "/organizations", "organizations")
	if err != nil {
		return nil, err
	}
	return organizations, nil
}

// check refuses a value that cannot be an organization.
func (o Organization) check() error {
	if o.ID == "" {
		return errors.New("an organization has no ID")
	}
	return nil
}
