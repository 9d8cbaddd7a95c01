// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// invite invites addresses of the probe, and notes what has to be undone.
func (p *probe) invite(ctx context.Context, expiresIn string, grants []cloud.Grant, emails ...string) ([]cloud.Invitation, error) {
	p.owed.invited = true
	made, err := p.client.CreateInvitations(ctx, p.organizationID, cloud.InvitationRequest{
		Emails: emails, ExpiresIn: expiresIn, RoleAssignments: cloud.NewRoleAssignments(p.organizationID, grants),
	})
	for _, i := range made {
		if p.owns(i.Email) {
			p.ownToken(i.Token)
		}
	}
	if cloud.Unsure(err) {
		p.mayAppear()
	}
	if err == nil && (len(made) != len(emails) || slices.ContainsFunc(made, func(i cloud.Invitation) bool { return i.Token == "" })) {
		return nil, &cloud.Error{Call: "POST /organizations/{organization_id}/invitations", Status: http.StatusCreated,
			Err: fmt.Errorf("the reply lacks an invitation or a token (addresses: %d, invitations: %d)", len(emails), len(made))}
	}
	return made, err
}

// inviteAndSee invites the first address, and returns the invitation as the list shows
// it.
func (p *probe) inviteAndSee(ctx context.Context, expiresIn string, grants ...cloud.Grant) (cloud.Invitation, time.Duration, error) {
	made, err := p.invite(ctx, expiresIn, grants, upperDomain(p.emails[0]))
	if err != nil {
		return cloud.Invitation{}, 0, err
	}
	return p.see(ctx, made[0].Token)
}

// see waits until an invitation is listed.
func (p *probe) see(ctx context.Context, token string) (listed cloud.Invitation, took time.Duration, err error) {
	took, err = p.until(ctx, "the invitation was not listed", func() (bool, error) {
		own, err := p.own(ctx)
		i := slices.IndexFunc(own, hasToken(token))
		if i >= 0 {
			listed = own[i]
		}
		return i >= 0, err
	})
	return listed, took, err
}

func hasToken(token string) func(cloud.Invitation) bool {
	return func(i cloud.Invitation) bool { return i.Token == token }
}

// own lists the invitations of the probe's addresses.
func (p *probe) own(ctx context.Context) ([]cloud.Invitation, error) {
	list, err := p.client.ListInvitations(ctx, p.organizationID)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(list, func(i cloud.Invitation) bool { return !p.owns(i.Email) })
	for _, i := range own {
		if !p.gate.tokens[i.Token] {
			p.ownToken(i.Token) // no reply had this invitation
		}
	}
	return own, nil
}

// settled waits until the list had time to show the latest write, and lists the
// invitations of the probe's addresses.
func (p *probe) settled(ctx context.Context) ([]cloud.Invitation, error) {
	if err := sleep(ctx, p.settle); err != nil {
		return nil, err
	}
	return p.own(ctx)
}

// tryInvitation tries everything with one invitation, from its POST to a second DELETE.
func (p *probe) tryInvitation(ctx context.Context) error {
	first, took, err := p.inviteAndSee(ctx, "")
	if err != nil {
		return err
	}
	p.findLag("listed", took)
	p.findCase(first.Email)
	p.findExpiry(first.Token)
	if err := p.trySecondPost(ctx, first); err != nil {
		return err
	}
	if len(p.emails) == 2 {
		return p.tryTwo(ctx, first.Token)
	}
	p.unfound([]string{"all-or-nothing", "delete-list"}, "needs two addresses")
	token, err := p.current(ctx, first.Token)
	if err != nil {
		return err
	}
	return p.tryDelete(ctx, token)
}

// tryTwo tries what needs two addresses. The first one is invited already.
func (p *probe) tryTwo(ctx context.Context, first string) error {
	second, err := p.trySeveral(ctx)
	if err != nil {
		return err
	}
	if first, err = p.current(ctx, first); err != nil {
		return err
	}
	if err := p.tryDeleteList(ctx, first, second); err != nil {
		return err
	}
	return p.tryDelete(ctx, first, second)
}

func (p *probe) findCase(email string) {
	switch sent := upperDomain(p.emails[0]); email {
	case sent:
		p.find("email-case", "kept", "")
	case strings.ToLower(sent):
		p.find("email-case", "in lower case", "sent with the domain in upper case")
	default:
		p.find("email-case", "in another case", "neither as sent nor in lower case")
	}
}

