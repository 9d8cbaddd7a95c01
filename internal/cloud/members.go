// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Member is one person in the organization.
type Member struct {
	UserID          string          `json:"user_id"`
	Name            string          `json:"name"`
	Email           string          `json:"email"`
	MemberSince     time.Time       `json:"member_since"`
	RoleAssignments RoleAssignments `json:"role_assignments"`
}

// Members lists every member (GET /organizations/{organization_id}/members).
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	var reply struct {
		Members []Member `json:"members"`
	}
	r := request{
		method: http.MethodGet,
		route:  "/organizations/{organization_id}/members",
		out:    &reply,
	}
	if err := c.doInOrganization(ctx, r); err != nil {
		return nil, err
	}
	if reply.Members == nil {
		// An organization has an owner at least. Whatever answered this, taken
		// for an empty list it would make everybody look gone.
		return nil, &Error{Call: r.name(), Status: http.StatusOK, Err: errors.New("the reply is not what the API promises: it has no list of members")}
	}
	return reply.Members, nil
}

// DeleteMembers removes members and ends their sessions
// (DELETE /organizations/{organization_id}/members/{user_ids}). One that is
// not there fails with 404 and CodeMembershipNotFound.
func (c *Client) DeleteMembers(ctx context.Context, userIDs ...string) error {
	return c.doInOrganization(ctx, request{
		method: http.MethodDelete,
		route:  "/organizations/{organization_id}/members/{user_ids}",
		args:   [][]string{userIDs},
	})
}

// doInOrganization makes a call whose route begins with the organization.
func (c *Client) doInOrganization(ctx context.Context, r request) error {
	id, err := c.OrganizationID(ctx)
	if err != nil {
		return err
	}
	r.args = append([][]string{{id}}, r.args...)
	return c.do(ctx, r)
}
