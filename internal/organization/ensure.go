// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// ErrNotThere is the error of Ensure for somebody who would have to be invited
// although Wanted forbids it.
var ErrNotThere = errors.New("this person is neither a member of the organization nor invited to it any more")

// Wanted is what one person should hold.
type Wanted struct {
	Email string
	// Grants are all that the person should hold, unless KeepGrants is set.
	Grants []cloud.Grant
	// KeepGrants leaves the grants as they are.
	KeepGrants bool
	// Known are the grants that the person held when they were last seen, as
	// Terraform's state has them. A reply may show no list of application roles and
	// an empty one alike: Known tells which of the two is there. Where it has neither,
	// the one that is shown counts, so that the other one is sent: what is not known
	// must not be taken for what is wanted.
	Known []cloud.Grant
	// ExpiresIn is for an invitation that is sent, such as 7d; empty for the
	// service's own.
	ExpiresIn string
	// NoInvitation forbids to send an e-mail.
	NoInvitation bool
	// Anew has somebody who has not joined invited again, also where the invitation
	// is as wanted. Somebody unknown is ErrUnknownPerson then.
	Anew bool
	// AllowLastOwnerRemoval lets the last owner lose organization-admin.
	AllowLastOwnerRemoval bool
}

// assignments are what an invitation promises that takes the place of another.
// What that one promised and this client does not know goes on.
func (w Wanted) assignments(organizationID string, promised cloud.RoleAssignments) cloud.RoleAssignments {
	shown, wanted := promised.Grants(organizationID), w.Grants
	if w.KeepGrants {
		wanted = w.held(shown)
	}
	add, remove := cloud.DiffGrants(shown, wanted) // each is sent as it is wanted, and not as it is shown
	return promised.Change(organizationID, add, remove)
}

// held are the grants behind those that a reply shows.
func (w Wanted) held(shown []cloud.Grant) []cloud.Grant {
	return cloud.ShownAs(shown, w.Known)
}

// Change is what has to be done for one person.
type Change struct {
	// Add and Remove are grants of the member, or of the open invitation.
	Add, Remove []cloud.Grant
	// Invite tells that an e-mail goes out. An invitation that is there is
	// revoked first.
	Invite bool
}

// Change returns what Ensure would do for the person as they stand.
func (p Person) Change(organizationID string, w Wanted) Change {
	var c Change
	if !w.KeepGrants {
		c.Add, c.Remove = cloud.DiffGrants(w.held(p.Grants(organizationID)), w.Grants)
		c.giveAbsorbed(p.Grants(organizationID), w)
	}
	if p.Member != nil && !w.KeepGrants {
		c.writeUnsure(p.Grants(organizationID), w)
	}
	if p.Member == nil {
		i, invited := p.Invitation()
		c.Invite = w.Anew || !invited || i.Expired || len(c.Add)+len(c.Remove) > 0
	}
	return c
}

// giveAbsorbed adds what is wanted on single resources and may be there only as a
// part of what goes: the same on all of them.
func (c *Change) giveAbsorbed(shown []cloud.Grant, w Wanted) {
	for _, g := range w.Grants {
		if !cloud.Holds(shown, g) && !slices.Contains(c.Add, g) && cloud.Covers(c.Remove, g) {
			c.Add = append(c.Add, g)
		}
	}
}

// writeUnsure adds what may not be as it is shown, of a member of whom nothing is
// known: where the console alone is wanted, a reply may show the default inside the
// resource alike, which gives more.
func (c *Change) writeUnsure(shown []cloud.Grant, w Wanted) {
	for _, g := range w.Grants {
		other, _ := g.Alike()
		if g.ConsoleOnly && slices.Contains(shown, g) && !slices.Contains(shown, other) && !slices.Contains(w.Known, g) && !slices.Contains(w.Known, other) && !slices.Contains(w.Grants, other) {
			c.Add, c.Remove = append(c.Add, g), append(c.Remove, other)
		}
	}
}

// tookTooMuch tells that what is shown lacks what was taken, and a grant that was
// given before that: the service took it along.
func (c Change) tookTooMuch(shown []cloud.Grant) bool {
	taken := !slices.ContainsFunc(c.Remove, func(g cloud.Grant) bool { return cloud.Holds(shown, g) })
	return len(c.Remove) > 0 && taken && !cloud.CoversAll(shown, c.Add)
}

// losesOwner tells that somebody who holds these grants is an owner before the
// change and none after it.
func (c Change) losesOwner(held []cloud.Grant) bool {
	return cloud.MakeOwner(held) && !cloud.MakeOwner(append(cloud.Without(held, c.Remove), c.Add...))
}

