// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// An entry is the object that a resource manages. A conflict is two resources that would
// undo each other.

// kind is what a plan does with a resource.
type kind int

const (
	toCreate  kind = iota
	toUpdate       // or leave it unchanged
	toReplace      // the plan is for another object than the state
	toMove         // the same, in place: another grant of the same person
	toRemove
)

// departs reports whether the resource no longer manages the object of its state.
func (k kind) departs() bool { return k == toReplace || k == toMove || k == toRemove }

// entry is what one resource manages.
type entry struct {
	resource string              // its type, such as elasticcloud_member
	object   organization.Object // the object that it manages
	person   organization.Object // of a grant: the person; zero for everything else
	name     string              // of the object, as the configuration spells it
	at       path.Path           // the attribute that names it
	isNew    bool                // it managed another object before, or did not exist
	changes  bool                // it is updated
	created  bool                // apply creates it, and does not change it in place
	made     time.Time           // when the apply began that created it
	given    time.Time           // when the apply began that last granted its grant
	grants   []cloud.Grant       // what it grants a person
	disabled bool                // of the IdP: nobody can sign in through it
	only     whether             // the grants are complete: the resource revokes all others

	listed    map[string][]cloud.Grant // of a list: the grants of each listed name, by its key
	listedToo func(key string) bool    // reports whether the list has further names, such as by a pattern
}

// lists reports whether a list contains a name.
func (e entry) lists(key string) bool {
	_, there := e.listed[key]
	return there || e.listedToo != nil && e.listedToo(key)
}

// whether is a yes or no that may be known only after apply.
type whether int

const (
	no whether = iota
	maybe
	yes
)

// parting is a resource that no longer manages an object after the plan.
type parting struct {
	entry
	kind kind
	// waits is set while it waits for resources that are planned at the same time. When the
	// wait ends, it reports its conflicts itself.
	waits bool
	// stays is set if apply keeps the object or the grant, because another resource
	// manages it.
	stays bool
	// unmet is set if Terraform planned nothing more, and no other resource managed the
	// object. A resource that is planned later most likely refers to this one. Apply then
	// changes it later too.
	unmet bool
	// unseen is set if the other resource does not change, so that apply does not see it.
	unseen bool
}

// isGone reports whether apply certainly removes the object or revokes the grant.
func (d *parting) isGone() bool { return !d.waits && !d.stays }

// isBeside reports whether the same apply granted two assignments of one grant, so that
// both are intended. Otherwise an apply was interrupted: it granted one of them, and did
// not yet revoke the other.
func (d *parting) isBeside(other entry) bool {
	return d.resource == other.resource && !d.given.IsZero() && d.given.Equal(other.given)
}

// comes reports whether apply sees the resource: it is created or changed.
func (e entry) comes() bool { return e.isNew || e.changes }

// moves reports whether an update makes the resource manage another object.
func (e entry) moves() bool { return e.isNew && !e.created }

// clash is a kind of conflict between two resources.
type clash int

const (
	clashTwice      clash = iota // both manage the same object
	clashMove                    // one manages an object, and the other would remove it
	clashBothWays                // one sets all grants of a person, and the other grants one more
	clashUnlisted                // one creates what the list of the other removes
	clashBeside                  // one manages people whom an elasticcloud_members manages
	clashLeaves                  // one removes a person whom an elasticcloud_members lists
	clashOwnerMove               // one grants organization-admin to the only owner, and the other revokes it
	clashTaken                   // one grants what the other revokes
	clashDisabled                // one enforces SSO, and the other disables the IdP
	clashOrphan                  // one grants a role to a person whom the other removes
	clashKept                    // one is destroyed, but does not revoke its grant, because the other grants it
	clashGrantOfTwo              // one grants what the other revokes, and apply does not see the former
	clashTwin                    // one is destroyed, and another of its type manages the same object
	clashTwinAndNew              // the same, and another resource of that type is created
	clashForsaken                // one is the service provider, and the other is the IdP, which is destroyed
	clashManyMove                // grants move between more assignments than Terraform changes at a time
)

// listedNames returns the value of entry.listed for a list of names without grants.
func listedNames(names []string, key func(string) string) map[string][]cloud.Grant {
	list := make(map[string][]cloud.Grant, len(names))
	for _, name := range names {
		list[key(name)] = nil
	}
	return list
}

// conflict is two resources that would undo each other.
type conflict struct {
	clash clash
	entry entry    // the resource that is planned now; if one of the two is a list, the other one
	other entry    // the resource that was planned before
	names []string // the names, if several entries have the same conflict
	list  bool     // the list is planned now
	// changes is set if the resource of the entry manages another object afterwards.
	changes bool
	// unseen is set if the other resource does not change.
	unseen bool
	// late is set if the entry was planned after Terraform seemed to have planned everything.
	late bool
}

type conflicts []conflict

func (e entry) isGrant() bool { return e.person != (organization.Object{}) }

// subject returns the object under which the ledger keeps an entry. A grant is kept under
// the person.
func (e entry) subject() organization.Object {
	if e.isGrant() {
		return e.person
	}
	return e.object
}

// setsAll reports whether one resource sets all grants of a person, and the other grants
// another one.
func (c conflict) setsAll() whether {
	if c.entry.isGrant() == c.other.isGrant() {
		return no
	}
	return max(c.entry.only, c.other.only)
}
