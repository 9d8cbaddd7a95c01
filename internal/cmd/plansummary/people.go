// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// person is what a plan does to one person, all its resources together.
type person struct {
	in            string // begins what is said of them, if there are several organizations
	key           string // the address in lower case, or that of a resource if it is not to be shown
	name          string
	before, after map[string][]string // the resources that give a grant, by the grant
	was, will     bool                // whether a resource has the person in the organization
	listed        bool                // is in a new elasticcloud_members, and may be in the organization already
	open          bool                // has grants that are known only after apply
	secret        bool                // has grants that are not to be shown
	unsaid        bool                // the plan names the person without the grants
	nameless      bool                // the address is not to be shown, or known only after apply
	adopted       bool                // a new resource finds the person in the organization
	invitation    string              // invited or expired, if they have not joined
	given         map[string][]string // the assignments that give a grant, now or once they have joined
	joining       []string            // grants that they get once they have joined
	waited        []string            // grants that they would have got on joining, and no longer get
	notes         []string
}

// person finds somebody by e-mail address, in any case. The same address in another
// organization is another person.
func (s *summary) person(email string) *person {
	return s.personByKey(strings.ToLower(email), code(strings.ToLower(email)))
}

func (s *summary) personByKey(key, name string) *person {
	p := s.people[s.in+key]
	if p == nil {
		p = &person{in: s.in, key: key, name: name, before: map[string][]string{}, after: map[string][]string{}, given: map[string][]string{}}
		s.people[s.in+key] = p
	}
	return p
}

// personOf finds the person whom one side of a change is about.
func (s *summary) personOf(o *object, address string) *person {
	var p *person
	switch {
	case o.isSecret("email"):
		p = s.personByKey(address, "the person of "+code(address)+" (sensitive e-mail address)")
	case o.isUnknown("email"):
		p = s.personByKey(address+" after apply", "the person of "+code(address)+" (e-mail address known only after apply)")
	default:
		return s.person(o.text("email"))
	}
	p.nameless = true
	s.doubt("The e-mail address in %s is not shown, or is known only after apply.", code(address))
	return p
}

// invitedAgain is a note.
const invitedAgain = "is invited again by e-mail, because the invitation expired"

// note adds something to say of the person, once.
func (p *person) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(p.notes, text) {
		p.notes = append(p.notes, text)
	}
}

// comes reports whether the person is new in the organization.
func (p *person) comes() bool { return !p.was && p.will && !p.listed }

// leaves reports whether the person is removed from the organization.
func (p *person) leaves() bool { return p.was && !p.will }

// gains are the grants that the person holds afterwards and did not before.
func (p *person) gains() []string { return missing(p.after, p.before) }

// loses are the grants that the person does not keep. If some grants are known only after
// apply, one that seems lost may be among them.
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
		if len(to) > 0 && !slices.Contains(from, "") && !slices.ContainsFunc(from, func(address string) bool { return slices.Contains(to, address) }) {
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

// member reads a change of an elasticcloud_member.
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
			s.doubt("%s may lose roles that the plan's data does not name.", p.name)
		case c.after.values["roles"] == nil && !p.open:
			hold(p.after, grants(c.before.values["roles"]), c.Address) // they stay as they are
			p.note("keeps the present roles, and %s does not set them", code(c.Address))
		}
	}
	from, to := c.before.text("status"), c.after.text("status")
	switch {
	case c.Change.Actions.Replace():
		s.only("%s is replaced. The person keeps access.", code(c.Address))
	case s.past && to == "expired" && from != to:
		p.note("did not accept the invitation, which expired")
	case !s.past && from == "expired" && !c.Change.Actions.NoOp():
		p.note(invitedAgain)
	}
}

// secretRoles says that there is something to review that cannot be shown here.
func (s *summary) secretRoles(c change) {
	s.doubt("Sensitive roles change in %s.", code(c.Address))
}

// roleAssignment reads a change of an elasticcloud_role_assignment. One that is pending
// grants nothing yet.
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
	}
	if c.Change.Actions.NoOp() {
		return
	}
	for _, o := range []*object{c.before, c.after} {
		if o != nil && o.isSecret("role") {
			s.secretRoles(c)
			return
		}
	}
}

// settle tells what assignments grant now from what they grant once the person has
// joined, which their plan does not know. It is sure only with all warnings.
func (p *person) settle(waiting, sure bool) {
	for role, from := range p.given {
		switch {
		case !waiting && p.invitation == "" && !p.comes():
			p.after[role] = append(p.after[role], from...)
			if !sure && !p.was {
				p.note("this takes effect when they join, if they have not yet")
			}
		case len(p.after[role]) == 0:
			p.joining = append(p.joining, role)
		}
	}
	slices.Sort(p.joining)
}
