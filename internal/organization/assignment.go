// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// ErrUnknownPerson is the error of Assign, and of Ensure with Anew, for somebody who is neither a member
// nor invited.
var ErrUnknownPerson = errors.New("neither a member of the organization nor invited to it")

// Assign gives one grant to a member, on top of what they hold. Somebody who
// has not joined yet gets nothing: then joined is false. Somebody unknown may
// be on the way in this run, and is waited for up to the run's patience.
func (p *People) Assign(ctx context.Context, email string, g cloud.Grant) (joined bool, err error) {
	if err := p.awaitPerson(ctx, email); err != nil {
		return false, err
	}
	p.give(email, false, g)
	err = p.withPerson(ctx, email, func(who Person, organizationID string) error {
		joined = who.Member != nil
		_, mayBeAnother := g.Alike() // that the list shows in its place; given once more, a grant is no other
		if !joined || slices.Contains(who.Grants(organizationID), g) && !mayBeAnother {
			return nil
		}
		err := p.changeGrants(ctx, *who.Member, organizationID, Change{Add: []cloud.Grant{g}})
		if !g.ConsoleOnly && slices.Contains(who.Grants(organizationID), g) && cloud.HasCode(err, cloud.CodeUnauthorizedRoles) {
			return nil // it is there, or less, and nobody may touch it
		}
		return err
	})
	return joined, err
}

// Unassign takes one grant from a member. Somebody who does not hold it is no
// error. What an invitation promises stays as it is, and so does what another
// resource gives in the same run: when the roles of a person move from one
// resource to another, they must not get lost on the way.
func (p *People) Unassign(ctx context.Context, email string, g cloud.Grant) error {
	return p.withPerson(ctx, email, func(who Person, organizationID string) error {
		stays := func() bool { return p.o.Keeps(GrantObject(email, g)) }
		if who.Member == nil || stays() || !cloud.Holds(who.Grants(organizationID), g) {
			return nil
		}
		return p.changeUnless(ctx, *who.Member, organizationID, Change{Remove: []cloud.Grant{g}}, stays)
	})
}

// awaitPerson returns when somebody is a member or invited.
func (p *People) awaitPerson(ctx context.Context, email string) error {
	return p.view.patiently(ctx, func(last bool) (bool, <-chan time.Time, error) {
		find := p.Find
		if last {
			find = p.FindAnew
		}
		who, err := find(ctx, email)
		if last && err == nil && !who.Exists() {
			err = ErrUnknownPerson
		}
		return who.Exists(), nil, err
	})
}
