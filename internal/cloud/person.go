// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
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
	unlock, err := d.lock(ctx, fold(w.Email))
	if err != nil {
		return Person{}, Change{}, err
	}
	defer unlock()
	var change Change
	err = d.untilCurrent(ctx, func() error {
		p, err := d.Person(ctx, w.Email)
		if err != nil {
			return err
		}
		organizationID, err := d.client.OrganizationID(ctx)
		if err != nil {
			return err
		}
		change = p.Change(organizationID, w)
		if change.Invite {
			return d.inviteAnew(ctx, p, w, p.roleAssignments().Change(organizationID, change.Add, change.Remove))
		}
		if p.Member == nil {
			return nil
		}
		return d.changeGrants(ctx, p.Member.UserID, organizationID, change)
	})
	return d.known(w.Email), change, err
}

// changeGrants adds first and removes second, so that no access is lost in
// between, and names nothing that stays: one resource in a request that the
// service refuses would refuse the whole.
func (d *Directory) changeGrants(ctx context.Context, userID, organizationID string, c Change) error {
	if len(c.Add) > 0 {
		if err := d.client.AddRoleAssignments(ctx, userID, NewRoleAssignments(organizationID, c.Add)); err != nil {
			return err
		}
		d.wrote(func(d *Directory) { d.changeMember(userID, organizationID, c.Add, nil) })
	}
	if len(c.Remove) > 0 {
		if err := d.client.RemoveRoleAssignments(ctx, userID, NewRoleAssignments(organizationID, c.Remove)); err != nil {
			return err
		}
		d.wrote(func(d *Directory) { d.changeMember(userID, organizationID, nil, c.Remove) })
	}
	return nil
}

// inviteAnew revokes what is there before it invites, since the service takes
// no second invitation and cannot change one.
func (d *Directory) inviteAnew(ctx context.Context, p Person, w Wanted, roles RoleAssignments) error {
	if w.NoInvitation {
		return ErrNotThere
	}
	for _, i := range p.Invitations {
		if err := d.revoke(ctx, i); err != nil {
			return err
		}
	}
	if err := d.invite(ctx, w.Email, w.ExpiresIn, roles); err != nil {
		if len(p.Invitations) > 0 {
			return fmt.Errorf("the invitation that was there is revoked, and no new one went out; the next apply sends it: %w", err)
		}
		return err
	}
	return nil
}

// Dismiss ends somebody's access: it revokes the invitation, removes the
// member, or both. Somebody who is not there is no error.
func (d *Directory) Dismiss(ctx context.Context, email string) error {
	unlock, err := d.lock(ctx, fold(email))
	if err != nil {
		return err
	}
	defer unlock()
	return d.untilCurrent(ctx, func() error {
		p, err := d.Person(ctx, email)
		if err != nil {
			return err
		}
		if p.Member != nil {
			if err := d.remove(ctx, p.Member.UserID); err != nil {
				return err
			}
		}
		for _, i := range p.Invitations {
			// One that is gone may have been accepted: then a member is left.
			if err := d.revoke(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// untilCurrent runs change, and again with fresh lists while the service
// answers that the person stands elsewhere than the lists said.
func (d *Directory) untilCurrent(ctx context.Context, change func() error) error {
	for try := 0; ; try++ {
		err := change()
		stale := HasCode(err, CodeInvitationExists, CodeAlreadyMember, CodeInvitationNotFound, CodeInvalidTargetUser)
		if !stale || try == staleTries {
			return err
		}
		// The lists may lag behind what the service just answered by.
		if sleepErr := sleep(ctx, backoff(d.client.config.RetryWait, maxWait, try, nil)); sleepErr != nil {
			return err
		}
		if listErr := d.refresh(ctx); listErr != nil {
			return errors.Join(err, listErr)
		}
	}
}
