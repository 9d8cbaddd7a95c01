// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// LastAdminMappingError refuses a change that would leave no enabled role mapping with
// organization-admin while SSO is enforced.
type LastAdminMappingError struct {
	// Name is the role mapping that would have stopped giving it.
	Name string
}

// Error names the mapping.
func (e *LastAdminMappingError) Error() string {
	return fmt.Sprintf("%q is the last enabled role mapping that gives %s, and SSO is enforced. Without such a mapping, nobody could manage the organization after their next sign-in.",
		e.Name, cloud.RoleOrganizationAdmin)
}

// NoAdminMappingError is the service's refusal of a role mapping because no mapping
// gives organization-admin. No other resource has added such a mapping in time.
type NoAdminMappingError struct {
	// Err is the service's answer.
	Err error
}

// Error returns the service's answer.
func (e *NoAdminMappingError) Error() string { return e.Err.Error() }

// Unwrap returns the service's answer.
func (e *NoAdminMappingError) Unwrap() error { return e.Err }

// mappingWrite is a write of one role mapping. Afterwards the mapping called name is as
// in m, or is deleted if m is nil.
type mappingWrite struct {
	name string
	m    *cloud.RoleMapping
	adds bool // the mapping is new
	// send is called again if the service does not show what was sent.
	send  func(ctx context.Context, again bool) error
	stays func() bool // if set: reports that the mapping must not be deleted any longer
	// deletedAs is the name under which a deletion was sent.
	deletedAs *string
}

func (w mappingWrite) isOver() bool { return w.stays != nil && w.stays() }

// target returns the present name of the mapping that the write is about.
func (w mappingWrite) target(all mappings) string {
	if w.m == nil {
		return all.toDelete(w.name)
	}
	return w.name
}

func (w mappingWrite) carry(all mappings) {
	delete(all, w.name)
	if w.m != nil {
		all[w.m.Name] = *w.m
	} else {
		delete(all, *w.deletedAs)
	}
}

// names returns the names that the write is about, in the order in which they are
// locked.
func (w mappingWrite) names() []string {
	names := []string{w.name}
	if w.m != nil && w.m.Name != w.name {
		names = append(names, w.m.Name)
	}
	slices.Sort(names)
	return names
}

// whenOwnersMapped makes a write. The service refuses a write that leaves no mapping
// with organization-admin. Another write of this run, or the end of the enforcement,
// may be about to make it acceptable. whenOwnersMapped waits for that, for as long as
// Config.Patience, and then tries once more.
func (r *RoleMappings) whenOwnersMapped(ctx context.Context, w mappingWrite) error {
	var refused error
	first, looks := true, 0
	err := r.view.patiently(ctx, func(last bool) (bool, <-chan time.Time, error) {
		lacking, mapped := r.after(ctx, w) // before the write: the reason of a refusal may be gone when the answer arrives
		if !first && !last && lacking && !w.isOver() {
			return false, nil, nil // trying after every write of the run would be too much
		}
		first = false
		err := r.guardOwnersMapping(ctx, w)
		switch {
		case err == nil:
			return true, nil, nil
		case isNotShown(err): // it was sent
			return true, nil, err
		case !isLastAdmin(err) && (mapped || !refusedForOthers(err)):
			return true, nil, err
		case last && !isLastAdmin(err):
			return true, nil, &NoAdminMappingError{Err: err}
		case last:
			return true, nil, err
		}
		refused = err
		if !mapped {
			return false, nil, nil
		}
		looks++ // the lists do not show yet what this run wrote
		return false, time.After(r.o.client.Backoff(looks - 1)), nil
	})
	if err != nil && errors.Is(err, ctx.Err()) && refused != nil {
		return refused
	}
	return err
}

// refusedForOthers reports whether a role mapping was refused, and other mappings may
// be the reason, instead of the mapping or a missing IdP.
func refusedForOthers(err error) bool {
	return isLastAdmin(err) || !isNotShown(err) && cloud.HasStatus(err, http.StatusBadRequest) && !cloud.HasCode(err, cloud.CodesOfBadMappings...) && !cloud.HasCode(err, cloud.CodeIdPNotConfigured)
}

func isLastAdmin(err error) bool {
	var last *LastAdminMappingError
	return errors.As(err, &last)
}

// after says what mappings there would be after a write. lacking means that there are
// mappings, but none that gives organization-admin. mapped means that one does.
func (r *RoleMappings) after(ctx context.Context, w mappingWrite) (lacking, mapped bool) {
	all, err := r.all(ctx, r.view.list)
	if err != nil {
		return false, false
	}
	delete(all, w.target(all))
	if w.m != nil {
		w.carry(all)
	}
	id, err := r.o.ID(ctx)
	mapped = all.giveAdmin(id)
	return err == nil && len(all) > 0 && !mapped, mapped
}

