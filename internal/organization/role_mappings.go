// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// RoleMappings are the role mappings of the organization: one view that all resources
// of a run share.
type RoleMappings struct {
	o    *Organization
	view *view[mappings]
}

// mappings are role mappings by name.
type mappings map[string]cloud.RoleMapping

// giveAdmin reports whether one of the mappings gives organization-admin.
func (m mappings) giveAdmin(organizationID string) bool {
	for _, mapping := range m {
		if mapping.GivesOrganizationAdmin(organizationID) {
			return true
		}
	}
	return false
}

// toDelete returns the present name of a mapping that has to be deleted: its name, or
// the name that an earlier deletion gave it.
func (m mappings) toDelete(name string) string {
	if _, found := m[name]; found {
		return name
	}
	return nameToDelete(name)
}

func newRoleMappings(o *Organization) *RoleMappings {
	return &RoleMappings{o: o, view: newView(o.config, mappings{}, maps.Clone, func(ctx context.Context) (mappings, error) {
		list, err := in(ctx, o, o.client.ListRoleMappings)
		listed := make(mappings, len(list))
		for _, m := range list {
			listed[m.Name] = m
		}
		return listed, err
	})}
}

// wake wakes the callers who wait for a mapping, after something other than a write of
// a mapping.
func (r *RoleMappings) wake() { r.view.wake() }

// List returns the role mappings, sorted by name.
func (r *RoleMappings) List(ctx context.Context) ([]cloud.RoleMapping, error) {
	all, err := r.all(ctx, r.view.list)
	return all.sorted(), err
}

// all returns a copy.
func (r *RoleMappings) all(ctx context.Context, read func(context.Context) error) (all mappings, err error) {
	if err := read(ctx); err != nil {
		return nil, err
	}
	r.view.look(func(l mappings) { all = maps.Clone(l) })
	return all, nil
}

func (m mappings) sorted() (list []cloud.RoleMapping) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[name])
	}
	return list
}

// Find looks up a role mapping by its name, and reports whether it exists. A mapping
// that a deletion renamed and could not delete is found by its old name.
func (r *RoleMappings) Find(ctx context.Context, name string) (m cloud.RoleMapping, found bool, err error) {
	return r.find(ctx, name, nameToDelete(name))
}

// find returns the first mapping that has one of the names.
func (r *RoleMappings) find(ctx context.Context, names ...string) (m cloud.RoleMapping, found bool, err error) {
	if err := r.view.list(ctx); err != nil {
		return m, false, err
	}
	r.view.look(func(all mappings) {
		for _, name := range names {
			if m, found = all[name]; found {
				break
			}
		}
	})
	return m, found, nil
}

// Keep looks up a role mapping by its name. If it is as wanted, this run keeps it; see
// Dismiss.
func (r *RoleMappings) Keep(ctx context.Context, name string, asWanted func(cloud.RoleMapping) bool) (m cloud.RoleMapping, found bool, err error) {
	lockErr := r.o.Ensure(ctx, RoleMappingObject(name), func() bool {
		m, found, err = r.Find(ctx, name)
		return found && asWanted(m)
	})
	r.view.wake() // its deletion may be waiting for another one
	return m, found, cmp.Or(err, lockErr)
}

// Add adds a role mapping (POST /organizations/{organization_id}/role_mappings). If the
// answer is lost, it checks whether the mapping exists before it adds it again. It may
// wait; see whenOwnersMapped.
func (r *RoleMappings) Add(ctx context.Context, m cloud.RoleMapping) error {
	_, known, err := r.find(ctx, m.Name)
	if err != nil {
		return err
	}
	return r.whenOwnersMapped(ctx, mappingWrite{name: m.Name, m: &m, adds: true, send: func(ctx context.Context, again bool) error {
		if again { // a mapping with this name is the run's own
			if err := r.update(ctx, m.Name, m); !cloud.Gone(err) {
				return err
			}
		}
		for try := 0; ; try++ {
			err := r.add(ctx, m)
			if !cloud.Unsure(err) || known || try == r.o.client.MaxRetries() {
				return err
			}
			if r.o.client.Pause(ctx, try) != nil {
				return err
			}
			// Not by the list, which may lag behind.
			if err := r.update(ctx, m.Name, m); !cloud.Gone(err) {
				return err
			}
		}
	}})
}

// Update replaces the role mapping with a name; m may rename it (PUT
// /organizations/{organization_id}/role_mappings/{role_name}). It may wait; see
// whenOwnersMapped.
func (r *RoleMappings) Update(ctx context.Context, name string, m cloud.RoleMapping) error {
	err := r.whenOwnersMapped(ctx, mappingWrite{name: name, m: &m, send: func(ctx context.Context, again bool) error {
		err := r.put(ctx, name, m)
		if again && name != m.Name && cloud.Gone(err) { // it has its new name already
			return r.update(ctx, m.Name, m)
		}
		return err
	}})
	if cloud.Gone(err) {
		r.view.wrote(RoleMappingObject(name), func(all mappings) { delete(all, name) })
	}
	return err
}

