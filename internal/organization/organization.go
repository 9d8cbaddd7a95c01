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

// Config is what an Organization needs to know beside its client.
type Config struct {
	// ID of the organization may be empty: then the one that the key sees.
	ID string
	// Closed is why nothing can be asked or written, where that is clear from the start:
	// every call fails with it, and the client may be nil.
	Closed error
	// Patience is how long a change that is not allowed yet waits for another
	// one in this run that would allow it. Zero means 15 seconds.
	Patience time.Duration
	// Gather is how long a write waits for others that can go in the same
	// request, anew after each that comes and at most four times that in all.
	// Zero means 30 milliseconds.
	Gather time.Duration
	// Limits bound what the run may do to people.
	Limits Limits
	// Crowded is called by a change that begins to wait for another one. It closes the
	// channel where the change had better give up, as others cannot begin while it waits.
	// end is called when the wait is over. Nil means that there is always place.
	Crowded func(context.Context) (full <-chan struct{}, end func())
}

// Organization is one organization of Elastic Cloud, as everything in one run
// sees and changes it. It is safe for use by many goroutines.
type Organization struct {
	People       *People
	Domains      *Domains
	RoleMappings *RoleMappings
	IdP          *IdP
	Enforcement  *Enforcement

	client *cloud.Client
	config Config
	locks  locks // of each Object, and those of locks.go
	kept   kept

	finding sharedRead // of the ID, where it was not given
	mu      sync.Mutex
	id      string
	closed  error // why nothing is asked or written any more
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

// KeyExpires is when the API key in use ends, as the service last said it; the
// zero time where it has not.
func (o *Organization) KeyExpires() time.Time { return o.client.KeyExpires() }

// Get reads the organization itself, each time anew. Where the service does not show
// whether SSO is enforced, that is unknown, unless it has shown it before in this
// run: then it leaves the field out because nothing is enforced.
func (o *Organization) Get(ctx context.Context) (organization cloud.Organization, err error) {
	if err := o.Enforcement.view.refresh(ctx); err != nil {
		return cloud.Organization{}, err
	}
	o.Enforcement.view.look(func(now cloud.Organization) { organization = now })
	return organization, nil
}

// in makes a call about the organization and returns its answer. A 404 on the
// organization itself says which ones the key does see.
func in[T any](ctx context.Context, o *Organization, call func(ctx context.Context, organizationID string) (T, error)) (T, error) {
	id, err := o.ID(ctx)
	if err != nil {
		var none T
		return none, err
	}
	answer, err := call(ctx, id)
	return answer, o.explain(ctx, id, err)
}

// OtherOrganizationError is that of a state which is of another organization than the
// one that the provider is configured for.
type OtherOrganizationError struct {
	State, Configured string // the IDs of both
}

// Error implements error.
func (e *OtherOrganizationError) Error() string {
	return fmt.Sprintf("The state belongs to the organization %s, but the provider is configured for the organization %s. Nothing was changed.", cloud.Printable(e.State), cloud.Printable(e.Configured))
}

// Expect makes sure that this is the organization with an ID, which a state is of. If
// it is another one, the error is an OtherOrganizationError, and every later call fails
// with it: whatever else the run would do is meant for the other organization.
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

// ID is the organization that was configured, or else the one organization that
// the key sees (GET /organizations). Where it sees several, the error lists them. Each
// call of the run needs the ID first.
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

// Limits are what bounds the run.
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

// explain adds to a 404 on the organization itself which ones the key does see. A
// wrong organization must never look like an empty one.
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
