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

// afterRevocation is a context for what has to follow: its calls go before all
// others, and its caller may have given up. As a write each has its own grace on
// top.
func afterRevocation(ctx context.Context) (context.Context, context.CancelFunc) {
	return pace.Outlive(pace.Ahead(ctx), cloud.Grace/2)
}
