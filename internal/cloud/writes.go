// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// errFound is what invite returns for somebody who is there although the answer
// to the invitation is lost: as it wanted them, or by somebody else's doing.
var errFound = errors.New("what is there is not what the lost invitation promised")

// invite invites one person, in one request with others who are invited at the
// same time to the same. Where the answer is lost, it looks whether the
// invitation is there before it would send another e-mail.
func (d *Directory) invite(ctx context.Context, email, expiresIn string, roles RoleAssignments) error {
	return d.inviteTogether(ctx, "invite ", email, InvitationRequest{ExpiresIn: expiresIn, RoleAssignments: roles}, d.inviteAll)
}

// inviteTogether gathers those who are invited to the same.
func (d *Directory) inviteTogether(ctx context.Context, kind, email string, request InvitationRequest, send func(context.Context, InvitationRequest) map[string]error) error {
	roles, err := json.Marshal(request.RoleAssignments)
	if err != nil {
		return err
	}
	return d.batches.do(ctx, kind+request.ExpiresIn+" "+string(roles), email, func(ctx context.Context, emails []string) map[string]error {
		together := request
		together.Emails = emails
		return send(ctx, together)
	})
}

func (d *Directory) inviteAll(ctx context.Context, request InvitationRequest) map[string]error {
	errs := map[string]error{}
	for try := 0; ; try++ {
		invitations, err := d.client.CreateInvitations(ctx, request)
		invited := make(map[string]bool, len(invitations))
		for _, i := range invitations {
			invited[Fold(i.Email)] = true
			d.wrote(func(d *Directory) {
				if d.people[Fold(i.Email)].Member == nil { // not if it was accepted already
					d.putInvitation(i)
				}
			})
		}
		if err == nil {
			request.Emails = slices.DeleteFunc(slices.Clone(request.Emails), func(email string) bool { return invited[Fold(email)] })
			if len(request.Emails) == 0 {
				return errs
			}
			err = errNotConfirmed
		} else if !unsure(err) {
			if len(request.Emails) > 1 && forOneOfThem(err) {
				maps.Copy(errs, apart(ctx, request.Emails, func(ctx context.Context, emails []string) map[string]error {
					part := request
					part.Emails = emails
					return d.inviteAll(ctx, part)
				}))
				return errs
			}
			maps.Copy(errs, all(request.Emails, err))
			return errs
		}
		if d.client.pause(ctx, try) != nil || d.refresh(ctx) != nil {
			maps.Copy(errs, all(request.Emails, err))
			return errs
		}
		var missing []string
		for _, email := range request.Emails {
			p := d.known(email)
			if i, invited := p.Invitation(); p.Member != nil || invited && !i.Expired {
				errs[email] = errFound
			} else {
				missing = append(missing, email)
			}
		}
		if request.Emails = missing; len(missing) == 0 {
			return errs
		}
		if try == d.client.config.MaxRetries {
			maps.Copy(errs, all(missing, err))
			return errs
		}
	}
}

// errNotConfirmed is for an address that the service left out of its answer.
var errNotConfirmed = &Error{Call: "POST /organizations/{organization_id}/invitations", Status: http.StatusCreated,
	Err: errors.New("the service did not confirm the invitation"), sent: true}

// forOneOfThem tells that a request for several may have been refused because
// of one of them, and not because of who asks or what is given.
func forOneOfThem(err error) bool {
	var e *Error
	if !errors.As(err, &e) || HasCode(err, CodeOrganizationNotFound) {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return false
	}
	return e.Status >= 400 && e.Status < 500
}

// revoke deletes an invitation, in one request with others. One that is gone
// already fails with CodeInvitationNotFound: it may have been accepted. So does
// one that is gone after an answer that was lost.
func (d *Directory) revoke(ctx context.Context, i Invitation) error {
	err := d.batches.do(ctx, "revoke", i.Token, d.revokeAll)
	if unsure(err) {
		// Also for a caller who has just given up: what became of it decides what
		// is said.
		after, cancel := pace.Outlive(ctx, grace/2)
		defer cancel()
		if d.refresh(after) == nil && !d.isListed(i) {
			err = errRevoked
		}
	}
	if err == nil || HasCode(err, CodeInvitationNotFound) {
		d.wrote(func(d *Directory) { d.dropInvitation(i) })
	}
	return err
}

// errRevoked is for an invitation that turned out to be gone.
var errRevoked = &Error{Call: "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}", Status: http.StatusNotFound,
	Failures: []Failure{{Code: CodeInvitationNotFound, Message: "the invitation is gone"}}, sent: true}

func (d *Directory) isListed(i Invitation) bool {
	return slices.ContainsFunc(d.known(i.Email).Invitations, func(other Invitation) bool { return other.Token == i.Token })
}

func (d *Directory) revokeAll(ctx context.Context, tokens []string) map[string]error {
	return d.deleteAll(ctx, tokens, d.client.DeleteInvitations, func(p Person) (tokens []string) {
		for _, i := range p.Invitations {
			tokens = append(tokens, i.Token)
		}
		return tokens
	})
}

// remove deletes a member, in one request with others. One that is gone already
// is no error.
func (d *Directory) remove(ctx context.Context, userID string) error {
	err := d.batches.do(ctx, "remove", userID, d.removeAll)
	if err == nil || HasCode(err, CodeMembershipNotFound, CodeUserNotFound) {
		d.wrote(func(d *Directory) { d.dropMember(userID) })
		return nil
	}
	return err
}

func (d *Directory) removeAll(ctx context.Context, userIDs []string) map[string]error {
	return d.deleteAll(ctx, userIDs, d.client.DeleteMembers, func(p Person) []string {
		if p.Member == nil {
			return nil
		}
		return []string{p.Member.UserID}
	})
}

// deleteAll deletes all that is named. Where some of it is gone already, which
// the service refuses as a whole, it goes on with what the lists still show;
// where that is all of it, each half goes by itself.
func (d *Directory) deleteAll(ctx context.Context, names []string, remove func(context.Context, ...string) error, of func(Person) []string) map[string]error {
	err := remove(ctx, names...)
	switch {
	case err == nil:
		return nil
	case len(names) == 1 || !forOneOfThem(err):
		return all(names, err)
	}
	if gone(err) && d.refresh(ctx) == nil {
		listed := map[string]bool{}
		people, _ := d.People(ctx) // the lists are there
		for _, p := range people {
			for _, name := range of(p) {
				listed[name] = true
			}
		}
		left := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !listed[name] })
		if len(left) < len(names) {
			errs := all(names, err)
			for _, name := range left {
				delete(errs, name)
			}
			if len(left) > 0 {
				maps.Copy(errs, d.deleteAll(ctx, left, remove, of))
			}
			return errs
		}
	}
	return apart(ctx, names, func(ctx context.Context, half []string) map[string]error {
		return d.deleteAll(ctx, half, remove, of)
	})
}
