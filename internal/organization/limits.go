// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"fmt"
	"slices"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Limits bound what one run may do to the people of an organization, whatever asks for
// it.
type Limits struct {
	// MinOwners is how many active owners each change leaves. Nil is 1; with 0 the last
	// one may go.
	MinOwners *int
	// Required are addresses of people who stay in the organization, and owners of it if
	// they are.
	Required []string
	// MaxRemovals is how many people the run may take out of the organization. Nil is no
	// limit.
	MaxRemovals *int
}

// LeastOwners is how many owners are left by each change.
func (l Limits) LeastOwners() int {
	if l.MinOwners == nil {
		return 1
	}
	return *l.MinOwners
}

// MayLoseAllOwners tells that the last owner may go.
func (l Limits) MayLoseAllOwners() bool { return l.LeastOwners() == 0 }

// Requires tells that somebody has to stay an owner.
func (l Limits) Requires(email string) bool {
	return slices.ContainsFunc(l.Required, func(other string) bool { return cloud.Fold(other) == cloud.Fold(email) })
}

// RequiredOwnerError refuses a change that would remove a required owner, or take
// organization-admin from them.
type RequiredOwnerError struct {
	// Email is the owner, in lower case.
	Email string
}

// Error names the owner.
func (e *RequiredOwnerError) Error() string {
	return cloud.Printable(e.Email) + " is a required owner, so the provider does not remove or demote them."
}

// TooManyRemovalsError refuses to take more people out of the organization than one run
// may.
type TooManyRemovalsError struct {
	// Most is how many the run may remove, and Before how many it has removed.
	Most, Before int
}

// Error says how many may go.
func (e *TooManyRemovalsError) Error() string {
	most := fmt.Sprintf("%d people", e.Most)
	if e.Most == 1 {
		most = "1 person"
	}
	return fmt.Sprintf("One run may remove at most %s, and this run has already removed %d.", most, e.Before)
}

// removed are the people whom a run takes out of the organization, by the keys of their
// objects: true for who is gone, and false for whose place is reserved for that. Who is
// tried twice counts once.
type removed struct {
	mu     sync.Mutex
	people map[string]bool
}

// mayRemove reserves the places of some people for their removal: of all or of none,
// where they would be too many. It returns a *TooManyRemovalsError then.
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

// done notes that somebody is gone.
func (r *removed) done(person Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, reserved := r.people[person.Key()]; reserved {
		r.people[person.Key()] = true
	}
}

// free gives the place of somebody back who is not gone.
func (r *removed) free(person Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.people[person.Key()] {
		delete(r.people, person.Key())
	}
}

// ReserveRemovals makes sure that all of these people may be removed, before any is. It
// returns a *TooManyRemovalsError where they are too many, or a *RequiredOwnerError.
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
