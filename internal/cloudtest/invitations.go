// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	listInvitationsRoute   = "GET /organizations/{organization_id}/invitations"
	createInvitationsRoute = "POST /organizations/{organization_id}/invitations"
	deleteInvitationsRoute = "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}"
)

var invitationHandlers = map[string]handler{
	listInvitationsRoute:   (*Server).listInvitations,
	createInvitationsRoute: (*Server).createInvitations,
	deleteInvitationsRoute: (*Server).deleteInvitations,
}

const invitationNotFound = "organization.invitation_not_found"

// defaultExpiry is how long an invitation is valid if it does not say.
const defaultExpiry = 72 * time.Hour

type invitation struct {
	holding
	token     string
	email     string // lower case
	createdAt time.Time
	expiresAt time.Time
	number    int // order of creation
}

func (i invitation) expired(at time.Time) bool {
	return !at.Before(i.expiresAt)
}

type invitationWire struct {
	Token           string           `json:"token"`
	Email           string           `json:"email"`
	CreatedAt       time.Time        `json:"created_at"`
	ExpiresAt       time.Time        `json:"expires_at"`
	Expired         bool             `json:"expired"`
	Organization    organizationWire `json:"organization"`
	RoleAssignments map[string]any   `json:"role_assignments,omitzero"`
}

type invitationRequest struct {
	Emails          []string        `json:"emails"`
	ExpiresIn       string          `json:"expires_in"`
	RoleAssignments json.RawMessage `json:"role_assignments"`
}

func (s *Server) listInvitations(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	shown, at := s.view(o)
	list := slices.SortedFunc(maps.Values(shown.invitations), func(a, b invitation) int { return a.number - b.number })
	if s.hidesExpired {
		list = slices.DeleteFunc(list, func(i invitation) bool { return i.expired(at) })
	}
	return listReply(s, c, "invitations", s.writeInvitations(o, list, at))
}

func (s *Server) writeInvitations(o *organization, list []invitation, at time.Time) []invitationWire {
	invitations := []invitationWire{}
	for _, i := range list {
		invitations = append(invitations, invitationWire{
			Token:           i.token,
			Email:           s.writer.mixCase(i.email),
			CreatedAt:       i.createdAt,
			ExpiresAt:       i.expiresAt,
			Expired:         i.expired(at) && !s.neverExpired,
			Organization:    organizationWire{o.id, o.name},
			RoleAssignments: s.writer.roles(i.holding, o.id),
		})
	}
	return invitations
}

// createInvitations invites all addresses. If one is refused it invites nobody, unless
// InvitesInPart is set.
func (s *Server) createInvitations(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	var request invitationRequest
	if err := decodeStrictly(c.body, &request); err != nil {
		return fail(http.StatusBadRequest, "root.invalid_request", "%v", err)
	}
	emails, refusal := request.Emails, s.checkInvitees(o, request.Emails)
	if refusal != nil {
		if !s.invitesInPart {
			return failWith(refusal)
		}
		emails = s.whoMayBeInvited(o, emails)
	}
	expiry, err := parseExpiry(request.ExpiresIn)
	if err != nil {
		return failWith(&apiError{http.StatusBadRequest, "organization.invitation_invalid_expires_in", err.Error(), []string{"expires_in"}})
	}
	var roles roleList
	if len(request.RoleAssignments) > 0 {
		var err *apiError
		if roles, err = decodeRoles(request.RoleAssignments, o.id); err != nil {
			return failWith(err)
		}
	}
	if err := s.untouchableInInvitation(roles); err != nil {
		return failWith(err)
	}
	var made []invitation
	for _, email := range emails {
		token := c.tokens[fold(email)]
		if token == "" {
			token = s.newToken()
		}
		i := s.invite(o, email, token, expiry, roles)
		s.mails = append(s.mails, Mail{To: i.email, At: s.now()})
		made = append(made, i)
	}
	s.changed(o)
	if refusal != nil {
		return failWith(refusal)
	}
	return reply{status: http.StatusCreated, body: map[string]any{"invitations": shuffle(s.writer, s.writeInvitations(o, made, s.now()))}}
}

// checkInvitees returns an error unless all addresses may be invited. An expired
// invitation does not block another one, unless an option says so.
func (s *Server) checkInvitees(o *organization, emails []string) *apiError {
	refuse := func(code, format string, args ...any) *apiError {
		return &apiError{http.StatusBadRequest, "organization." + code, fmt.Sprintf(format, args...), []string{"emails"}}
	}
	if len(emails) == 0 {
		return refuse("invitation_invalid_email", "no e-mail address")
	}
	conflicts := s.expiredConflicts && !s.refreshesExpired
	seen := map[string]bool{}
	for _, email := range emails {
		key := fold(email)
		if !validEmail(email) {
			return refuse("invitation_invalid_email", "%q is not an e-mail address", email)
		}
		if _, ok := o.now.members[key]; ok {
			return refuse("user_organization_already_belongs", "%s is a member of the organization", email)
		}
		if i, ok := o.now.invitations[key]; ok && (conflicts || !i.expired(s.now())) || seen[key] {
			return refuse("invitation_already_exists", "%s is invited already", email)
		}
		seen[key] = true
	}
	if s.pendingLimit == 0 {
		return nil
	}
	pending := len(emails)
	for _, i := range o.now.invitations {
		if !i.expired(s.now()) {
			pending++
		}
	}
	if pending > s.pendingLimit {
		return refuse("invitations_pending_limit_exceeded", "more than %d pending invitations", s.pendingLimit)
	}
	return nil
}

