// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// told is what the warnings of a plan say of people, by lower-case address:
// where they stand now, which the plan's data does not have.
type told struct {
	all     bool // whether all warnings are at hand, in full
	blind   bool // whether the plan has looked nothing up
	removed map[string]standing
	taken   map[string]standing // into a resource, which finds them there already
	invited map[string]bool     // are not there yet
	waiting map[string]bool     // have not joined yet
	hidden  map[string]standing // lose, or may lose, what the attributes do not show

	// Who cannot sign in once SSO is enforced, as the plan lists them.
	ownersOut, membersOut string
	ownerless             bool // no owner stays one under SSO
}

// standing is where somebody stands, and what becomes of their grants.
type standing struct {
	invitation           string // invited or expired, where they have not joined
	holds, gains, loses  map[string]bool
	unknown, leavesRoles bool // what changes is not all known; roles are not managed
}

// tell reads the warnings, as the provider words them.
func tell(text string, list []printedWarning) told {
	t := told{removed: map[string]standing{}, taken: map[string]standing{}, hidden: map[string]standing{}, invited: map[string]bool{}, waiting: map[string]bool{}}
	t.all = strings.TrimSpace(text) != "" && !strings.Contains(text, "To see the full warning notes, run ") // -compact-warnings
	for _, w := range list {
		switch {
		case w.is(warning.NothingLookedUp):
			t.all, t.blind = false, true // there would be more
		case w.is(warning.Removed):
			maps.Copy(t.removed, w.people(standing.holdGrants))
		case w.is(warning.AdoptedPeople), w.is(warning.ManyNewInvitations):
			maps.Copy(t.taken, w.people(standing.change))
		case w.is(warning.AdoptedUnchanged):
			t.all = t.all && w.times == 1 // of several, a plan prints one
			for email, now := range w.people(standing.change) {
				now.leavesRoles = warning.RolesNotSet.IsIn(w.inOneLine())
				t.taken[email] = now
			}
		case w.is(warning.PeopleLoseHidden):
			maps.Copy(t.hidden, w.people(standing.loseGrants))
		case w.is(warning.OwnersLockedOut):
			t.ownersOut = w.names(warning.OwnersOutside)
		case w.is(warning.LockedOut):
			t.membersOut = w.names(warning.MembersOutside)
		case w.is(warning.NoOwnerStays):
			t.ownerless = true
		case w.is(warning.ManyInvitations):
			for email := range w.people(standing.holdGrants) {
				t.invited[email] = true
			}
		}
		if email, ok := w.person(warning.Adopted); ok {
			t.taken[email] = w.taken()
		}
		if email, ok := w.person(warning.NotJoined); ok {
			t.waiting[email] = true
		}
		if email, ok := w.person(warning.AccessEnds); ok {
			t.removed[email] = w.revoked()
		}
		for _, hidden := range []warning.Phrase{warning.LosesHidden, warning.MayLoseHidden} {
			if email, ok := w.person(hidden); ok {
				t.hidden[email] = w.changes()
			}
		}
	}
	return t
}

func (w printedWarning) is(summary warning.Phrase) bool {
	_, ok := summary.Read(w.summary)
	return ok
}

// names reads the list in a sentence of the detail.
func (w printedWarning) names(sentence warning.Phrase) string {
	for _, values := range sentence.Find(w.inOneLine()) {
		return values[0]
	}
	return ""
}

// person reads who a warning is about, by lower-case address. It is false where
// that is hidden.
func (w printedWarning) person(summary warning.Phrase) (email string, ok bool) {
	values, ok := summary.Read(w.summary)
	if !ok || !strings.Contains(values[0], "@") {
		return "", false
	}
	return strings.ToLower(values[0]), true
}

func newStanding() standing {
	return standing{holds: map[string]bool{}, gains: map[string]bool{}, loses: map[string]bool{}}
}

