// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

const invitationsRoute = "/organizations/{organization_id}/invitations"

// Invitation is an open or expired invitation to the organization.
type Invitation struct {
	// Token is a secret: whoever holds it can accept the invitation.
	Token     string    `json:"token"`
	Email     string    `json:"email"`
	ExpiresAt time.Time `json:"expires_at"`
	// Expired is what the service says, or else what follows from ExpiresAt by the
	// service's clock.
	Expired         bool            `json:"expired"`
	AcceptedAt      time.Time       `json:"accepted_at"`
	RoleAssignments RoleAssignments `json:"role_assignments"`
}

// InvitationRequest invites people, all with the same roles.
type InvitationRequest struct {
	Emails []string `json:"emails"`
	// ExpiresIn is a duration such as 7d; the service's own where it is empty.
	ExpiresIn       string          `json:"expires_in,omitempty"`
	RoleAssignments RoleAssignments `json:"role_assignments,omitzero"`
}

// check refuses what is no invitation at all.
func (i Invitation) check() error {
	if i.Token == "" && i.Email == "" {
		return errors.New("an invitation has neither a token nor an e-mail address")
	}
	return nil
}

// ListInvitations lists every invitation that was not accepted yet, expired ones
// too (GET /organizations/{organization_id}/invitations).
//
//api:operation listInvitations
func (c *Client) ListInvitations(ctx context.Context, organizationID string) ([]Invitation, error) {
	invitations, found, err := listAll[Invitation](ctx, c, invitationsRoute, "invitations", organizationID)
	if err == nil && !found {
		// not an empty one: whoever is invited would look gone
		err = request{method: http.MethodGet, route: invitationsRoute}.unpromised("it has no list of invitations")
	}
	c.received(invitations)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(invitations, func(i Invitation) bool { return !i.AcceptedAt.IsZero() }), nil
}

// received takes note of the tokens, and of what has expired.
func (c *Client) received(invitations []Invitation) {
	now := c.Now()
	for n, i := range invitations {
		c.keepSecret(i.Token)
		invitations[n].Expired = i.Expired || !i.ExpiresAt.IsZero() && !now.Before(i.ExpiresAt)
	}
}

// CreateInvitations sends an e-mail to each address
// (POST /organizations/{organization_id}/invitations). It is all or nothing,
// and not repeated where the first try may have gone through.
//
//api:operation createInvitations
func (c *Client) CreateInvitations(ctx context.Context, organizationID string, invitation InvitationRequest) ([]Invitation, error) {
	var reply struct {
		Invitations []Invitation `json:"invitations"`
	}
	r := request{
		method: http.MethodPost,
		route:  invitationsRoute,
		args:   [][]string{{organizationID}},
		once:   true,
		in:     invitation,
		out:    &reply,
	}
	err := c.do(ctx, r)
	c.received(reply.Invitations)
	if err == nil && len(reply.Invitations) == 0 {
		err = &Error{Call: r.name(), Status: http.StatusCreated, Err: errors.New("the reply does not match the API contract: it has no invitation"), Sent: true}
	}
	return reply.Invitations, err
}

// DeleteInvitations revokes invitations
// (DELETE /organizations/{organization_id}/invitations/{invitation_tokens}).
// One that is not there fails with 404 and CodeInvitationNotFound.
//
//api:operation deleteInvitations
func (c *Client) DeleteInvitations(ctx context.Context, organizationID string, tokens ...string) error {
	for _, token := range tokens {
		c.keepSecret(token)
	}
	return c.do(ctx, request{
		method: http.MethodDelete,
		route:  invitationsRoute + "/{invitation_tokens}",
		args:   [][]string{{organizationID}, tokens},
	})
}
