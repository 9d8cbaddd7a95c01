// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// Error codes of the service that decide what to do next.
const (
	CodeOrganizationNotFound = "organization.not_found"
	CodeInvitationExists     = "organization.invitation_already_exists"
	CodeInvitationNotFound   = "organization.invitation_not_found"
	CodeAlreadyMember        = "organization.user_organization_already_belongs"
	CodeMembershipNotFound   = "organization.membership_not_found"
	CodeUserNotFound         = "user.not_found"
	CodeInvalidTargetUser    = "role_assignments.invalid_target_user_id"
	CodeUnauthorizedRoles    = "role_assignments.unauthorized_role_assignments"

	CodeDomainExists = "org.domain_claim.already_exists"
	// CodeDomainsChanging is of a change of domains or of role mappings that met
	// another one, and was not made.
	CodeDomainsChanging = "org.domain_claim.concurrent_organization_modification"

	CodeIdPConfigured    = "org.idp.idp_configured"
	CodeIdPNotConfigured = "org.idp.idp_not_configured"

	CodeRoleMappingNotFound    = "org.role_mapping_rule.role_mapping_not_found"
	CodeRoleMappingAmbiguous   = "org.role_mapping_rule.ambiguous_rule"
	CodeRoleMappingEmpty       = "org.role_mapping_rule.empty_rule"
	CodeRoleMappingSyntax      = "org.role_mapping_rule.syntax_error"
	CodeRoleMappingEmailSyntax = "org.role_mapping_rule.email_syntax_error"
	CodeTooManyRoleMappings    = "org.role_mapping_rule.too_many_role_mappings"
)

// CodesOfBadMappings are those of a role mapping that is refused for itself,
// whatever other mappings there are.
var CodesOfBadMappings = []string{
	CodeRoleMappingAmbiguous, CodeRoleMappingEmpty, CodeRoleMappingSyntax, CodeRoleMappingEmailSyntax, CodeTooManyRoleMappings,
}

// ErrNotFound is what errors.Is finds in every Error with status 404.
var ErrNotFound = errors.New("not found")

// ErrChallengePending is what errors.Is finds in the Error of a domain whose
// TXT record the service does not see yet.
var ErrChallengePending = errors.New("the challenge cannot be verified yet")

// statusRetryWith is how the service says that a TXT record is not visible.
const statusRetryWith = 449

// Error is a call that the service refused, or that did not get an answer.
// It never holds the API key, the token of an invitation, or the URL of the
// call, which carries such a token.
type Error struct {
	// Call is the method and the route of the API contract, such as
	// "DELETE /organizations/{organization_id}/members/{user_ids}".
	Call string
	// Status is the HTTP status, or 0 where no answer came.
	Status int
	// Failures is what the service said, in its own words.
	Failures []Failure
	// RequestID names the call in the service's own logs, where it said so.
	RequestID string
	// Err is the reason where the service did not answer, or not with what
	// the contract promises.
	Err error

	// Sent tells that the request may have reached the service.
	Sent bool
}

// Failure is one entry of the service's error reply.
type Failure struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

// Error gives what the service said with its code, and the call. What is more
// than one reads is left out, and so is what would steer a terminal.
func (e *Error) Error() string {
	const most = 10
	var b strings.Builder
	for i, f := range e.Failures {
		if i > 0 {
			b.WriteString("; ")
		}
		if i == most {
			fmt.Fprintf(&b, "and %d more", len(e.Failures)-most)
			break
		}
		b.WriteString(Printable(f.Message))
		if fields := f.Fields[:min(len(f.Fields), most)]; len(fields) > 0 {
			fmt.Fprintf(&b, " [%s]", Printable(strings.Join(fields, ", ")))
		}
		if f.Code != "" {
			fmt.Fprintf(&b, " (%s)", Printable(f.Code))
		}
	}
	if e.Err != nil {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(Printable(e.Err.Error()))
	}
	fmt.Fprintf(&b, "\n\n%s", e.Call)
	if e.Status != 0 {
		fmt.Fprintf(&b, " answered %d", e.Status)
		if text := http.StatusText(e.Status); text != "" {
			b.WriteString(" " + text)
		}
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, ", request ID %s", Printable(e.RequestID))
	}
	return b.String()
}

// printableJSON is a value as the service would write it, for a message.
func printableJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return Printable(string(text))
}

// Printable is a text of the service as it may be shown: shortened where it is
// long, and without the characters that would steer a terminal.
func Printable(text string) string {
	const most = 1000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return unicode.ReplacementChar
	}, text)
}

// Unwrap gives the reason behind a call that got no usable answer.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrNotFound) true for a 404, and
// errors.Is(err, ErrChallengePending) for a 449.
func (e *Error) Is(target error) bool {
	return target == ErrNotFound && e.Status == http.StatusNotFound ||
		target == ErrChallengePending && e.Status == statusRetryWith
}

// HasCode tells whether err is an answer of the service with one of the codes.
func HasCode(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.ContainsFunc(e.Failures, func(f Failure) bool {
		return slices.Contains(codes, f.Code)
	})
}

// HasStatus tells whether err is an answer of the service with this HTTP status.
func HasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// Gone tells that what a call was about is not there: the service says so by a
// code, so the 404 is not of something in between, and it does not mean the
// organization.
func Gone(err error) bool {
	var e *Error
	return errors.Is(err, ErrNotFound) && !HasCode(err, CodeOrganizationNotFound) &&
		errors.As(err, &e) && slices.ContainsFunc(e.Failures, func(f Failure) bool { return f.Code != "" })
}

// unpromised is the error of a call that answered with success and something
// else than the contract promises, which must not be taken for an empty reply.
func (r request) unpromised(problem string) error {
	return &Error{Call: r.name(), Status: http.StatusOK, Err: &unpromisedError{errors.New(problem)}}
}

// Unsure tells that the call may have been carried out although it failed:
// the request was sent and no answer, or only a server error, came back.
func Unsure(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Sent && (e.Status < 300 || e.Status >= 500)
}
