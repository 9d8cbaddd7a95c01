// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// told is what the warnings of a plan say of people: who they are now, which the plan's
// data does not have. The keys of the maps begin with the organization, as those of
// summary.people do.
type told struct {
	all     bool // whether each warning is there, and can be read
	removed map[string]standing
	adopted map[string]standing // people whom a new resource finds in the organization
	invited map[string]standing // people who get an invitation
	waiting map[string]standing // people who have not joined yet
	hidden  map[string]standing // people who lose, or may lose, what the attributes do not show
	holders map[string]standing // people who already hold a grant of a new assignment

	unchanged map[string]bool // role mappings and domains that a new resource adopts as they are

	mappings map[string]removedMapping // role mappings that are removed because they are not listed

	// People who cannot sign in once SSO is enforced, as the warning lists them.
	ownersOut, membersOut map[string]string
	ownersLose            map[string]string // owners whom no role mapping makes one, likewise
	ownerless             map[string]bool   // no owner stays an owner under SSO
}

// standing is the status of a person, and what changes.
type standing struct {
	in, email               string
	invitation              string // invited or expired, if the person has not joined
	holds, gains, loses     map[string]bool
	unknown, keepsItsGrants bool // the changes are not all known; roles are not managed
}

// removedMapping is a role mapping with what it grants.
type removedMapping struct {
	in, name string
	grants   map[string]bool
}

func newTold() told {
	return told{
		removed: map[string]standing{}, adopted: map[string]standing{}, invited: map[string]standing{}, waiting: map[string]standing{}, hidden: map[string]standing{}, holders: map[string]standing{},
		unchanged: map[string]bool{}, mappings: map[string]removedMapping{}, ownersLose: map[string]string{}, ownersOut: map[string]string{}, membersOut: map[string]string{}, ownerless: map[string]bool{},
	}
}

// tell reads the warnings. It says nothing of those that it cannot read from the
// beginning to the end, nor of sensitive values.
func tell(list []ownWarning, secrets secrets) told {
	t := newTold()
	for _, w := range list {
		if !w.read || secrets.hides(w) {
			continue
		}
		switch {
		case w.is(warning.Removed):
			w.people(t.removed)
		case w.isOneOf(warning.AdoptedPeople, warning.ManyNewInvitations):
			w.people(t.adopted)
		case w.is(warning.AdoptedUnchanged):
			unchanged := map[string]standing{}
			w.people(unchanged)
			for key, now := range unchanged {
				now.keepsItsGrants = w.text.Says(warning.RolesNotSet)
				t.adopted[key] = now
			}
		case w.is(warning.PeopleLoseHidden):
			w.peopleWhoLose(t.hidden)
		case w.is(warning.ManyInvitations):
			w.people(t.invited)
		case w.is(warning.HeldAlready):
			w.people(t.holders)
		case w.is(warning.Adopted):
			w.person(t.adopted, ownWarning.adoption)
		case w.is(warning.NotJoined):
			w.person(t.waiting, ownWarning.changes)
		case w.is(warning.AccessEnds):
			w.person(t.removed, ownWarning.revoked)
		case w.isOneOf(warning.LosesHidden, warning.MayLoseHidden):
			w.person(t.hidden, ownWarning.changes)
		case w.is(warning.OwnersLockedOut):
			t.ownersOut[w.in] = w.names(warning.OwnersOutside)
		case w.is(warning.LockedOut):
			t.membersOut[w.in] = w.names(warning.MembersOutside)
		case w.is(warning.NoOwnerStays):
			t.ownerless[w.in] = true
		case w.isOneOf(warning.MappingAdopted, warning.ClaimAdopted):
			t.unchanged[w.in+w.text.Values()[0]] = true
		case w.is(warning.SSOBegins):
			t.ownersLose[w.in] = w.names(warning.OwnersLoseBySSO)
		case w.is(warning.MappingsRemoved):
			w.mappings(t.mappings)
		}
	}
	return t
}

// names reads the list in a sentence of the detail.
func (w ownWarning) names(sentence warning.Phrase) string {
	for _, values := range w.text.Find(sentence) {
		return values[0]
	}
	return ""
}

// person reads a warning about one person, whom the summary names first.
func (w ownWarning) person(people map[string]standing, read func(ownWarning) standing) {
	s := read(w)
	s.in, s.email = w.in, strings.ToLower(w.text.Values()[0])
	people[s.in+s.email] = s
}

func newStanding() standing {
	return standing{holds: map[string]bool{}, gains: map[string]bool{}, loses: map[string]bool{}}
}

// changes is what apply does to the grants of the person.
func (w ownWarning) changes() standing {
	s := newStanding()
	add(s.gains, w.text.Find(warning.ApplyGrants))
	add(s.loses, w.text.Find(warning.ApplyRevokes))
	add(s.loses, w.text.Find(warning.MayRevoke))
	return s
}

// adoption is the status of a person whom an elasticcloud_member adopts.
func (w ownWarning) adoption() standing {
	s := w.changes()
	switch {
	case w.text.Says(warning.InvitationExpired):
		s.invitation = "expired"
	case w.text.Says(warning.IsInvited):
		s.invitation = "invited"
	}
	s.unknown = w.text.Says(warning.RolesUnknown)
	s.keepsItsGrants = w.text.Says(warning.RolesNotSet)
	return s
}

