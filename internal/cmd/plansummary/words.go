// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// headline counts.
func (s *summary) headline() string {
	var gain, lose, removed, uninvited, taken, listed, differ, open int
	for _, p := range s.people {
		switch {
		case p.comes():
			gain++
		case p.leaves() && p.invitation != "":
			uninvited++
		case p.leaves() && p.unsaid:
			removed++
		case p.leaves():
			lose++
		case p.taken:
			taken++
		case p.listed && !p.was:
			listed++
		default:
			differ += len(p.gains()) + len(p.loses()) + len(p.joining)
		}
		if p.open && !p.comes() {
			open++
		}
	}
	var parts []string
	add := func(n int, one, more string) {
		if n > 0 {
			parts = append(parts, count(n, one, more))
		}
	}
	add(gain, "person gains access", "people gain access")
	add(lose, "person loses all access", "people lose all access")
	add(removed, "person loses all access or is invited no longer", "people lose all access or are invited no longer")
	add(uninvited, "person is invited no longer", "people are invited no longer")
	add(taken, "person is taken over", "people are taken over")
	add(listed, "person is listed", "people are listed")
	add(differ, "grant changes", "grants change")
	add(open, "person gets roles that are known only after apply", "people get roles that are known only after apply")
	add(len(s.mappings), "role mapping changes", "role mappings change")
	if s.signOn {
		parts = append(parts, "single sign-on or domains change")
	}
	text := "Nobody gains or loses access"
	if len(parts) > 0 {
		text = sentence(strings.Join(parts, ", "))
	}
	if s.unclear {
		text = strings.Join(append(parts, "and the plan's data does not name everybody whom it concerns"), ", ")
		text = sentence(strings.TrimPrefix(text, "and "))
	}
	return "**" + text + ".**"
}

// firstOfPeople are the facts about people that come before all others.
func (s *summary) firstOfPeople() (owners, others []string) {
	for _, p := range s.sorted() {
		_, was := p.before[ownerRole]
		was = was && p.invitation == "" // an invitation makes nobody an owner yet
		_, will := p.after[ownerRole]
		switch {
		case p.leaves() && was:
			owners = append(owners, p.in+fmt.Sprintf("**%s, an owner, %s**.", p.name, s.say("leaves the organization", "left the organization")))
		case p.leaves() && p.invitation != "":
			others = append(others, p.in+fmt.Sprintf("**%s is invited no longer.**", p.name))
		case p.leaves() && p.unsaid:
			others = append(others, p.in+fmt.Sprintf("**%s loses all access, or is invited no longer.**", p.name))
		case p.leaves():
			others = append(others, p.in+fmt.Sprintf("**%s loses all access.**", p.name))
		case was && !will && p.open:
			owners = append(owners, p.in+fmt.Sprintf("**%s may be an owner no longer**: gets roles that are known only after apply, and may lose %s.", p.name, code(ownerRole)))
		case was && !will:
			owners = append(owners, p.in+fmt.Sprintf("**%s is an owner no longer**: loses %s.", p.name, code(ownerRole)))
		case will && !was && p.listed:
			owners = append(owners, p.in+fmt.Sprintf("**%s is listed as an owner**: holds %s.", p.name, code(ownerRole)))
		case will && !was:
			owners = append(owners, p.in+fmt.Sprintf("**%s becomes an owner**: gains %s.", p.name, code(ownerRole)))
		case p.taken && len(p.loses()) > 0:
			others = append(others, p.in+fmt.Sprintf("**%s is taken over**: %s, and loses %s.", p.name, p.isThere(), codes(p.loses())))
		case p.taken && p.open:
			others = append(others, p.in+fmt.Sprintf("**%s is taken over**: %s, and what changes is known only after apply.", p.name, p.isThere()))
		}
	}
	if slices.ContainsFunc(s.sorted(), func(p *person) bool { return p.comes() && (p.nameless || !s.told.all) }) {
		others = append(others, fmt.Sprintf("**Some of the invited may be there already**: who is, is taken over and loses what is not set here, %s too. The warnings of the plan name them.", code(ownerRole)))
	}
	return owners, others
}

