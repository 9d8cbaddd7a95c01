// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	listMembersRoute   = "GET /organizations/{organization_id}/members"
	deleteMembersRoute = "DELETE /organizations/{organization_id}/members/{user_ids}"
)

var memberHandlers = map[string]handler{
	listMembersRoute:   (*Server).listMembers,
	deleteMembersRoute: (*Server).deleteMembers,
}

const membershipNotFound = "organization.membership_not_found"

type member struct {
	holding
	userID string
	email  string // lower case
	name   string // "" if the service does not know it
	since  time.Time
	number int // order of joining
}

type memberWire struct {
	OrganizationID  string         `json:"organization_id"`
	UserID          string         `json:"user_id"`
	Name            string         `json:"name,omitempty"`
	Email           string         `json:"email"`
	MemberSince     time.Time      `json:"member_since"`
	RoleAssignments map[string]any `json:"role_assignments,omitzero"`
}

func (s *Server) listMembers(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	shown, _ := s.view(o)
	members := []memberWire{}
	for _, m := range slices.SortedFunc(maps.Values(shown.members), func(a, b member) int { return a.number - b.number }) {
		members = append(members, memberWire{
			OrganizationID:  o.id,
			UserID:          m.userID,
			Name:            m.name,
			Email:           s.writer.mixCase(m.email),
			MemberSince:     m.since,
			RoleAssignments: s.writer.roles(m.holding, o.id),
		})
	}
	return listReply(s, c, "members", members)
}

func (s *Server) deleteMembers(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	return s.deleteList(c.params["user_ids"], membershipNotFound, func(userIDs []string) reply {
		var emails []string
		for _, userID := range userIDs {
			in, m := s.memberByID(userID)
			if in != o || s.denies(userID) {
				return fail(http.StatusNotFound, membershipNotFound, "user %s is not a member of organization %s", userID, o.id)
			}
			emails = append(emails, m.email)
		}
		for _, email := range emails {
			delete(o.now.members, email)
		}
		s.changed(o)
		return reply{status: http.StatusOK, body: struct{}{}}
	})
}

// denies reports whether DeniesMembers prevents the deletion of a member this time.
func (s *Server) denies(userID string) bool {
	if s.deniesMembers >= 0 && s.denied[userID] >= s.deniesMembers {
		return false
	}
	s.denied[userID]++
	return true
}

// memberByID returns a member and their organization, or nil.
func (s *Server) memberByID(userID string) (*organization, member) {
	email := s.joined[userID]
	for _, o := range s.organizations {
		if m, ok := o.now.members[email]; ok && m.userID == userID {
			return o, m
		}
	}
	return nil, member{}
}

// join makes a person a member.
func (s *Server) join(o *organization, email, name string, roles roleList) string {
	s.counter++
	m := member{
		holding: s.hold(roles),
		userID:  randomDigits(10),
		email:   fold(email),
		name:    name,
		since:   s.now().UTC().Truncate(time.Millisecond),
		number:  s.counter,
	}
	o.now.members[m.email] = m
	s.joined[m.userID] = m.email
	s.changed(o)
	return m.userID
}

// nameOf invents a name for the person with an address.
func nameOf(email string) string {
	local, _, _ := strings.Cut(fold(email), "@")
	return upper(local, func(i int) bool { return i == 0 })
}

// parsePerson checks the arguments of a verb about a person who may be new.
func parsePerson(email string, grants []string) (roleList, error) {
	if !validEmail(email) {
		return roleList{}, fmt.Errorf("%q is not an e-mail address", email)
	}
	return parseRoles(grants)
}

// AddMember adds a member who has accepted an invitation long ago.
func (s *Server) AddMember(email string, grants ...string) (userID string) {
	s.helper()
	s.verb(func(o *organization) (err error) {
		userID, err = s.addMember(o, email, grants)
		return err
	})
	return userID
}

// AddMemberTo adds a member to an organization that AddOrganization made.
func (s *Server) AddMemberTo(organizationID, email string, grants ...string) {
	s.helper()
	s.verb(func(*organization) error {
		for _, o := range s.organizations {
			if o.id == organizationID {
				_, err := s.addMember(o, email, grants)
				return err
			}
		}
		return fmt.Errorf("there is no organization %s", organizationID)
	})
}

func (s *Server) addMember(o *organization, email string, grants []string) (userID string, err error) {
	roles, err := parsePerson(email, grants)
	if err != nil {
		return "", err
	}
	if _, ok := o.now.members[fold(email)]; ok {
		return "", fmt.Errorf("%s is a member already", email)
	}
	return s.join(o, email, nameOf(email), roles), nil
}

// SSOLogin signs a person in through single sign-on, with any configuration; SignIn
// uses all of SAML. The service makes a new person a member without a name. An
// invitation of the person stays in the list. If grants are given, they replace the
// person's grants, as role mappings do.
func (s *Server) SSOLogin(email string, grants ...string) (userID string) {
	s.helper()
	s.verb(func(o *organization) error {
		roles, err := parsePerson(email, grants)
		if err != nil {
			return err
		}
		userID = s.arrive(o, email, roles, len(grants) > 0)
		return nil
	})
	return userID
}

// arrive makes a person who has signed in a member, if necessary. If role mappings
// decided on the roles, it replaces the person's roles.
func (s *Server) arrive(o *organization, email string, roles roleList, decided bool) (userID string) {
	m, ok := o.now.members[fold(email)]
	if !ok {
		return s.join(o, email, "", roles)
	}
	if decided {
		m.grants = s.hold(roles).grants
		o.now.members[m.email] = m
		s.changed(o)
	}
	return m.userID
}

// Grant gives roles to a member by hand, in the console.
func (s *Server) Grant(email string, grants ...string) {
	s.helper()
	s.verb(func(o *organization) error { return s.regrant(o, email, grants, s.plus) })
}

// Ungrant revokes roles of a member by hand, in the console.
func (s *Server) Ungrant(email string, grants ...string) {
	s.helper()
	s.verb(func(o *organization) error { return s.regrant(o, email, grants, s.minus) })
}

func (s *Server) regrant(o *organization, email string, grants []string, change func(holding, roleList) holding) error {
	roles, err := parseRoles(grants)
	if err != nil {
		return err
	}
	m, ok := o.now.members[fold(email)]
	if !ok {
		return fmt.Errorf("%s is not a member", email)
	}
	m.holding = change(m.holding, roles)
	o.now.members[m.email] = m
	s.changed(o)
	return nil
}

// Remove removes a person from the organization by hand: the membership, the
// invitation, or both.
func (s *Server) Remove(email string) {
	s.helper()
	s.verb(func(o *organization) error { return s.remove(o, email) })
}

func (s *Server) remove(o *organization, email string) error {
	key := fold(email)
	_, isMember := o.now.members[key]
	_, isInvited := o.now.invitations[key]
	if !isMember && !isInvited {
		return fmt.Errorf("%s is neither a member nor invited", email)
	}
	delete(o.now.members, key)
	delete(o.now.invitations, key)
	s.changed(o)
	return nil
}
