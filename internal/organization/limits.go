// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"fmt"
	"slices"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Limits are limits for what all resources of one run together may do to the people of
// an organization.
type Limits struct {
	// MinOwners is how many active owners each change must leave. Nil means 1; 0 allows
	// removing the last one.
	MinOwners *int
	// Required are the addresses of required owners. A member who is on the list is
	// neither removed nor, as an owner, demoted.
	Required []string
	// MaxRemovals is how many people the run may remove. Nil means no limit.
	MaxRemovals *int
}

// LeastOwners returns how many owners each change must leave.
func (l Limits) LeastOwners() int {
	if l.MinOwners == nil {
		return 1
	}
	return *l.MinOwners
}

// MayLoseAllOwners reports whether the last owner may be removed.
func (l Limits) MayLoseAllOwners() bool { return l.LeastOwners() == 0 }

// Requires reports whether a person is a required owner.
func (l Limits) Requires(email string) bool {
	return slices.ContainsFunc(l.Required, func(other string) bool { return cloud.Fold(other) == cloud.Fold(email) })
}

// RequiredOwnerError refuses a change that would remove or demote a required owner.
type RequiredOwnerError struct {
	// Email is the owner's address, in lower case.
	Email string
}

// Error names the owner.
func (e *RequiredOwnerError) Error() string {
	return cloud.Printable(e.Email) + " is a required owner, so the provider does not remove or demote them."
}

// TooManyRemovalsError refuses to remove more people than one run may remove.
type TooManyRemovalsError struct {
	// Most is how many people the run may remove, and Before how many it has removed.
	Most, Before int
}

// Error says how many people the run may remove.
func (e *TooManyRemovalsError) Error() string {
	return fmt.Sprintf("One run may remove at most %d of the organization's people, and this run has already removed %d.", e.Most, e.Before)
}

// removed has the people whom a run removes, by the keys of their objects. The value is
// true for a removed person, and false for a reservation. A person whose removal is
// tried twice counts once.
type removed struct {
	mu     sync.Mutex
	people map[string]bool
}

// mayRemove reserves the removal of all these people. If they are too many, it reserves
// none and returns a *TooManyRemovalsError.
func (p *People) mayRemove(people ...Object) error {
	most := p.o.config.Limits.MaxRemovals
	if most == nil {
		return nil
	}
	r := &p.removed
	r.mu.Lock()
	defer r.mu.Unlock()
	added := map[string]bool{}
	for _, person := range people {
		if _, there := r.people[person.Key()]; !there {
			added[person.Key()] = true
		}
	}
	if len(r.people)+len(added) > *most {
		return &TooManyRemovalsError{Most: *most, Before: len(r.people)}
	}
	if r.people == nil {
		r.people = map[string]bool{}
	}
	for key := range added {
		r.people[key] = false
	}
	return nil
}

// done notes that a person is removed.
func (r *removed) done(person Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, reserved := r.people[person.Key()]; reserved {
		r.people[person.Key()] = true
	}
}

// free ends the reservation of a person who was not removed.
func (r *removed) free(person Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.people[person.Key()] {
		delete(r.people, person.Key())
	}
}

// ReserveRemovals makes sure that all these people may be removed, before the first one
// is. If not, it returns a *TooManyRemovalsError or a *RequiredOwnerError.
func (p *People) ReserveRemovals(emails []string) error {
	people := make([]Object, len(emails))
	for i, email := range emails {
		if p.o.config.Limits.Requires(email) {
			return &RequiredOwnerError{Email: cloud.Fold(email)}
		}
		people[i] = PersonObject(email)
	}
	return p.mayRemove(people...)
}
