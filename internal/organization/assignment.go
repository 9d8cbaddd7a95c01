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
var ErrUnknownPerson = errors.New("this person is neither a member of the organization nor invited to it")

// Assign gives one grant to a member, on top of what they hold. Somebody who
// has not joined yet gets nothing: then joined is false. Somebody unknown may
// be on the way in this run, and is waited for up to the run's patience.
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
		_, mayBeAnother := g.Alike() // that the list shows in its place; given once more, a grant is no other
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
			return sent{}, nil // it is there, or less, and nobody may touch it
		}
		return given, err
	})
	return joined, err
}

// besides are the grants that somebody holds beside one of them, of the same role on
// the same scope with other application roles: the service may know only one of
// these at a time.
func besides(held []cloud.Grant, g cloud.Grant) []cloud.Grant {
	twin, _ := g.Alike()
	return slices.DeleteFunc(slices.Clone(held), func(other cloud.Grant) bool {
		return other.Role != g.Role || other.Resource != g.Resource || other == g || other == twin
	})
}

// withRecentBesides returns the person by a list from just now where they hold
// something beside a grant: what somebody else took since the run began must not be
// missed, and given again.
func (p *People) withRecentBesides(ctx context.Context, email string, who Person, organizationID string, g cloud.Grant) (Person, error) {
	if len(besides(who.Grants(organizationID), g)) == 0 {
		return who, nil
	}
	if err := p.view.recent(ctx); err != nil {
		return Person{}, err
	}
	return p.known(email), nil
}

// Unassign takes one grant from a member. Somebody who does not hold it is no
// error. What an invitation promises stays as it is, and so does what another
// resource gives in the same run: when the roles of a person move from one
// resource to another, they must not get lost on the way. Nor must those which stay
// and go along with the one that is taken: they are given once more then.
func (p *People) Unassign(ctx context.Context, email string, g cloud.Grant, stay ...cloud.Grant) error {
	stays := func() bool { return p.o.Keeps(GrantObject(email, g)) }
	var beside []cloud.Grant
	twinStays := false
	return p.withPerson(ctx, email, func(who Person, organizationID string, again bool) (sent, error) {
		switch {
		case stays(): // also where it was sent already: it is given after this
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

// keepsTwin tells that the grant that a reply may show in the place of another stays:
// it is there beside that one, which tells them apart, or this run keeps it.
func (o *Organization) keepsTwin(email string, g cloud.Grant, held []cloud.Grant) bool {
	twin, found := g.Alike()
	return found && slices.Contains(held, twin) && (slices.Contains(held, g) || o.Keeps(GrantObject(email, twin)))
}

// isHeld tells that a grant is among those that are shown. Where its twin stays, it
// takes both of them to say so.
func isHeld(shown []cloud.Grant, g cloud.Grant, twinStays bool) bool {
	if twin, _ := g.Alike(); twinStays {
		return slices.Contains(shown, g) && slices.Contains(shown, twin)
	}
	return cloud.Holds(shown, g)
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