// revoked is the status of a person whose access an action ends.
func (w ownWarning) revoked() standing {
	s := newStanding()
	add(s.holds, w.text.Find(warning.MemberHolds))
	add(s.holds, w.text.Find(warning.InvitationOffers))
	if !w.text.Says(warning.MemberHolds) {
		s.invitation = "invited"
	}
	return s
}

// people reads a warning that has a line for each person.
func (w ownWarning) people(people map[string]standing) {
	for _, values := range w.text.Find(warning.Line) {
		s := w.standing(values[0], "")
		if known, ok := people[s.in+s.email]; ok {
			s = known // another assignment of the same person
		}
		addList(s.holds, values[1])
		people[s.in+s.email] = s
	}
	// The sets are those of the lists of grants in the line, from left to right.
	note := func(line warning.Phrase, sets func(s standing) []map[string]bool) {
		for _, values := range w.text.Find(line) {
			s := w.standing(values[0], values[1])
			for i, set := range sets(s) {
				addList(set, values[2+i])
			}
			people[s.in+s.email] = s
		}
	}
	note(warning.StatusLine, func(s standing) []map[string]bool { return []map[string]bool{s.holds} })
	note(warning.GetsLine, func(s standing) []map[string]bool { return []map[string]bool{s.gains} })
	note(warning.LosesLine, func(s standing) []map[string]bool { return []map[string]bool{s.loses} })
	note(warning.GetsAndLosesLine, func(s standing) []map[string]bool { return []map[string]bool{s.gains, s.loses} })
	note(warning.SameLine, func(standing) []map[string]bool { return nil })
}

// peopleWhoLose reads a warning that has a line for each person with what the person
// loses.
func (w ownWarning) peopleWhoLose(people map[string]standing) {
	for _, values := range w.text.Find(warning.Line) {
		s := w.standing(values[0], "")
		addList(s.loses, values[1])
		people[s.in+s.email] = s
	}
}

func (w ownWarning) standing(email, status string) standing {
	s := newStanding()
	s.in, s.email, s.invitation = w.in, strings.ToLower(email), invitations[status]
	return s
}

var invitations = map[string]string{warning.Invited: "invited", warning.Expired: "expired"}

// mappings reads which grants the role mappings give that are removed.
func (w ownWarning) mappings(removed map[string]removedMapping) {
	for _, line := range w.text.Find(warning.MappingLine) {
		grants := map[string]bool{}
		change, _ := warning.ReadPhrases(line[1])
		for _, values := range change.Find(warning.MappingRevokes) {
			addList(grants, values[1])
		}
		removed[w.in+line[0]] = removedMapping{in: w.in, name: line[0], grants: grants}
	}
}

// add notes the grants of each time that a phrase is said.
func add(set map[string]bool, found [][]string) {
	for _, values := range found {
		addList(set, values[0])
	}
}

func addList(set map[string]bool, list string) {
	for _, grant := range warning.Grants(list) {
		set[oneSpelling(grant)] = true
	}
}

// learn completes what the plan's data says of people by what its warnings say.
func (s *summary) learn() {
	for key, now := range s.told.removed {
		p := s.people[key]
		switch {
		case s.past && p != nil && p.comes() && p.unsaid: // an unlisted member, who would be removed again
			p.unsaid, p.invitation = false, now.invitation
			hold(p.after, now.holds, "")
		case !s.past && (p == nil || !p.will):
			s.in = now.in
			p = s.person(now.email)
			s.in = ""
			p.was, p.unsaid, p.invitation = true, false, now.invitation
			hold(p.before, now.holds, "")
		}
	}
	if s.past {
		return
	}
	for key, now := range s.told.adopted {
		if p := s.people[key]; p != nil && p.will && !p.was {
			p.isAdopted(now)
		}
	}
	for key, now := range s.told.holders {
		if p := s.people[key]; p != nil {
			hold(p.before, now.holds, "")
		}
	}
	for key, now := range s.told.hidden {
		if p := s.people[key]; p != nil && p.was && p.will {
			hold(p.before, now.loses, "")
		}
	}
	for key, mapping := range s.told.mappings {
		if !s.gone[key] && !s.unlisted[key] {
			s.in = mapping.in
			s.unlistedMapping(mapping.name)
			s.in = ""
		}
	}
	for key := range s.told.invited {
		if p := s.people[key]; p != nil {
			p.listed = false
		}
	}
	for _, p := range s.people {
		if p.listed && !p.open && s.told.all { // in no warning, so nothing changes
			p.listed, p.was, p.before = false, true, maps.Clone(p.after)
		}
	}
}

// isAdopted notes that somebody whom a new resource seems to bring in is there already.
func (p *person) isAdopted(now standing) {
	p.was, p.listed, p.adopted, p.invitation = true, false, true, now.invitation
	switch {
	case now.keepsItsGrants:
		p.note("keeps the roles")
		return // what else the person holds, other warnings say
	case now.unknown:
		p.before = maps.Clone(p.after)
		hold(p.before, now.loses, "")
		return
	}
	p.before = map[string][]string{}
	for grant, from := range p.after {
		if !now.gains[grant] {
			p.before[grant] = from
		}
	}
	hold(p.before, now.loses, "")
	if p.invitation == "expired" {
		p.note(invitedAgain)
	}
}
