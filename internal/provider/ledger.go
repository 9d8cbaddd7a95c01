// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// ledger notes what the resources of one run are for. So two that would fight
// are told before anything is written, whichever of them is planned first.
type ledger struct {
	mu     sync.Mutex
	pages  map[organization.Object]*page
	lists  map[organization.Object][]entry // resources that are complete with a list of names
	said   map[saying]bool                 // conflicts that are said once in a run
	mapped map[string]mappingInWords       // role mappings that are new or change, by name

	answered time.Time  // when the last of what goes stopped to wait
	leaving  []*parting // of which nobody knows whether something else is for the same

	verified map[string]bool // domains that this plan verifies, in lower case
	open     bool            // some role mappings or domains are known only after apply

	removed map[string]bool // people who lose their place, by lower-case address

	moving int // how many grants move from an assignment that changes to another resource

	twins map[string]entry // what goes while another resource of its type is for the same, by type
	comes map[string]bool  // the types of which something is created

	expected map[string]bool // objects that an apply is about to bring about, in words

	traffic *traffic // is told when something is noted
}

// page has what is known of one person, domain, role mapping and so on.
type page struct {
	held []entry
	gone []*parting

	warned    bool // that a role mapping may change the roles of the person
	demoted   bool // the plan takes organization-admin from them
	ownerGoes bool // they are the only owner, by an assignment that goes
}

// saying is a clash that is told once for each kind of resource.
type saying struct {
	clash    clash
	resource string
}

// page is that of a person, a domain and so on. The lock is held.
func (l *ledger) page(object organization.Object) *page {
	if l.pages == nil {
		l.pages = map[organization.Object]*page{}
	}
	if l.pages[object] == nil {
		l.pages[object] = &page{}
	}
	return l.pages[object]
}

// once reports whether a clash with a kind of resource is told for the first time.
// The lock is held.
func (l *ledger) once(c clash, resource string) bool {
	if l.said == nil {
		l.said = map[saying]bool{}
	}
	what := saying{c, resource}
	said := l.said[what]
	l.said[what] = true
	return !said
}

