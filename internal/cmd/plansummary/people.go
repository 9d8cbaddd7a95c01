// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// person is what a plan does to one person, all its resources together.
type person struct {
	in            string // begins what is said of them, where there are several organizations
	name          string
	before, after map[string][]string // the resources that give a grant, by the grant
	was, will     bool                // whether a resource has the person in the organization
	listed        bool                // comes into an elasticcloud_members that is new: is there already, perhaps
	open          bool                // has grants that are known only after apply
	secret        bool                // has grants that are not to be shown
	unsaid        bool                // whom the plan names without what they hold
	nameless      bool                // whose address is not to be shown, or known only after apply
	taken         bool                // seemed to come, and is there already
	invitation    string              // invited or expired, where they have not joined
	given         map[string][]string // the assignments that give a grant, now or once they have joined
	joining       []string            // grants that they get once they have joined
	waited        []string            // grants that they would have got on joining, and that go
	notes         []string
}

// person finds somebody by e-mail address, in any case. In another organization the
// same address is somebody else.
func (s *summary) person(email string) *person {
	return s.personByKey(strings.ToLower(email), code(strings.ToLower(email)))
}

func (s *summary) personByKey(key, name string) *person {
	key = s.in + key
	p := s.people[key]
	if p == nil {
		p = &person{in: s.in, name: name, before: map[string][]string{}, after: map[string][]string{}, given: map[string][]string{}}
		s.people[key] = p
	}
	return p
}

// personOf finds the person whom one side of a change is about.
func (s *summary) personOf(o *object, address string) *person {
	var p *person
	switch {
	case o.isSecret("email"):
		p = s.personByKey(address, "somebody, in "+code(address)+", whose e-mail address is marked as sensitive,")
	case o.isUnknown("email"):
		p = s.personByKey(address+" after apply", "somebody, in "+code(address)+", whose e-mail address is known only after apply,")
	default:
		return s.person(o.text("email"))
	}
	p.nameless = true
	return p
}

// note adds something to say of the person, once.
func (p *person) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
	}
}

func (p *person) comes() bool  { return !p.was && p.will && !p.listed }
func (p *person) leaves() bool { return p.was && !p.will }

// gains are the grants that the person holds afterwards and did not before.
func (p *person) gains() []string { return missing(p.after, p.before) }

// loses are the grants that go. Where some are known only after apply, one that
// seems to go may be among them.
func (p *person) loses() []string {
	if p.open || p.secret {
		return nil
	}
	return missing(p.before, p.after)
}

// missing lists what is in one set and not in another.
func missing[V any](set, other map[string]V) []string {
	var list []string
	for grant := range set {
		if _, found := other[grant]; !found {
			list = append(list, grant)
		}
	}
	slices.Sort(list)
	return list
}

// moved lists the grants that stay while they move from one resource to
// another.
func (p *person) moved() []string {
	var list []string
	for grant, from := range p.before {
		to := p.after[grant]
		if len(to) > 0 && !slices.ContainsFunc(from, func(address string) bool { return slices.Contains(to, address) }) {
			list = append(list, grant)
		}
	}
	slices.Sort(list)
	return list
}

// hold notes what a resource gives to the person on one side of a change.
func hold(side map[string][]string, grants map[string]bool, address string) {
	for grant := range grants {
		side[grant] = append(side[grant], address)
	}
}

// member takes in an elasticcloud_member.
func (s *summary) member(c change) {
	secret := c.before.isSecret("roles") || c.after.isSecret("roles")
	if o := c.before; o != nil {
		p := s.personOf(o, c.Address)
		p.was = true
		if status := o.text("status"); status != "active" {
			p.invitation = status
		}
		if !secret {
			hold(p.before, grants(o.values["roles"]), c.Address)
		}
	}
	if o := c.after; o != nil {
		p := s.personOf(o, c.Address)
		p.will = true
		if !secret {
			hold(p.after, grants(o.values["roles"]), c.Address)
		}
		p.open = p.open || o.isUnknown("roles")
		p.secret = p.secret || secret
	}
	switch {
	case c.before != nil && c.after != nil:
		s.memberStays(c, secret)
	case secret:
		s.secretRoles(c)
	}
}

func (s *summary) memberStays(c change, secret bool) {
	p := s.personOf(c.after, c.Address)
	if p != s.personOf(c.before, c.Address) { // another person takes the place
		if secret {
			s.secretRoles(c)
		}
		return
	}
	if !reflect.DeepEqual(c.before.values["roles"], c.after.values["roles"]) {
		switch {
		case secret:
			s.secretRoles(c)
		case c.before.values["roles"] == nil && !s.past && !p.open && !s.told.all:
			p.note("holds from now on only what is set here, and may lose what the plan's data does not name")
		case c.after.values["roles"] == nil && !p.open:
			p.after = maps.Clone(p.before) // they stay as they are
			p.note("roles are not managed any more, and stay as they are")
		}
	}
	from, to := c.before.text("status"), c.after.text("status")
	switch {
	case c.Change.Actions.Replace():
		s.fact("**%s is removed and invited again**: a gap in the access.", p.name)
		p.note("is removed and invited again")
	case s.past && to == "expired" && from != to:
		p.note("did not accept the invitation: it expired")
	case !s.past && from == "expired" && !c.Change.Actions.NoOp() && !c.Change.Actions.Forget():
		p.note("is invited again, by e-mail, as the invitation expired")
	}
}

// secretRoles says that there is something to review that cannot be shown.
func (s *summary) secretRoles(c change) {
	s.fact("**Roles that are marked as sensitive change** in %s: they are not shown here.", code(c.Address))
}

// roleAssignment takes in an elasticcloud_role_assignment. One that is pending
// gives nothing yet.
func (s *summary) roleAssignment(c change) {
	waited := c.before.text("status") == "pending"
	if o := c.before; o != nil && !o.isSecret("role") {
		p, role := s.personOf(o, c.Address), oneSpelling(o.text("role"))
		switch {
		case !waited:
			p.before[role] = append(p.before[role], c.Address)
		case c.after == nil:
			p.waited = append(p.waited, role)
		}
	}
	if o := c.after; o != nil && !o.isSecret("role") {
		p, role := s.personOf(o, c.Address), oneSpelling(o.text("role"))
		switch {
		case o.isUnknown("role"):
			p.open = true
		case o.isUnknown("status"):
			p.given[role] = append(p.given[role], c.Address)
		case o.text("status") != "pending":
			p.after[role] = append(p.after[role], c.Address)
		case !waited:
			p.joining = append(p.joining, role)
		}
		if c.Change.Actions.Replace() && c.before.text("id") != "" && len(p.before[role]) > 0 {
			p.note("has %s taken away and given again", code(role))
		}
	}
	if c.Change.Actions.NoOp() || c.Change.Actions.Forget() {
		return
	}
	for _, o := range []*object{c.before, c.after} {
		if o != nil && o.isSecret("role") {
			s.secretRoles(c)
			return
		}
	}
}

// settle finds what assignments give now, and what only once the person has
// joined: their plan does not know. It is sure where all warnings are at hand.
func (p *person) settle(waiting, sure bool) {
	for role, from := range p.given {
		switch {
		case !waiting && p.invitation == "" && !p.comes():
			p.after[role] = append(p.after[role], from...)
			if !sure && !p.was {
				p.note("only once they have joined, if they have not yet")
			}
		case len(p.after[role]) == 0:
			p.joining = append(p.joining, role)
		}
	}
	slices.Sort(p.joining)
}