// LosesOwner tells that a member is an owner before the change and none after.
func (p Person) LosesOwner(organizationID string, c Change) bool {
	return p.Member != nil && c.losesOwner(p.Grants(organizationID))
}

func (c Change) isNothing() bool { return !c.Invite && len(c.Add)+len(c.Remove) == 0 }

// promise is the invitation that was there when somebody was last seen who had not
// joined.
type promise struct {
	made   bool
	seen   Person
	counts cloud.Invitation
	// only it has promised: what another run would not give.
	only cloud.RoleAssignments
}

func (p Person) promise(organizationID string, w Wanted) promise {
	i, invited := p.Invitation()
	if p.Member != nil || !invited {
		return promise{}
	}
	made := promise{made: true, seen: p, counts: i, only: i.RoleAssignments}
	if !w.KeepGrants {
		made.only = i.RoleAssignments.BeyondGrants(organizationID)
	}
	return made
}

// Ensure brings one person to what is wanted from wherever they stand: it
// invites, invites anew, or grants and takes away. It returns the person as
// they stand afterwards, also with an error, and what was changed at last.
func (p *People) Ensure(ctx context.Context, w Wanted) (Person, Change, error) {
	var change Change
	var was promise
	if !w.KeepGrants {
		p.give(w.Email, true, w.Grants...)
	}
	var organizationID string
	err := p.withPerson(ctx, w.Email, func(who Person, id string, again bool) (sent, error) {
		c := who.Change(id, w)
		if organizationID = id; !again {
			change = c
		}
		if i, invited := who.Invitation(); w.Anew {
			switch {
			case !who.Exists() && !was.made:
				return sent{}, ErrUnknownPerson
			case was.made && who.Member == nil && invited && !i.Expired && !was.seen.hasInvitation(i):
				return sent{}, nil // a new one is out: this one, whose answer was lost, or somebody else's
			}
		} else {
			p.o.kept.keep(PersonObject(w.Email))
		}
		if i, invited := who.Invitation(); p.o.config.Limits.Requires(w.Email) && who.Member == nil && invited && !w.KeepGrants &&
			i.RoleAssignments.MakesOwner(id) && !cloud.MakeOwner(w.Grants) {
			return sent{}, &RequiredOwnerError{Email: cloud.Fold(w.Email)}
		}
		if who.Exists() && !again && (!w.Anew || !was.made) {
			was = who.promise(id, w)
		}
		if again {
			c.Remove = withTwins(c.Remove, w.Grants)
		}
		switch {
		case c.Invite && again:
			return sent{}, errNotAgain
		case c.Invite && w.NoInvitation:
			return sent{}, ErrNotThere
		case c.Invite:
			roles := w.assignments(id, was.counts.RoleAssignments)
			err := p.inviteAnew(ctx, who, w.Email, w.ExpiresIn, roles, was.made)
			if errors.Is(err, errFound) && !w.KeepGrants {
				w.Known = w.Grants // what is there now may be what was sent
			}
			if errors.Is(err, errFound) && !w.Anew && p.known(w.Email).Change(id, w).isNothing() {
				err = nil
			}
			return sent{what: "an invitation to " + rolesInWords(roles.Grants(id)), done: func(listed *roster) bool {
				return w.isInvited(listed.person(w.Email), id, roles, was.seen)
			}}, err
		case who.Member == nil || c.isNothing():
			return sent{}, nil
		}
		changed := sent{
			what: c.inWords(),
			done: func(listed *roster) bool { return w.isHeld(listed.person(w.Email), id) },
			lost: func(listed *roster) bool { return c.tookTooMuch(listed.person(w.Email).Grants(id)) },
		}
		return changed, p.changeGrants(ctx, *who.Member, id, c, w.AllowLastOwnerRemoval)
	})
	person := p.known(w.Email)
	return person, change, was.lostBy(err, person, organizationID, w)
}

// withTwins adds to grants that shall go those that a reply may show in their place,
// but for what stays: which of the two is held may not be known.
func withTwins(remove, stay []cloud.Grant) []cloud.Grant {
	all := slices.Clone(remove)
	for _, g := range remove {
		if twin, found := g.Alike(); found {
			all = append(all, twin)
		}
	}
	return cloud.Without(all, stay)
}

// isHeld tells that somebody stands as is wanted.
func (w Wanted) isHeld(p Person, organizationID string) bool {
	w.Known, w.Anew = w.Grants, false // what is there now may be what was sent
	return p.Exists() && p.Change(organizationID, w).isNothing()
}