// holds notes a resource that is for an object after this plan.
func (l *ledger) holds(e entry) (found conflicts) {
	if e.object == (organization.Object{}) {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.traffic.stir()
	if e.listed != nil {
		return l.holdsList(e)
	}
	p := l.page(e.subject())
	for _, other := range p.held {
		if other.object == e.object && other.resource == e.resource {
			found = append(found, conflict{clash: clashTwice, entry: e, other: other})
			if !e.isGrant() {
				return found
			}
		}
	}
	for _, other := range p.held {
		if c := (conflict{clash: clashBothWays, entry: e, other: other}); c.setsAll() != no {
			found = append(found, c)
			break
		}
	}
	for _, other := range p.gone {
		if other.object == e.object && !e.isGrant() && other.isGone() {
			found = append(found, conflict{clash: clashMove, entry: e, other: other.entry})
			break
		}
	}
	if p.ownerGoes && cloud.MakeOwner(e.grants) {
		found = append(found, conflict{clash: clashOwnerMove, entry: e})
	}
	switch isDisabled := func(e entry) bool { return e.disabled }; {
	case e.disabled && len(l.page(organization.EnforcementObject).held) > 0,
		e.object == organization.EnforcementObject && slices.ContainsFunc(l.page(organization.IdPObject).held, isDisabled):
		found = append(found, conflict{clash: clashDisabled, entry: e})
	}
	if e.object == organization.ServiceProviderObject && slices.ContainsFunc(l.page(organization.IdPObject).gone, (*parting).isGone) {
		found = append(found, conflict{clash: clashForsaken, entry: e})
	}
	found = append(found, l.takes(p, e, e.grants)...)
	if removal, removed := p.removal(e.person); removed {
		found = append(found, conflict{clash: clashOrphan, entry: e, other: removal})
	}
	p.held = append(p.held, e)
	found = append(found, l.comesBeside(e)...)
	for _, list := range l.lists[e.subject().Among()] {
		there := list.lists(e.subject().Key())
		switch {
		case list.only == yes && l.once(clashBeside, e.resource):
			found = append(found, conflict{clash: clashBeside, entry: e, other: list, names: []string{e.name}})
		case list.only == yes || there:
		default:
			found = append(found, conflict{clash: clashUnlisted, entry: e, other: list})
		}
	}
	return found
}

// comesBeside notes a new resource. An object that create_before_destroy has left looks
// like the old half of a replacement then, to an apply. The lock is held.
func (l *ledger) comesBeside(e entry) conflicts {
	if !e.created {
		return nil
	}
	if l.comes == nil {
		l.comes = map[string]bool{}
	}
	l.comes[e.resource] = true
	if twin, found := l.twins[e.resource]; found && l.once(clashTwinAndNew, e.resource) {
		return conflicts{{clash: clashTwinAndNew, entry: twin, other: e}}
	}
	return nil
}

// leaves notes a resource that is not for an object any more. What is planned at the
// same time may be for it: left says so.
func (l *ledger) leaves(e entry, kind kind) *parting {
	d := &parting{entry: e, kind: kind, waits: true}
	if e.object == (organization.Object{}) || e.listed != nil {
		return d
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(e.subject())
	p.gone, l.leaving = append(p.gone, d), append(l.leaving, d)
	return d
}

// nothingElse notes of all that goes by now that Terraform has asked for everything that does not
// refer to it: also of what has given up its wait before, so that others had its place.
func (l *ledger) nothingElse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range l.leaving {
		d.unmet = true
	}
	l.leaving = nil
}

// stillHeld reports whether another resource is for what goes after this plan, or gives the
// grant, as far as the plan has come.
func (l *ledger) stillHeld(d *parting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, held := l.holderOf(d)
	return held
}

// holderOf returns such a resource. It prefers one that apply sees. The lock is held.
func (l *ledger) holderOf(d *parting) (holder entry, found bool) {
	for _, comes := range []bool{true, false} {
		if d.isGrant() {
			holder, found = l.gives(d.person, func(e entry, grants []cloud.Grant) bool {
				return e.comes() == comes && slices.Contains(grants, d.grants[0])
			})
		} else if i := slices.IndexFunc(l.page(d.object).held, func(e entry) bool { return e.object == d.object && e.comes() == comes }); i >= 0 {
			holder, found = l.page(d.object).held[i], true
		}
		if found {
			return holder, true
		}
	}
	return entry{}, false
}

// left ends the wait of a parting: what is planned from now on finds it gone.
func (l *ledger) left(d *parting) (found conflicts) {
	if d.object == (organization.Object{}) || d.listed != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	d.waits, l.answered = false, time.Now()
	if other, held := l.holderOf(d); held {
		found = l.leftTo(d, other)
	}
	if holders := l.page(organization.ServiceProviderObject).held; d.object == organization.IdPObject && !d.stays && len(holders) > 0 {
		found = append(found, conflict{clash: clashForsaken, entry: holders[0], other: d.entry})
	}
	p := l.page(d.subject())
	for _, other := range p.held {
		if other.person == d.object && other.isGrant() && !d.stays {
			found = append(found, conflict{clash: clashOrphan, entry: other, other: d.entry})
			break
		}
	}
	for _, list := range l.lists[d.subject().Among()] {
		if _, there := list.listed[d.object.Key()]; there && !d.isGrant() && list.only == yes && l.once(clashLeaves, d.resource) {
			found = append(found, conflict{clash: clashLeaves, entry: d.entry, other: list, names: []string{d.name}})
		}
	}
	return found
}

// leftTo says what becomes of an object that another resource is for, too. Apply does
// not see what it leaves as it is. The lock is held.
func (l *ledger) leftTo(d *parting, other entry) (found conflicts) {
	// What create_before_destroy has left is of an earlier apply than what has replaced it.
	// Where an object does not remember that, as one that was imported, it counts as earlier:
	// that it ends in the state alone is safe.
	isTwin := d.kind == toRemove && !other.isNew && other.resource == d.resource && (d.made.IsZero() || d.made.Before(other.made))
	isUnseen := d.isGrant() && !other.comes()
	switch {
	case isTwin && !d.isGrant():
		found = append(found, conflict{clash: clashTwin, entry: d.entry, other: other})
	case !d.isGrant():
		return conflicts{{clash: clashMove, entry: other, other: d.entry}}
	case isUnseen && (d.isBeside(other) || d.kind == toUpdate): // which would take it
		return conflicts{{clash: clashGrantOfTwo, entry: d.entry, other: other, changes: d.kind != toRemove}}
	case d.kind == toUpdate && !isUnseen: // which owes it, and does not take it
	case d.kind == toMove && !isUnseen: // which is the same resource after as before
		if l.moving++; (l.moving > fewestPlaces || l.traffic.isNarrow()) && l.once(clashManyMove, d.resource) {
			found = append(found, conflict{clash: clashManyMove, entry: d.entry, other: other})
		}
	default:
		d.unseen = isUnseen
		found = append(found, conflict{clash: clashKept, entry: d.entry, other: other, changes: d.kind != toRemove, unseen: isUnseen})
	}
	d.stays = true
	if isTwin {
		if l.twins == nil {
			l.twins = map[string]entry{}
		}
		l.twins[d.resource] = d.entry
		if l.comes[d.resource] && l.once(clashTwinAndNew, d.resource) {
			found = append(found, conflict{clash: clashTwinAndNew, entry: d.entry, other: other})
		}
	}
	return found
}

// holdsList notes a resource that is complete with a list. The lock is held.
func (l *ledger) holdsList(list entry) (found conflicts) {
	for _, other := range l.lists[list.object] {
		switch {
		case other.resource == list.resource:
			return conflicts{{clash: clashTwice, entry: list, other: other}}
		case list.only == yes:
			found = append(found, conflict{clash: clashBeside, entry: other, other: list})
		default:
			found = append(found, conflict{clash: clashBeside, entry: list, other: other})
		}
	}
	if l.lists == nil {
		l.lists = map[organization.Object][]entry{}
	}
	l.lists[list.object] = append(l.lists[list.object], list)

	// One conflict for all people of one kind of resource.
	add := func(c clash, e entry) {
		i := slices.IndexFunc(found, func(f conflict) bool { return f.clash == c && f.entry.resource == e.resource })
		if i < 0 && !l.once(c, e.resource) {
			return
		}
		if i < 0 {
			i, found = len(found), append(found, conflict{clash: c, entry: e, other: list, list: true})
		}
		found[i].names = append(found[i].names, e.name)
	}
	for _, object := range slices.SortedFunc(maps.Keys(l.pages), organization.Object.Compare) {
		if object.Among() != list.object {
			continue
		}
		p := l.pages[object]
		grants, there := list.listed[object.Key()], list.lists(object.Key())
		if p.ownerGoes && cloud.MakeOwner(grants) {
			found = append(found, conflict{clash: clashOwnerMove, entry: p.gone[0].entry})
		}
		for _, c := range l.takes(p, list, grants) {
			if c.clash == clashTaken {
				c.entry.name = c.other.name
			}
			found = append(found, c)
		}
		seen := map[string]bool{}
		for _, e := range p.held {
			switch {
			case seen[e.resource]:
			case list.only == yes:
				add(clashBeside, e)
			case !there:
				found = append(found, conflict{clash: clashUnlisted, entry: e, other: list, list: true})
			}
			seen[e.resource] = true
		}
		for _, d := range p.gone {
			if there && list.only == yes && !d.isGrant() && !d.waits {
				add(clashLeaves, d.entry)
				break
			}
		}
	}
	return found
}

// rightAfter is how soon Terraform plans a resource after the one that it refers to. What
// comes later waits for something slow, and an apply need not wait for that.
const rightAfter = 100 * time.Millisecond

// takes are the conflicts of a resource with assignments that take what it gives. The lock
// is held.
func (l *ledger) takes(p *page, e entry, grants []cloud.Grant) (found conflicts) {
	for _, d := range p.gone {
		if d.isGrant() && d.isGone() && slices.Contains(grants, d.grants[0]) {
			c := conflict{clash: clashTaken, entry: e, other: d.entry, changes: d.kind != toRemove, late: d.unmet && time.Since(l.answered) < rightAfter}
			if !e.comes() {
				c = conflict{clash: clashGrantOfTwo, entry: d.entry, other: e, changes: d.kind != toRemove}
			}
			found = append(found, c)
		}
	}
	return found
}

// removal is the resource that removes a person, if one does.
func (p *page) removal(person organization.Object) (entry, bool) {
	i := slices.IndexFunc(p.gone, func(d *parting) bool { return d.object == person && !d.isGrant() && d.isGone() })
	if i < 0 || person == (organization.Object{}) {
		return entry{}, false
	}
	return p.gone[i].entry, true
}

// expect notes what takes the place of an object that an apply destroys right before.
func (l *ledger) expect(object string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expected == nil {
		l.expected = map[string]bool{}
	}
	l.expected[object] = true
}

// isExpected reports whether an apply is about to give a grant, or has tried to and failed.
func (l *ledger) isExpected(e entry) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, held := l.holderOf(&parting{entry: e})
	return held || l.expected[e.object.String()]
}