// changes is what apply does to the grants of the person.
func (w printedWarning) changes() standing {
	s, text := newStanding(), w.inOneLine()
	add(s.gains, warning.ApplyGrants.Find(text))
	add(s.loses, warning.ApplyRevokes.Find(text))
	add(s.loses, warning.MayRevoke.Find(text))
	return s
}

// taken is how somebody stands whom an elasticcloud_member adopts.
func (w printedWarning) taken() standing {
	s, text := w.changes(), w.inOneLine()
	switch {
	case warning.InvitationExpired.IsIn(text):
		s.invitation = "expired"
	case warning.IsInvited.IsIn(text):
		s.invitation = "invited"
	}
	s.unknown = w.times > 1 || warning.RolesUnknown.IsIn(text)
	s.leavesRoles = warning.RolesNotSet.IsIn(text)
	return s
}

// revoked is how somebody stands whose access an action ends.
func (w printedWarning) revoked() standing {
	s, text := newStanding(), w.inOneLine()
	add(s.holds, warning.MemberHolds.Find(text))
	add(s.holds, warning.InvitationOffers.Find(text))
	if !warning.MemberHolds.IsIn(text) {
		s.invitation = "invited"
	}
	return s
}

// people reads a detail that has a line for each person, by lower-case address.
// The rest of the line is for read.
func (w printedWarning) people(read func(s standing, rest string)) map[string]standing {
	people := map[string]standing{}
	for _, line := range w.lines() {
		s := newStanding()
		if values, ok := warning.StatusLine.Read(line); ok {
			s.invitation = invitations[values[1]]
			read(s, values[2])
			people[strings.ToLower(values[0])] = s
		} else if values, ok := warning.Line.Read(line); ok {
			read(s, values[1])
			people[strings.ToLower(values[0])] = s
		}
	}
	return people
}

var invitations = map[string]string{warning.Invited: "invited", warning.Expired: "expired"}

// lines undoes the wrapping of a list.
func (w printedWarning) lines() (lines []string) {
	for _, line := range w.detail {
		switch {
		case strings.HasPrefix(line, "- "):
			lines = append(lines, line)
		case len(lines) > 0:
			lines[len(lines)-1] += " " + line
		}
	}
	return lines
}

func (s standing) holdGrants(list string) { addList(s.holds, list) }
func (s standing) loseGrants(list string) { addList(s.loses, list) }

func (s standing) change(text string) {
	for part := range strings.SplitSeq(text, "; ") {
		if values, ok := warning.Gets.Read(part); ok {
			addList(s.gains, values[0])
		}
		if values, ok := warning.Loses.Read(part); ok {
			addList(s.loses, values[0])
		}
	}
}

// add notes the grants that a phrase names, wherever it is in a text.
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
	for email, now := range s.told.removed {
		p := s.people[email]
		switch {
		case s.past && p != nil && p.comes() && p.unsaid: // a stranger, who would be removed again
			p.unsaid, p.invitation = false, now.invitation
			hold(p.after, now.holds, "")
		case !s.past && (p == nil || !p.will):
			p = s.person(email)
			p.was, p.unsaid, p.invitation = true, false, now.invitation
			hold(p.before, now.holds, "")
		}
	}
	if s.past {
		return
	}
	for email, now := range s.told.taken {
		if p := s.people[email]; p != nil && p.will && !p.was {
			p.isTaken(now)
		}
	}
	for email, now := range s.told.hidden {
		if p := s.people[email]; p != nil && p.was && p.will {
			hold(p.before, now.loses, "")
		}
	}
	for email := range s.told.invited {
		if p := s.people[email]; p != nil {
			p.listed = false
		}
	}
}

// isTaken notes that somebody who seemed to come is there already.
func (p *person) isTaken(now standing) {
	p.was, p.listed, p.taken, p.invitation = true, false, true, now.invitation
	switch {
	case now.leavesRoles:
		p.note("keeps the roles")
		p.before = maps.Clone(p.after)
		return
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
		p.note("is invited again, by e-mail, as the invitation expired")
	}
}
