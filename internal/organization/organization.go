// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Config is what an Organization needs besides its client.
type Config struct {
	// ID is the ID of the organization. If it is empty, the organization is the one
	// that the key sees.
	ID string
	// Closed, if set, is the error of every call, because it is clear from the start
	// that nothing can be read or written. The client may be nil then.
	Closed error
	// Patience is how long a change that is not allowed yet waits for another change of
	// this run that would allow it. Zero means 15 seconds.
	Patience time.Duration
	// Gather is how long a write waits for others that can share its request. The time
	// starts again with each write that joins, and ends after four times Gather. Zero
	// means 30 milliseconds.
	Gather time.Duration
	// Limits are the limits of what the run may do to people.
	Limits Limits
	// Crowded is called by a change that begins to wait for another one. It closes full
	// when the change should give up, because other changes cannot begin while it
	// waits. The change calls end when the wait is over. Nil means that waiting never
	// blocks other changes.
	Crowded func(context.Context) (full <-chan struct{}, end func())
}

// Organization is one organization of Elastic Cloud. All resources of a run share it,
// to read and to write. It is safe for use by many goroutines.
type Organization struct {
	People       *People
	Domains      *Domains
	RoleMappings *RoleMappings
	IdP          *IdP
	Enforcement  *Enforcement

	client *cloud.Client
	config Config
	locks  locks // of each Object, and the locks of locks.go
	kept   kept

	finding sharedRead // of the ID, if none was configured
	mu      sync.Mutex
	id      string
	closed  error // the error of every call from now on, if set
}

// New returns an organization of which nothing is known yet. It makes no call.
func New(client *cloud.Client, config Config) *Organization {
	if config.Patience == 0 {
		config.Patience = 15 * time.Second
	}
	if config.Gather == 0 {
		config.Gather = 30 * time.Millisecond
	}
	if config.Crowded == nil {
		config.Crowded = func(context.Context) (<-chan struct{}, func()) { return nil, func() {} }
	}
	o := &Organization{client: client, config: config, id: config.ID, closed: config.Closed}
	o.People = newPeople(o)
	o.Domains = newDomains(o)
	o.RoleMappings = newRoleMappings(o)
	o.IdP = newIdP(o)
	o.Enforcement = newEnforcement(o)
	return o
}

// KeyExpires returns when the API key expires, as the last reply said. It returns the
// zero time if no reply said it.
func (o *Organization) KeyExpires() time.Time { return o.client.KeyExpires() }

// Get reads the organization from the service each time (GET
// /organizations/{organization_id}). If a reply does not show the enforcement of SSO,
// the enforcement is unknown. If an earlier reply of this run has shown it, a missing
// field means that SSO is not enforced.
func (o *Organization) Get(ctx context.Context) (organization cloud.Organization, err error) {
	if err := o.Enforcement.view.refresh(ctx); err != nil {
		return cloud.Organization{}, err
	}
	o.Enforcement.view.look(func(now cloud.Organization) { organization = now })
	return organization, nil
}

// in makes a call about the organization and returns its answer. If the service answers
// that the organization does not exist, the error names the organizations that the key
// sees.
func in[T any](ctx context.Context, o *Organization, call func(ctx context.Context, organizationID string) (T, error)) (T, error) {
	id, err := o.ID(ctx)
	if err != nil {
		var none T
		return none, err
	}
	answer, err := call(ctx, id)
	return answer, o.explain(ctx, id, err)
}

// OtherOrganizationError is returned for a state that belongs to another organization
// than the configured one.
type OtherOrganizationError struct {
	State, Configured string // the IDs of both
}

// Error implements error.
func (e *OtherOrganizationError) Error() string {
	return fmt.Sprintf("The state belongs to the organization %s, but the provider is configured for the organization %s. Nothing was changed.", cloud.Printable(e.State), cloud.Printable(e.Configured))
}

// Expect makes sure that the configured organization has this ID, which is in the
// state. If not, it returns an OtherOrganizationError, and so does every later call:
// the rest of the run is meant for the other organization, too.
func (o *Organization) Expect(ctx context.Context, id string) error {
	configured, err := o.ID(ctx)
	if err != nil || configured == id {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = &OtherOrganizationError{State: id, Configured: configured}
	return o.closed
}

// ID returns the configured organization, or else the only organization that the key
// sees (GET /organizations). If the key sees several, the error lists them.
func (o *Organization) ID(ctx context.Context) (string, error) {
	if err := o.whyClosed(); err != nil {
		return "", err
	}
	if id := o.knownID(); id != "" {
		return id, nil
	}
	err := o.finding.do(ctx, time.Time{}, o.find)
	return o.knownID(), err
}

// Limits returns the limits of the run.
func (o *Organization) Limits() Limits { return o.config.Limits }

func (o *Organization) knownID() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.id
}

func (o *Organization) whyClosed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closed
}

func (o *Organization) find(ctx context.Context) error {
	organizations, err := o.client.ListOrganizations(ctx)
	if err != nil {
		return err
	}
	switch len(organizations) {
	case 0:
		return fmt.Errorf("the API key sees no organization; it needs the role organization-admin (Organization owner in the console)")
	case 1:
		o.mu.Lock()
		defer o.mu.Unlock()
		o.id = organizations[0].ID
		return nil
	}
	return fmt.Errorf("the API key sees several organizations: set organization_id (or EC_ORGANIZATION_ID) to one of %s", describe(organizations))
}

// explain adds to a 404 of the organization which organizations the key sees. A wrong
// organization must never look like an empty one.
func (o *Organization) explain(ctx context.Context, id string, err error) error {
	if !cloud.HasCode(err, cloud.CodeOrganizationNotFound) {
		return err
	}
	organizations, listErr := o.client.ListOrganizations(ctx)
	if listErr != nil {
		return err
	}
	return fmt.Errorf("the API key does not see the organization %s; it sees %s: %w", id, describe(organizations), err)
}

func describe(organizations []cloud.Organization) string {
	if len(organizations) == 0 {
		return "none"
	}
	names := make([]string, len(organizations))
	for i, o := range organizations {
		names[i] = fmt.Sprintf("%s (%s)", o.ID, o.Name)
	}
	return cloud.Printable(strings.Join(names, ", "))
}
