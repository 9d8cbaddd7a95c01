// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// NotResentError is the error of Resend where the invitation is revoked, or may
// be, and no other took its place: nobody but the error knows any more what it
// promised.
type NotResentError struct {
	// Grants is what the invitation promised, as far as it can be written as
	// grants.
	Grants []Grant
	// Unconfirmed tells that the invitation may still be there: the service did
	// not say whether it revoked it.
	Unconfirmed bool
	// Err is the reason.
	Err error

	beyond RoleAssignments
}

// Error says what was promised, all of it.
func (e *NotResentError) Error() string {
	what := "the invitation that was there is revoked, and no new one went out"
	switch {
	case e.Unconfirmed:
		what = notKnownRevoked
	case unsure(e.Err):
		what = "the invitation that was there is revoked, and whether a new one went out is not known"
	}
	promised := make([]string, len(e.Grants))
	for i, g := range e.Grants {
		promised[i] = g.String()
	}
	if len(promised) == 0 {
		promised = []string{"no roles"}
	}
	text := fmt.Sprintf("%s. It promised %s", what, strings.Join(promised, ", "))
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
		promised, _ := first.Invitation()
		return d.inviteAnew(ctx, p, email, expiresIn, promised.RoleAssignments, true)
	})
	person := d.known(email)
	if err == nil || person.Member != nil || HasCode(err, CodeAlreadyMember) {
		return person, err
	}
	promised, invited := first.Invitation()
	if unconfirmed := unsure(err) && person.mayLose(promised); invited && (unconfirmed || !d.isListed(promised)) {
		err = &NotResentError{
			Grants:      promised.RoleAssignments.Grants(organizationID),
			Unconfirmed: unconfirmed,
			Err:         err,
			beyond:      promised.RoleAssignments.beyondGrants(organizationID),
		}
	}
	return person, err
}

func (p Person) hasInvitation(i Invitation) bool {
	return slices.ContainsFunc(p.Invitations, func(other Invitation) bool { return other.Token == i.Token })
}

// oldFirst are the invitations, with the one that counts at the end: where the
// revocations end halfway, the next try has to find and send what it promised.
func (p Person) oldFirst() []Invitation {
	counts, _ := p.Invitation()
	return append(withoutToken(p.Invitations, counts.Token), counts)
}

// mostAnew bounds the requests for new invitations under way that take the place
// of others: if the run dies, those are left whose old one is revoked.
const mostAnew = 4

// inviteAnew revokes what is there before it invites, since the service takes no
// second invitation and cannot change one. The new one follows at once, together
// with those of others who are promised the same. It goes out also where the run
// is stopped in between, or was in an earlier try that revoked the old one.
func (d *Directory) inviteAnew(ctx context.Context, p Person, email, expiresIn string, roles RoleAssignments, revoked bool) error {
	if len(p.Invitations) == 0 {
		if revoked {
			after, cancel := afterRevocation(ctx)
			defer cancel()
			ctx = after
		}
		return d.invite(ctx, email, expiresIn, roles)
	}
	defer d.replace(email, p.oldFirst())()
	return d.inviteTogether(ctx, "invite anew ", email, InvitationRequest{ExpiresIn: expiresIn, RoleAssignments: roles}, d.inviteAllAnew)
}

func (d *Directory) inviteAllAnew(ctx context.Context, request InvitationRequest) map[string]error {
	select {
	case d.between <- struct{}{}:
		defer func() { <-d.between }()
	case <-ctx.Done():
		return all(request.Emails, ctx.Err())
	}
	errs := d.revokeFirst(ctx, request.Emails)
	request.Emails = slices.DeleteFunc(slices.Clone(request.Emails), func(email string) bool { return errs[email] != nil })
	if len(request.Emails) > 0 {
		after, cancel := afterRevocation(ctx)
		defer cancel()
		maps.Copy(errs, d.inviteAll(after, request))
	}
	return errs
}

// revokeFirst revokes what new invitations are to take the place of, and returns
// the errors of those where that failed.
func (d *Directory) revokeFirst(ctx context.Context, emails []string) map[string]error {
	failed := make([]error, len(emails))
	var group sync.WaitGroup
	for n, email := range emails {
		group.Go(func() {
			for _, i := range d.replacedBy(email) {
				if failed[n] = d.revoke(ctx, i); failed[n] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	errs := map[string]error{}
	for n, email := range emails {
		if failed[n] != nil {
			errs[email] = failed[n]
		}
	}
	return errs
}

// afterRevocation is a context for what has to follow: its calls go before all
// others, and its caller may have given up. As a write each has its own grace on
// top.
func afterRevocation(ctx context.Context) (context.Context, context.CancelFunc) {
	return pace.Outlive(pace.Ahead(ctx), grace/2)
}

// replace notes what a new invitation is to take the place of, until it did.
func (d *Directory) replace(email string, old []Invitation) (done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.replaced == nil {
		d.replaced = map[string][]Invitation{}
	}
	d.replaced[Fold(email)] = old
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.replaced, Fold(email))
	}
}

func (d *Directory) replacedBy(email string) []Invitation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.replaced[Fold(email)]
}
