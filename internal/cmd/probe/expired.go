// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// longestLife is how long the probe waits for an invitation to expire.
const longestLife = 2 * time.Minute

// tryExpired lets an invitation expire, and invites its address again.
func (p *probe) tryExpired(ctx context.Context) error {
	made, err := p.invite(ctx, "1s", nil, p.emails[0])
	if err != nil {
		return err
	}
	first := made[0]
	created := p.createdAt(first.Token)
	life := first.ExpiresAt.Sub(p.client.Now())
	rules := []string{"expired-listed", "expired-post"}
	switch {
	case first.ExpiresAt.IsZero():
		p.unfound(rules, "the reply does not say when it expires")
		return nil
	case life > longestLife:
		p.unfound(rules, "with expires_in 1s it ends only after %s", life.Round(time.Second))
		return nil
	case p.settle == 0:
		p.unfound(rules, "how long lists lag is not known")
		return nil
	}
	if err := sleep(ctx, life+time.Second); err != nil { // the service's clock is known to the second
		return err
	}
	listed, err := p.settled(ctx)
	if err != nil {
		return err
	}
	fields := invitationFields(p.gate.last(), first.Token)
	switch {
	case !slices.ContainsFunc(listed, hasToken(first.Token)):
		p.find("expired-listed", "not listed", "")
	case string(fields["expired"]) == "true":
		p.find("expired-listed", "listed with expired: true", "")
	default:
		p.find("expired-listed", "listed, and expires_at alone tells", "")
	}
	return p.tryAfterExpiry(ctx, first.Token, created)
}

// tryAfterExpiry invites an address whose invitation has expired.
func (p *probe) tryAfterExpiry(ctx context.Context, first, created string) error {
	made, err := p.invite(ctx, "", nil, p.emails[0])
	answer := p.gate.last().answer()
	switch {
	case cloud.HasCode(err, cloud.CodeInvitationExists):
		p.find("expired-post", "is refused", "%s", answer)
		return nil
	case err != nil:
		return err
	}
	again := p.createdAt(made[0].Token)
	listed, err := p.settled(ctx)
	if err != nil {
		return err
	}
	switch {
	case made[0].Token == first || created != "" && created == again:
		p.find("expired-post", "refreshes it", "%s, with the same token or created_at", answer)
	case slices.ContainsFunc(listed, hasToken(first)):
		p.find("expired-post", "a second invitation", "%s", answer)
	default:
		p.find("expired-post", "replaces it", "%s", answer)
	}
	return nil
}

// createdAt is created_at of an invitation in the last reply.
func (p *probe) createdAt(token string) string {
	return string(invitationFields(p.gate.last(), token)["created_at"])
}
