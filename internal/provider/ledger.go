// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

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

	removed map[string]bool // people who lose their place, by lower-case address

	noted    chan struct{} // closed when something is noted; see giver
	waiting  int           // how many wait for that
	deadline time.Time     // of all who do
}

// entry is what one resource is for.
type entry struct {
	resource string              // its type, such as elasticcloud_member
	object   organization.Object // whom or what it is for
	person   organization.Object // whose grant that is; zero for everything else
	name     string              // of the object, as the configuration spells it
	at       path.Path           // the attribute that names it
	isNew    bool                // it was for something else before, or was not there
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

// page has what is known of one person, domain, role mapping and so on.
type page struct {
	held, gone []entry
	// taken are the grants that assignments take from the person, as far as the plan
	// has come, since nothing seemed to give them.
	taken map[cloud.Grant]bool

	warned    bool // that a role mapping may change the roles of the person
	demoted   bool // the plan takes organization-admin from them
	ownerGoes bool // they are the only owner, by an assignment that goes
}

// clash is how two resources fight.
type clash int

const (
	clashTwice     clash = iota // both are for the same object
	clashMove                   // one is for an object, and the other one for it goes
	clashBothWays               // one sets all grants of a person, and the other gives one more
	clashUnlisted               // one brings what the list of the other removes
	clashBeside                 // one is for people whom an elasticcloud_members is for
	clashLeaves                 // one removes a person whom an elasticcloud_members lists
	clashOwnerMove              // one gives the only owner organization-admin, and the other takes it
	clashTaken                  // one gives a grant that the other takes
	clashDisabled               // one enforces SSO, and the other disables the IdP
	clashOrphan                 // one gives a grant to a person whom the other removes
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
	entry entry       // the one that is planned now; of a list and something else, the latter
	other entry       // the one that was planned before
	grant cloud.Grant // that is taken and given
	names []string    // all of them, where there are several of the first
	list  bool        // the list is planned now
	// changes tells that the resource of the entry is updated.
	changes bool
}

type conflicts []conflict

// saying is a clash that is told once for each kind of resource.
type saying struct {
	clash    clash
	resource string
}

func (e entry) isGrant() bool { return e.person != (organization.Object{}) }

// subject is the object under which an entry is found: grants are with the person.
func (e entry) subject() organization.Object {
	if e.isGrant() {
		return e.person
	}
	return e.object
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
	if l.noted != nil {
		close(l.noted)
		l.noted = nil
	}
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
		if other.object == e.object && !e.isGrant() {
			found = append(found, conflict{clash: clashMove, entry: e, other: other})
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
	found = append(found, p.takes(e, e.grants)...)
	if removal, removed := p.removal(e.person); removed {
		found = append(found, conflict{clash: clashOrphan, entry: e, other: removal})
	}
	p.held = append(p.held, e)
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

// setsAll reports whether one sets all grants of a person and the other one
// gives them another.
func (c conflict) setsAll() whether {
	if c.entry.isGrant() == c.other.isGrant() {
		return no
	}
	return max(c.entry.only, c.other.only)
}

// goes notes a resource that is not for an object any more.
func (l *ledger) goes(e entry) (found conflicts) {
	if e.object == (organization.Object{}) || e.listed != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(e.subject())
	p.gone = append(p.gone, e)
	for _, other := range p.held {
		if other.object == e.object && !e.isGrant() {
			found = append(found, conflict{clash: clashMove, entry: other, other: e})
			break
		}
	}
	for _, other := range p.held {
		if other.person == e.object && other.isGrant() {
			found = append(found, conflict{clash: clashOrphan, entry: other, other: e})
			break
		}
	}
	for _, list := range l.lists[e.subject().Among()] {
		if _, there := list.listed[e.object.Key()]; there && !e.isGrant() && list.only == yes && l.once(clashLeaves, e.resource) {
			found = append(found, conflict{clash: clashLeaves, entry: e, other: list, names: []string{e.name}})
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
			found = append(found, conflict{clash: clashOwnerMove, entry: p.gone[0]})
		}
		for _, c := range p.takes(list, grants) {
			c.entry.name = p.gone[0].name
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
		for _, e := range p.gone {
			if there && list.only == yes && !e.isGrant() {
				add(clashLeaves, e)
				break
			}
		}
	}
	return found
}

// takes are the conflicts of a resource with assignments that take what it gives.
func (p *page) takes(e entry, grants []cloud.Grant) (found conflicts) {
	for _, g := range grants {
		if p.taken[g] {
			found = append(found, conflict{clash: clashTaken, entry: e, grant: g})
		}
	}
	return found
}

// removal is the resource that removes a person, if one does.
func (p *page) removal(person organization.Object) (entry, bool) {
	i := slices.IndexFunc(p.gone, func(e entry) bool { return e.object == person && !e.isGrant() })
	if i < 0 || person == (organization.Object{}) {
		return entry{}, false
	}
	return p.gone[i], true
}

// The plans of removals wait for what is planned at the same time: so long, all of
// them together, and so many at once. Terraform plans ten at a time, and has to come
// to what they wait for.
const (
	longestWait = 2 * time.Second
	mostWaiting = 8
)

// giver returns another resource that gives a person a grant after this plan. Where
// wait is set, it waits for resources that are planned at the same time. What is
// planned later finds that the grant is taken.
func (l *ledger) giver(ctx context.Context, email string, g cloud.Grant, wait bool) (giver entry, found bool) {
	person := organization.PersonObject(email)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deadline.IsZero() {
		l.deadline = time.Now().Add(longestWait)
	}
	for {
		p := l.page(person)
		if giver, found := l.gives(person, func(grants []cloud.Grant) bool { return slices.Contains(grants, g) }); found {
			return giver, true
		}
		left := time.Until(l.deadline)
		if !wait || left <= 0 || l.waiting >= mostWaiting || ctx.Err() != nil {
			if p.taken == nil {
				p.taken = map[cloud.Grant]bool{}
			}
			p.taken[g] = true
			return entry{}, false
		}
		l.awaitNote(ctx, left)
	}
}

// narrower returns the grants on single resources that others give a person after this
// plan, and that g on all of them may have absorbed.
func (l *ledger) narrower(email string, g cloud.Grant) (grants []cloud.Grant) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := organization.PersonObject(email)
	l.gives(person, func(given []cloud.Grant) bool {
		grants = append(grants, g.Absorbs(given)...)
		return false
	})
	return cloud.Without(grants, nil)
}

// gives returns a resource whose grants for a person are such. The lock is held.
func (l *ledger) gives(person organization.Object, such func([]cloud.Grant) bool) (giver entry, found bool) {
	for _, e := range slices.Concat(l.page(person).held, l.lists[person.Among()]) {
		if such(e.grants) || such(e.listed[person.Key()]) {
			return e, true
		}
	}
	return entry{}, false
}

// awaitNote returns when something is noted, or after a time. The lock is held, but
// not while it waits.
func (l *ledger) awaitNote(ctx context.Context, longest time.Duration) {
	if l.noted == nil {
		l.noted = make(chan struct{})
	}
	noted := l.noted
	l.waiting++
	l.mu.Unlock()
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-noted:
	case <-timer.C:
	case <-ctx.Done():
	}
	l.mu.Lock()
	l.waiting--
}

// onlyOwnerLoses notes that somebody is the only owner of the organization, by an
// assignment that goes.
func (l *ledger) onlyOwnerLoses(email string) (found conflicts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	person := organization.PersonObject(email)
	l.page(person).ownerGoes = true
	if _, keeps := l.gives(person, cloud.MakeOwner); keeps {
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

// isGone reports whether a resource for the object goes by this plan, as far as
// the plan has come. terraform destroy plans in the order in which it is applied,
// so there it is known. What is taken out of a configuration is planned at the
// same time as the rest: to ask after the service was asked is late enough most
// of the time, and what is said has to be true where it is not.
func (l *ledger) isGone(object organization.Object) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.page(object).gone, func(e entry) bool { return e.object == object })
}

// demote notes owners who lose organization-admin by this plan, and counts the others
// who do not, as far as the plan has come.
func (l *ledger) demote(emails, others []string) int {
	l.mu.Lock()
	for _, email := range emails {
		l.page(organization.PersonObject(email)).demoted = true
	}
	l.mu.Unlock()
	return l.stayOwners(others)
}

// stayOwners counts those of some owners who stay owners, as far as the plan has come.
func (l *ledger) stayOwners(owners []string) (stay int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, email := range owners {
		if !l.page(organization.PersonObject(email)).demoted {
			stay++
		}
	}
	return stay
}

// remove notes people whom this plan takes out of the organization, and counts all of
// them, as far as the plan has come.
func (l *ledger) remove(emails ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.removed == nil {
		l.removed = map[string]bool{}
	}
	for _, email := range emails {
		l.removed[cloud.Fold(email)] = true
	}
	return len(l.removed)
}

// changes notes a role mapping that is new or changes.
func (l *ledger) changes(m mappingInWords) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mapped == nil {
		l.mapped = map[string]mappingInWords{}
	}
	l.mapped[m.name] = m
}

// changed are the role mappings that are new or change, by name.
func (l *ledger) changed() map[string]mappingInWords {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.mapped)
}

// set are the people whose roles are all set: by an elasticcloud_member, as it
// spells them, and by an elasticcloud_members.
func (l *ledger) set() (members, everybody []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, object := range slices.SortedFunc(maps.Keys(l.pages), organization.Object.Compare) {
		for _, e := range l.pages[object].held {
			if e.only == yes {
				members = append(members, e.name)
			}
		}
	}
	for _, list := range l.lists[organization.EverybodyObject] {
		if list.only == yes {
			everybody = slices.Sorted(maps.Keys(list.listed))
		}
	}
	return members, everybody
}

// warnsOfMapping reports, once for each person, that there is a role mapping to
// be warned of.
func (l *ledger) warnsOfMapping(email string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(organization.PersonObject(email))
	said := p.warned
	p.warned = true
	return !said
}
