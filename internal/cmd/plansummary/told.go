// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"regexp"
	"strings"
)

// told is what the warnings of a plan say of people, by lower-case address:
// where they stand now, which the plan's data does not have.
type told struct {
	all     bool // whether all warnings are at hand, in full
	removed map[string]standing
	taken   map[string]standing // into a resource, which finds them there already
	invited map[string]bool     // are not there yet
	waiting map[string]bool     // have not joined yet
	hidden  map[string]standing // lose, or may lose, what the attributes do not show
}

// standing is where somebody stands, and what becomes of their grants.
type standing struct {
	invitation           string // invited or expired, where they have not joined
	holds, gains, loses  map[string]bool
	unknown, leavesRoles bool // what changes is not all known; roles are not managed
}

var (
	takenOver    = regexp.MustCompile(`^(\S+@\S+) is taken over$`)
	notJoined    = regexp.MustCompile(`^(\S+@\S+) has not joined yet$`)
	accessEnds   = regexp.MustCompile(`^(\S+@\S+) loses access to the organization$`)
	notListed    = regexp.MustCompile(`^\d+ not listed: removed from the organization$`)
	severalTaken = regexp.MustCompile(`^\d+ (are there already and taken over with other grants|get a new invitation by e-mail)$`)
	losesMore    = regexp.MustCompile(`^(\S+@\S+) (?:loses|may lose) more than roles shows$`)
	severalLose  = regexp.MustCompile(`^\d+ lose more than the plan shows$`)
	severalNew   = regexp.MustCompile(`^\d+ get an invitation by e-mail$`)
	onePerson    = regexp.MustCompile(`^(\S+@\S+)(?:, (member|invited \(expired\)|invited)\b|: )`)
	listOfGrants = regexp.MustCompile(`\b(holds|hold|promises|gets|loses|adds|takes away|goes:) ((?:[^\s,;]+, )*[^\s,;]+)`)
)

// tell reads the warnings. The wordings are those of the provider, whose tests
// do not know of this program: the recorded plans do.
func tell(text string, list []warning) told {
	t := told{removed: map[string]standing{}, taken: map[string]standing{}, hidden: map[string]standing{}, invited: map[string]bool{}, waiting: map[string]bool{}}
	t.all = strings.TrimSpace(text) != "" && !strings.Contains(text, "To see the full warning notes, run ") // -compact-warnings
	for _, w := range list {
		if match := takenOver.FindStringSubmatch(w.summary); match != nil {
			t.taken[strings.ToLower(match[1])] = w.taken()
		}
		if match := notJoined.FindStringSubmatch(w.summary); match != nil {
			t.waiting[strings.ToLower(match[1])] = true
		}
		if match := accessEnds.FindStringSubmatch(w.summary); match != nil {
			t.removed[strings.ToLower(match[1])] = w.revoked()
		}
		if match := losesMore.FindStringSubmatch(w.summary); match != nil {
			t.hidden[strings.ToLower(match[1])] = standingOf(w.inOneLine())
		}
		switch {
		case severalLose.MatchString(w.summary):
			maps.Copy(t.hidden, w.people())
		case notListed.MatchString(w.summary):
			maps.Copy(t.removed, w.people())
		case severalTaken.MatchString(w.summary):
			maps.Copy(t.taken, w.people())
		case severalNew.MatchString(w.summary):
			for email := range w.people() {
				t.invited[email] = true
			}
		}
	}
	return t
}

// taken is how somebody stands whom an elasticcloud_member takes over.
func (w warning) taken() standing {
	text := w.inOneLine()
	s := standingOf(text)
	switch {
	case strings.Contains(text, "the invitation expired"):
		s.invitation = "expired"
	case strings.Contains(text, "is invited already"):
		s.invitation = "invited"
	}
	s.unknown = w.times > 1 || strings.Contains(text, "known only after apply")
	s.leavesRoles = strings.Contains(text, "roles is not set")
	return s
}

// revoked is how somebody stands whose access an action ends.
func (w warning) revoked() standing {
	text := w.inOneLine()
	s := standingOf(text)
	if !strings.Contains(text, "They are a member") {
		s.invitation = "invited"
	}
	return s
}

// people reads a detail that has a line for each person, wrapped.
func (w warning) people() map[string]standing {
	people := map[string]standing{}
	var email, status, text string
	add := func() {
		s := standingOf(text)
		switch status {
		case "invited (expired)":
			s.invitation = "expired"
		case "invited":
			s.invitation = "invited"
		}
		if email != "" {
			people[strings.ToLower(email)] = s
		}
	}
	for _, line := range w.detail {
		if match := onePerson.FindStringSubmatch(line + " "); match != nil {
			add()
			email, status, text = match[1], match[2], ""
			if status == "" {
				line = strings.Replace(line, ": ", " loses ", 1)
			}
		}
		text += line + " "
	}
	add()
	return people
}

// standingOf reads the grants in a text.
func standingOf(text string) standing {
	s := standing{holds: map[string]bool{}, gains: map[string]bool{}, loses: map[string]bool{}}
	side := map[string]map[string]bool{
		"holds": s.holds, "hold": s.holds, "promises": s.holds, "gets": s.gains, "adds": s.gains, "loses": s.loses, "takes away": s.loses, "goes:": s.loses,
	}
	for _, match := range listOfGrants.FindAllStringSubmatch(text, -1) {
		for grant := range strings.SplitSeq(match[2], ", ") {
			if grant = strings.TrimSuffix(grant, "."); grant != "no" { // no roles
				side[match[1]][oneSpelling(grant)] = true
			}
		}
	}
	return s
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