// isInvited tells that somebody has an invitation that they did not have before, with
// the roles that were sent, or has accepted it.
func (w Wanted) isInvited(p Person, organizationID string, roles cloud.RoleAssignments, before Person) bool {
	if p.Member != nil {
		return w.isHeld(p, organizationID)
	}
	i, invited := p.Invitation()
	if !invited || i.Expired || before.hasInvitation(i) {
		return false
	}
	promised := roles.Grants(organizationID)
	add, remove := cloud.DiffGrants(cloud.ShownAs(i.RoleAssignments.Grants(organizationID), promised), promised)
	lacksBeyond := i.RoleAssignments.BeyondGrants(organizationID).IsZero() && !roles.BeyondGrants(organizationID).IsZero()
	return len(add)+len(remove) == 0 && !lacksBeyond
}

// inWords says what is asked of the service, for a message.
func (c Change) inWords() string {
	var parts []string
	if len(c.Add) > 0 {
		parts = append(parts, "grant "+cloud.JoinGrants(c.Add))
	}
	if len(c.Remove) > 0 {
		parts = append(parts, "revoke "+cloud.JoinGrants(c.Remove))
	}
	return strings.Join(parts, ", ")
}

// lostBy returns the error of a change, which says what became of the promise where
// that is lost with it, or may be.
func (was promise) lostBy(err error, person Person, organizationID string, w Wanted) error {
	if err == nil || !was.made || person.Member != nil || w.Anew && cloud.HasCode(err, cloud.CodeAlreadyMember) {
		return err
	}
	lost := &RevokedError{Err: err, Promised: was.only, organizationID: organizationID, resent: w.Anew}
	// The lists still show it, but a revocation without an answer may take effect
	// later than they were read, and they may lag.
	lost.Unconfirmed = cloud.Unsure(err) && person.hasInvitation(was.counts)
	switch {
	case lost.Unconfirmed && (w.Anew || !was.only.IsZero()):
		return lost
	case !person.Exists() || w.Anew && !person.hasInvitation(was.counts):
		return lost
	case isNotShown(err) && !was.only.IsZero() && !person.hasInvitation(was.counts):
		return lost // the new one may lack what only the old one promised
	}
	return err
}

// RevokedError is the error of Ensure where an invitation is revoked and no other
// took its place. It is also the error where nobody knows whether the invitation
// is revoked, and another run might not know what it promised.
type RevokedError struct {
	// Err is the reason.
	Err error
	// Promised is what only the revoked one promised.
	Promised cloud.RoleAssignments
	// Unconfirmed tells that the invitation may still be there: the service did not
	// say whether it revoked it.
	Unconfirmed bool

	organizationID string
	resent         bool // so that nothing but this error knows what was promised
}

// Error says also what nobody knows any more.
func (e *RevokedError) Error() string {
	const revoked = "the old invitation is revoked, and "
	what, next := revoked+"no new one was sent", "; the next apply sends it"
	switch {
	case e.Unconfirmed:
		what, next = notKnownRevoked, "; if it is revoked, the next apply sends a new one"
	case isNotShown(e.Err):
		what, next = revoked+"Elastic Cloud does not show the new one as it was sent", "; the next apply sends another one"
	case cloud.Unsure(e.Err):
		what, next = revoked+"it is not known whether a new one was sent", "; the next apply checks that, and sends one if needed"
	}
	switch {
	case e.resent:
		what += ". It promised " + e.promisedInWords()
	case !e.Promised.IsZero():
		what += next + ", but without the access that only the old one promised: " + e.Promised.String()
	default:
		what += next
	}
	return what + ": " + e.Err.Error()
}

func (e *RevokedError) promisedInWords() string {
	words := rolesInWords(e.Promised.Grants(e.organizationID))
	if beyond := e.Promised.BeyondGrants(e.organizationID); !beyond.IsZero() {
		words += ", and access that this version of the provider does not know: " + beyond.String()
	}
	return words
}

// notKnownRevoked begins the errors of a revocation that was not confirmed.
const notKnownRevoked = "it is not known whether the old invitation is revoked"

// Unwrap gives the reason.
func (e *RevokedError) Unwrap() error { return e.Err }

// changeGrants changes what a member holds, unless too few owners would be left, which
// may be allowed.
func (p *People) changeGrants(ctx context.Context, m cloud.Member, organizationID string, c Change, allowLastOwner bool) error {
	return p.changeUnless(ctx, m, organizationID, c, allowLastOwner, func() bool { return false })
}

