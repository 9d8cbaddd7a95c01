// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// owed is what an experiment has made, or may have made.
type owed struct {
	// invited means that an invitation may exist. Before the run there was none for the
	// probe's addresses, so each invitation for them is the probe's own.
	invited bool
	// tokens are the tokens of invitations that were made, and may not be deleted.
	tokens []string
	// mapping is the name of a role mapping that may exist. deleted means that it was
	// deleted, even if no list has shown that.
	mapping string
	deleted bool
	// unseen is the time until which something may still appear; see mayAppear.
	unseen time.Time
}

// mayAppear notes that the result of the latest request may still appear in a list,
// although no reply confirmed it.
func (p *probe) mayAppear() { p.owed.unseen = time.Now().Add(longestLag) }

const (
	// mostUndoing is the longest time for undoing one experiment.
	mostUndoing = 90 * time.Second
	undoPause   = 2 * time.Second
)

// undoing returns the context for undoing, which continues after the probe was stopped.
func undoing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), mostUndoing)
}

// undo undoes what an experiment made, and waits until the lists no longer show it. It
// returns what is left, and what to do about it.
func (p *probe) undo(ctx context.Context) (left []string) {
	ctx, cancel := undoing(ctx)
	defer cancel()
	if p.owed.invited {
		if err := p.repeat(ctx, p.undoInvitations); err != nil {
			for _, email := range p.emails {
				left = append(left, fmt.Sprintf("An invitation of %s may still be pending. Look in the console under Organization, Members, and delete it there. (%v)", email, err))
			}
		}
	}
	if p.owed.mapping != "" {
		if err := p.repeat(ctx, p.undoMapping); err != nil {
			left = append(left, fmt.Sprintf("The role mapping %s may still exist. It is disabled. Look in the console under Organization, Security, and delete it there. (%v)", p.owed.mapping, err))
		}
	}
	if len(left) == 0 {
		p.owed = owed{}
	}
	return left
}

// repeat repeats a step of undoing until there is nothing more to do, and the lists had
// time to show unconfirmed writes.
func (p *probe) repeat(ctx context.Context, step func(context.Context) (done bool, err error)) error {
	for {
		done, err := step(ctx)
		if done && !time.Now().Before(p.owed.unseen) {
			return nil
		}
		if err == nil {
			err = errors.New("the lists still show it")
		}
		if sleep(ctx, undoPause) != nil {
			return err
		}
	}
}

// undoInvitations deletes the invitations one by one. It is done if the list shows
// none, and there is none to delete.
func (p *probe) undoInvitations(ctx context.Context) (done bool, err error) {
	invitations, err := p.client.ListInvitations(ctx, p.organizationID)
	for _, i := range invitations {
		if p.owns(i.Email) && !slices.Contains(p.owed.tokens, i.Token) {
			p.ownToken(i.Token)
		}
	}
	if err == nil && len(p.owed.tokens) == 0 {
		return true, nil
	}
	for _, token := range slices.Clone(p.owed.tokens) {
		deleteErr := p.client.DeleteInvitations(ctx, p.organizationID, token)
		if deleteErr == nil || cloud.HasCode(deleteErr, cloud.CodeInvitationNotFound) {
			p.owed.tokens = slices.DeleteFunc(p.owed.tokens, func(other string) bool { return other == token })
		} else {
			err = errors.Join(err, deleteErr)
		}
	}
	return false, err
}

// ownToken notes the token of one of the probe's own invitations.
func (p *probe) ownToken(token string) {
	if token == "" {
		return
	}
	p.gate.tokens[token] = true
	p.owed.tokens = append(p.owed.tokens, token)
}

// undoMapping deletes the role mapping even if the list does not show it, because the
// list may lag behind.
func (p *probe) undoMapping(ctx context.Context) (done bool, err error) {
	_, found, err := p.listedMapping(ctx, p.owed.mapping)
	if err == nil && !found && p.owed.deleted {
		return true, nil
	}
	deleteErr := p.client.DeleteRoleMapping(ctx, p.organizationID, p.owed.mapping)
	if deleteErr == nil || cloud.HasCode(deleteErr, cloud.CodeRoleMappingNotFound) {
		p.owed.deleted = true
		return false, err
	}
	return false, errors.Join(err, deleteErr)
}
