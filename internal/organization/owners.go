// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// LastOwnerError refuses a change that would leave the organization without an
// active member who holds organization-admin, or with fewer than Limits.MinOwners.
type LastOwnerError struct {
	// Email is the member who would have lost it, in lower case.
	Email string
	// Made tells that the change was made and could not be taken back: too few are left.
	Made bool
	// Min is how many have to be left.
	Min int
}

// Error names the member.
func (e *LastOwnerError) Error() string {
	if e.Min > 1 {
		return fmt.Sprintf("Without %s, fewer than %d active members would hold %s.", cloud.Printable(e.Email), e.Min, cloud.RoleOrganizationAdmin)
	}
	return fmt.Sprintf("%s is the last active member who holds %s. Without an owner, nobody could manage the organization.", cloud.Printable(e.Email), cloud.RoleOrganizationAdmin)
}

// Owners lists the active members who hold organization-admin. An invitation
// does not count: it may never be accepted.
func (p *People) Owners(ctx context.Context) (owners []cloud.Member, err error) {
	if err := p.view.list(ctx); err != nil {
		return nil, err
	}
	organizationID, err := p.o.ID(ctx)
	if err != nil {
		return nil, err
	}
	p.view.look(func(r *roster) { owners = r.owners(organizationID) })
	return owners, nil
}

// OwnerStays tells that owners enough are left when some people go, who are named by
// their keys in People, or that no owner goes. If not, one may be on the way in this
// run: it waits for that, up to the run's patience, and then looks once more. Where no
// owner is visible, none stays: there is one, and the key does not see all of the
// organization.
func (p *People) OwnerStays(ctx context.Context, goes map[string]bool) (bool, error) {
	stays := false
	err := p.view.patiently(ctx, func(last bool) (done bool, _ <-chan time.Time, err error) {
		look := p.view.list
		if last {
			look = p.view.refresh
		}
		stays, err = p.ownerStays(ctx, look, goes)
		return stays, nil, err
	})
	return stays, err
}

func (p *People) ownerStays(ctx context.Context, look func(context.Context) error, goes map[string]bool) (stays bool, err error) {
	if err := look(ctx); err != nil {
		return false, err
	}
	owners, err := p.Owners(ctx)
	if err != nil {
		return false, err
	}
	p.view.look(func(r *roster) {
		stay := slices.DeleteFunc(slices.Clone(owners), func(o cloud.Member) bool { return goes[r.keys[o.UserID]] })
		noneGoes := len(owners) > 0 && len(stay) == len(owners)
		stays = noneGoes || len(stay) >= p.minOwners()
	})
	return stays, nil
}

// ownerGrants are those that make somebody an owner.
func ownerGrants(grants []cloud.Grant) []cloud.Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g cloud.Grant) bool { return g.Role != cloud.RoleOrganizationAdmin })
}

// guardOwner makes a write that takes organization-admin away from a member,
// if another owner is left. If not, one may be on the way in this run: it waits
// for that, up to the run's patience, and then looks once more. It makes no
// write that turns out to be needless meanwhile.
func (p *People) guardOwner(ctx context.Context, m cloud.Member, needless func() bool, write, undo func(context.Context) error) error {
	p.view.writes.end() // while it waits, others do not wait for it
	defer p.view.writes.begin()
	looks, notBefore := 0, time.Time{} // while the lists may not show yet what this run wrote
	return p.view.patiently(ctx, func(last bool) (done bool, again <-chan time.Time, err error) {
		if needless() {
			return true, nil, nil
		}
		if last {
			done, err := p.ifAnotherOwner(ctx, m, write, undo)
			if !done && err == nil {
				err = p.lastOwner(m, false)
			}
			return true, nil, err
		}
		others, err := p.otherOwners(ctx, m.UserID)
		switch wait := time.Until(notBefore); { // asking the service for every write of the run would be too much
		case err != nil || looks > 0 && len(others) < p.minOwners():
			return false, nil, err
		case wait > 0:
			return false, time.After(wait), nil
		}
		if done, err := p.ifAnotherOwner(ctx, m, write, undo); done || err != nil {
			return true, nil, err
		}
		if len(others) >= p.minOwners() {
			wait := p.o.client.Backoff(looks)
			notBefore, again = time.Now().Add(wait), time.After(wait)
		}
		looks++
		return false, again, nil
	})
}