// findExpiry notes how the latest list shows the expiry of an invitation.
func (p *probe) findExpiry(token string) {
	fields := invitationFields(p.gate.last(), token)
	has := func(name string) bool { return fields[name] != nil && string(fields[name]) != "null" }
	var created, expires time.Time
	seen := "no created_at to compare with"
	if json.Unmarshal(fields["created_at"], &created) == nil && json.Unmarshal(fields["expires_at"], &expires) == nil {
		seen = "without expires_in it ends after " + expires.Sub(created).Round(time.Minute).String()
	}
	switch {
	case has("expires_at") && has("expired"):
		p.find("expiry", "both", "%s", seen)
	case has("expires_at"):
		p.find("expiry", "expires_at alone", "%s", seen)
	case has("expired"):
		p.find("expiry", "expired alone", "")
	default:
		p.find("expiry", "neither", "")
	}
}

// invitationFields returns the fields of an invitation in a reply with a list.
func invitationFields(e *exchange, token string) map[string]json.RawMessage {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(e.fields()["invitations"], &list); err != nil {
		return nil
	}
	for _, fields := range list {
		var has string
		if err := json.Unmarshal(fields["token"], &has); err == nil && has == token {
			return fields
		}
	}
	return nil
}

// trySecondPost invites the address once more, in another case.
func (p *probe) trySecondPost(ctx context.Context, first cloud.Invitation) error {
	made, err := p.invite(ctx, "", nil, strings.ToLower(p.emails[0]))
	answer := p.gate.last().answer()
	if err != nil && !refused(err) {
		return err
	}
	listed, listErr := p.settled(ctx)
	if listErr != nil {
		return listErr
	}
	reading, compared := readSecondPost(first.Token, err, made, listed)
	p.find("second-post", reading, "%s", answer)
	p.find("email-compared", compared, "invited a second time with another case: %s", answer)
	return nil
}

// readSecondPost returns what a second invitation to an address did, and how the
// service compares addresses.
func readSecondPost(first string, err error, made, listed []cloud.Invitation) (reading, compared string) {
	const without = "without case"
	stays := slices.ContainsFunc(listed, hasToken(first))
	switch {
	case cloud.HasCode(err, cloud.CodeInvitationExists):
		return "refused", without
	case err != nil:
		return "refused with another code", ""
	case made[0].Token == first:
		return "refreshes it, same token", without
	case stays && slices.ContainsFunc(listed, hasToken(made[0].Token)):
		return "a second invitation", "with case, or one address is invited twice"
	case stays:
		return "accepted, and the first one stays", without
	}
	return "refreshes it, another token", without
}

// refused reports whether the service refused a call, so that it was not carried out.
func refused(err error) bool {
	var e *cloud.Error
	return errors.As(err, &e) && e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

// trySeveral invites both addresses, of which the first one is invited already. If that
// does not invite the second one, it invites that alone. It returns the token of the
// second invitation.
func (p *probe) trySeveral(ctx context.Context) (token string, err error) {
	made, err := p.invite(ctx, "", nil, p.emails...)
	answer := p.gate.last().answer()
	if err != nil && !refused(err) {
		return "", err
	}
	ofSecond := func(i cloud.Invitation) bool { return cloud.Fold(i.Email) == cloud.Fold(p.emails[1]) }
	if err == nil {
		p.notKnown("all-or-nothing", "no address was refused")
		if i := slices.IndexFunc(made, ofSecond); i >= 0 {
			_, _, err = p.see(ctx, made[i].Token)
			return made[i].Token, err
		}
		return "", &notShownError{"the second address has no invitation"}
	}
	listed, err := p.settled(ctx)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(listed, ofSecond); i >= 0 {
		p.find("all-or-nothing", "invites the others", "%s", answer)
		return listed[i].Token, nil
	}
	p.find("all-or-nothing", "invites nobody", "%s", answer)
	if made, err = p.invite(ctx, "", nil, p.emails[1]); err != nil {
		return "", err
	}
	_, _, err = p.see(ctx, made[0].Token)
	return made[0].Token, err
}

// current returns the token of the first address's invitation: first, or the token of
// the invitation with which a second POST has replaced it.
func (p *probe) current(ctx context.Context, first string) (string, error) {
	own, err := p.own(ctx)
	if err != nil || slices.ContainsFunc(own, hasToken(first)) {
		return first, err
	}
	ofFirst := func(i cloud.Invitation) bool { return cloud.Fold(i.Email) == cloud.Fold(p.emails[0]) }
	if i := slices.IndexFunc(own, ofFirst); i >= 0 {
		return own[i].Token, nil
	}
	return "", &notShownError{"the invitation was no longer listed"}
}
