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

// ErrUnknownPerson is returned by Assign, and by Ensure with Wanted.Anew, for a person
// who is neither a member nor invited.
var ErrUnknownPerson = errors.New("this person is neither a member of the organization nor invited to it")

// Assign grants one role to a member and keeps the member's other roles (POST
// /users/{user_id}/role_assignments). If the person is invited and has not joined yet,
// it changes nothing and joined is false. Another resource of this run may be about to
// invite an unknown person, so Assign waits for the person for as long as
// Config.Patience.
func (p *People) Assign(ctx context.Context, email string, g cloud.Grant) (joined bool, err error) {
	if err := p.awaitPerson(ctx, email); err != nil {
		return false, err
	}
	p.give(email, false, g)
	var beside []cloud.Grant
	err = p.withPerson(ctx, email, func(who Person, organizationID string, again bool) (sent, error) {
		who, err := p.withRecentBesides(ctx, email, who, organizationID, g)
		if err != nil {
			return sent{}, err
		}
		joined = who.Member != nil
		held := who.Grants(organizationID)
		_, mayBeAnother := g.Alike() // which the list may show in its place; granting g once more does not add another grant
		switch {
		case again && cloud.Holds(held, g):
			return sent{}, errNotAgain // something else is missing
		case !joined || slices.Contains(held, g) && !mayBeAnother:
			return sent{}, nil
		}
		if !again {
			beside = besides(held, g)
		}
		given := sent{what: "grant " + cloud.JoinGrants(append([]cloud.Grant{g}, beside...)), done: func(listed *roster) bool {
			shown := listed.person(email).Grants(organizationID)
			return cloud.Covers(shown, g) && cloud.CoversAll(shown, beside)
		}}
		err = p.changeGrants(ctx, *who.Member, organizationID, Change{Add: []cloud.Grant{g}}, false)
		if !g.ConsoleOnly && slices.Contains(held, g) && cloud.HasCode(err, cloud.CodeUnauthorizedRoles) {
			return sent{}, nil // the grant exists, perhaps with fewer application roles, and this key may not change it
		}
		return given, err
	})
	return joined, err
}

// besides returns the grants that a person holds beside g: the same role on the same
// scope with other application roles. The service may keep only one such grant at a
// time.
func besides(held []cloud.Grant, g cloud.Grant) []cloud.Grant {
	twin, _ := g.Alike()
	return slices.DeleteFunc(slices.Clone(held), func(other cloud.Grant) bool {
		return other.Role != g.Role || other.Resource != g.Resource || other == g || other == twin
	})
}

// withRecentBesides returns the person from a list that was read just now, if the
// person holds grants beside g. An older list may still have a grant that somebody else
// has revoked, and the provider would grant it again.
func (p *People) withRecentBesides(ctx context.Context, email string, who Person, organizationID string, g cloud.Grant) (Person, error) {
	if len(besides(who.Grants(organizationID), g)) == 0 {
		return who, nil
	}
	if err := p.view.recent(ctx); err != nil {
		return Person{}, err
	}
	return p.known(email), nil
}

// Unassign revokes one grant of a member (DELETE /users/{user_id}/role_assignments). It
// returns nil if the person does not hold the grant.
//
// It leaves alone what an invitation promises, and what another resource of this run
// grants: a role that moves from one resource to another must not get lost. The service
// may remove the grants in stay together with g. Unassign grants these again.
func (p *People) Unassign(ctx context.Context, email string, g cloud.Grant, stay ...cloud.Grant) error {
	stays := func() bool { return p.o.Keeps(GrantObject(email, g)) }
	var beside []cloud.Grant
	twinStays := false
	return p.withPerson(ctx, email, func(who Person, organizationID string, again bool) (sent, error) {
		switch {
		case stays(): // also if the request was sent already: another resource grants it afterwards
			return sent{done: func(*roster) bool { return true }}, nil
		case who.Member == nil:
			return sent{}, nil
		}
		who, err := p.withRecentBesides(ctx, email, who, organizationID, g)
		if err != nil || who.Member == nil {
			return sent{}, err
		}
		held := who.Grants(organizationID)
		var change Change
		if !again {
			beside = slices.Concat(besides(held, g), p.o.kept.absorbed(email, g), g.Absorbs(stay))
			twinStays = p.o.keepsTwin(email, g, held)
		} else {
			change.Add = slices.DeleteFunc(slices.Clone(beside), func(other cloud.Grant) bool { return cloud.Covers(held, other) })
		}
		if isHeld(held, g, again && twinStays) {
			change.Remove = []cloud.Grant{g}
		}
		if again && !twinStays {
			change.Remove = withTwins(change.Remove, nil)
		}
		if change.isNothing() {
			return sent{}, nil
		}
		taken := sent{
			what: change.inWords(),
			done: func(listed *roster) bool {
				shown := listed.person(email).Grants(organizationID)
				return stays() || !isHeld(shown, g, twinStays) && cloud.CoversAll(shown, beside)
			},
			lost: func(listed *roster) bool {
				return Change{Add: beside, Remove: change.Remove}.tookTooMuch(listed.person(email).Grants(organizationID))
			},
		}
		return taken, p.changeUnless(ctx, *who.Member, organizationID, change, false, stays)
	})
}

// keepsTwin reports whether the twin of g stays: the grant that a reply may show in the
// place of g. It stays if the person holds both, or if this run keeps the twin.
func (o *Organization) keepsTwin(email string, g cloud.Grant, held []cloud.Grant) bool {
	twin, found := g.Alike()
	return found && slices.Contains(held, twin) && (slices.Contains(held, g) || o.Keeps(GrantObject(email, twin)))
}

// isHeld reports whether a reply shows g as held. If the twin of g stays, only a reply
// that shows both proves it.
func isHeld(shown []cloud.Grant, g cloud.Grant, twinStays bool) bool {
	if twin, _ := g.Alike(); twinStays {
		return slices.Contains(shown, g) && slices.Contains(shown, twin)
	}
	return cloud.Holds(shown, g)
}

// awaitPerson returns when the person is a member or invited.
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
