// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// NotResentError is the error of Resend where the invitation is revoked and no
// other took its place: nobody but the error knows any more what it promised.
type NotResentError struct {
	// Grants is what the invitation promised, as far as it can be written as
	// grants.
	Grants []Grant
	// Err is the reason.
	Err error

	beyond RoleAssignments
}

// Error says what was promised, all of it.
func (e *NotResentError) Error() string {
	what := "no new one went out"
	if unsure(e.Err) {
		what = "whether a new one went out is not known"
	}
	promised := make([]string, len(e.Grants))
	for i, g := range e.Grants {
		promised[i] = g.String()
	}
	if len(promised) == 0 {
		promised = []string{"no roles"}
	}
	text := fmt.Sprintf("the invitation that was there is revoked, and %s. It promised %s", what, strings.Join(promised, ", "))
	if !e.beyond.IsZero() {
		text += ", and what this provider does not know: " + printableJSON(e.beyond)
	}
	return text + ": " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *NotResentError) Unwrap() error { return e.Err }

// Resend revokes the invitation of somebody who has not joined, open or
// expired, and sends a new one that promises the same. A member gets none; the
// error has CodeAlreadyMember where only the service knows that they are one.
// Somebody unknown is ErrUnknownPerson. It returns the person as they stand
// afterwards.
func (d *Directory) Resend(ctx context.Context, email, expiresIn string) (Person, error) {
	var first Person // before anything was revoked
	var organizationID string
	err := d.withPerson(ctx, email, func(p Person, id string) error {
		organizationID = id
		i, invited := p.Invitation()
		switch {
		case p.Member != nil:
			return nil
		case !first.Exists() && !invited:
			return ErrUnknownPerson
		case !first.Exists():
			first = p
		case invited && !i.Expired && !first.hasInvitation(i):
			return nil // a new one is out: this one, whose answer was lost, or somebody else's
		}
		for _, old := range p.Invitations {
			if err := d.revoke(ctx, old); err != nil {
				return err
			}
		}
		// Also where the run is stopped in between: the revoked one cannot be
		// brought back. As a write it has its own grace.
		longer, cancel := outliving(ctx, grace/10)
		defer cancel()
		promised, _ := first.Invitation()
		return d.invite(longer, email, expiresIn, promised.RoleAssignments)
	})
	person := d.known(email)
	if err == nil || person.Member != nil || HasCode(err, CodeAlreadyMember) {
		return person, err
	}
	if promised, invited := first.Invitation(); invited && !d.isListed(promised) {
		err = &NotResentError{
			Grants: promised.RoleAssignments.Grants(organizationID),
			Err:    err,
			beyond: promised.RoleAssignments.beyondGrants(organizationID),
		}
	}
	return person, err
}

func (p Person) hasInvitation(i Invitation) bool {
	return slices.ContainsFunc(p.Invitations, func(other Invitation) bool { return other.Token == i.Token })
}
