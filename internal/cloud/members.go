// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

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
	var members []Member
	found := false
	r := request{
		method: http.MethodGet,
		route:  "/organizations/{organization_id}/members",
		args:   [][]string{{organizationID}},
		stream: func(reply io.Reader) (err error) {
			members, found, err = readList[Member](reply, "members")
			return err
		},
	}
	if err := c.do(ctx, r); err != nil {
		return nil, err
	}
	if !found {
		// An organization has an owner at least. Whatever answered this, taken
		// for an empty list it would make everybody look gone.
		return nil, r.unpromised("it has no list of members")
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

// readList reads the list of that name in a JSON object while it comes in. It
// is not found where it is null or missing.
func readList[T interface{ check() error }](reply io.Reader, name string) (items []T, found bool, err error) {
	decoder := json.NewDecoder(reply)
	if err := expect(decoder, '{'); err != nil {
		return nil, false, err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, false, err
		}
		if key != name {
			var other json.RawMessage
			if err := decoder.Decode(&other); err != nil {
				return nil, false, err
			}
			continue
		}
		opening, err := decoder.Token()
		if err != nil {
			return nil, false, err
		}
		if opening == nil {
			continue
		}
		if opening != json.Delim('[') {
			return nil, false, fmt.Errorf("%s is no list", name)
		}
		for found = true; decoder.More(); {
			var item T
			if err := decoder.Decode(&item); err != nil {
				return nil, false, err
			}
			if err := item.check(); err != nil {
				return nil, false, err
			}
			items = append(items, item)
		}
		if err := expect(decoder, ']'); err != nil {
			return nil, false, err
		}
	}
	if err := expect(decoder, '}'); err != nil {
		return nil, false, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, false, errors.New("there is more after its end")
	}
	return items, found, nil
}

func expect(decoder *json.Decoder, want json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != want {
		err = fmt.Errorf("%v where %v should be", token, want)
	}
	return err
}

// DeleteMembers removes members and ends their sessions
// (DELETE /organizations/{organization_id}/members/{user_ids}). One that is
// not there fails with 404 and CodeMembershipNotFound.
//
//api:operation deleteMembers
func (c *Client) DeleteMembers(ctx context.Context, organizationID string, userIDs ...string) error {
	return c.do(ctx, request{
		method: http.MethodDelete,
		route:  "/organizations/{organization_id}/members/{user_ids}",
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
