// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Enforcement requires all members to sign in through SSO.
type Enforcement struct {
	o    *Organization
	view *view[cloud.Organization] // the organization itself, which has the enforcement as a field
}

func newEnforcement(o *Organization) *Enforcement {
	shown := false // whether the field was shown in this run
	return &Enforcement{o: o, view: newView(o.config, cloud.Organization{}, asItIs, func(ctx context.Context) (cloud.Organization, error) {
		organization, err := in(ctx, o, o.client.GetOrganization)
		if shown = shown || organization.EnforcementShown; shown && !organization.EnforcementShown {
			organization.Enforcement = cloud.EnforcementOff
		}
		return organization, err
	})}
}

// Reasons not to enforce SSO, because it would lock everybody out.
var (
	ErrNoIdP           = errors.New("there is no SAML IdP, so nobody could sign in")
	ErrIdPDisabled     = errors.New("the SAML IdP is disabled, so nobody could sign in")
	ErrNoOwnersMapping = errors.New("no enabled role mapping gives organization-admin, so the organization would have no owner after everybody has signed in")
)

// RefusedError is the service's refusal to enforce SSO, for a reason that this client
// cannot see.
type RefusedError struct {
	// Err is the service's answer.
	Err error
}

// Error returns the service's answer.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns the service's answer.
func (e *RefusedError) Unwrap() error { return e.Err }

// Begin requires everybody to sign in through SSO (PUT
// /organizations/{organization_id}). It does nothing if that is required already. It
// returns ErrNoIdP, ErrIdPDisabled or ErrNoOwnersMapping if it would lock everybody
// out. While it runs, no mapping that gives organization-admin can be removed.
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

// isHidden reports whether the last reply did not say if SSO is enforced.
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

// Dismiss makes SSO optional, unless this run keeps the enforcement.
func (e *Enforcement) Dismiss(ctx context.Context) error {
	return e.o.Dismiss(ctx, EnforcementObject, func() error {
		id, err := e.o.ID(ctx)
		if err != nil {
			return err
		}
		return e.set(ctx, id, false)
	})
}

// set writes the enforcement. It returns when the service shows the new value, or hides
// the field.
func (e *Enforcement) set(ctx context.Context, organizationID string, on bool) error {
	inWords := map[cloud.Enforcement]string{cloud.EnforcementOff: "SSO is not enforced", cloud.EnforcementOn: "SSO is enforced"}
	wanted := cloud.EnforcementOff
	if on {
		wanted = cloud.EnforcementOn
	}
	replied := cloud.EnforcementUnknown
	return e.view.confirmed(ctx, write[cloud.Organization]{
		send: func(ctx context.Context, again bool) (string, error) {
			if on && again { // somebody else may have removed what the enforcement needs
				if err := e.ready(ctx, organizationID); err != nil {
					return "", err
				}
			}
			var err error
			replied, err = e.o.client.SetEnforcement(ctx, organizationID, on)
			e.o.RoleMappings.wake() // the last mapping that gives organization-admin may be removed now
			e.view.wake()           // and the IdP may be disabled
			return inWords[wanted], e.o.explain(ctx, organizationID, err)
		},
		shown: func(o cloud.Organization) (bool, string) {
			seen := o.Enforcement
			if seen == cloud.EnforcementUnknown { // a hidden field never shows the change, so the reply to the write counts
				seen = replied
			}
			return seen == wanted || seen == cloud.EnforcementUnknown, inWords[seen]
		},
	})
}
