// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// person is the status of a person in the service.
type person struct {
	status  string   // "" for nobody
	grants  []string // sorted
	unknown []string // branches of role assignments that the provider does not know
}

func (p person) words() string {
	return strings.Join(slices.Concat([]string{p.status}, p.grants, p.unknown), " ")
}

func (p person) plus(grants ...string) person {
	p.grants = slices.Compact(slices.Sorted(slices.Values(slices.Concat(p.grants, grants))))
	return p
}

func (p person) minus(grants ...string) person {
	p.grants = slices.DeleteFunc(slices.Clone(p.grants), func(g string) bool { return slices.Contains(grants, g) })
	return p
}

const admin = "organization-admin"

func (p person) owns() bool { return p.status == statusActive && slices.Contains(p.grants, admin) }

func peopleOf(srv *cloudtest.Server) map[string]person {
	people := map[string]person{}
	for _, email := range srv.Emails() {
		people[email] = person{srv.Status(email), srv.Grants(email), slices.Sorted(maps.Keys(srv.UnknownAssignments(email)))}
	}
	return people
}

func ownersOf(people map[string]person) (owners []string) {
	for _, email := range slices.Sorted(maps.Keys(people)) {
		if people[email].owns() {
			owners = append(owners, email)
		}
	}
	return owners
}

// outcomeOfApply is one that an apply may have.
type outcomeOfApply struct {
	held    map[string]string
	refused bool
	imports map[string]string // what the refusal asks the user for
}

// model is what a configuration and a state mean.
type model struct {
	before   map[string]person
	hidden   map[string]person // with an expired invitation that the service does not list
	config   map[string]block
	state    map[string]object
	members  map[string][]string // who has an elasticcloud_member; nil is without roles
	assigned map[string][]string
	leaving  []string // whose elasticcloud_member is removed
	// unassigned has the people whose elasticcloud_role_assignment is removed. A grant that
	// moves from there to roles may be revoked in between: the destruction of the one does
	// not know of the other. If the other fails, the next apply that succeeds grants it again.
	unassigned map[string][]string
	unlimited  bool // no list of everybody is refused
}

func (h *history) newModel(config map[string]block, state map[string]object) model {
	m := model{before: peopleOf(h.srv), hidden: map[string]person{}, config: config, state: state, members: map[string][]string{}, assigned: map[string][]string{}, unassigned: map[string][]string{}}
	for email, p := range m.before {
		if h.reading.hidesExpired && p.status == statusExpired {
			m.hidden[email] = p
			delete(m.before, email)
		}
	}
	for _, b := range config {
		email, _ := b.Attributes["email"].(string)
		email = strings.ToLower(email)
		switch b.Type {
		case "elasticcloud_member":
			m.members[email], _ = b.Attributes["roles"].([]string)
		case "elasticcloud_role_assignment":
			role, _ := b.Attributes["role"].(string)
			m.assigned[email] = append(m.assigned[email], role)
		}
	}
	for address, o := range state {
		if _, stays := config[address]; stays {
			continue
		}
		email := strings.ToLower(textIn(o, "email"))
		switch o.Type {
		case "elasticcloud_member":
			m.leaving = append(m.leaving, email)
		case "elasticcloud_role_assignment":
			m.unassigned[email] = append(m.unassigned[email], textIn(o, "role"))
		}
	}
	return m
}

// text is an attribute of a resource in the state.
func textIn(o object, name string) (text string) {
	var fields map[string]tftypes.Value
	if o.Value.As(&fields) == nil {
		_ = fields[name].As(&text) // only texts count
	}
	return text
}

// givenBy has the grants that a resource gives, by the address in lower case.
func givenBy(o object) map[string][]string {
	var fields, people map[string]tftypes.Value
	if o.Value.As(&fields) != nil {
		return nil
	}
	texts := func(set tftypes.Value) (all []string) {
		var elements []tftypes.Value
		if !set.IsFullyKnown() || set.As(&elements) != nil {
			return nil
		}
		for _, element := range elements {
			var text string
			_ = element.As(&text) // they are texts
			all = append(all, text)
		}
		return all
	}
	email, given := strings.ToLower(textIn(o, "email")), map[string][]string{}
	switch o.Type {
	case roleAssignmentType:
		given[email] = []string{textIn(o, "role")}
	case memberType:
		given[email] = texts(fields["roles"])
	case everybodyType:
		_ = fields["members"].As(&people) // it is a map
		for email, grants := range people {
			given[strings.ToLower(email)] = texts(grants)
		}
	}
	return given
}