// line says what happens to a person, or nothing.
func (s *summary) line(p *person) string {
	var parts []string
	switch {
	case p.comes() && s.past && p.invitation != "":
		parts = append(parts, "was invited"+p.holds(p.gains()))
	case p.comes() && s.past && p.unsaid:
		parts = append(parts, "came in, or was invited")
	case p.comes():
		parts = append(parts, s.say("is invited (an e-mail goes out)", "came in")+p.holds(p.gains()))
	case p.leaves():
		parts = append(parts, s.leaving(p))
	case p.listed && !p.was:
		parts = append(parts, "is listed"+p.holds(p.gains()), "is invited, unless in the organization already, and then loses what is not listed")
	case p.taken:
		parts = append(parts, p.isThere()+", and is taken over")
		parts = append(parts, s.grantsInWords(p)...)
	default:
		parts = s.grantsInWords(p)
	}
	if len(p.joining) > 0 {
		parts = append(parts, "gets "+codes(p.joining)+" once they have joined")
	}
	for _, role := range p.waited {
		if _, stays := p.after[role]; !stays {
			parts = append(parts, "does not get "+code(role)+" on joining any more")
		}
	}
	parts = append(parts, p.notes...)
	if len(parts) == 0 {
		return ""
	}
	return p.in + p.name + " " + strings.Join(parts, "; ") + "."
}

// leaving is for somebody who goes. Whoever was only invited loses nothing but
// what they were promised. Of what was, only the status before is known: they may
// have joined in between.
func (s *summary) leaving(p *person) string {
	text, lost := s.say("leaves the organization", "left the organization"), s.say(" and loses ", " and lost ")
	switch {
	case p.invitation != "" && !s.past:
		text, lost = "is invited no longer", "; was promised "
	case p.invitation != "":
		text, lost = text+", or is invited no longer", "; had "
	case p.unsaid:
		text += ", or is invited no longer"
	}
	if len(p.before) == 0 {
		return text
	}
	return text + lost + codes(slices.Sorted(maps.Keys(p.before)))
}

// isThere says where somebody stands who is taken over.
func (p *person) isThere() string {
	switch p.invitation {
	case "":
		return "is in the organization already"
	case "expired":
		return "was invited already"
	}
	return "is invited already"
}

// grantsInWords is for somebody who is there and stays.
func (s *summary) grantsInWords(p *person) (parts []string) {
	gains, loses := p.gains(), p.loses()
	if len(gains) > 0 {
		parts = append(parts, s.say("gains ", "gained ")+codes(gains))
	}
	if len(loses) > 0 {
		parts = append(parts, s.say("loses ", "lost ")+codes(loses))
	}
	if p.open {
		text := "gets roles that are known only after apply"
		if rest := missing(p.before, p.after); len(rest) > 0 {
			text += ", and may lose " + codes(rest)
		}
		parts = append(parts, text)
	}
	if p.invitation == "invited" && !s.past {
		switch {
		case len(gains)+len(loses) > 0:
			parts = append(parts, "gets a new invitation by e-mail, as the open one cannot be changed")
		case p.open:
			parts = append(parts, "may get a new invitation by e-mail, as the open one cannot be changed")
		}
	}
	if moved := p.moved(); len(moved) > 0 && !s.past {
		parts = append(parts, "keeps "+codes(moved)+", now by another resource")
	}
	return parts
}

// holds lists what somebody who comes holds.
func (p *person) holds(grants []string) string {
	var parts []string
	if len(grants) > 0 {
		parts = append(parts, codes(grants))
	}
	if p.open {
		parts = append(parts, "roles that are known only after apply")
	}
	if p.secret {
		parts = append(parts, "roles that are marked as sensitive")
	}
	switch {
	case len(parts) > 0:
		return " with " + strings.Join(parts, " and ")
	case p.unsaid:
		return ""
	}
	return " without roles"
}