// narrower returns the grants on single resources that others give a person after this
// plan, and that g on all of them may have absorbed.
func (l *ledger) narrower(email string, g cloud.Grant) (grants []cloud.Grant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := organization.PersonObject(email)
	l.gives(person, func(_ entry, given []cloud.Grant) bool {
		grants = append(grants, g.Absorbs(given)...)
		return false
	})
	return cloud.Without(grants, nil)
}

// gives returns a resource whose grants for a person are such. The lock is held.
func (l *ledger) gives(person organization.Object, such func(entry, []cloud.Grant) bool) (giver entry, found bool) {
	for _, e := range slices.Concat(l.page(person).held, l.lists[person.Among()]) {
		if such(e, e.grants) || such(e, e.listed[person.Key()]) {
			return e, true
		}
	}
	return entry{}, false
}

// onlyOwnerLoses notes that somebody is the only owner of the organization, by an
// assignment that goes.
func (l *ledger) onlyOwnerLoses(email string) (found conflicts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := organization.PersonObject(email)
	l.page(person).ownerGoes = true
	if _, keeps := l.gives(person, func(_ entry, grants []cloud.Grant) bool { return cloud.MakeOwner(grants) }); keeps {
		found = append(found, conflict{clash: clashOwnerMove, entry: entry{name: email}})
	}
	return found
}

// isHeld reports whether a resource is for the object after this plan, as far as
// the plan has come.
func (l *ledger) isHeld(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).held, func(e entry) bool { return e.object == object })
}

// changesHolder reports whether a resource for the object is created or changed by this
// plan, as far as the plan has come.
func (l *ledger) changesHolder(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).held, func(e entry) bool { return e.object == object && e.comes() })
}

// isGone reports whether a resource for the object goes by this plan, as far as
// the plan has come. terraform destroy plans in the order in which it is applied,
// so there it is known. What is taken out of a configuration is planned at the
// same time as the rest: to ask after the service was asked is late enough most
// of the time, and what is said has to be true where it is not.
func (l *ledger) isGone(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).gone, func(d *parting) bool { return d.object == object && !d.stays })
}

// departs reports whether a resource for the object goes by this plan, and none is for
// it afterwards.
func (l *ledger) departs(object organization.Object) bool {
	return l.isGone(object) && !l.isHeld(object)
}
