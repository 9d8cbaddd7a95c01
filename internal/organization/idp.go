// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// IdP is the SAML IdP of the organization.
type IdP struct {
	o      *Organization
	looked sharedRead
	there  atomic.Bool // once looked
}

// ErrEnforced is the error of Dismiss while SSO is enforced: without an IdP nobody
// could sign in.
var ErrEnforced = errors.New("SSO is enforced, so nobody could sign in any more")

// Get reads the IdP, each time anew. Where there is none, the error has
// cloud.CodeIdPNotConfigured.
func (i *IdP) Get(ctx context.Context) (cloud.IdP, error) {
	return in(ctx, i.o, i.o.client.GetIdP)
}

// Configured tells whether there was an IdP when that was first asked: it is for
// plans, which write nothing.
func (i *IdP) Configured(ctx context.Context) (bool, error) {
	err := i.looked.do(ctx, time.Time{}, func(ctx context.Context) error {
		_, err := i.Get(ctx)
		i.there.Store(err == nil)
		if cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
			return nil
		}
		return err
	})
	return i.there.Load(), err
}

// Put configures the IdP, in the place of the one that is there, and returns it as
// it is then. Where the answer is lost, it looks whether what is there is as
// wanted.
func (i *IdP) Put(ctx context.Context, wanted cloud.IdP, asWanted func(cloud.IdP) bool) (cloud.IdP, error) {
	written, err := in(ctx, i.o, func(ctx context.Context, id string) (cloud.IdP, error) {
		return i.o.client.PutIdP(ctx, id, wanted)
	})
	if err != nil {
		if there, lookErr := i.Get(ctx); lookErr == nil && asWanted(there) {
			return there, nil
		}
	}
	return written, err
}

// Dismiss deletes the IdP, unless this run keeps it. One that is not there is no
// error; while SSO is enforced, the error is ErrEnforced.
func (i *IdP) Dismiss(ctx context.Context) error {
	return i.o.Dismiss(ctx, IdPObject, func() error {
		id, err := i.o.ID(ctx)
		if err != nil {
			return err
		}
		unlock, err := i.o.locks.lock(ctx, ownersMappingLock) // so that nobody enforces SSO meanwhile
		if err != nil {
			return err
		}
		defer unlock()
		organization, err := i.o.Get(ctx)
		if err != nil {
			return err
		}
		if organization.Enforcement == cloud.EnforcementOn {
			return ErrEnforced
		}
		if err := i.o.client.DeleteIdP(ctx, id); !cloud.Gone(err) {
			return err
		}
		return nil
	})
}
