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

// ErrNotThere is returned by Ensure for a person who would need an invitation, although
// Wanted.NoInvitation is set.
var ErrNotThere = errors.New("this person is now neither a member of the organization nor invited to it")

// Wanted is what one person should hold.
type Wanted struct {
	Email string
	// Grants are all grants that the person should hold, unless KeepGrants is set.
	Grants []cloud.Grant
	// KeepGrants leaves the grants as they are.
	KeepGrants bool
	// Known are the grants that the person held when they were last seen, as in
	// Terraform's state. A reply may show a missing list of application roles like an
	// empty one: Known says which one is held. If Known has neither, Ensure trusts the
	// reply and sends the other one if that is wanted. It must not take an unknown
	// grant for the wanted one.
	Known []cloud.Grant
	// ExpiresIn is how long an invitation that is sent is valid, such as 7d. Empty
	// means the service's default.
	ExpiresIn string
	// NoInvitation forbids sending an e-mail.
	NoInvitation bool
	// Anew sends a new invitation to a person who has not joined, even if the present
	// one is as wanted. For an unknown person the error is ErrUnknownPerson.
	Anew bool
	// AllowLastOwnerRemoval allows demoting the last owner.
	AllowLastOwnerRemoval bool
}

// assignments returns what a new invitation promises that replaces another one. It
// keeps the parts of the old promise that this client does not know.
func (w Wanted) assignments(organizationID string, promised cloud.RoleAssignments) cloud.RoleAssignments {
	shown, wanted := promised.Grants(organizationID), w.Grants
	if w.KeepGrants {
		wanted = w.held(shown)
	}
	add, remove := cloud.DiffGrants(shown, wanted) // each grant as it is wanted, and not as a reply shows it
	return promised.Change(organizationID, add, remove)
}

// held returns the grants behind the ones that a reply shows.
func (w Wanted) held(shown []cloud.Grant) []cloud.Grant {
	return cloud.ShownAs(shown, w.Known)
}

// Change is what has to be done for one person.
type Change struct {
	// Add and Remove are grants of the member, or of the pending invitation.
	Add, Remove []cloud.Grant
	// Invite sends an e-mail. A present invitation is revoked first.
	Invite bool
}

// Change returns what Ensure would do for the person.
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

// giveAbsorbed adds wanted grants on single resources that may exist only as a part of
// a removed grant: the same role on all resources.
func (c *Change) giveAbsorbed(shown []cloud.Grant, w Wanted) {
	for _, g := range w.Grants {
		if !cloud.Holds(shown, g) && !slices.Contains(c.Add, g) && cloud.Covers(c.Remove, g) {
			c.Add = append(c.Add, g)
		}
	}
}

// writeUnsure adds grants that a reply may show wrongly, for a member of whom nothing
// is known. If only access to the console is wanted, a reply may look the same for the
// default access inside the resource, which gives more.
func (c *Change) writeUnsure(shown []cloud.Grant, w Wanted) {
	for _, g := range w.Grants {
		other, _ := g.Alike()
		if g.ConsoleOnly && slices.Contains(shown, g) && !slices.Contains(shown, other) && !slices.Contains(w.Known, g) && !slices.Contains(w.Known, other) && !slices.Contains(w.Grants, other) {
			c.Add, c.Remove = append(c.Add, g), append(c.Remove, other)
		}
	}
}

// tookTooMuch reports whether a reply lacks a grant that was added before the removal:
// the service removed it together with the removed grant.
func (c Change) tookTooMuch(shown []cloud.Grant) bool {
	taken := !slices.ContainsFunc(c.Remove, func(g cloud.Grant) bool { return cloud.Holds(shown, g) })
	return len(c.Remove) > 0 && taken && !cloud.CoversAll(shown, c.Add)
}

// losesOwner reports whether a change demotes an owner who holds these grants.
func (c Change) losesOwner(held []cloud.Grant) bool {
	return cloud.MakeOwner(held) && !cloud.MakeOwner(append(cloud.Without(held, c.Remove), c.Add...))
}

// LosesOwner reports whether a change demotes a member who is an owner.
func (p Person) LosesOwner(organizationID string, c Change) bool {
	return p.Member != nil && c.losesOwner(p.Grants(organizationID))
}

func (c Change) isNothing() bool { return !c.Invite && len(c.Add)+len(c.Remove) == 0 }

