// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Dismiss ends a person's access: it revokes the invitation, removes the member, or
// both. It returns nil if the person has no access. The last owner stays, unless
// allowLastOwner is set. A person whom another resource of the same run keeps stays
// too, because Terraform may create a resource before it destroys the one that is
// replaced.
func (p *People) Dismiss(ctx context.Context, email string, allowLastOwner bool) error {
	return p.endAccess(ctx, email, allowLastOwner, func() bool { return p.o.Keeps(PersonObject(email)) })
}

// EndAccess is Dismiss for a person whose access has to end even if another resource of
// this run keeps it.
func (p *People) EndAccess(ctx context.Context, email string, allowLastOwner bool) error {
	return p.endAccess(ctx, email, allowLastOwner, func() bool { return false })
}

func (p *People) endAccess(ctx context.Context, email string, allowLastOwner bool, stays func() bool) error {
	var gone error // the service's answer about an invitation that may have been accepted
	looks := 0
	var userIDs, tokens []string // that were deleted
	ended := sent{what: "end this person's access", done: func(listed *roster) bool {
		who := listed.person(email)
		isThere := slices.ContainsFunc(userIDs, func(id string) bool { return listed.member(id) != nil }) ||
			slices.ContainsFunc(who.Invitations, func(i cloud.Invitation) bool { return slices.Contains(tokens, i.Token) })
		return !isThere && (len(tokens) == 0 || who.Member == nil) // who may have accepted just before
	}}
	err := p.withPerson(ctx, email, func(who Person, organizationID string, again bool) (sent, error) {
		if stays() {
			p.removed.free(PersonObject(email))
			return sent{}, nil
		}
		if who.Exists() && p.o.config.Limits.Requires(email) {
			return sent{}, &RequiredOwnerError{Email: cloud.Fold(email)}
		}
		if who.IsHere() {
			if err := p.mayRemove(PersonObject(email)); err != nil {
				return sent{}, err
			}
		}
		if who.Member != nil {
			userIDs = append(userIDs, who.Member.UserID)
		}
		for _, i := range who.Invitations {
			tokens = append(tokens, i.Token)
		}
		if who.Member != nil && !allowLastOwner && p.minOwners() > 0 {
			if err := p.view.recent(ctx); err != nil { // the person may have become an owner
				return sent{}, err
			}
			who = p.known(email)
			if m := p.asOwner(who, organizationID); m != nil {
				// First demote the owner: a demotion can be undone, a removal cannot.
				if err := p.changeGrants(ctx, *m, organizationID, Change{Remove: ownerGrants(m.RoleAssignments.Grants(organizationID))}, false); err != nil {
					return sent{}, err
				}
			}
		}
		if who.Member != nil {
			if err := p.remove(ctx, *who.Member, again); err != nil {
				return ended, err
			}
			gone = nil
		}
		for _, i := range who.Invitations {
			err := p.revoke(ctx, i, again)
			if cloud.HasCode(err, cloud.CodeInvitationNotFound) {
				gone = err
			} else if err != nil {
				return ended, err
			}
		}
		switch {
		case len(userIDs)+len(tokens) == 0:
			return sent{}, nil
		case gone == nil || looks == staleTries:
			return ended, nil
		}
		looks++ // the lists may lag behind and show the new member later
		return ended, gone
	})
	switch {
	case err == nil:
		p.removed.done(PersonObject(email))
	case !cloud.Unsure(err) && !isNotShown(err):
		p.removed.free(PersonObject(email))
	}
	return err
}
