// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ErrUnknownPerson is the error of Assign for somebody who is neither a member
// nor invited.
var ErrUnknownPerson = errors.New("neither a member of the organization nor invited to it")

// Assign gives one grant to a member, on top of what they hold. Somebody who
// has not joined yet gets nothing: then joined is false. Somebody unknown may
// be on the way in this run, and is waited for up to the client's patience.
func (d *Directory) Assign(ctx context.Context, email string, g Grant) (joined bool, err error) {
	if err := d.awaitPerson(ctx, email); err != nil {
		return false, err
	}
	d.give(email, false, g)
	err = d.withPerson(ctx, email, func(p Person, organizationID string) error {
		joined = p.Member != nil
		if !joined || slices.Contains(p.Grants(organizationID), g) {
			return nil
		}
		return d.changeGrants(ctx, *p.Member, organizationID, Change{Add: []Grant{g}})
	})
	return joined, err
}

// Unassign takes one grant from a member. Somebody who does not hold it is no
// error. What an invitation promises stays as it is, and so does what another
// resource gives in the same run: when the roles of a person move from one
// resource to another, they must not get lost on the way.
func (d *Directory) Unassign(ctx context.Context, email string, g Grant) error {
	return d.withPerson(ctx, email, func(p Person, organizationID string) error {
		stays := func() bool { return d.gives(email, g) }
		if p.Member == nil || stays() || !slices.Contains(p.Grants(organizationID), g) {
			return nil
		}
		return d.changeUnless(ctx, *p.Member, organizationID, Change{Remove: []Grant{g}}, stays)
	})
}

// withPerson runs change on one person whom nobody else changes meanwhile, and
// again where the lists turn out to be out of date.
func (d *Directory) withPerson(ctx context.Context, email string, change func(p Person, organizationID string) error) error {
	unlock, err := d.locks.lock(ctx, Fold(email))
	if err != nil {
		return err
	}
	defer unlock()
	return d.untilCurrent(ctx, func() error {
		p, err := d.Person(ctx, email)
		if err != nil {
			return err
		}
		organizationID, err := d.client.OrganizationID(ctx)
		if err != nil {
			return err
		}
		return change(p, organizationID)
	})
}

// awaitPerson returns when somebody is a member or invited.
func (d *Directory) awaitPerson(ctx context.Context, email string) error {
	timeout := time.NewTimer(d.client.config.Patience)
	defer timeout.Stop()
	for {
		changed := d.nextWrite()
		p, err := d.Person(ctx, email)
		if err != nil || p.Exists() {
			return err
		}
		select {
		case <-changed:
		case <-timeout.C:
			return ErrUnknownPerson
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
