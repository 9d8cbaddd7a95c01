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

// ledger notes which object each resource of a run manages. So a conflict of two resources
// is reported before anything is written, in whichever order they are planned.
type ledger struct {
	mu     sync.Mutex
	pages  map[organization.Object]*page
	lists  map[organization.Object][]entry // resources with a complete list of names
	said   map[saying]bool                 // conflicts that are reported once in a run
	mapped map[string]mappingInWords       // role mappings that are new or change, by name

	answered time.Time  // when the last parting ended its wait
	leaving  []*parting // partings for which another resource may still be planned

	verified map[string]bool // domains that this plan verifies, in lower case
	open     bool            // some role mappings or domains are known only after apply

	removed map[string]bool // people who are removed, by lower-case address

	moving int // how many grants move from an assignment that changes to another resource

	twins map[string]entry // by type: a destroyed resource, while another of its type manages the same object
	comes map[string]bool  // types of which a resource is created

	expected map[string]bool // objects that an apply is about to create, in words

	traffic *traffic // is told when something is noted
}

// page has what is known about one person, domain, role mapping and so on.
type page struct {
	held []entry
	gone []*parting

	warned    bool // that a role mapping may change the roles of the person
	demoted   bool // the plan revokes organization-admin of the person
	ownerGoes bool // the person is the only owner, through an assignment that is destroyed
}

// saying is a clash that is reported once for each kind of resource.
type saying struct {
	clash    clash
	resource string
}

// page returns the page of a person, a domain and so on. The lock is held.
func (l *ledger) page(object organization.Object) *page {
	if l.pages == nil {
		l.pages = map[organization.Object]*page{}
	}
	if l.pages[object] == nil {
		l.pages[object] = &page{}
	}
	return l.pages[object]
}

// once reports whether a clash with a kind of resource was not reported before. The lock
// is held.
func (l *ledger) once(c clash, resource string) bool {
	if l.said == nil {
		l.said = map[saying]bool{}
	}
	what := saying{c, resource}
	said := l.said[what]
	l.said[what] = true
	return !said
}

// holds notes a resource that manages an object after this plan.
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

// comesBeside notes a new resource. Because of it, an apply would take an object that
// create_before_destroy has left for the old half of a replacement. The lock is held.
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

// leaves notes a resource that no longer manages an object. Another resource that is
// planned at the same time may manage it: left finds that out.
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

// nothingElse marks all partings so far as unmet: Terraform has planned every resource that
// does not refer to them. This includes partings that ended their wait earlier to make
// room for other calls.
func (l *ledger) nothingElse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range l.leaving {
		d.unmet = true
	}
	l.leaving = nil
}

// stillHeld reports whether another resource manages the object or the grant after this
// plan, as far as it is planned.
func (l *ledger) stillHeld(d *parting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, held := l.holderOf(d)
	return held
}

// holderOf returns the resource that manages the object or the grant after this plan. It
// prefers one that apply sees. The lock is held.
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

// left ends the wait of a parting. Resources that are planned later find the object gone.
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

// leftTo decides what happens to an object that another resource manages too. Apply does
// not see resources that do not change. The lock is held.
func (l *ledger) leftTo(d *parting, other entry) (found conflicts) {
	// An object that create_before_destroy has left is older than its replacement. An object
	// without a time, such as an imported one, counts as older: to remove it from the state
	// only is safe.
	isTwin := d.kind == toRemove && !other.isNew && other.resource == d.resource && (d.made.IsZero() || d.made.Before(other.made))
	isUnseen := d.isGrant() && !other.comes()
	switch {
	case isTwin && !d.isGrant():
		found = append(found, conflict{clash: clashTwin, entry: d.entry, other: other})
	case !d.isGrant():
		return conflicts{{clash: clashMove, entry: other, other: d.entry}}
	case isUnseen && (d.isBeside(other) || d.kind == toUpdate): // apply would revoke it
		return conflicts{{clash: clashGrantOfTwo, entry: d.entry, other: other, changes: d.kind != toRemove}}
	case d.kind == toUpdate && !isUnseen: // an earlier apply could not revoke it, and now it stays
	case d.kind == toMove && !isUnseen: // the grant moves between two resources that stay
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

// holdsList notes a resource with a complete list. The lock is held.
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

// rightAfter is how soon Terraform plans a resource after the one to which it refers. A
// resource that is planned later waits for something slow.
const rightAfter = 100 * time.Millisecond

// takes returns the conflicts of a resource with assignments that revoke what it grants.
// The lock is held.
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

// removal returns the resource that removes a person, if there is one.
func (p *page) removal(person organization.Object) (entry, bool) {
	i := slices.IndexFunc(p.gone, func(d *parting) bool { return d.object == person && !d.isGrant() && d.isGone() })
	if i < 0 || person == (organization.Object{}) {
		return entry{}, false
	}
	return p.gone[i].entry, true
}

// expect notes the object that replaces the one that apply destroys now.
func (l *ledger) expect(object string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.expected == nil {
		l.expected = map[string]bool{}
	}
	l.expected[object] = true
}

// isExpected reports whether an apply is about to grant a role, or failed to grant it.
func (l *ledger) isExpected(e entry) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, held := l.holderOf(&parting{entry: e})
	return held || l.expected[e.object.String()]
}

// narrower returns the grants on single deployments or projects that other resources grant
// a person after this plan. Elastic Cloud may have absorbed them into g, which is on all.
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

// gives returns a resource whose grants for a person satisfy such. The lock is held.
func (l *ledger) gives(person organization.Object, such func(entry, []cloud.Grant) bool) (giver entry, found bool) {
	for _, e := range slices.Concat(l.page(person).held, l.lists[person.Among()]) {
		if such(e, e.grants) || such(e, e.listed[person.Key()]) {
			return e, true
		}
	}
	return entry{}, false
}

// onlyOwnerLoses notes that a person is the only owner of the organization, through an
// assignment that is destroyed.
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

// isHeld reports whether a resource manages the object after this plan, as far as it is
// planned.
func (l *ledger) isHeld(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).held, func(e entry) bool { return e.object == object })
}

// changesHolder reports whether this plan creates or changes a resource for the object, as
// far as it is planned.
func (l *ledger) changesHolder(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).held, func(e entry) bool { return e.object == object && e.comes() })
}

// isGone reports whether this plan destroys a resource for the object, as far as it is
// planned. terraform destroy plans in the order of the apply, so there the answer is
// complete. Resources that are taken out of a configuration are planned at the same time
// as the rest. If the caller has called Elastic Cloud before, they are mostly planned by
// then. A message must be true in the other case too.
func (l *ledger) isGone(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).gone, func(d *parting) bool { return d.object == object && !d.stays })
}

// departs reports whether this plan destroys a resource for the object, and no resource
// manages it afterwards.
func (l *ledger) departs(object organization.Object) bool {
	return l.isGone(object) && !l.isHeld(object)
}
