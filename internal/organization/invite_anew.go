// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// mostAnew is how many requests that replace invitations are under way at a time. If
// the run dies, only these people can be left without an invitation.
const mostAnew = 4

// inviteAnew revokes the present invitations before it sends a new one, because the
// service accepts no second invitation and cannot change one. The new one is sent right
// afterwards, together with new invitations of other people who are promised the same.
// It is sent even if the run is stopped in between, or if an earlier attempt revoked
// the old one.
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

// revokeFirst revokes the invitations that new ones replace, and returns the errors by
// item.
func (p *People) revokeFirst(ctx context.Context, items []item) map[string]error {
	failed := make([]error, len(items))
	var group sync.WaitGroup
	for n, one := range items {
		group.Go(func() {
			for _, i := range one.old {
				if failed[n] = p.revoke(ctx, i, false); failed[n] != nil {
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

// afterRevocation returns a context for the invitation that follows a revocation. Its
// calls have priority over all others, and continue after the caller has given up. Each
// of them has in addition the grace of a write.
func afterRevocation(ctx context.Context) (context.Context, context.CancelFunc) {
	return pace.Outlive(pace.Ahead(ctx), cloud.Grace/2)
}