// wanted returns the people who should exist after an apply, without the lists of everyone.
// It is false if a grant is for a person who does not exist.
func (m model) wanted() (want map[string]person, possible bool) {
	want, possible = maps.Clone(m.before), true
	for email, grants := range m.unassigned {
		if p := want[email]; p.status == statusActive {
			want[email] = p.minus(grants...)
		}
	}
	for email, roles := range m.members {
		p := want[email]
		if p.status != statusActive {
			p.status = statusInvited
		}
		if roles != nil {
			p.grants = slices.Sorted(slices.Values(roles))
		}
		want[email] = p
	}
	for email, grants := range m.assigned {
		switch p, found := want[email]; {
		case p.status == statusActive:
			want[email] = p.plus(grants...)
		case !found:
			possible = false
		}
	}
	for _, email := range m.leaving {
		delete(want, email)
	}
	return want, possible
}

// listOutcome is what a resource for everybody makes of who is wanted: one answer,
// or two where it depends on what is faster. Nil is an error of the plan.
type listOutcome struct {
	want    map[string]person
	refused bool
}

func (m model) listed(want map[string]person) []listOutcome {
	if b, found := m.config["elasticcloud_members.this"]; found {
		people, _ := b.Attributes["members"].(map[string][]string)
		return m.everybody(want, people, b)
	}
	b, found := m.config["elasticcloud_members_exclusive.this"]
	if !found {
		return []listOutcome{{want: want}}
	}
	emails, _ := b.Attributes["emails"].([]string)
	listed := folded(emails)
	stay := maps.Clone(want)
	joinedBefore, joined, strangers, counted := 0, 0, 0, 0
	for email, p := range m.before {
		if listed[email] && p.status == statusActive {
			joinedBefore++
		}
		if !listed[email] {
			delete(stay, email)
			strangers++
		}
		if !listed[email] && p.status != statusExpired {
			counted++
		}
	}
	left, leftCounted := 0, 0 // of the strangers, where the other resources were faster
	for email, p := range want {
		_, there := m.before[email]
		switch {
		case there && !listed[email]:
			left++
			if p.status != statusExpired {
				leftCounted++
			}
		case there && p.status == statusActive:
			joined++
		}
	}
	_, updates := m.state["elasticcloud_members_exclusive.this"]
	most, _ := b.Attributes["max_removals"].(int)
	refused := listOutcome{want: want, refused: true}
	switch {
	case m.unlimited:
		return []listOutcome{{want: stay}}
	case !updates && strangers > 0 && joinedBefore == 0:
		return nil
	case leftCounted > most || left > 0 && joinedBefore == 0:
		return []listOutcome{refused}
	}
	var outcomes []listOutcome
	ownerless := len(ownersOf(stay)) == 0
	ownedBefore := slices.ContainsFunc(ownersOf(m.before), func(email string) bool { return listed[email] })
	if !ownerless || ownedBefore {
		outcomes = append(outcomes, listOutcome{want: stay})
	}
	if ownerless || strangers > 0 && (counted > most || joined == 0) {
		outcomes = append(outcomes, refused)
	}
	return outcomes
}

func (m model) everybody(want map[string]person, people map[string][]string, b block) []listOutcome {
	listed := map[string]person{}
	joined := false
	for email, grants := range people {
		p := m.before[strings.ToLower(email)]
		if p.status != statusActive {
			p.status = statusInvited
		}
		joined = joined || p.status == statusActive
		p.grants = slices.Sorted(slices.Values(grants))
		listed[strings.ToLower(email)] = p
	}
	gone, members := 0, false
	for email, p := range m.before {
		if _, stays := listed[email]; !stays {
			if p.status != statusExpired {
				gone++
			}
			members = members || p.status == statusActive
		}
	}
	most, _ := b.Attributes["max_removals"].(int)
	_, updates := m.state["elasticcloud_members.this"]
	switch {
	case m.unlimited:
		return []listOutcome{{want: listed}}
	case members && !joined && !updates:
		return nil
	case gone > most, members && !joined, len(ownersOf(listed)) == 0:
		return []listOutcome{{want: want, refused: true}}
	}
	return []listOutcome{{want: listed}}
}