// promise is the invitation of a person who had not joined when they were last seen.
type promise struct {
	made   bool
	seen   Person
	counts cloud.Invitation
	// the part that only this invitation has promised, and that another run would not
	// grant
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

// Ensure makes sure that one person has what is wanted. It sends an invitation,
// replaces one, or changes the grants of a member. It returns the person afterwards,
// also with an error, and the change that it made last.
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
				return sent{}, nil // there is a new invitation: its own, whose answer was lost, or somebody else's
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
				w.Known = w.Grants // the service may show now what was sent
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

// withTwins adds the twins of removed grants: the grants that a reply may show in their
// place. It adds no grant of stay. It is for grants of which it is unknown whether the
// grant or its twin is held.
func withTwins(remove, stay []cloud.Grant) []cloud.Grant {
	all := slices.Clone(remove)
	for _, g := range remove {
		if twin, found := g.Alike(); found {
			all = append(all, twin)
		}
	}
	return cloud.Without(all, stay)
}

// isHeld reports whether the person has what is wanted.
func (w Wanted) isHeld(p Person, organizationID string) bool {
	w.Known, w.Anew = w.Grants, false // the service may show now what was sent
	return p.Exists() && p.Change(organizationID, w).isNothing()
}

// isInvited reports whether the person has accepted an invitation, or has a new
// invitation with the roles that were sent.
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

// inWords says what the change requests, for a message.
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

// lostBy returns the error of a change. If the change may have lost what the old
// invitation promised, the error says so.
func (was promise) lostBy(err error, person Person, organizationID string, w Wanted) error {
	if err == nil || !was.made || person.Member != nil || w.Anew && cloud.HasCode(err, cloud.CodeAlreadyMember) {
		return err
	}
	lost := &RevokedError{Err: err, Promised: was.only, organizationID: organizationID, resent: w.Anew}
	// The lists still show the invitation. But they may lag behind, and a revocation
	// without an answer may take effect after they were read.
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

// RevokedError is returned by Ensure if an invitation is revoked and no other one
// replaced it. It is also returned if it is unknown whether the invitation is revoked,
// and another run might not know what it promised.
type RevokedError struct {
	// Err is the reason.
	Err error
	// Promised is what only the revoked invitation promised.
	Promised cloud.RoleAssignments
	// Unconfirmed means that the invitation may still exist: the service did not say
	// whether it revoked it.
	Unconfirmed bool

	organizationID string
	resent         bool // if set, only this error knows what was promised
}

// Error says also what was promised and is lost.
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

// notKnownRevoked begins the errors of an unconfirmed revocation.
const notKnownRevoked = "it is not known whether the old invitation is revoked"

// Unwrap returns the reason.
func (e *RevokedError) Unwrap() error { return e.Err }

// changeGrants changes what a member holds. It refuses a change that leaves too few
// owners, unless allowLastOwner is set.
func (p *People) changeGrants(ctx context.Context, m cloud.Member, organizationID string, c Change, allowLastOwner bool) error {
	return p.changeUnless(ctx, m, organizationID, c, allowLastOwner, func() bool { return false })
}

// changeUnless is changeGrants for a change that may become unnecessary while it waits
// for another owner.
func (p *People) changeUnless(ctx context.Context, m cloud.Member, organizationID string, c Change, allowLastOwner bool, needless func() bool) error {
	held := m.RoleAssignments.Grants(organizationID)
	switch demotes := c.losesOwner(held); {
	case demotes && p.o.config.Limits.Requires(m.Email):
		return &RequiredOwnerError{Email: cloud.Fold(m.Email)}
	case !demotes || allowLastOwner || p.minOwners() == 0:
		return p.changeUnguarded(ctx, m, organizationID, c)
	}
	owner := ownerGrants(c.Remove)
	var refused error // of the added grants; that is not a reason to keep an owner
	err := p.guardOwner(ctx, m, needless, func(ctx context.Context) error {
		if refused = p.addGrants(ctx, m, organizationID, c.Add); refused != nil && !isRefused(refused) {
			return refused
		}
		return p.takeGrants(ctx, m, organizationID, Change{Remove: owner})
	}, func(ctx context.Context) error {
		taken := m // what the member holds now, so that no grant counts as given already
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

// changeUnguarded adds first and removes second, so that no access is lost in between.
// It names only what changes, because the service refuses a whole request for one
// grant. Refused grants are returned as a *RefusedGrantsError, and the rest is done.
func (p *People) changeUnguarded(ctx context.Context, m cloud.Member, organizationID string, c Change) error {
	refused := p.addGrants(ctx, m, organizationID, c.Add)
	if refused != nil && !isRefused(refused) {
		return refused
	}
	c.Remove = slices.DeleteFunc(slices.Clone(c.Remove), func(g cloud.Grant) bool { return isInPlaceOf(refused, g) })
	return bothRefused(refused, p.takeGrants(ctx, m, organizationID, c))
}

// isInPlaceOf reports whether a refused grant was to replace g. Then g stays, because
// without it the person would have no role on that kind of resource.
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

// takeGrants revokes the grants of a change. It revokes the highest roles first, each
// in a separate request, so that nothing else delays them.
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
				// The list may show the removed grant as its twin. Forgetting the twin
				// is safe: at worst it is granted once more, which changes nothing.
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

// memberObject returns the object of a member.
func memberObject(m cloud.Member) Object { return PersonObject(cmp.Or(m.Email, m.UserID)) }
