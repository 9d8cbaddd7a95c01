// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// errFound is returned by invite if the answer to the invitation is lost, and the
// person is in the organization afterwards. The invitation may be this run's or
// somebody else's.
var errFound = errors.New("the reply to the invitation was lost, and this person now has another status or other roles than requested")

// invite invites one person, in one request with other people who are promised the same
// at the same time. If the answer is lost, it checks whether the invitation exists
// before it sends another e-mail.
func (p *People) invite(ctx context.Context, email, expiresIn string, roles cloud.RoleAssignments) error {
	return p.inviteTogether(ctx, "invite ", item{name: email}, cloud.InvitationRequest{ExpiresIn: expiresIn, RoleAssignments: roles}, p.inviteAll)
}

// inviteTogether gathers people who are promised the same.
func (p *People) inviteTogether(ctx context.Context, kind string, whom item, request cloud.InvitationRequest, send func(context.Context, cloud.InvitationRequest, []item) map[string]error) error {
	roles, err := json.Marshal(request.RoleAssignments)
	if err != nil {
		return err
	}
	return p.batches.do(ctx, kind+request.ExpiresIn+" "+string(roles), whom, func(ctx context.Context, whom []item) map[string]error {
		return send(ctx, request, whom)
	})
}

func (p *People) inviteAll(ctx context.Context, request cloud.InvitationRequest, whom []item) map[string]error {
	errs := map[string]error{}
	for try := 0; ; try++ {
		request.Emails = names(whom)
		invitations, err := in(ctx, p.o, func(ctx context.Context, id string) ([]cloud.Invitation, error) {
			return p.o.client.CreateInvitations(ctx, id, request)
		})
		invited := make(map[string]bool, len(invitations))
		for _, i := range invitations {
			invited[cloud.Fold(i.Email)] = true
			p.view.wrote(PersonObject(i.Email), func(r *roster) { r.invited(i) })
		}
		if err == nil {
			whom = slices.DeleteFunc(slices.Clone(whom), func(i item) bool { return invited[cloud.Fold(i.name)] })
			if len(whom) == 0 {
				return errs
			}
			err = errNotConfirmed
		} else if !cloud.Unsure(err) {
			if len(whom) > 1 && forOneOfThem(err) {
				maps.Copy(errs, apart(ctx, whom, func(ctx context.Context, half []item) map[string]error {
					return p.inviteAll(ctx, request, half)
				}))
				return errs
			}
			maps.Copy(errs, all(whom, refusedInvitation(err, request.RoleAssignments.Grants(p.o.knownID()))))
			return errs
		}
		if p.o.client.Pause(ctx, try) != nil || p.view.refresh(ctx) != nil {
			maps.Copy(errs, all(whom, err))
			return errs
		}
		var missing []item
		for _, one := range whom {
			who := p.known(one.name)
			if i, invited := who.Invitation(); who.Member != nil || invited && !i.Expired {
				errs[one.name] = errFound
			} else {
				missing = append(missing, one)
			}
		}
		if whom = missing; len(missing) == 0 {
			return errs
		}
		if try == p.o.client.MaxRetries() {
			maps.Copy(errs, all(missing, err))
			return errs
		}
	}
}

// errNotConfirmed is the error for an address that is missing in the service's answer.
var errNotConfirmed = &cloud.Error{Call: "POST /organizations/{organization_id}/invitations", Status: http.StatusCreated,
	Err: errors.New("the service did not confirm the invitation"), Sent: true}

// forOneOfThem reports whether a request for several items may have been refused
// because of one of them, and not because of the key or the roles.
func forOneOfThem(err error) bool {
	var e *cloud.Error
	if !errors.As(err, &e) || cloud.HasCode(err, cloud.CodeOrganizationNotFound) {
		return false
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return false
	}
	return e.Status >= 400 && e.Status < 500
}

