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
	// invited is that an invitation may be there. Before the probe there was none for
	// its addresses, so that each one for them counts as its own.
	invited bool
	// tokens are those of invitations that were made and not deleted for certain.
	tokens []string
	// mapping is the name of a role mapping that may be there; deleted is that it was
	// deleted, whether or not a list has shown it.
	mapping string
	deleted bool
	// unseen is until when something may still turn up; see mayAppear.
	unseen time.Time
}

// mayAppear notes that what was asked for last may still turn up in a list, although no
// reply told of it.
func (p *probe) mayAppear() { p.owed.unseen = time.Now().Add(longestLag) }

const (
	// mostUndoing bounds how long the undoing of one experiment goes on.
	mostUndoing = 90 * time.Second
	undoPause   = 2 * time.Second
)

// undoing is the context of what has to be done also where the probe was stopped.
func undoing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), mostUndoing)
}

// undo undoes what an experiment made, and goes on until the lists no longer show it. It
// returns what is left, with what to do about it.
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

// repeat does a step of undoing until it finds nothing more to do, and the lists had the
// time to show what nobody has told of.
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

// undoInvitations deletes one by one. It is done where the list was without them, and
// there was nothing to delete otherwise.
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

// ownToken takes note of an invitation that is the probe's own.
func (p *probe) ownToken(token string) {
	if token == "" {
		return
	}
	p.gate.tokens[token] = true
	p.owed.tokens = append(p.owed.tokens, token)
}

// undoMapping deletes the role mapping also where the list does not show it, which may be
// late.
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
