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

// ListMembers lists all members (GET /organizations/{organization_id}/members).
//
//api:operation listMembers
func (c *Client) ListMembers(ctx context.Context, organizationID string) ([]Member, error) {
	members, found, err := listAll[Member](ctx, c, membersRoute, "members", organizationID)
	if err != nil {
		return nil, err
	}
	if !found {
		// An organization has at least one owner. If this reply counted as an empty
		// list, everybody would look removed.
		return nil, request{method: http.MethodGet, route: membersRoute}.unpromised("it has no list of members")
	}
	return members, nil
}

// check refuses a value that cannot be a member.
func (m Member) check() error {
	if m.UserID == "" && m.Email == "" {
		return errors.New("a member has neither a user ID nor an e-mail address")
	}
	return nil
}

// DeleteMembers removes members and ends their sessions (DELETE
// /organizations/{organization_id}/members/{user_ids}). If one is not a member, the
// error is a 404 with CodeMembershipNotFound.
//
//api:operation deleteMembers
func (c *Client) DeleteMembers(ctx context.Context, organizationID string, userIDs ...string) error {
	return c.do(ctx, request{
		method: http.MethodDelete,
		route:  membersRoute + "/{user_ids}",
		args:   [][]string{{organizationID}, userIDs},
	})
}

// Fold returns an e-mail address in the form in which addresses compare: in lower case.
// It does not change a letter outside ASCII whose lower case is in ASCII, because that
// would be another person's address.
func Fold(email string) string {
	return strings.Map(func(r rune) rune {
		lower := unicode.ToLower(r)
		if r > unicode.MaxASCII && lower <= unicode.MaxASCII {
			return r
		}
		return lower
	}, email)
}
