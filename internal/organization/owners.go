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

// LastOwnerError refuses a change that would leave fewer than Limits.MinOwners active
// members who hold organization-admin.
type LastOwnerError struct {
	// Email is the member who would have been demoted or removed, in lower case.
	Email string
	// Made means that the change was made and could not be undone: too few owners are
	// left.
	Made bool
	// Min is how many owners must be left.
	Min int
}

// Error names the member.
func (e *LastOwnerError) Error() string {
	if e.Min > 1 {
		return fmt.Sprintf("Without %s, too few active members would hold %s: at least %d must.", cloud.Printable(e.Email), cloud.RoleOrganizationAdmin, e.Min)
	}
	return fmt.Sprintf("%s is the last active member who holds %s. Without an owner, nobody could manage the organization.", cloud.Printable(e.Email), cloud.RoleOrganizationAdmin)
}

// Owners lists the active members who hold organization-admin. An invitation does not
// count, because it may never be accepted.
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

// OwnerStays reports whether enough owners are left without some people, who are given
// by their keys in People. It also reports true if none of these people is an owner.
//
// If too few are left, another resource of this run may be about to add an owner.
// OwnerStays waits for that, for as long as Config.Patience, and then reads the service
// once more. If the key sees no owner, OwnerStays reports false: every organization has
// an owner, so the key does not see everybody.
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

// ownerGrants returns the grants that make a person an owner.
func ownerGrants(grants []cloud.Grant) []cloud.Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g cloud.Grant) bool { return g.Role != cloud.RoleOrganizationAdmin })
}

// guardOwner makes a write that demotes or removes an owner, if enough other owners are
// left. If not, another resource of this run may be about to add an owner. guardOwner
// waits for that, for as long as Config.Patience, and then reads the service once more.
// It makes no write if needless reports true.
func (p *People) guardOwner(ctx context.Context, m cloud.Member, needless func() bool, write, undo func(context.Context) error) error {
	p.view.writes.end() // other writes must not wait for this one while it waits
	defer p.view.writes.begin()
	looks, notBefore := 0, time.Time{} // for when the lists may not show yet what this run wrote
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
		switch wait := time.Until(notBefore); { // reading the service after every write of the run would be too much
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

// taken has the members whom this run has demoted, by user ID. The lists may show them
// as owners for longer than a view carries the write forward. They do not count as
// owners until the lists show the demotion, or until this run makes them owners again.
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

// ifAnotherOwner reads the owners and makes the write under one lock, so that two
// demotions in this run cannot each count on the other owner.
//
// Another run may demote the other owner between the two calls, and the API has no
// conditional write. So ifAnotherOwner reads the lists again until they show its write,
// and undoes the write if too few owners are left. If two runs write at the same
// moment, the later one sees both writes.
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
		if cloud.Unsure(err) { // it may have been carried out; and an earlier demotion stays noted
			p.taken.note(m.UserID, true)
		}
		return true, err
	}
	p.taken.note(m.UserID, true)
	// Also for a caller who has just given up: this is the last chance.
	after, cancel := pace.Outlive(ctx, cloud.Grace)
	defer cancel()
	if !p.untilShown(after, m.UserID) {
		return true, nil // the check before the write has to be enough
	}
	if enough, err := p.othersAreListed(after, m.UserID); err != nil || enough {
		return true, nil
	}
	if err := undo(after); err != nil {
		// The reason is not wrapped: a lost answer to undoing must not look like a lost
		// answer to the change.
		return true, fmt.Errorf("%w Another change removed or demoted the other owner at the same moment, and this change could not be undone: %s", p.lastOwner(m, true), err.Error())
	}
	return true, fmt.Errorf("%w Another change removed or demoted the other owner at the same moment, so this change was undone", p.lastOwner(m, false))
}

// asOwner returns the member if they are an owner: with the writes of this run, or as
// the service lists them, because another run may have undone this run's demotion.
// Otherwise it returns nil.
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

// untilShown reads the lists until they show that a member is not an owner. It reports
// false if they do not, for as long as lists may lag behind.
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

// lastOwner returns the error of a change after which too few owners would be left.
func (p *People) lastOwner(m cloud.Member, made bool) error {
	return &LastOwnerError{Email: cloud.Fold(m.Email), Made: made, Min: p.minOwners()}
}

func (p *People) minOwners() int { return p.o.config.Limits.LeastOwners() }

// othersAreListed reports whether enough owners are left besides one member. An owner
// counts if the service lists them as an owner and this run has not demoted them since.
// An owner whom this run has added counts only when listed, because another run may
// have undone the write.
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