// put replaces the role mapping with a name; m may rename it. If the answer to a rename
// is lost, the mapping may have its new name already.
func (r *RoleMappings) put(ctx context.Context, name string, m cloud.RoleMapping) error {
	err := r.update(ctx, name, m)
	for try := 0; name != m.Name && cloud.Unsure(err) && try < r.o.client.MaxRetries(); try++ {
		if r.o.client.Pause(ctx, try) != nil {
			return err
		}
		// By the old name first: a mapping with the new name may be somebody else's.
		if err = r.update(ctx, name, m); cloud.Gone(err) {
			err = r.update(ctx, m.Name, m)
		}
	}
	return err
}

// add, update and delete make one call each. They repeat it if somebody else was making
// a change at the same moment.
func (r *RoleMappings) add(ctx context.Context, m cloud.RoleMapping) error {
	return r.o.alone(ctx, func(ctx context.Context, id string) (again bool, err error) {
		return false, r.o.client.AddRoleMapping(ctx, id, m)
	})
}

func (r *RoleMappings) update(ctx context.Context, name string, m cloud.RoleMapping) error {
	return r.o.alone(ctx, func(ctx context.Context, id string) (again bool, err error) {
		return false, r.o.client.UpdateRoleMapping(ctx, id, name, m)
	})
}

func (r *RoleMappings) delete(ctx context.Context, name string) error {
	return r.o.alone(ctx, func(ctx context.Context, id string) (again bool, err error) {
		return false, r.o.client.DeleteRoleMapping(ctx, id, name)
	})
}

// Delete deletes a role mapping, even if this run keeps it (DELETE
// /organizations/{organization_id}/role_mappings/{role_name}). It returns nil if there
// is no such mapping. It may wait; see whenOwnersMapped.
func (r *RoleMappings) Delete(ctx context.Context, name string) error {
	return r.whenOwnersMapped(ctx, r.deletion(name))
}

// Dismiss is Delete, unless this run keeps the mapping, or begins to keep it while
// Dismiss waits.
func (r *RoleMappings) Dismiss(ctx context.Context, name string) error {
	w := r.deletion(name)
	w.stays = func() bool { return r.o.Keeps(RoleMappingObject(name)) }
	return r.whenOwnersMapped(ctx, w)
}

func (r *RoleMappings) deletion(name string) mappingWrite {
	deletedAs := name
	return mappingWrite{name: name, deletedAs: &deletedAs, send: func(ctx context.Context, _ bool) error {
		err := r.deleteByAnyName(ctx, name, &deletedAs)
		if cloud.Gone(err) {
			return nil
		}
		return err
	}}
}

// nameToDelete returns the name under which a role mapping is deleted. A mapping with a
// comma in its name is renamed first.
func nameToDelete(name string) string {
	if !strings.Contains(name, ",") {
		return name
	}
	return strings.ReplaceAll(name, ",", ";") + " (to be deleted)"
}

// deleteByAnyName deletes a role mapping. If the name has a comma, it renames the
// mapping first, because the service would take the name for a list of names. deletedAs
// is set to the name that it asked the service to delete.
func (r *RoleMappings) deleteByAnyName(ctx context.Context, name string, deletedAs *string) error {
	if !strings.Contains(name, ",") {
		return r.delete(ctx, name)
	}
	all, err := r.all(ctx, r.view.refresh)
	if err != nil {
		return err
	}
	m, found := all[name]
	renamed := m
	renamed.Name = nameToDelete(name)
	_, taken := all[renamed.Name]
	if !found && taken { // by an earlier run that could not finish
		*deletedAs = renamed.Name
		return r.delete(ctx, renamed.Name)
	}
	if !found {
		return nil
	}
	for ; taken; _, taken = all[renamed.Name] {
		renamed.Name += " (to be deleted)"
	}
	*deletedAs = renamed.Name
	// If an answer was lost, the mapping may have its new name already. The deletion
	// finds out.
	renameErr := r.put(ctx, name, renamed)
	if renameErr != nil && !cloud.Gone(renameErr) && !cloud.Unsure(renameErr) {
		return renameErr
	}
	err = r.delete(ctx, renamed.Name)
	switch {
	case err == nil:
		return nil
	case cloud.Gone(err) && cloud.Unsure(renameErr):
		return renameErr
	case cloud.Gone(err):
		return nil
	}
	// Also if the run is stopped, and then at once. As a write, the call has its own
	// grace.
	longer, cancel := pace.Outlive(ctx, cloud.Grace/10)
	defer cancel()
	if backErr := r.put(longer, renamed.Name, m); backErr != nil && !cloud.Gone(backErr) {
		return fmt.Errorf("%w\n\nThe provider renamed the role mapping to %q in order to delete it, and could not rename it back: %w", err, renamed.Name, backErr)
	}
	return err
}
