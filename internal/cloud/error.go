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

// Error codes of the service that the provider reacts to.
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
	// CodeDomainsChanging means that a change of domains or role mappings was not made,
	// because another one was under way.
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

// CodesOfBadMappings mean that a role mapping itself is invalid, independent of other
// mappings.
var CodesOfBadMappings = []string{
	CodeRoleMappingAmbiguous, CodeRoleMappingEmpty, CodeRoleMappingSyntax, CodeRoleMappingEmailSyntax, CodeTooManyRoleMappings,
}

// ErrNotFound matches every Error with status 404 in errors.Is.
var ErrNotFound = errors.New("not found")

// ErrChallengePending matches the Error of a domain whose TXT record the service does
// not see yet, in errors.Is.
var ErrChallengePending = errors.New("the challenge cannot be verified yet")

// statusRetryWith means that the service does not see a TXT record.
const statusRetryWith = 449

// Error is a call that the service refused or did not answer. It never contains the API
// key, the token of an invitation, or the URL of the call, which may have such a token.
type Error struct {
	// Call is the method and the route of the API contract, such as "DELETE
	// /organizations/{organization_id}/members/{user_ids}".
	Call string
	// Status is the HTTP status, or 0 without an answer.
	Status int
	// Failures are the service's codes and messages.
	Failures []Failure
	// RequestID names the call in the service's logs. It is empty if the reply has
	// none.
	RequestID string
	// Err is the reason if the service did not answer, or if the reply does not match
	// the contract.
	Err error

	// Sent means that the request may have reached the service.
	Sent bool
}

// Failure is one entry of the service's error reply.
type Failure struct {
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Fields  []string `json:"fields"`
}

// Error returns the service's messages with their codes, and the call. It shortens long
// texts and replaces characters that could control a terminal.
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

// printableJSON returns a value as JSON, for a message.
func printableJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return Printable(string(text))
}

// Printable returns a text of the service for a message. It shortens a long text, and
// replaces characters that could control a terminal.
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

// Unwrap returns the reason of a call without a usable answer.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the error is a 404, for ErrNotFound, or a 449, for
// ErrChallengePending.
func (e *Error) Is(target error) bool {
	return target == ErrNotFound && e.Status == http.StatusNotFound ||
		target == ErrChallengePending && e.Status == statusRetryWith
}

// HasCode reports whether err is an answer of the service with one of the codes.
func HasCode(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.ContainsFunc(e.Failures, func(f Failure) bool {
		return slices.Contains(codes, f.Code)
	})
}

// HasStatus reports whether err is an answer of the service with this HTTP status.
func HasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// Gone reports whether the object of a call does not exist. A 404 counts only with a
// code, because a proxy may answer 404, too. A 404 of the organization does not count.
func Gone(err error) bool {
	var e *Error
	return errors.Is(err, ErrNotFound) && !HasCode(err, CodeOrganizationNotFound) &&
		errors.As(err, &e) && slices.ContainsFunc(e.Failures, func(f Failure) bool { return f.Code != "" })
}

// unpromised returns the error of a successful reply that does not match the contract.
// Such a reply must not be taken for an empty one.
func (r request) unpromised(problem string) error {
	return &Error{Call: r.name(), Status: http.StatusOK, Err: &unpromisedError{errors.New(problem)}}
}

// Unsure reports whether a failed call may have been carried out: the request was sent,
// and the answer is missing or a server error.
func Unsure(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Sent && (e.Status < 300 || e.Status >= 500)
}