// taken are the members from whom this run took organization-admin, by user ID. The
// lists may go on showing them as owners for longer than writes are carried
// forward: they do not count until the lists show it, or the run gives it back.
type taken struct {
	mu      sync.Mutex
	members map[string]bool
}

func (t *taken) note(userID string, is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.members == nil {
		t.members = map[string]bool{}
	}
	t.members[userID] = is
}

func (t *taken) has(userID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.members[userID]
}

// ifAnotherOwner asks the service who the owners are and makes the write, both
// under one lock, so that two owners cannot each count on the other. Another
// run may take the other owner away between the two, and the API has no write
// that depends on what is there: so it looks again, until the lists show the write
// itself, and takes it back where nobody is left. Of two that write at the same
// moment the later one sees what both have done.
func (p *People) ifAnotherOwner(ctx context.Context, m cloud.Member, write, undo func(context.Context) error) (done bool, err error) {
	unlock, err := p.o.locks.lock(ctx, ownersLock)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := p.view.refresh(ctx); err != nil {
		return false, err
	}
	if enough, err := p.othersAreListed(ctx, m.UserID); err != nil || !enough {
		return false, err
	}
	if err := write(ctx); err != nil {
		if cloud.Unsure(err) { // it may have been carried out; and what was taken before stays so
			p.taken.note(m.UserID, true)
		}
		return true, err
	}
	p.taken.note(m.UserID, true)
	// Also for a caller who has just given up: this is the last chance.
	after, cancel := pace.Outlive(ctx, cloud.Grace)
	defer cancel()
	if !p.untilShown(after, m.UserID) {
		return true, nil // the look before must do
	}
	if enough, err := p.othersAreListed(after, m.UserID); err != nil || enough {
		return true, nil
	}
	if err := undo(after); err != nil {
		// The reason is not wrapped: the answer to taking it back may be lost, not that to the change.
		return true, fmt.Errorf("%w Another change removed the other owner at the same moment, and this change could not be undone: %s", p.lastOwner(m, true), err.Error())
	}
	return true, fmt.Errorf("%w Another change removed the other owner at the same moment, so this change was undone", p.lastOwner(m, false))
}

// asOwner is the member as an owner: with the writes of this run, or else as the
// service lists them, since another run may have given back what this one took. It
// is nil for somebody who is none.
func (p *People) asOwner(who Person, organizationID string) (owner *cloud.Member) {
	if who.Member == nil || who.Member.RoleAssignments.MakesOwner(organizationID) {
		return who.Member
	}
	p.view.lookBoth(func(listed, _ *roster) {
		if listed.isOwner(organizationID, who.Member.UserID) {
			owner = listed.member(who.Member.UserID)
		}
	})
	return owner
}

// untilShown reads the lists until they show that somebody is no owner any more. It
// is false where they do not, for as long as lists may lag behind.
func (p *People) untilShown(ctx context.Context, userID string) bool {
	organizationID, err := p.o.ID(ctx)
	if err != nil {
		return false
	}
	err = p.view.await(ctx, func() (shown bool) {
		p.view.lookBoth(func(listed, _ *roster) { shown = !listed.isOwner(organizationID, userID) })
		return shown
	})
	if err == nil {
		p.taken.note(userID, false)
	}
	return err == nil
}

func (p *People) otherOwners(ctx context.Context, userID string) ([]cloud.Member, error) {
	owners, err := p.Owners(ctx)
	return slices.DeleteFunc(owners, func(o cloud.Member) bool { return o.UserID == userID }), err
}

// lastOwner is the error of a change after which owners would be missing.
func (p *People) lastOwner(m cloud.Member, made bool) error {
	return &LastOwnerError{Email: cloud.Fold(m.Email), Made: made, Min: p.minOwners()}
}

func (p *People) minOwners() int { return p.o.config.Limits.LeastOwners() }

// othersAreListed tells that owners enough are left beside somebody, by what the service
// lists and by what this run wrote since. A write that is carried forward would not do:
// another run may have undone it.
func (p *People) othersAreListed(ctx context.Context, userID string) (enough bool, err error) {
	organizationID, err := p.o.ID(ctx)
	if err != nil {
		return false, err
	}
	p.view.lookBoth(func(listed, now *roster) {
		others := slices.DeleteFunc(listed.owners(organizationID), func(other cloud.Member) bool {
			return other.UserID == userID || !now.isOwner(organizationID, other.UserID) || p.taken.has(other.UserID)
		})
		enough = len(others) >= p.minOwners()
	})
	return enough, nil
}
