// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"sync"
)

// Setting names an object of the organization that a resource is for.
type Setting string

// There is one of these in an organization.
const (
	IdPSetting         Setting = "idp"
	EnforcementSetting Setting = "enforcement"
)

// DomainSetting is the claim of a domain.
func DomainSetting(domain string) Setting { return Setting("domain " + Fold(domain)) }

// MappingSetting is the role mapping of a name.
func MappingSetting(name string) Setting { return Setting("mapping " + name) }

// ensuredSettings are those that this run made or kept. A resource may be created
// before the one that it replaces is destroyed, and what is there then is the new
// one's.
type ensuredSettings struct {
	mu      sync.Mutex
	ensured map[Setting]bool
}

// note is for whoever has the lock.
func (e *ensuredSettings) note(what Setting) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ensured == nil {
		e.ensured = map[Setting]bool{}
	}
	e.ensured[what] = true
}

// IsEnsured tells that this run made a setting, changed it or kept it.
func (s *Settings) IsEnsured(what Setting) bool {
	s.ensured.mu.Lock()
	defer s.ensured.mu.Unlock()
	return s.ensured.ensured[what]
}

// Ensure makes, changes or takes over a setting while nobody else in the run does
// so. Where bring says that it is there, Dismiss leaves it from then on.
func (s *Settings) Ensure(ctx context.Context, what Setting, bring func() (there bool)) error {
	unlock, err := s.locks.lock(ctx, string(what))
	if err != nil {
		return err
	}
	defer unlock()
	if bring() {
		s.ensured.note(what)
	}
	return nil
}

// Dismiss ends a setting, unless this run ensured it. What is ensured later finds
// it gone, and makes it anew.
func (s *Settings) Dismiss(ctx context.Context, what Setting, end func() error) error {
	unlock, err := s.locks.lock(ctx, string(what))
	if err != nil {
		return err
	}
	defer unlock()
	if s.IsEnsured(what) {
		return nil
	}
	return end()
}
