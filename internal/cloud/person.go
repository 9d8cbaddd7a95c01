// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"time"
)

// staleTries bounds how often a change starts over because the person turned
// out to stand elsewhere than the lists said.
const staleTries = 5

// ErrNotThere is the error of Ensure for somebody who would have to be invited
// although Wanted forbids it.
var ErrNotThere = errors.New("neither a member of the organization nor invited to it any more")

// Wanted is what one person should hold.
type Wanted struct {
	Email string
	// Grants are all that the person should hold, unless KeepGrants is set.
	Grants []Grant
	// KeepGrants leaves the grants as they are.
	KeepGrants bool
	// ExpiresIn is for an invitation that is sent, such as 7d; empty for the
	// service's own.
	ExpiresIn string
	// NoInvitation forbids to send an e-mail.
	NoInvitation bool
	// AllowLastOwnerRemoval lets the last owner lose organization-admin.
	AllowLastOwnerRemoval bool
}

// assignments are what an invitation promises that takes the place of another.
// What that one promised and this client does not know goes on.
func (w Wanted) assignments(organizationID string, promised RoleAssignments) RoleAssignments {
	if w.KeepGrants {
		return promised
	}
	add, remove := DiffGrants(promised.Grants(organizationID), w.Grants)
	return promised.Change(organizationID, add, remove)
}

// Change is what has to be done for one person.
type Change struct {
	// Add and Remove are grants of the member, or of the open invitation.
	Add, Remove []Grant
	// Invite tells that an e-mail goes out. An invitation that is there is
	// revoked first.
	Invite bool
}

// Change returns what Ensure would do for the person as they stand.
func (p Person) Change(organizationID string, w Wanted) Change {
	var c Change
	if !w.KeepGrants {
		c.Add, c.Remove = DiffGrants(p.Grants(organizationID), w.Grants)
	}
	if p.Member == nil {
		i, invited := p.Invitation()
		c.Invite = !invited || i.Expired || len(c.Add)+len(c.Remove) > 0
	}
	return c
}

// losesOwner tells that somebody who holds these grants is an owner before the
// change and none after it.
func (c Change) losesOwner(held []Grant) bool {
	return isOwner(held) && !isOwner(append(without(held, c.Remove), c.Add...))
}

// LosesOwner tells that a member is an owner before the change and none after.
func (p Person) LosesOwner(organizationID string, c Change) bool {
	return p.Member != nil && c.losesOwner(p.Grants(organizationID))
}

func (c Change) isNothing() bool { return !c.Invite && len(c.Add)+len(c.Remove) == 0 }

// Grants are what the member holds, or else what the invitation promises.
func (p Person) Grants(organizationID string) []Grant {
	return p.roleAssignments().Grants(organizationID)
}

func (p Person) roleAssignments() RoleAssignments {
	if p.Member != nil {
		return p.Member.RoleAssignments
	}
	i, _ := p.Invitation()
	return i.RoleAssignments
}

// Ensure brings one person to what is wanted from wherever they stand: it
// invites, invites anew, or grants and takes away. It returns the person as
// they stand afterwards, also with an error, and what was changed at last.
func (d *Directory) Ensure(ctx context.Context, w Wanted) (Person, Change, error) {
	var change Change
	var old Invitation       // the one that was there when the person was last seen
	var lost RoleAssignments // what only the old one promised, and another run would not give
	invited := false         // whether there was an old one, and the person was no member
	if !w.KeepGrants {
		d.give(w.Email, true, w.Grants...)
	}
	err := d.withPerson(ctx, w.Email, func(p Person, organizationID string) error {
		change = p.Change(organizationID, w)
		d.ensure(w.Email)
		if p.Exists() {
			old, lost, invited = Invitation{}, RoleAssignments{}, false
		}
		if i, open := p.Invitation(); open && p.Member == nil {
			old, lost, invited = i, i.RoleAssignments, true
			if !w.KeepGrants {
				lost = i.RoleAssignments.beyondGrants(organizationID)
			}
		}
		if change.Invite {
			if w.NoInvitation {
				return ErrNotThere
			}
			err := d.inviteAnew(ctx, p, w.Email, w.ExpiresIn, w.assignments(organizationID, old.RoleAssignments), invited)
			if errors.Is(err, errFound) && d.known(w.Email).Change(organizationID, w).isNothing() {
				return nil
			}
			return err
		}
		if p.Member == nil {
			return nil
		}
		if w.AllowLastOwnerRemoval {
			return d.changeUnguarded(ctx, *p.Member, organizationID, change)
		}
		return d.changeGrants(ctx, *p.Member, organizationID, change)
	})
	person := d.known(w.Email)
	switch {
	case err == nil || !invited:
	case !person.Exists():
		err = &RevokedError{Err: err, lost: lost}
	case unsure(err) && person.mayLose(old) && !lost.IsZero():
		err = &RevokedError{Err: err, lost: lost, unconfirmed: true}
	}
	return person, change, err
}

// mayLose reports whether the person has nothing but an invitation whose
// revocation was not confirmed. The lists still show it, but a revocation without
// an answer may take effect later than they were read, and they may lag.
func (p Person) mayLose(i Invitation) bool { return p.Member == nil && p.hasInvitation(i) }

// RevokedError is the error of Ensure where an invitation is revoked and no other
// took its place. It is also the error where nobody knows whether the invitation
// is revoked, and another run might not know what it promised.
type RevokedError struct {
	// Err is the reason.
	Err error

	lost        RoleAssignments // what only the revoked one promised
	unconfirmed bool            // whether the old one is revoked is not known
}