// revoke deletes an invitation. It shares a request with others, unless it was
// requested before. If the invitation is gone already, the error has
// CodeInvitationNotFound, because the invitation may have been accepted. That is also
// the error if the invitation is gone after a lost answer.
func (p *People) revoke(ctx context.Context, i cloud.Invitation, again bool) error {
	err := p.delete(ctx, "revoke", i.Token, again, p.revokeAll)
	if cloud.Unsure(err) && p.view.lookAfter(ctx) && !p.known(i.Email).hasInvitation(i) {
		err = errRevoked
	}
	if err == nil || cloud.HasCode(err, cloud.CodeInvitationNotFound) {
		p.view.wrote(PersonObject(i.Email), func(r *roster) { r.dropInvitation(i) })
	}
	return err
}

// delete deletes one item, in one request with others. A second attempt is sent alone,
// because the service may have done a part of the first request.
func (p *People) delete(ctx context.Context, kind, name string, again bool, all sendBatch) error {
	if again {
		return all(ctx, []item{{name: name}})[name]
	}
	return p.batches.do(ctx, kind, item{name: name}, all)
}

// errRevoked is the error for an invitation that turned out to be gone.
var errRevoked = &cloud.Error{Call: "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}", Status: http.StatusNotFound,
	Failures: []cloud.Failure{{Code: cloud.CodeInvitationNotFound, Message: "the invitation is gone"}}, Sent: true}

func (p *People) revokeAll(ctx context.Context, tokens []item) map[string]error {
	return p.deleteAll(ctx, tokens, p.o.client.DeleteInvitations, func(who Person) (tokens []string) {
		for _, i := range who.Invitations {
			tokens = append(tokens, i.Token)
		}
		return tokens
	})
}

// remove removes a member. It shares a request with others, unless it was requested
// before. It returns nil if the person is not a member.
func (p *People) remove(ctx context.Context, m cloud.Member, again bool) error {
	err := p.delete(ctx, "remove", m.UserID, again, p.removeAll)
	if err == nil || cloud.HasCode(err, cloud.CodeMembershipNotFound, cloud.CodeUserNotFound) {
		p.view.wrote(memberObject(m), func(r *roster) { r.dropMember(m.UserID) })
		return nil
	}
	return err
}

func (p *People) removeAll(ctx context.Context, userIDs []item) map[string]error {
	return p.deleteAll(ctx, userIDs, p.o.client.DeleteMembers, func(who Person) []string {
		if who.Member == nil {
			return nil
		}
		return []string{who.Member.UserID}
	})
}

// deleteAll deletes the items. The service refuses the whole request if some of them
// are gone already. Then deleteAll continues with the items that the lists still show.
// If the lists show all of them, it sends each half separately.
func (p *People) deleteAll(ctx context.Context, items []item, remove func(ctx context.Context, organizationID string, names ...string) error, of func(Person) []string) map[string]error {
	_, err := in(ctx, p.o, func(ctx context.Context, id string) (struct{}, error) {
		return struct{}{}, remove(ctx, id, names(items)...)
	})
	switch {
	case err == nil:
		return nil
	case len(items) == 1 || !forOneOfThem(err):
		return all(items, err)
	}
	if cloud.Gone(err) && p.view.refresh(ctx) == nil {
		listed := map[string]bool{}
		people, _ := p.All(ctx) // the lists were just read
		for _, who := range people {
			for _, name := range of(who) {
				listed[name] = true
			}
		}
		left := slices.DeleteFunc(slices.Clone(items), func(i item) bool { return !listed[i.name] })
		if len(left) < len(items) {
			errs := all(items, err)
			for _, i := range left {
				delete(errs, i.name)
			}
			if len(left) > 0 {
				maps.Copy(errs, p.deleteAll(ctx, left, remove, of))
			}
			return errs
		}
	}
	return apart(ctx, items, func(ctx context.Context, half []item) map[string]error {
		return p.deleteAll(ctx, half, remove, of)
	})
}