// changeUnless is changeGrants for a change that may become needless while it
// waits for another owner.
func (p *People) changeUnless(ctx context.Context, m cloud.Member, organizationID string, c Change, allowLastOwner bool, needless func() bool) error {
	held := m.RoleAssignments.Grants(organizationID)
	switch demotes := c.losesOwner(held); {
	case demotes && p.o.config.Limits.Requires(m.Email):
		return &RequiredOwnerError{Email: cloud.Fold(m.Email)}
	case !demotes || allowLastOwner || p.minOwners() == 0:
		return p.changeUnguarded(ctx, m, organizationID, c)
	}
	owner := ownerGrants(c.Remove)
	var refused error // of what is added: no reason to let somebody stay an owner
	err := p.guardOwner(ctx, m, needless, func(ctx context.Context) error {
		if refused = p.addGrants(ctx, m, organizationID, c.Add); refused != nil && !isRefused(refused) {
			return refused
		}
		return p.takeGrants(ctx, m, organizationID, Change{Remove: owner})
	}, func(ctx context.Context) error {
		taken := m // what they hold now, so that nothing counts as given already
		taken.RoleAssignments = m.RoleAssignments.Change(organizationID, nil, owner)
		return p.changeUnguarded(ctx, taken, organizationID, Change{Add: owner, Remove: cloud.Without(c.Add, held)})
	})
	var last *LastOwnerError
	if err != nil && (errors.As(err, &last) || !isRefused(err)) {
		return err
	}
	refused = bothRefused(refused, err)
	c.Remove = cloud.Without(c.Remove, owner)
	return bothRefused(refused, p.takeGrants(ctx, m, organizationID, c))
}

// changeUnguarded adds first and removes second, so that no access is lost in
// between, and names nothing that stays: one resource in a request that the
// service refuses would refuse the whole. What it refuses for itself is a
// *RefusedGrantsError, and the rest is done.
func (p *People) changeUnguarded(ctx context.Context, m cloud.Member, organizationID string, c Change) error {
	refused := p.addGrants(ctx, m, organizationID, c.Add)
	if refused != nil && !isRefused(refused) {
		return refused
	}
	c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), func(g cloud.Grant) bool { return isInPlaceOf(refused, g) })
	return bothRefused(refused, p.takeGrants(ctx, m, organizationID, c))
}

// isInPlaceOf reports whether a grant was to be replaced by one that was refused: it
// stays, or the person would have nothing on that kind of resource.
func isInPlaceOf(refused error, g cloud.Grant) bool {
	var r *RefusedGrantsError
	return g.Kind() != "" && errors.As(refused, &r) && slices.ContainsFunc(r.Grants, func(other cloud.Grant) bool { return other.Kind() == g.Kind() })
}

func (p *People) addGrants(ctx context.Context, m cloud.Member, organizationID string, add []cloud.Grant) error {
	shown := m.RoleAssignments.Grants(organizationID)
	return inParts(add, func(g cloud.Grant) bool { return slices.Contains(shown, g) }, func(add []cloud.Grant) error {
		if err := p.o.client.AddRoleAssignments(ctx, m.UserID, cloud.NewRoleAssignments(organizationID, add)); err != nil {
			return err
		}
		if cloud.MakeOwner(add) {
			p.taken.note(m.UserID, false)
		}
		p.o.kept.gave(memberObject(m), true, add...)
		p.view.wrote(memberObject(m), func(r *roster) { r.changeMember(m.UserID, organizationID, add, nil) })
		return nil
	})
}

// takeGrants makes the removals of a change. Those of the highest roles go first,
// each in a request of its own, so that nothing else holds them up.
func (p *People) takeGrants(ctx context.Context, m cloud.Member, organizationID string, c Change) error {
	held := m.RoleAssignments.Grants(organizationID)
	var refused error
	for _, remove := range byRank(c.Remove) {
		err := inParts(remove, func(g cloud.Grant) bool { return !slices.Contains(held, g) }, func(remove []cloud.Grant) error {
			if err := p.o.client.RemoveRoleAssignments(ctx, m.UserID, cloud.NewRoleAssignments(organizationID, remove)); err != nil {
				return err
			}
			p.o.kept.gave(memberObject(m), false, remove...)
			gone := slices.Clone(remove)
			for _, g := range remove {
				// The list may show the one that is gone as the other one. What is
				// forgotten in vain is given once more, which changes nothing.
				if other, found := g.Alike(); found && !slices.Contains(held, g) && !slices.Contains(c.Add, other) {
					gone = append(gone, other)
				}
			}
			p.view.wrote(memberObject(m), func(r *roster) { r.changeMember(m.UserID, organizationID, nil, gone) })
			return nil
		})
		if refused = bothRefused(refused, err); refused != nil && !isRefused(refused) {
			return refused
		}
	}
	return refused
}

// memberObject is the person that a member is.
func memberObject(m cloud.Member) Object { return PersonObject(cmp.Or(m.Email, m.UserID)) }
