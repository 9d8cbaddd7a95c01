// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// IdP is the SAML IdP of the organization: a view that all resources of a run share.
type IdP struct {
	o    *Organization
	view *view[configuredIdP]
	// certificate returns the placeholder's certificate, which is the same in the whole
	// run.
	certificate func() (string, error)
}

// configuredIdP is what the service shows of the IdP.
type configuredIdP struct {
	idp  cloud.IdP
	none error // the error by which the service says that no IdP is configured; nil if one is
}

// ErrEnforced is returned by Dismiss, and by a Put that disables the IdP, while SSO is
// enforced: without an enabled IdP nobody could sign in.
var ErrEnforced = errors.New("SSO is enforced, so nobody could sign in without an enabled IdP")

func newIdP(o *Organization) *IdP {
	return &IdP{o: o, certificate: sync.OnceValues(newPlaceholderCertificate), view: newView(o.config, configuredIdP{}, asItIs, func(ctx context.Context) (configuredIdP, error) {
		idp, err := in(ctx, o, o.client.GetIdP)
		if cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
			return configuredIdP{none: err}, nil
		}
		return configuredIdP{idp: idp}, err
	})}
}

// Get reads the IdP from the service each time. If none is configured, the error has
// cloud.CodeIdPNotConfigured.
func (i *IdP) Get(ctx context.Context) (idp cloud.IdP, err error) {
	if err := i.view.refresh(ctx); err != nil {
		return cloud.IdP{}, err
	}
	i.view.look(func(c configuredIdP) { idp, err = c.idp, c.none })
	return idp, err
}

// Configured returns what was configured when a plan first asked: IdPObject,
// ServiceProviderObject for the placeholder, or the zero Object. It reads once, because
// plans write nothing.
func (i *IdP) Configured(ctx context.Context) (there Object, err error) {
	if err := i.view.list(ctx); err != nil {
		return Object{}, err
	}
	i.view.look(func(c configuredIdP) {
		switch {
		case c.isReal():
			there = IdPObject
		case c.none == nil:
			there = ServiceProviderObject
		}
	})
	return there, nil
}

// Put configures the IdP, replaces a present one, and returns the result (PUT
// /organizations/{organization_id}/idp). It returns when the service shows an IdP as
// wanted. If the wanted IdP is disabled while SSO is enforced, it waits for another
// resource of the run to end the enforcement, for as long as Config.Patience. Then the
// error is ErrEnforced.
func (i *IdP) Put(ctx context.Context, wanted cloud.IdP, asWanted func(cloud.IdP) bool) (written cloud.IdP, err error) {
	put := write[configuredIdP]{
		send: func(ctx context.Context, _ bool) (string, error) {
			put, err := in(ctx, i.o, func(ctx context.Context, id string) (cloud.IdP, error) {
				return i.o.client.PutIdP(ctx, id, wanted)
			})
			written = put // empty if the answer is lost
			return describeIdP(wanted), err
		},
		shown: func(c configuredIdP) (bool, string) {
			if c.none != nil {
				return false, "no IdP"
			}
			done := asWanted(c.idp)
			if done && written.ServiceProvider.EntityID == "" {
				written = c.idp
			}
			return done, describeIdP(c.idp)
		},
	}
	if wanted.Enabled {
		err = i.view.confirmed(ctx, put)
		return written, err
	}
	looks := 0
	err = i.o.Enforcement.view.patiently(ctx, func(last bool) (bool, <-chan time.Time, error) {
		err := i.unlessEnforced(ctx, put)
		if !last && !isNotShown(err) && (errors.Is(err, ErrEnforced) || cloud.HasStatus(err, http.StatusBadRequest) && i.o.Enforcement.isHidden()) {
			looks++
			return false, time.After(i.o.client.Backoff(looks - 1)), nil
		}
		return true, nil, err
	})
	return written, err
}

func enabledInWords(enabled bool) string {
	if enabled {
		return "enabled"
	}
	return "disabled"
}

func describeIdP(idp cloud.IdP) string {
	certificates := fmt.Sprintf("%d certificates", len(idp.Certificates))
	if len(idp.Certificates) == 1 {
		certificates = "1 certificate"
	}
	return fmt.Sprintf("the issuer %s at %s, %s, with the prefix %s and %s", idp.Issuer, idp.SSOURL, enabledInWords(idp.Enabled), idp.LoginIdentifierPrefix, certificates)
}

// Dismiss deletes the IdP, unless this run keeps it. It returns nil if there is no IdP,
// and leaves a placeholder alone. While SSO is enforced, the error is ErrEnforced.
func (i *IdP) Dismiss(ctx context.Context) error {
	return i.o.Dismiss(ctx, IdPObject, func() error {
		id, err := i.o.ID(ctx)
		if err != nil {
			return err
		}
		return i.unlessEnforced(ctx, write[configuredIdP]{
			send: func(ctx context.Context, _ bool) (string, error) {
				if there, err := i.Get(ctx); unlessNotConfigured(err) != nil || err == nil && IsPlaceholder(there) {
					return "", err
				}
				if err := i.o.client.DeleteIdP(ctx, id); err != nil && !cloud.Gone(err) {
					return "", err
				}
				return "delete the IdP", nil
			},
			shown: func(c configuredIdP) (bool, string) { return !c.isReal(), describeIdP(c.idp) },
		})
	})
}

// unlessEnforced makes a write after which nobody could sign in through the IdP. It
// reads the enforcement right before each attempt, and returns ErrEnforced while SSO is
// enforced. If the service hides the enforcement, the writes of this run decide;
// otherwise the service has to refuse the write.
func (i *IdP) unlessEnforced(ctx context.Context, w write[configuredIdP]) error {
	unlock, err := i.o.locks.lock(ctx, ownersMappingLock) // so that nobody enforces SSO at the same time
	if err != nil {
		return err
	}
	defer unlock()
	send := w.send
	w.send = func(ctx context.Context, again bool) (string, error) {
		organization, err := i.o.Get(ctx)
		switch {
		case err != nil:
			return "", err
		case organization.Enforcement == cloud.EnforcementOn, organization.Enforcement == cloud.EnforcementUnknown && i.o.Keeps(EnforcementObject):
			return "", ErrEnforced
		}
		return send(ctx, again)
	}
	return i.view.confirmed(ctx, w)
}
