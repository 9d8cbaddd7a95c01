// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
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
		e.Name, cloud.RoleOrganizationAdmin)
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
	m     *cloud.RoleMapping
	send  func(ctx context.Context, organizationID string) error
	stays func() bool // if set: that it shall not go any more
}

func (w mappingWrite) isOver() bool { return w.stays != nil && w.stays() }

func (w mappingWrite) carry(all mappings) {
	if w.m == nil {
		delete(all, w.name)
	} else {
		all[w.name] = *w.m
	}
}

// whenOwnersMapped makes a write. The service refuses one that leaves no mapping
// that gives organization-admin, yet another write of this run may be about to
// make it acceptable, or the end of the enforcement: it is waited for, up to the
// client's patience, and then tried once more.
func (r *RoleMappings) whenOwnersMapped(ctx context.Context, w mappingWrite) error {
	var refused error
	first := true
	err := r.view.patiently(ctx, func(last bool) (bool, <-chan time.Time, error) {
		lacking := r.lacksAdmin(ctx, w) // before the write: what the refusal is about may be over by the time it is here
		if !first && !last && lacking && !w.isOver() {
			return false, nil, nil // trying after every write of the run would be too much
		}
		first = false
		err := r.guardOwnersMapping(ctx, w)
		switch {
		case err == nil:
			return true, nil, nil
		case !isLastAdmin(err) && (!lacking || !refusedForOthers(err)):
			return true, nil, err
		case last && !isLastAdmin(err):
			return true, nil, &NoAdminMappingError{Err: err}
		case last:
			return true, nil, err
		}
		refused = err
		return false, nil, nil
	})
	if err != nil && errors.Is(err, ctx.Err()) && refused != nil {
		return refused
	}
	return err
}

// refusedForOthers tells that a role mapping was refused, and may be not for
// itself but for what other mappings there are.
func refusedForOthers(err error) bool {
	return isLastAdmin(err) || cloud.HasStatus(err, http.StatusBadRequest) && !cloud.HasCode(err, cloud.CodesOfBadMappings...)
}

func isLastAdmin(err error) bool {
	var last *LastAdminMappingError
	return errors.As(err, &last)
}

// lacksAdmin tells that after a write there would be role mappings, and none
// that gives organization-admin.
func (r *RoleMappings) lacksAdmin(ctx context.Context, w mappingWrite) bool {
	all, err := r.all(ctx, r.view.list)
	if err != nil {
		return false
	}
	w.carry(all)
	id, err := r.o.ID(ctx)
	return err == nil && len(all) > 0 && !all.giveAdmin(id)
}

// guardOwnersMapping makes the write, unless it takes organization-admin from the
// last mapping that gives it while SSO is enforced. What the service has is read
// for that under a lock, so that two mappings cannot each count on the other. Where
// the service does not say whether SSO is enforced, it has to refuse by itself.
func (r *RoleMappings) guardOwnersMapping(ctx context.Context, w mappingWrite) error {
	unlock, err := r.o.locks.lock(ctx, RoleMappingObject(w.name))
	if err != nil {
		return err
	}
	defer unlock()
	if w.isOver() {
		return nil
	}
	all, err := r.all(ctx, r.view.list)
	if err != nil {
		return err
	}
	id, err := r.o.ID(ctx)
	if err != nil {
		return err
	}
	keeps := w.m != nil && w.m.GivesOrganizationAdmin(id)
	if all[w.name].GivesOrganizationAdmin(id) && !keeps {
		unlock, err := r.o.locks.lock(ctx, ownersMappingLock)
		if err != nil {
			return err
		}
		defer unlock()
		if all, err = r.all(ctx, r.view.refresh); err != nil {
			return err
		}
		w.carry(all)
		if !all.giveAdmin(id) {
			organization, err := r.o.Get(ctx)
			if err != nil {
				return err
			}
			if organization.Enforcement == cloud.EnforcementOn {
				return &LastAdminMappingError{Name: w.name}
			}
		}
	}
	if err := w.send(ctx, id); err != nil {
		return err
	}
	if w.m != nil {
		r.o.kept.keep(RoleMappingObject(w.m.Name))
	}
	r.view.wrote(w.carry)
	return nil
}
