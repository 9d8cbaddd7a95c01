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

// Invitation is a pending or expired invitation to the organization.
type Invitation struct {
	// Token is a secret: everyone who has it can accept the invitation.
	Token     string    `json:"token"`
	Email     string    `json:"email"`
	ExpiresAt time.Time `json:"expires_at"`
	// Expired is what the service says. If it says nothing, ExpiresAt and the service's
	// clock decide.
	Expired         bool            `json:"expired"`
	AcceptedAt      time.Time       `json:"accepted_at"`
	RoleAssignments RoleAssignments `json:"role_assignments"`
}

// InvitationRequest invites people. All get the same roles.
type InvitationRequest struct {
	Emails []string `json:"emails"`
	// ExpiresIn is a duration such as 7d. Empty means the service's default.
	ExpiresIn       string          `json:"expires_in,omitempty"`
	RoleAssignments RoleAssignments `json:"role_assignments,omitzero"`
}

// check refuses a value that cannot be an invitation.
func (i Invitation) check() error {
	if i.Token == "" && i.Email == "" {
		return errors.New("an invitation has neither a token nor an e-mail address")
	}
	return nil
}

// ListInvitations lists all invitations that were not accepted yet, including expired
// ones (GET /organizations/{organization_id}/invitations).
//
//api:operation listInvitations
func (c *Client) ListInvitations(ctx context.Context, organizationID string) ([]Invitation, error) {
	invitations, found, err := listAll[Invitation](ctx, c, invitationsRoute, "invitations", organizationID)
	if err == nil && !found {
		// a missing list is not an empty one: invited people would look removed
		err = request{method: http.MethodGet, route: invitationsRoute}.unpromised("it has no list of invitations")
	}
	c.received(invitations)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(invitations, func(i Invitation) bool { return !i.AcceptedAt.IsZero() }), nil
}

// received notes the tokens, and sets Expired.
func (c *Client) received(invitations []Invitation) {
	now := c.Now()
	for n, i := range invitations {
		c.keepSecret(i.Token)
		invitations[n].Expired = i.Expired || !i.ExpiresAt.IsZero() && !now.Before(i.ExpiresAt)
	}
}

// CreateInvitations sends an e-mail to each address (POST
// /organizations/{organization_id}/invitations). The service invites all addresses or
// none. The call is not repeated if the first attempt may have been carried out.
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

// DeleteInvitations revokes invitations (DELETE
// /organizations/{organization_id}/invitations/{invitation_tokens}). If one does not
// exist, the error is a 404 with CodeInvitationNotFound.
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