// guarded are the ways in which an owner may be kept, where none would be left.
func (m model) guarded(l listOutcome) []listOutcome {
	owners := ownersOf(m.before)
	if len(ownersOf(l.want)) > 0 {
		return []listOutcome{l}
	}
	var ways []listOutcome
	for _, email := range owners {
		kept := maps.Clone(l.want)
		roles, managed := m.members[email]
		_, stays := l.want[email]
		if _, all := m.config["elasticcloud_members.this"]; stays && !all && (!managed || roles == nil) {
			kept[email] = l.want[email].plus(admin) // one assignment stays
		} else {
			lost := slices.DeleteFunc(slices.Clone(m.unassigned[email]), func(g string) bool { return g == admin || slices.Contains(roles, g) })
			kept[email] = m.before[email].minus(lost...)
		}
		ways = append(ways, listOutcome{want: kept, refused: true})
		moved := slices.DeleteFunc(slices.Clone(m.unassigned[email]), func(g string) bool { return g == admin || !slices.Contains(roles, g) })
		for first := len(ways) - 1; len(moved) > 0; moved = moved[1:] {
			for _, way := range ways[first:] {
				way.want = maps.Clone(way.want)
				way.want[email] = way.want[email].minus(moved[0])
				ways = append(ways, way)
			}
		}
	}
	return ways
}

// predict returns the outcome of an undisturbed apply.
func (h *history) predict() []outcomeOfApply {
	m := h.newModel(h.config, h.core.State)
	s := m.settings(h.srv, h.core.Imports)
	want, possible := m.wanted()
	lists := m.listed(want)
	if lists == nil || s.planFails {
		return []outcomeOfApply{{held: inService(h.srv), refused: true, imports: s.imports}}
	}
	var outcomes []outcomeOfApply
	for _, l := range lists {
		for _, way := range m.guarded(l) {
			for _, others := range s.ways() {
				o := outcomeOfApply{held: others.held, refused: others.refused || way.refused || !possible, imports: s.imports}
				for _, want := range h.sentAgain(m, way.want) {
					o := o
					o.held = maps.Clone(o.held)
					for _, people := range []map[string]person{m.hidden, want} {
						for email, p := range people {
							o.held[email] = p.words()
						}
					}
					outcomes = append(outcomes, o)
				}
			}
		}
	}
	return outcomes
}

// sentAgain are the ways in which the expired invitations may be sent that no resource sets
// the roles of. The provider sends what the service shows. Where that has an empty list of
// application roles in the place of none, it cannot tell which of the two was sent before.
func (h *history) sentAgain(m model, want map[string]person) []map[string]person {
	ways := []map[string]person{want}
	for email, roles := range m.members {
		p, there := want[email]
		if !h.reading.absentAsEmpty || roles != nil || !there || m.before[email].status != statusExpired {
			continue
		}
		var shown []string
		for _, text := range p.grants {
			g, err := cloud.ParseGrant(text)
			if err != nil {
				h.t.Fatal(err)
			}
			if other, found := g.Alike(); found && other.ConsoleOnly {
				g = other
			}
			shown = append(shown, g.String())
		}
		p.grants = slices.Compact(slices.Sorted(slices.Values(shown)))
		for _, way := range slices.Clone(ways) {
			way = maps.Clone(way)
			way[email] = p
			ways = append(ways, way)
		}
	}
	return ways
}

// withinBounds wants that a run which was disturbed touched nobody whom it does
// not manage, and took and gave nothing beyond what it was to.
func (h *history) withinBounds(m model) {
	m.unlimited = true
	want, _ := m.wanted()
	want = m.listed(want)[0].want
	now := peopleOf(h.srv)
	for email, before := range m.before {
		wanted, stays := want[email]
		_, member := m.members[email]
		_, all := m.config["elasticcloud_members.this"]
		managed := !stays || member || all || len(m.assigned[email])+len(m.unassigned[email]) > 0
		after, there := now[email]
		switch {
		case !managed && after.words() != before.words():
			h.t.Fatalf("nobody manages %s, who was %q and is %q", email, before.words(), after.words())
		case before.status != statusActive || !there && !stays:
		case !stays && after.status != statusActive: // the invitation of a member stays until the next apply
		case !there:
			h.t.Fatalf("%s should stay, and is not there", email)
		case !containsAll(after.grants, before.minus(before.minus(wanted.grants...).grants...).minus(m.unassigned[email]...).grants):
			h.t.Fatalf("%s held %v, should hold %v and holds %v: something is lost", email, before.grants, wanted.grants, after.grants)
		case !containsAll(before.plus(wanted.grants...).grants, after.grants):
			h.t.Fatalf("%s held %v, should hold %v and holds %v: something is too much", email, before.grants, wanted.grants, after.grants)
		}
	}
	for email := range now {
		_, before := m.before[email]
		_, hidden := m.hidden[email]
		if _, wanted := want[email]; !before && !hidden && !wanted {
			h.t.Fatalf("nobody asked for %s", email)
		}
	}
}