// guardOwnersMapping makes the write, unless it takes organization-admin from the last
// mapping that gives it while SSO is enforced. It reads the service right before, and
// again under a lock, so that two writes in this run cannot each count on the other
// mapping. If the service hides the enforcement, the service has to refuse the write.
func (r *RoleMappings) guardOwnersMapping(ctx context.Context, w mappingWrite) error {
	for _, name := range w.names() {
		unlock, err := r.o.locks.lock(ctx, RoleMappingObject(name))
		if err != nil {
			return err
		}
		defer unlock()
	}
	if w.isOver() {
		return nil
	}
	id, err := r.o.ID(ctx)
	if err != nil {
		return err
	}
	keeps := w.m != nil && w.m.GivesOrganizationAdmin(id)
	var unlock func() // nil while the lock is not held
	if !keeps && !w.adds {
		unlock, err = r.lockOwnersMappings(ctx, w, id)
	}
	defer func() {
		if unlock != nil {
			unlock()
		}
	}()
	if err != nil {
		return err
	}
	return r.view.confirmed(ctx, write[mappings]{
		send: func(ctx context.Context, again bool) (string, error) {
			if again && !keeps { // somebody else may have changed another mapping
				var err error
				if unlock != nil {
					err = r.refuseLast(ctx, w, id)
				} else {
					r.view.writes.end() // other writes must not wait for this one while it waits for the lock
					unlock, err = r.lockOwnersMappings(ctx, w, id)
					r.view.writes.begin()
				}
				if err != nil {
					return "", err
				}
			}
			if err := w.send(ctx, again); err != nil {
				return "", err
			}
			if w.m != nil {
				r.o.kept.keep(RoleMappingObject(w.m.Name))
			}
			r.view.wrote(RoleMappingObject(w.name), w.carry)
			return w.inWords(id), nil
		},
		shown: func(listed mappings) (bool, string) { return w.isShown(listed, id), w.shownInWords(listed, id) },
	})
}

// isShown reports whether the service lists the result of the write.
func (w mappingWrite) isShown(listed mappings, organizationID string) bool {
	if _, found := listed[w.name]; found && (w.m == nil || w.m.Name != w.name) {
		return false
	}
	if w.m == nil {
		_, left := listed[*w.deletedAs]
		return !left
	}
	there, found := listed[w.m.Name]
	return found && there.MayBe(*w.m, organizationID)
}

func (w mappingWrite) inWords(organizationID string) string {
	if w.m == nil {
		return fmt.Sprintf("delete %q", w.name)
	}
	return describeMapping(*w.m, organizationID)
}

func (w mappingWrite) shownInWords(listed mappings, organizationID string) string {
	name := w.target(listed)
	if w.m != nil {
		name = w.m.Name
	}
	there, found := listed[name]
	if !found {
		return fmt.Sprintf("no mapping %q", name)
	}
	return describeMapping(there, organizationID)
}

func describeMapping(m cloud.RoleMapping, organizationID string) string {
	grants := cloud.JoinGrants(m.RoleAssignments.Grants(organizationID))
	return fmt.Sprintf("%q, %s, for %s, giving %s", m.Name, enabledInWords(m.Enabled), m.Rule, cmp.Or(grants, "no known role"))
}

// lockOwnersMappings refuses a write after which no mapping would make owners. If the
// write takes organization-admin from a mapping, it also locks the owners' mappings
// until unlock is called. Otherwise unlock is nil.
func (r *RoleMappings) lockOwnersMappings(ctx context.Context, w mappingWrite, organizationID string) (unlock func(), err error) {
	if err := r.view.recent(ctx); err != nil {
		return nil, err
	}
	if takes, _ := r.takesOwners(w, organizationID); !takes {
		return nil, nil
	}
	if unlock, err = r.o.locks.lock(ctx, ownersMappingLock); err != nil {
		return nil, err
	}
	return unlock, r.refuseLast(ctx, w, organizationID)
}

// refuseLast reads the service, and refuses a write after which no mapping would make
// owners. The caller holds the lock.
func (r *RoleMappings) refuseLast(ctx context.Context, w mappingWrite, organizationID string) error {
	if err := r.view.refresh(ctx); err != nil {
		return err
	}
	if takes, another := r.takesOwners(w, organizationID); !takes || another {
		return nil
	}
	organization, err := r.o.Get(ctx)
	if err == nil && organization.Enforcement == cloud.EnforcementOn {
		err = &LastAdminMappingError{Name: w.name}
	}
	return err
}

// takesOwners reports whether a write takes organization-admin from a mapping that
// gives it, and whether another mapping gives it, too.
func (r *RoleMappings) takesOwners(w mappingWrite, organizationID string) (takes, another bool) {
	r.view.lookBoth(func(listed, all mappings) {
		// As listed, too: another run may have undone what this run took from a
		// mapping.
		name := w.target(all)
		takes = all[name].GivesOrganizationAdmin(organizationID) || listed[name].GivesOrganizationAdmin(organizationID)
		another = anotherGivesAdmin(listed, all, organizationID, name)
	})
	return takes, another
}

// anotherGivesAdmin reports whether a mapping with another name gives
// organization-admin, both as the service lists it and with the writes of this run. The
// list counts because another run may have undone a write of this one.
func anotherGivesAdmin(listed, all mappings, organizationID, except string) bool {
	for name, m := range listed {
		if name != except && m.GivesOrganizationAdmin(organizationID) && all[name].GivesOrganizationAdmin(organizationID) {
			return true
		}
	}
	return false
}

// awaitOwnersMapping returns when the service lists a mapping with organization-admin.
// If this run made one, the list may lag behind, so it waits. If not, it returns
// ErrNoOwnersMapping.
func (r *RoleMappings) awaitOwnersMapping(ctx context.Context, organizationID string) error {
	looks := 0
	return r.view.patiently(ctx, func(last bool) (bool, <-chan time.Time, error) {
		if err := r.view.refresh(ctx); err != nil {
			return false, nil, err
		}
		shown, made := false, false
		r.view.lookBoth(func(listed, all mappings) {
			shown, made = anotherGivesAdmin(listed, all, organizationID, ""), all.giveAdmin(organizationID)
		})
		if !shown && (last || !made) {
			return false, nil, ErrNoOwnersMapping
		}
		looks++
		return shown, time.After(r.o.client.Backoff(looks - 1)), nil
	})
}
