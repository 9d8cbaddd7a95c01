// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// LastAdminMappingError refuses a change that would leave no enabled role
// mapping that gives organization-admin while SSO is enforced.
type LastAdminMappingError struct {
	// Name is the role mapping that would have stopped giving it.
	Name string
}

// Error names the mapping.
func (e *LastAdminMappingError) Error() string {
	return fmt.Sprintf("%q is the last enabled role mapping that gives %s, and SSO is enforced; without one nobody could manage the organization after their next sign-in",
		e.Name, RoleOrganizationAdmin)
}

// NoAdminMappingError is the service's refusal of a role mapping where none gives
// organization-admin, and none came in time.
type NoAdminMappingError struct {
	// Err is what the service said.
	Err error
}

// Error is what the service said.
func (e *NoAdminMappingError) Error() string { return e.Err.Error() }

// Unwrap returns what the service said.
func (e *NoAdminMappingError) Unwrap() error { return e.Err }

// mappingWrite is a write after which a role mapping is as in m, or is gone.
type mappingWrite struct {
	name  string
	m     *RoleMapping
	send  func() error
	stays func() bool // if set: that it shall not go any more
}

func (w mappingWrite) isOver() bool { return w.stays != nil && w.stays() }

// whenAdminMapped makes a write. The service refuses one that leaves no mapping
// that gives organization-admin, yet another write of this run may be about to
// make it acceptable, or the end of the enforcement: it is waited for, up to the
// client's patience, and then tried once more.
func (s *Settings) whenAdminMapped(ctx context.Context, w mappingWrite) error {
	timeout := time.NewTimer(s.client.config.Patience)
	defer timeout.Stop()
	var err error
	for first := true; ; first = false {
		changed := s.mappings.nextWrite()
		lacking := s.lacksAdmin(ctx, w)      // before the write: what the refusal is about may be over by the time it is here
		if first || !lacking || w.isOver() { // trying after every write of the run would be too much
			if err = s.guardAdmin(ctx, w); err == nil {
				return nil
			}
			if !isLastAdmin(err) && (!lacking || !refusedForOthers(err)) {
				return err
			}
		}
		select {
		case <-changed:
		case <-timeout.C: // another run may have done it, which nothing here tells of
			if err = s.guardAdmin(ctx, w); lacking && refusedForOthers(err) && !isLastAdmin(err) {
				return &NoAdminMappingError{Err: err}
			}
			return err
		case <-ctx.Done():
			return err
		}
	}
}

// refusedForOthers tells that a role mapping was refused, and may be not for
// itself but for what other mappings there are.
func refusedForOthers(err error) bool {
	return isLastAdmin(err) || hasStatus(err, http.StatusBadRequest) && !HasCode(err, codesOfBadMappings...)
}

func isLastAdmin(err error) bool {
	var last *LastAdminMappingError
	return errors.As(err, &last)
}

// lacksAdmin tells that after a write there would be role mappings, and none
// that gives organization-admin.
func (s *Settings) lacksAdmin(ctx context.Context, w mappingWrite) bool {
	mappings, err := s.mappings.get(ctx, false)
	if err != nil {
		return false
	}
	listWrite[RoleMapping]{key: w.name, item: w.m}.apply(mappings)
	organizationID, err := s.client.OrganizationID(ctx)
	return err == nil && len(mappings) > 0 && !givesAdmin(mappings, organizationID)
}

// givesAdmin tells whether one of the mappings gives organization-admin.
func givesAdmin(mappings map[string]RoleMapping, organizationID string) bool {
	for _, m := range mappings {
		if m.GivesOrganizationAdmin(organizationID) {
			return true
		}
	}
	return false
}

// guardAdmin makes the write, unless it takes organization-admin from the last
// mapping that gives it while SSO is enforced. What the service has is read for
// that under a lock, so that two mappings cannot each count on the other. Where
// the service does not say whether SSO is enforced, it has to refuse by itself.
func (s *Settings) guardAdmin(ctx context.Context, w mappingWrite) error {
	name, m := w.name, w.m
	unlock, err := s.locks.lock(ctx, string(MappingSetting(name)))
	if err != nil {
		return err
	}
	defer unlock()
	if w.isOver() {
		return nil
	}
	mappings, err := s.mappings.get(ctx, false)
	if err != nil {
		return err
	}
	organizationID, err := s.client.OrganizationID(ctx)
	if err != nil {
		return err
	}
	keeps := m != nil && m.GivesOrganizationAdmin(organizationID)
	if mappings[name].GivesOrganizationAdmin(organizationID) && !keeps {
		unlock, err := s.locks.lock(ctx, adminWrites)
		if err != nil {
			return err
		}
		defer unlock()
		if mappings, err = s.mappings.get(ctx, true); err != nil {
			return err
		}
		listWrite[RoleMapping]{key: name, item: m}.apply(mappings)
		if !givesAdmin(mappings, organizationID) {
			o, err := s.client.GetOrganization(ctx)
			if err != nil {
				return err
			}
			if o.Enforcement == EnforcementOn {
				return &LastAdminMappingError{Name: name}
			}
		}
	}
	if err := w.send(); err != nil {
		return err
	}
	if m != nil {
		s.ensured.note(MappingSetting(m.Name))
	}
	s.mappings.wrote(name, m)
	return nil
}

// Enforce has everybody sign in through SSO, where ready has nothing against it.
// Until that is done, no mapping that gives organization-admin goes.
func (s *Settings) Enforce(ctx context.Context, ready func() error) error {
	unlock, err := s.locks.lock(ctx, adminWrites)
	if err != nil {
		return err
	}
	defer unlock()
	if err := ready(); err != nil {
		return err
	}
	return s.client.SetEnforcement(ctx, true)
}

// EndEnforcement leaves it to everybody how they sign in.
func (s *Settings) EndEnforcement(ctx context.Context) error {
	err := s.client.SetEnforcement(ctx, false)
	s.mappings.changed() // the last mapping that gives organization-admin may go now
	return err
}