// Error says also what nobody knows any more.
func (e *RevokedError) Error() string {
	what := "the invitation that was there is revoked, and "
	switch {
	case e.unconfirmed:
		what = notKnownRevoked + "; if it is revoked, the next apply sends a new one"
	case unsure(e.Err):
		what += "whether a new one went out is not known; the next apply looks, and sends it if not"
	default:
		what += "no new one went out; the next apply sends it"
	}
	if !e.lost.IsZero() {
		what += ", without what only the old one promised: " + printableJSON(e.lost)
	}
	return what + ": " + e.Err.Error()
}

// notKnownRevoked begins the errors of a revocation that was not confirmed.
const notKnownRevoked = "whether the invitation that was there is revoked is not known"

// Unwrap gives the reason.
func (e *RevokedError) Unwrap() error { return e.Err }

// changeGrants changes what a member holds, unless no owner would be left.
func (d *Directory) changeGrants(ctx context.Context, m Member, organizationID string, c Change) error {
	return d.changeUnless(ctx, m, organizationID, c, func() bool { return false })
}

// changeUnless is changeGrants for a change that may become needless while it
// waits for another owner.
func (d *Directory) changeUnless(ctx context.Context, m Member, organizationID string, c Change, needless func() bool) error {
	held := m.RoleAssignments.Grants(organizationID)
	if !c.losesOwner(held) {
		return d.changeUnguarded(ctx, m, organizationID, c)
	}
	return d.guardOwner(ctx, m, needless, func(ctx context.Context) error {
		return d.changeUnguarded(ctx, m, organizationID, c)
	}, func(ctx context.Context) error {
		return d.changeUnguarded(ctx, m, organizationID, Change{Add: c.Remove, Remove: without(c.Add, held)})
	})
}

// changeUnguarded adds first and removes second, so that no access is lost in
// between, and names nothing that stays: one resource in a request that the
// service refuses would refuse the whole.
func (d *Directory) changeUnguarded(ctx context.Context, m Member, organizationID string, c Change) error {
	if len(c.Add) > 0 {
		if err := d.client.AddRoleAssignments(ctx, m.UserID, NewRoleAssignments(organizationID, c.Add)); err != nil {
			return d.lookAfter(ctx, err)
		}
		d.wrote(func(d *Directory) { d.changeMember(m.UserID, organizationID, c.Add, nil) })
	}
	if len(c.Remove) > 0 {
		if err := d.client.RemoveRoleAssignments(ctx, m.UserID, NewRoleAssignments(organizationID, c.Remove)); err != nil {
			return d.lookAfter(ctx, err)
		}
		d.wrote(func(d *Directory) { d.changeMember(m.UserID, organizationID, nil, c.Remove) })
	}
	return nil
}

// lookAfter lists anew where a write may have been carried out although it
// failed, so that the view shows what is there. It returns the write's error.
func (d *Directory) lookAfter(ctx context.Context, err error) error {
	if unsure(err) {
		_ = d.refresh(ctx) // the view stays as it was if that fails too
	}
	return err
}

// Dismiss ends somebody's access: it revokes the invitation, removes the
// member, or both. Somebody who is not there is no error. The last owner stays,
// unless allowLastOwner is set. Whom another resource of the same run brought in
// stays too: a resource may be created before the one that it replaces is
// destroyed.
func (d *Directory) Dismiss(ctx context.Context, email string, allowLastOwner bool) error {
	return d.endAccess(ctx, email, allowLastOwner, d.IsEnsured)
}

// EndAccess is Dismiss for somebody whose access shall end whoever brought them
// in.
func (d *Directory) EndAccess(ctx context.Context, email string, allowLastOwner bool) error {
	return d.endAccess(ctx, email, allowLastOwner, func(string) bool { return false })
}

func (d *Directory) endAccess(ctx context.Context, email string, allowLastOwner bool, stays func(email string) bool) error {
	var gone error // what the service said of an invitation that may have been accepted
	looks := 0
	return d.withPerson(ctx, email, func(p Person, organizationID string) error {
		if stays(email) {
			return nil
		}
		if p.Member != nil {
			if owner := ownerGrants(p.Grants(organizationID)); len(owner) > 0 && !allowLastOwner {
				// First as a demotion, which can be taken back.
				if err := d.changeGrants(ctx, *p.Member, organizationID, Change{Remove: owner}); err != nil {
					return err
				}
			}
			if err := d.remove(ctx, p.Member.UserID); err != nil {
				return err
			}
			gone = nil
		}
		for _, i := range p.Invitations {
			err := d.revoke(ctx, i)
			if HasCode(err, CodeInvitationNotFound) {
				gone = err
			} else if err != nil {
				return err
			}
		}
		if gone == nil || looks == staleTries {
			return nil
		}
		looks++ // whoever accepted it turns up in the lists, which may lag
		return gone
	})
}

// untilCurrent runs change, and again with fresh lists while the service
// answers that the person stands elsewhere than the lists said.
func (d *Directory) untilCurrent(ctx context.Context, change func() error) error {
	for try := 0; ; try++ {
		err := change()
		stale := errors.Is(err, errFound) || HasCode(err, CodeInvitationExists, CodeAlreadyMember, CodeInvitationNotFound, CodeInvalidTargetUser)
		if !stale || try == staleTries {
			return err
		}
		// The lists may lag behind what the service just answered by. At first it
		// is good enough what somebody else asked for meanwhile.
		since := time.Now()
		if sleepErr := d.client.pause(ctx, try); sleepErr != nil {
			return err
		}
		if try > 0 {
			since = time.Now()
		}
		if listErr := d.listSince(ctx, since); listErr != nil {
			return errors.Join(err, listErr)
		}
	}
}
