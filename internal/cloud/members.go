// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"
)

const membersRoute = "/organizations/{organization_id}/members"

// Member is one person in the organization.
type Member struct {
	UserID          string          `json:"user_id"`
	Name            string          `json:"name"`
	Email           string          `json:"email"`
	MemberSince     time.Time       `json:"member_since"`
	RoleAssignments RoleAssignments `json:"role_assignments"`
}

// ListMembers lists every member (GET /organizations/{organization_id}/members).
//
//api:operation listMembers
func (c *Client) ListMembers(ctx context.Context, organizationID string) ([]Member, error) {
	members, found, err := listAll[Member](ctx, c, membersRoute, "members", organizationID)
	if err != nil {
		return nil, err
	}
	if !found {
		// An organization has an owner at least. Whatever answered this, taken
		// for an empty list it would make everybody look gone.
		return nil, request{method: http.MethodGet, route: membersRoute}.unpromised("it has no list of members")
	}
	return members, nil
}

// check refuses what is no member at all.
func (m Member) check() error {
	if m.UserID == "" && m.Email == "" {
		return errors.New("a member has neither a user ID nor an e-mail address")
	}
	return nil
}

// DeleteMembers removes members and ends their sessions
// (DELETE /organizations/{organization_id}/members/{user_ids}). One that is
// not there fails with 404 and CodeMembershipNotFound.
//
//api:operation deleteMembers
func (c *Client) DeleteMembers(ctx context.Context, organizationID string, userIDs ...string) error {
	return c.do(ctx, request{
		method: http.MethodDelete,
		route:  membersRoute + "/{user_ids}",
		args:   [][]string{{organizationID}, userIDs},
	})
}

// Fold is the form in which e-mail addresses compare. A letter that is none of
// ASCII stays as it is where its lower case would be one: it is another
// person's address.
func Fold(email string) string {
	return strings.Map(func(r rune) rune {
		lower := unicode.ToLower(r)
		if r > unicode.MaxASCII && lower <= unicode.MaxASCII {
			return r
		}
		return lower
	}, email)
}
