// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// What a resource is for, and how two that are for the same fight.

// kind is what a plan does with a resource.
type kind int

const (
	toCreate  kind = iota
	toUpdate       // or leaves it as it is
	toReplace      // its attributes name another object than the state does
	toMove         // the same, in place: another grant of the same person
	toRemove
)

// departs tells that the resource is not for the object of its state any more.
func (k kind) departs() bool { return k == toReplace || k == toMove || k == toRemove }

// entry is what one resource is for.
type entry struct {
	resource string              // its type, such as elasticcloud_member
	object   organization.Object // whom or what it is for
	person   organization.Object // whose grant that is; zero for everything else
	name     string              // of the object, as the configuration spells it
	at       path.Path           // the attribute that names it
	isNew    bool                // it was for something else before, or was not there
	changes  bool                // it is updated
	created  bool                // apply makes it, and does not change it in place
	made     time.Time           // when the apply began that made it
	given    time.Time           // and the one that gave its grant last
	grants   []cloud.Grant       // what it gives a person
	disabled bool                // of the IdP: nobody can sign in through it
	only     whether             // the person, or whoever is listed, is to hold these grants and no others

	listed    map[string][]cloud.Grant // of a list: who or what is there, with the grants, by the key of the name
	listedToo func(key string) bool    // whom the list has beside these; nil is nobody
}

// lists reports whether a list has a name.
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

// parting is a resource that is not for an object any more.
type parting struct {
	entry
	kind kind
	// waits tells that it waits for what is planned at the same time. It tells its
	// conflicts itself then.
	waits bool
	// stays tells that apply leaves the object, or the grant, where it is: another
	// resource is for it.
	stays bool
	// unmet tells that Terraform asked for nothing more, and no other resource was for it.
	// One that comes later refers to this one, most likely, and then apply changes it later,
	// too.
	unmet bool
	// unseen tells that the other resource does not change, so that apply does not see it.
	unseen bool
}

// isGone reports whether it is clear that apply takes the object, or the grant, away.
func (d *parting) isGone() bool { return !d.waits && !d.stays }

// isBeside reports whether the same apply gave the grant of two assignments, so that both
// are meant. Others are what an apply has left that did not come to its end, with one
// of them given by now and the other not taken yet.
func (d *parting) isBeside(other entry) bool {
	return d.resource == other.resource && !d.given.IsZero() && d.given.Equal(other.given)
}

// comes tells that apply sees the resource: it is created or changed.
func (e entry) comes() bool { return e.isNew || e.changes }

// moves tells that it is updated to be for something else.
func (e entry) moves() bool { return e.isNew && !e.created }

// clash is how two resources fight.
type clash int

const (
	clashTwice      clash = iota // both are for the same object
	clashMove                    // one is for an object, and the other one for it goes
	clashBothWays                // one sets all grants of a person, and the other gives one more
	clashUnlisted                // one brings what the list of the other removes
	clashBeside                  // one is for people whom an elasticcloud_members is for
	clashLeaves                  // one removes a person whom an elasticcloud_members lists
	clashOwnerMove               // one gives the only owner organization-admin, and the other takes it
	clashTaken                   // one gives a grant that the other takes
	clashDisabled                // one enforces SSO, and the other disables the IdP
	clashOrphan                  // one gives a grant to a person whom the other removes
	clashKept                    // one gives a grant that the other, which goes, does not take therefore
	clashGrantOfTwo              // one gives a grant that the other takes, and apply does not see the former
	clashTwin                    // one goes, and another of its type is for the same object
	clashTwinAndNew              // the same, and something new of that type comes
	clashForsaken                // one is the service provider, and the other, which goes, is the IdP
	clashManyMove                // grants move between more assignments than Terraform changes at a time
)

// listedNames is the value of entry.listed where the names are all that is listed.
func listedNames(names []string, key func(string) string) map[string][]cloud.Grant {
	list := make(map[string][]cloud.Grant, len(names))
	for _, name := range names {
		list[key(name)] = nil
	}
	return list
}

// conflict is two resources that fight.
type conflict struct {
	clash clash
	entry entry    // the one that is planned now; of a list and something else, the latter
	other entry    // the one that was planned before
	names []string // all of them, where there are several of the first
	list  bool     // the list is planned now
	// changes tells that the resource of the entry is for something else afterwards.
	changes bool
	// unseen tells that the other resource does not change.
	unseen bool
	// late tells that the entry was planned once nothing more seemed to come.
	late bool
}

type conflicts []conflict

func (e entry) isGrant() bool { return e.person != (organization.Object{}) }

// subject is the object under which an entry is found: grants are with the person.
func (e entry) subject() organization.Object {
	if e.isGrant() {
		return e.person
	}
	return e.object
}

// setsAll reports whether one sets all grants of a person and the other one
// gives them another.
func (c conflict) setsAll() whether {
	if c.entry.isGrant() == c.other.isGrant() {
		return no
	}
	return max(c.entry.only, c.other.only)
}
