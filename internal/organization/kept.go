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

// Object names something in the organization that a resource can manage. Objects
// compare with ==.
type Object struct {
	kind objectKind
	// name is the e-mail address or the domain in lower case, or the name of a role
	// mapping. It is empty if an organization has only one such object.
	name  string
	grant cloud.Grant // of the person
}

type objectKind string

const (
	personKind      objectKind = "person"
	grantKind       objectKind = "grant"
	domainKind      objectKind = "domain"
	roleMappingKind objectKind = "role mapping"
)

// An organization has only one of each.
var (
	IdPObject             = Object{kind: "idp"}
	ServiceProviderObject = Object{kind: "service provider"} // known through an IdP or the placeholder
	EnforcementObject     = Object{kind: "enforcement"}

	EverybodyObject    = Object{kind: "everybody"}     // all members and invitations
	RoleMappingsObject = Object{kind: "role mappings"} // all role mappings
)

// PersonObject is a person's access to the organization, with any grants.
func PersonObject(email string) Object { return Object{kind: personKind, name: cloud.Fold(email)} }

// GrantObject is one grant of a person.
func GrantObject(email string, g cloud.Grant) Object {
	return Object{kind: grantKind, name: cloud.Fold(email), grant: g}
}

// DomainObject is the claim of a domain.
func DomainObject(domain string) Object { return Object{kind: domainKind, name: cloud.Fold(domain)} }

// RoleMappingObject is the role mapping with a name.
func RoleMappingObject(name string) Object { return Object{kind: roleMappingKind, name: name} }

// String names the object for a log, or to compare it with another one later.
func (o Object) String() string { return fmt.Sprintf("%s %q %s", o.kind, o.name, o.grant) }

// Key returns the name in the form in which names of its kind compare.
func (o Object) Key() string { return o.name }

// Among returns the whole that the object is a part of: EverybodyObject for a person,
// RoleMappingsObject for a role mapping, otherwise the zero Object.
func (o Object) Among() Object {
	switch o.kind {
	case personKind:
		return EverybodyObject
	case roleMappingKind:
		return RoleMappingsObject
	}
	return Object{}
}

// place returns the object whose lock protects this one. The placeholder of the service
// provider takes the IdP's place, so it shares the IdP's lock.
func (o Object) place() Object {
	if o == ServiceProviderObject {
		return IdPObject
	}
	return o
}

// Compare orders objects by kind and name. Grants of one person are equal.
func (o Object) Compare(other Object) int {
	return cmp.Or(cmp.Compare(o.kind, other.kind), cmp.Compare(o.name, other.name))
}

// kept has the objects that this run keeps: what it created, changed, or found as
// wanted. Terraform may create a resource before it destroys the one that is replaced.
// Then the object belongs to the new resource.
type kept struct {
	mu      sync.Mutex
	objects map[Object]bool
	grants  map[string]map[cloud.Grant]bool // of people, by lower-case e-mail address
	given   map[Object]map[cloud.Grant]bool // of people: granted by this run, and not revoked since
}

// keep notes an object, other than a grant, as kept.
func (k *kept) keep(object Object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.objects == nil {
		k.objects = map[Object]bool{}
	}
	k.objects[object] = true
}

// keepGrants notes grants of a person as kept. If all is set, these are all grants that
// the person should hold. Otherwise they are added to the others.
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

// gave notes grants that the service has given to a person, or revoked.
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

// hasGiven reports whether the service has granted a person a role of the organization
// in this run.
func (k *kept) hasGiven(person Object, role string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.given[person][cloud.Grant{Role: role}]
}

// absorbed returns the grants that this run has given to a person, and that a grant on
// all resources may have absorbed.
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

// Keeps reports whether this run keeps an object: it created it, changed it, or found
// it as wanted.
func (o *Organization) Keeps(object Object) bool { return o.kept.has(object) }

// Ensure creates, changes or adopts an object, under the object's lock. If bring
// reports that the object exists, the run keeps it.
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

// Dismiss ends an object, unless this run keeps it. A later Ensure finds the object
// missing and creates it again.
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
