// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Enforcement has all members sign in through SSO.
type Enforcement struct {
	o    *Organization
	view *view[cloud.Organization] // the organization itself, of which it is a field
}

func newEnforcement(o *Organization) *Enforcement {
	shown := false // once it was, in this run
	return &Enforcement{o: o, view: newView(o.config, cloud.Organization{}, asItIs, func(ctx context.Context) (cloud.Organization, error) {
		organization, err := in(ctx, o, o.client.GetOrganization)
		if shown = shown || organization.EnforcementShown; shown && !organization.EnforcementShown {
			organization.Enforcement = cloud.EnforcementOff
		}
		return organization, err
	})}
}

// What is missing for an enforcement that does not lock everybody out.
var (
	ErrNoIdP           = errors.New("there is no SAML IdP, so nobody could sign in")
	ErrIdPDisabled     = errors.New("the SAML IdP is disabled, so nobody could sign in")
	ErrNoOwnersMapping = errors.New("no enabled role mapping gives organization-admin, so the organization would have no owner after everybody has signed in")
)

// RefusedError is the service's own refusal to enforce SSO, although nothing is
// missing that this client knows of.
type RefusedError struct {
	// Err is what the service said.
	Err error
}

// Error is what the service said.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns what the service said.
func (e *RefusedError) Unwrap() error { return e.Err }

// Begin has everybody sign in through SSO. It does nothing where that is so
// already. It refuses with ErrNoIdP, ErrIdPDisabled or ErrNoOwnersMapping where it
// would lock everybody out; until it is done, no mapping that gives
// organization-admin goes.
func (e *Enforcement) Begin(ctx context.Context) error {
	organization, err := e.o.Get(ctx)
	if err != nil || organization.Enforcement == cloud.EnforcementOn {
		return err
	}
	id, err := e.o.ID(ctx)
	if err != nil {
		return err
	}
	unlock, err := e.o.locks.lock(ctx, ownersMappingLock)
	if err != nil {
		return err
	}
	defer unlock()
	if err := e.ready(ctx, id); err != nil {
		return err
	}
	err = e.set(ctx, id, true)
	var said *cloud.Error
	if !isNotShown(err) && errors.As(err, &said) && said.Status >= 400 && said.Status < 500 {
		return &RefusedError{Err: err}
	}
	return err
}

// isHidden tells that the service does not say whether SSO is enforced, by what was read
// of it last.
func (e *Enforcement) isHidden() (hidden bool) {
	e.view.look(func(o cloud.Organization) { hidden = o.Enforcement == cloud.EnforcementUnknown })
	return hidden
}

func (e *Enforcement) ready(ctx context.Context, organizationID string) error {
	idp, err := e.o.IdP.Get(ctx)
	switch {
	case cloud.HasCode(err, cloud.CodeIdPNotConfigured):
		return ErrNoIdP
	case err != nil:
		return err
	case IsPlaceholder(idp):
		return ErrNoIdP
	case !idp.Enabled:
		return ErrIdPDisabled
	}
	return e.o.RoleMappings.awaitOwnersMapping(ctx, organizationID)
}

// Dismiss leaves it to everybody how they sign in, unless this run keeps the
// enforcement.
func (e *Enforcement) Dismiss(ctx context.Context) error {
	return e.o.Dismiss(ctx, EnforcementObject, func() error {
		id, err := e.o.ID(ctx)
		if err != nil {
			return err
		}
		return e.set(ctx, id, false)
	})
}

// set is done when the service shows it, or shows nothing of it at all.
func (e *Enforcement) set(ctx context.Context, organizationID string, on bool) error {
	inWords := map[cloud.Enforcement]string{cloud.EnforcementOff: "SSO is not enforced", cloud.EnforcementOn: "SSO is enforced"}
	wanted := cloud.EnforcementOff
	if on {
		wanted = cloud.EnforcementOn
	}
	replied := cloud.EnforcementUnknown
	return e.view.confirmed(ctx, write[cloud.Organization]{
		send: func(ctx context.Context, again bool) (string, error) {
			if on && again { // somebody else may have changed what it needs
				if err := e.ready(ctx, organizationID); err != nil {
					return "", err
				}
			}
			var err error
			replied, err = e.o.client.SetEnforcement(ctx, organizationID, on)
			e.o.RoleMappings.wake() // the last mapping that gives organization-admin may go now
			e.view.wake()           // and the IdP be disabled
			return inWords[wanted], e.o.explain(ctx, organizationID, err)
		},
		shown: func(o cloud.Organization) (bool, string) {
			seen := o.Enforcement
			if seen == cloud.EnforcementUnknown { // it is never shown: the reply counts, if that says anything
				seen = replied
			}
			return seen == wanted || seen == cloud.EnforcementUnknown, inWords[seen]
		},
	})
}
