// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// NotResentError is the error of Resend where the invitation is revoked, or may
// be, and no other took its place: nobody but the error knows any more what it
// promised.
type NotResentError struct {
	// Grants is what the invitation promised, as far as it can be written as
	// grants.
	Grants []cloud.Grant
	// Unconfirmed tells that the invitation may still be there: the service did
	// not say whether it revoked it.
	Unconfirmed bool
	// Err is the reason.
	Err error

	beyond cloud.RoleAssignments
}

// Error says what was promised, all of it.
func (e *NotResentError) Error() string {
	what := "the invitation that was there is revoked, and no new one went out"
	switch {
	case e.Unconfirmed:
		what = notKnownRevoked
	case cloud.Unsure(e.Err):
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
		text += ", and what this provider does not know: " + e.beyond.String()
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
func (p *People) Resend(ctx context.Context, email, expiresIn string) (Person, error) {
	var first Person // before anything was revoked
	var organizationID string
	err := p.withPerson(ctx, email, func(who Person, id string) error {
		organizationID = id
		i, invited := who.Invitation()
		switch {
		case who.Member != nil:
			return nil
		case !first.Exists() && !invited:
			return ErrUnknownPerson
		case !first.Exists():
			first = who
		case invited && !i.Expired && !first.hasInvitation(i):
			return nil // a new one is out: this one, whose answer was lost, or somebody else's
		}
		promised, _ := first.Invitation()
		return p.inviteAnew(ctx, who, email, expiresIn, promised.RoleAssignments, true)
	})
	person := p.known(email)
	if err == nil || person.Member != nil || cloud.HasCode(err, cloud.CodeAlreadyMember) {
		return person, err
	}
	promised, invited := first.Invitation()
	if unconfirmed := cloud.Unsure(err) && person.mayLose(promised); invited && (unconfirmed || !p.isListed(promised)) {
		err = &NotResentError{
			Grants:      promised.RoleAssignments.Grants(organizationID),
			Unconfirmed: unconfirmed,
			Err:         err,
			beyond:      promised.RoleAssignments.BeyondGrants(organizationID),
		}
	}
	return person, err
}

// mostAnew bounds the requests for new invitations under way that take the place
// of others: if the run dies, those are left whose old one is revoked.
const mostAnew = 4

// inviteAnew revokes what is there before it invites, since the service takes no
// second invitation and cannot change one. The new one follows at once, together
// with those of others who are promised the same. It goes out also where the run
// is stopped in between, or was in an earlier try that revoked the old one.
func (p *People) inviteAnew(ctx context.Context, who Person, email, expiresIn string, roles cloud.RoleAssignments, revoked bool) error {
	if len(who.Invitations) == 0 {
		if revoked {
			after, cancel := afterRevocation(ctx)
			defer cancel()
			ctx = after
		}
		return p.invite(ctx, email, expiresIn, roles)
	}
	return p.inviteTogether(ctx, "invite anew ", item{name: email, old: who.oldFirst()}, cloud.InvitationRequest{ExpiresIn: expiresIn, RoleAssignments: roles}, p.inviteAllAnew)
}

func (p *People) inviteAllAnew(ctx context.Context, request cloud.InvitationRequest, items []item) map[string]error {
	select {
	case p.between <- struct{}{}:
		defer func() { <-p.between }()
	case <-ctx.Done():
		return all(items, ctx.Err())
	}
	errs := p.revokeFirst(ctx, items)
	free := slices.DeleteFunc(slices.Clone(items), func(i item) bool { return errs[i.name] != nil })
	if len(free) > 0 {
		after, cancel := afterRevocation(ctx)
		defer cancel()
		maps.Copy(errs, p.inviteAll(after, request, free))
	}
	return errs
}

// revokeFirst revokes what new invitations are to take the place of, and returns
// the errors of those where that failed.
func (p *People) revokeFirst(ctx context.Context, items []item) map[string]error {
	failed := make([]error, len(items))
	var group sync.WaitGroup
	for n, one := range items {
		group.Go(func() {
			for _, i := range one.old {
				if failed[n] = p.revoke(ctx, i); failed[n] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	errs := map[string]error{}
	for n, one := range items {
		if failed[n] != nil {
			errs[one.name] = failed[n]
		}
	}
	return errs
}

// afterRevocation is a context for what has to follow: its calls go before all
// others, and its caller may have given up. As a write each has its own grace on
// top.
func afterRevocation(ctx context.Context) (context.Context, context.CancelFunc) {
	return pace.Outlive(pace.Ahead(ctx), cloud.Grace/2)
}
