// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const organizationRoute = "/organizations/{organization_id}"

// Organization is one organization that the key sees.
type Organization struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Enforcement Enforcement `json:"enforce_authentication_method"`

	// What follows is of one organization, and not in lists.

	// SSOLoginIdentifier is what members enter to sign in through SSO.
	SSOLoginIdentifier  string   `json:"sso_login_identifier"`
	BillingContacts     []string `json:"billing_contacts"`
	OperationalContacts []string `json:"operational_contacts"`
	// NotificationDomains are those that notifications may be sent to.
	NotificationDomains []string `json:"notifications_allowed_email_domains"`
}

// Enforcement tells whether members have to sign in through SSO.
type Enforcement int

// The zero value is that the service did not say: it may be on or off.
const (
	EnforcementUnknown Enforcement = iota
	EnforcementOff
	EnforcementOn
)

// UnmarshalJSON reads enforce_authentication_method: null is off, and a way
// that is not known here is unknown.
func (e *Enforcement) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case `null`:
		*e = EnforcementOff
	case `"sso"`:
		*e = EnforcementOn
	default:
		*e = EnforcementUnknown
	}
	return nil
}

// GetOrganization reads the organization (GET
// /organizations/{organization_id}).
func (c *Client) GetOrganization(ctx context.Context) (Organization, error) {
	var o Organization
	r := request{method: http.MethodGet, route: organizationRoute, out: &o}
	if err := c.doInOrganization(ctx, r); err != nil {
		return Organization{}, c.explainOrganization(ctx, err)
	}
	if o.ID == "" {
		return Organization{}, r.unpromised("it is no organization")
	}
	return o, nil
}

// SetEnforcement turns SSO enforcement on or off (PUT
// /organizations/{organization_id}). Nothing else of the organization changes.
func (c *Client) SetEnforcement(ctx context.Context, on bool) error {
	method := any(nil) // null turns it off, a field that is left out does not
	if on {
		method = "sso"
	}
	return c.doInOrganization(ctx, request{
		method: http.MethodPut,
		route:  organizationRoute,
		in:     map[string]any{"enforce_authentication_method": method},
	})
}

// Organizations lists the organizations that the key sees, all pages of them
// (GET /organizations).
func (c *Client) Organizations(ctx context.Context) ([]Organization, error) {
	const mostPages = 100 // of a key that sees one organization, or a few
	var all []Organization
	seen := map[string]bool{"": true}
	for cursor := ""; ; {
		var page struct {
			Organizations []Organization `json:"organizations"`
			NextPage      string         `json:"next_page"`
		}
		r := request{method: http.MethodGet, route: "/organizations", out: &page}
		if cursor != "" {
			r.query = url.Values{"next_page": {cursor}}
		}
		if err := c.do(ctx, r); err != nil {
			return nil, err
		}
		if len(seen) > mostPages {
			return nil, r.unpromised("the list of organizations has no end")
		}
		all = append(all, page.Organizations...)
		// A cursor that comes back again would go round for ever.
		if cursor = page.NextPage; seen[cursor] {
			return all, nil
		}
		seen[cursor] = true
	}
}

// organizationID is found by the key once, where it was not given.
type organizationID struct {
	reads sharedRead

	mu sync.Mutex
	id string
}

func (o *organizationID) get() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.id
}

// OrganizationID is the organization that was configured, or else the one
// organization that the key sees. Where it sees several, the error lists them.
func (c *Client) OrganizationID(ctx context.Context) (string, error) {
	if id := c.organization.get(); id != "" {
		return id, nil
	}
	err := c.organization.reads.do(ctx, time.Time{}, c.findOrganization)
	return c.organization.get(), err
}

func (c *Client) findOrganization(ctx context.Context) error {
	organizations, err := c.Organizations(ctx)
	if err != nil {
		return err
	}
	switch len(organizations) {
	case 0:
		return fmt.Errorf("the API key sees no organization: it needs the role organization-admin (in the console: Organization owner)")
	case 1:
		if organizations[0].ID == "" {
			return request{method: http.MethodGet, route: "/organizations"}.unpromised("the organization has no ID")
		}
		c.organization.mu.Lock()
		defer c.organization.mu.Unlock()
		c.organization.id = organizations[0].ID
		return nil
	}
	return fmt.Errorf("the API key sees several organizations: set organization_id (or EC_ORGANIZATION_ID) to one of %s", describe(organizations))
}

// explainOrganization adds to a 404 on the organization itself which ones the
// key does see. A wrong organization must never look like an empty one.
func (c *Client) explainOrganization(ctx context.Context, err error) error {
	if !HasCode(err, CodeOrganizationNotFound) {
		return err
	}
	organizations, listErr := c.Organizations(ctx)
	if listErr != nil {
		return err
	}
	return fmt.Errorf("the organization %s is not one that the API key sees; it sees %s: %w",
		c.config.OrganizationID, describe(organizations), err)
}

func describe(organizations []Organization) string {
	if len(organizations) == 0 {
		return "none"
	}
	names := make([]string, len(organizations))
	for i, o := range organizations {
		names[i] = fmt.Sprintf("%s (%s)", o.ID, o.Name)
	}
	return printable(strings.Join(names, ", "))
}
