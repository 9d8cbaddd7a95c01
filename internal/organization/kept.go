// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Object names something in the organization that a resource can be for. Objects
// compare with ==.
type Object struct {
	kind objectKind
	// name is the e-mail address or the domain in lower case, or the name of a
	// role mapping. It is empty for what an organization has one of.
	name  string
	grant cloud.Grant // of that person
}

type objectKind string

const (
	personKind      objectKind = "person"
	grantKind       objectKind = "grant"
	domainKind      objectKind = "domain"
	roleMappingKind objectKind = "role mapping"
)

// There is one of these in an organization.
var (
	IdPObject             = Object{kind: "idp"}
	ServiceProviderObject = Object{kind: "service provider"} // known by an IdP, or by the placeholder
	EnforcementObject     = Object{kind: "enforcement"}

	EverybodyObject    = Object{kind: "everybody"}     // all members and invitations
	RoleMappingsObject = Object{kind: "role mappings"} // all role mappings
)

// PersonObject is somebody's access to the organization, whatever they hold.
func PersonObject(email string) Object { return Object{kind: personKind, name: cloud.Fold(email)} }

// GrantObject is one grant of a person.
func GrantObject(email string, g cloud.Grant) Object {
	return Object{kind: grantKind, name: cloud.Fold(email), grant: g}
}

// DomainObject is the claim of a domain.
func DomainObject(domain string) Object { return Object{kind: domainKind, name: cloud.Fold(domain)} }

// RoleMappingObject is the role mapping of a name.
func RoleMappingObject(name string) Object { return Object{kind: roleMappingKind, name: name} }

// String names the object for a log, or to compare it with another one later.
func (o Object) String() string { return fmt.Sprintf("%s %q %s", o.kind, o.name, o.grant) }

// Key returns the name in the form in which names of its kind compare.
func (o Object) Key() string { return o.name }

// Among returns the whole that an object is a part of: EverybodyObject of a person,
// RoleMappingsObject of a role mapping, and else the zero Object.
func (o Object) Among() Object {
	switch o.kind {
	case personKind:
		return EverybodyObject
	case roleMappingKind:
		return RoleMappingsObject
	}
	return Object{}
}

// place is the object whose lock keeps others from this one: the placeholder of the
// service provider stands in the place of the IdP.
func (o Object) place() Object {
	if o == ServiceProviderObject {
		return IdPObject
	}
	return o
}

// Compare orders objects by their kind and name. Grants of one person are equal.
func (o Object) Compare(other Object) int {
	return cmp.Or(cmp.Compare(o.kind, other.kind), cmp.Compare(o.name, other.name))
}

// kept is what this run keeps: what it made, changed, or found as it is wanted. A
// resource may be created before the one that it replaces is destroyed, and what
// is there then is the new one's.
type kept struct {
	mu      sync.Mutex
	objects map[Object]bool
	grants  map[string]map[cloud.Grant]bool // of people, by lower-case e-mail
	given   map[Object]map[cloud.Grant]bool // of people: what this run has given and not taken since
}

// keep notes an object that is no grant.
func (k *kept) keep(object Object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.objects == nil {
		k.objects = map[Object]bool{}
	}
	k.objects[object] = true
}

// keepGrants notes what this run gives somebody: all that they shall hold, or that
// beside what else it gives.
func (k *kept) keepGrants(email string, all bool, grants ...cloud.Grant) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := cloud.Fold(email)
	if all || k.grants[key] == nil {
		if k.grants == nil {
			k.grants = map[string]map[cloud.Grant]bool{}
		}
		k.grants[key] = map[cloud.Grant]bool{}
	}
	for _, g := range grants {
		k.grants[key][g] = true
	}
}

// gave notes what the service has given somebody, or taken from them.
func (k *kept) gave(person Object, is bool, grants ...cloud.Grant) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.given == nil {
		k.given = map[Object]map[cloud.Grant]bool{}
	}
	if k.given[person] == nil {
		k.given[person] = map[cloud.Grant]bool{}
	}
	for _, g := range grants {
		if is {
			k.given[person][g] = true
		} else {
			delete(k.given[person], g)
		}
	}
}

// hasGiven tells that the service has given somebody a role of the organization in this run.
func (k *kept) hasGiven(person Object, role string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.given[person][cloud.Grant{Role: role}]
}

// absorbed are the grants that this run has given somebody and that another one on all
// resources may have absorbed.
func (k *kept) absorbed(email string, by cloud.Grant) []cloud.Grant {
	k.mu.Lock()
	defer k.mu.Unlock()
	return by.Absorbs(slices.Collect(maps.Keys(k.given[PersonObject(email)])))
}

func (k *kept) has(object Object) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if object.kind == grantKind {
		return k.grants[object.name][object.grant]
	}
	return k.objects[object]
}

// Keeps tells that this run keeps an object: it brought it about, changed it, or
// found it as it is wanted.
func (o *Organization) Keeps(object Object) bool { return o.kept.has(object) }

// Ensure brings an object about, changes it or takes it over while nobody else in
// the run does so. Where bring says that it is there, the run keeps it.
func (o *Organization) Ensure(ctx context.Context, object Object, bring func() (there bool)) error {
	unlock, err := o.locks.lock(ctx, object.place())
	if err != nil {
		return err
	}
	defer unlock()
	if bring() {
		o.kept.keep(object)
	}
	return nil
}

// Dismiss ends an object, unless this run keeps it. What is ensured later finds it
// gone, and makes it anew.
func (o *Organization) Dismiss(ctx context.Context, object Object, end func() error) error {
	unlock, err := o.locks.lock(ctx, object.place())
	if err != nil {
		return err
	}
	defer unlock()
	if o.Keeps(object) {
		return nil
	}
	return end()
}
