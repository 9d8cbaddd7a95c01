// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// tryDeleteList deletes two invitations at once.
func (p *probe) tryDeleteList(ctx context.Context, first, second string) error {
	deleteErr := p.client.DeleteInvitations(ctx, p.organizationID, first, second)
	answer := p.gate.last().answer()
	if deleteErr != nil && !refused(deleteErr) {
		return deleteErr
	}
	if deleteErr == nil {
		if err := p.findGone(ctx, first); err != nil {
			return err
		}
	}
	listed, err := p.settled(ctx)
	if err != nil {
		return err
	}
	reading := readDeleteList(deleteErr, slices.ContainsFunc(listed, hasToken(first)), slices.ContainsFunc(listed, hasToken(second)))
	p.find("delete-list", reading, "%s", answer)
	return nil
}

// readDeleteList returns the reading of a DELETE of two invitations. first and second
// are true if the list still shows the invitation.
func readDeleteList(err error, first, second bool) string {
	switch {
	case err != nil && first && second:
		return "is refused"
	case err != nil:
		return "deletes a part, and answers with an error"
	case first || second:
		return "deletes one, and answers with success"
	}
	return "deletes all"
}

// findGone waits until an invitation is no longer listed.
func (p *probe) findGone(ctx context.Context, token string) error {
	took, err := p.until(ctx, "the invitation was still listed", func() (bool, error) {
		own, err := p.own(ctx)
		return !slices.ContainsFunc(own, hasToken(token)), err
	})
	if err == nil {
		p.findLag("gone", took)
	}
	return err
}

// tryDelete deletes the invitations that still exist, and then the first one again.
func (p *probe) tryDelete(ctx context.Context, tokens ...string) error {
	own, err := p.own(ctx)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		if !slices.ContainsFunc(own, hasToken(token)) {
			continue
		}
		if err := p.client.DeleteInvitations(ctx, p.organizationID, token); err != nil {
			return err
		}
		if err := p.findGone(ctx, token); err != nil {
			return err
		}
	}
	err = p.client.DeleteInvitations(ctx, p.organizationID, tokens[0])
	answer := p.gate.last().answer()
	switch {
	case err == nil:
		p.find("delete-unknown", "success", "%s", answer)
	case cloud.HasStatus(err, http.StatusNotFound) && cloud.HasCode(err, cloud.CodeInvitationNotFound):
		p.find("delete-unknown", "404 with its code", "%s", answer)
	case refused(err):
		p.find("delete-unknown", "another refusal", "%s", answer)
	default:
		return err
	}
	return nil
}