// whoMayBeInvited omits the addresses that checkInvitees refuses.
func (s *Server) whoMayBeInvited(o *organization, emails []string) (may []string) {
	for _, email := range emails {
		if with := append(may, email); s.checkInvitees(o, with) == nil {
			may = with
		}
	}
	return may
}

func validEmail(email string) bool {
	address, err := mail.ParseAddress(email)
	return err == nil && address.Address == email
}

var expiryForm = regexp.MustCompile(`^([1-9][0-9]{0,5})([dhms])$`)

func parseExpiry(text string) (time.Duration, error) {
	if text == "" {
		return defaultExpiry, nil
	}
	parts := expiryForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("expires_in %q is not a duration such as 7d", text)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0, err
	}
	unit := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[parts[2]]
	if time.Duration(n) > 10*365*24*time.Hour/unit {
		return 0, fmt.Errorf("expires_in %q is too long", text)
	}
	return time.Duration(n) * unit, nil
}

// invite adds an invitation to the list, and replaces an older one.
func (s *Server) invite(o *organization, email, token string, expiry time.Duration, roles roleList) invitation {
	s.counter++
	created := s.now().UTC().Truncate(time.Millisecond)
	i := invitation{
		holding:   s.hold(roles),
		token:     token,
		email:     fold(email),
		createdAt: created,
		expiresAt: created.Add(expiry),
		number:    s.counter,
	}
	if old, ok := o.now.invitations[i.email]; ok && s.refreshesExpired {
		i.createdAt, i.number = old.createdAt, old.number
	}
	o.now.invitations[i.email] = i
	return i
}

func (s *Server) newToken() string {
	token := randomHex(32)
	s.tokens = append(s.tokens, token)
	return token
}

func (s *Server) deleteInvitations(c call) reply {
	o := s.organization(c)
	if o == nil {
		return organizationNotFound(c)
	}
	byToken := map[string]string{}
	for email, i := range o.now.invitations {
		byToken[i.token] = email
	}
	return s.deleteList(c.params["invitation_tokens"], invitationNotFound, func(tokens []string) reply {
		for _, token := range tokens {
			if _, ok := byToken[token]; !ok {
				// The message repeats the secret: clients must not pass it on.
				return fail(http.StatusNotFound, invitationNotFound, "invitation %s not found", token)
			}
		}
		for _, token := range tokens {
			delete(o.now.invitations, byToken[token])
		}
		s.changed(o)
		return reply{status: http.StatusOK, body: struct{}{}}
	})
}

// AddInvitation invites a person in the console. It adds nothing to Mails.
func (s *Server) AddInvitation(email string, grants ...string) {
	s.helper()
	s.verb(func(o *organization) error { return s.addInvitation(o, email, grants) })
}

func (s *Server) addInvitation(o *organization, email string, grants []string) error {
	roles, err := parseRoles(grants)
	if err != nil {
		return err
	}
	if err := s.checkInvitees(o, []string{email}); err != nil {
		return errors.New(err.message)
	}
	s.invite(o, email, s.newToken(), defaultExpiry, roles)
	s.changed(o)
	return nil
}

// Accept accepts a person's pending invitation. The person becomes a member, keeps
// their roles, and gets those of the invitation.
func (s *Server) Accept(email string) (userID string) {
	s.helper()
	s.verb(func(o *organization) error {
		var err error
		userID, err = s.accept(o, email)
		return err
	})
	return userID
}

func (s *Server) accept(o *organization, email string) (userID string, err error) {
	i, ok := o.now.invitations[fold(email)]
	if !ok {
		return "", fmt.Errorf("%s has no invitation", email)
	}
	if i.expired(s.now()) {
		return "", fmt.Errorf("the invitation of %s has expired", email)
	}
	delete(o.now.invitations, i.email)
	if m, ok := o.now.members[i.email]; ok {
		m.holding = s.plus(m.holding, i.list())
		o.now.members[m.email] = m
		s.changed(o)
		return m.userID, nil
	}
	return s.join(o, email, nameOf(email), i.list()), nil
}

// Expire makes the pending invitation of a person expire now.
func (s *Server) Expire(email string) {
	s.helper()
	s.verb(func(o *organization) error { return s.expire(o, email) })
}

func (s *Server) expire(o *organization, email string) error {
	i, ok := o.now.invitations[fold(email)]
	if !ok {
		return fmt.Errorf("%s has no invitation", email)
	}
	if i.expired(s.now()) {
		return fmt.Errorf("the invitation of %s has expired already", email)
	}
	i.expiresAt = s.now().UTC().Truncate(time.Millisecond)
	o.now.invitations[i.email] = i
	s.changed(o)
	return nil
}
