// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// ownersKey is the lock under which owners are counted and taken away. No
// e-mail address is like it.
const ownersKey = "owners"

// LastOwnerError refuses a change that would leave the organization without an
// active member who holds organization-admin.
type LastOwnerError struct {
	// Email is the member who would have lost it, in lower case.
	Email string
}

// Error names the member.
func (e *LastOwnerError) Error() string {
	return fmt.Sprintf("%s is the last active member who holds %s; without one nobody could manage the organization any more", printable(e.Email), RoleOrganizationAdmin)
}

// Owners lists the active members who hold organization-admin. An invitation
// does not count: it may never be accepted.
func (d *Directory) Owners(ctx context.Context) ([]Member, error) {
	if err := d.list(ctx); err != nil {
		return nil, err
	}
	organizationID, err := d.client.OrganizationID(ctx)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var owners []Member
	for _, p := range d.people {
		if p.Member != nil && p.Member.RoleAssignments.ofOwner(organizationID) {
			owners = append(owners, *p.Member)
		}
	}
	return owners, nil
}

// OwnerStays tells that an owner is left when some go, who are named by their keys
// in People. If not, one may be on the way in this run: it waits for that, up to
// the client's patience, and then looks once more. Where nobody is an owner, none
// can be lost.
func (d *Directory) OwnerStays(ctx context.Context, goes map[string]bool) (bool, error) {
	timeout := time.NewTimer(d.client.config.Patience)
	defer timeout.Stop()
	for {
		changed := d.nextWrite()
		if stays, err := d.ownerStays(ctx, d.list, goes); stays || err != nil {
			return stays, err
		}
		select {
		case <-changed:
		case <-timeout.C: // another run may have done it, which nothing here tells of
			return d.ownerStays(ctx, d.refresh, goes)
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

func (d *Directory) ownerStays(ctx context.Context, look func(context.Context) error, goes map[string]bool) (bool, error) {
	if err := look(ctx); err != nil {
		return false, err
	}
	owners, err := d.Owners(ctx)
	if err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	stays := slices.ContainsFunc(owners, func(o Member) bool { return !goes[d.emails[o.UserID]] })
	return stays || len(owners) == 0, nil
}

func isOwner(grants []Grant) bool { return len(ownerGrants(grants)) > 0 }

// ownerGrants are those that make somebody an owner.
func ownerGrants(grants []Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool { return g.Role != RoleOrganizationAdmin })
}

// ofOwner tells that organization-admin is among what is held, without taking
// all of it apart: it is asked of everybody.
func (r RoleAssignments) ofOwner(organizationID string) bool {
	return slices.ContainsFunc(r.assignments, func(a assignment) bool {
		return a.roleID == RoleOrganizationAdmin && isOwner(a.grants(organizationID))
	})
}

// guardOwner makes a write that takes organization-admin away from a member,
// if another owner is left. If not, one may be on the way in this run: it waits
// for that, up to the client's patience, and then looks once more. It makes no
// write that turns out to be needless meanwhile.
func (d *Directory) guardOwner(ctx context.Context, m Member, needless func() bool, write, undo func(context.Context) error) error {
	timeout := time.NewTimer(d.client.config.Patience)
	defer timeout.Stop()
	var again <-chan time.Time // while the lists do not show what this run wrote
	looks := 0
	for {
		changed := d.nextWrite()
		if needless() {
			return nil
		}
		others, err := d.otherOwners(ctx, m.UserID)
		if err != nil {
			return err
		}
		if looks == 0 || len(others) > 0 && again == nil { // asking the service for every write of the run would be too much
			done, err := d.ifAnotherOwner(ctx, m, write, undo)
			if done || err != nil {
				return err
			}
			if len(others) > 0 {
				again = time.After(backoff(d.client.config.RetryWait, d.client.config.MaxWait, looks, nil))
			}
			looks++
		}
		select {
		case <-changed:
		case <-again:
			again = nil
		case <-timeout.C: // another run may have done it, which nothing here tells of
			done, err := d.ifAnotherOwner(ctx, m, write, undo)
			if done || err != nil {
				return err
			}
			return &LastOwnerError{Email: Fold(m.Email)}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ifAnotherOwner asks the service who the owners are and makes the write, both
// under one lock, so that two owners cannot each count on the other. Another
// run may take the other owner away between the two, and the API has no write
// that depends on what is there: so it looks again, and takes the write back
// where nobody is left. Whichever run looks last sees what both have done.
func (d *Directory) ifAnotherOwner(ctx context.Context, m Member, write, undo func(context.Context) error) (done bool, err error) {
	unlock, err := d.locks.lock(ctx, ownersKey)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := d.refresh(ctx); err != nil {
		return false, err
	}
	if another, err := d.anotherIsListed(ctx, m.UserID); err != nil || !another {
		return false, err
	}
	if err := write(ctx); err != nil {
		return true, err
	}
	// Also for a caller who has just given up: this is the last chance.
	after, cancel := pace.Outlive(ctx, grace)
	defer cancel()
	if d.refresh(after) != nil {
		return true, nil // the look before must do
	}
	if another, err := d.anotherIsListed(after, m.UserID); err != nil || another {
		return true, nil
	}
	if err := undo(after); err != nil {
		return true, fmt.Errorf("%w; somebody else took the other owner away at the same moment, and this change could not be taken back: %w", &LastOwnerError{Email: Fold(m.Email)}, err)
	}
	return true, fmt.Errorf("%w; somebody else took the other owner away at the same moment, so this change was taken back", &LastOwnerError{Email: Fold(m.Email)})
}

func (d *Directory) otherOwners(ctx context.Context, userID string) ([]Member, error) {
	owners, err := d.Owners(ctx)
	return slices.DeleteFunc(owners, func(o Member) bool { return o.UserID == userID }), err
}

// anotherIsListed tells that somebody else is an owner by what the service lists
// and by what this run wrote since. A write that is carried forward would not do:
// another run may have undone it.
func (d *Directory) anotherIsListed(ctx context.Context, userID string) (bool, error) {
	others, err := d.otherOwners(ctx, userID)
	if err != nil {
		return false, err
	}
	organizationID, err := d.client.OrganizationID(ctx)
	if err != nil {
		return false, err
	}
	isOther := map[string]bool{}
	for _, other := range others {
		isOther[other.UserID] = true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.listed, func(m Member) bool {
		return isOther[m.UserID] && m.RoleAssignments.ofOwner(organizationID)
	}), nil
}
