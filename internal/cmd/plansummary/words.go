// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// headline counts what changes.
func (s *summary) headline() string {
	var gain, lose, removed, uninvited, adopted, listed, differ, open int
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
		case p.adopted:
			adopted++
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
	if s.has[classOwner] && !s.past {
		parts = append(parts, "owners change")
	}
	add(gain, "person gains access", "people gain access")
	add(lose, "person loses all access", "people lose all access")
	add(removed, "person loses all access or an invitation", "people lose all access or an invitation")
	add(uninvited, "person is no longer invited", "people are no longer invited")
	add(adopted, "person is adopted", "people are adopted")
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
	switch {
	case s.has[classUnclear] && len(parts) > 0:
		text = "Unclear. At least " + strings.Join(parts, ", ")
	case s.has[classUnclear]:
		text = "Unclear: this summary cannot say what the plan does"
	}
	return "**" + text + ".**"
}

// firstOfPeople are the facts about people that a reviewer has to see first.
func (s *summary) firstOfPeople() (owners, others []string) {
	for _, p := range s.sorted() {
		_, had := p.before[ownerRole]
		was := had && p.invitation == "" // an invitation makes nobody an owner yet
		_, will := p.after[ownerRole]
		switch {
		case p.leaves() && was:
			owners = append(owners, p.in+fmt.Sprintf("**%s, an owner, %s.**", sentence(p.name), s.say("is removed from the organization", "left the organization")))
		case p.leaves() && p.invitation != "":
			others = append(others, p.in+fmt.Sprintf("**%s is no longer invited.**", sentence(p.name)))
		case p.leaves() && p.unsaid:
			others = append(others, p.in+fmt.Sprintf("**%s loses all access or an invitation.**", sentence(p.name)))
		case p.leaves():
			others = append(others, p.in+fmt.Sprintf("**%s loses all access.**", sentence(p.name)))
		case was && !will && p.open:
			owners = append(owners, p.in+fmt.Sprintf("**%s may no longer be an owner**: gets roles that are known only after apply, and may lose %s.", sentence(p.name), code(ownerRole)))
		case was && !will:
			owners = append(owners, p.in+fmt.Sprintf("**%s is no longer an owner**: loses %s.", sentence(p.name), code(ownerRole)))
		case will && !was && p.listed:
			owners = append(owners, p.in+fmt.Sprintf("**%s is listed as an owner**: holds %s.", sentence(p.name), code(ownerRole)))
		case slices.Contains(p.joining, ownerRole):
			owners = append(owners, p.in+fmt.Sprintf("**%s becomes an owner after joining**: a later apply grants %s.", sentence(p.name), code(ownerRole)))
		case will && had && p.invitation == "expired":
			owners = append(owners, p.in+fmt.Sprintf("**%s is invited again as an owner**, because the invitation expired.", sentence(p.name)))
		case will && !had:
			owners = append(owners, p.in+fmt.Sprintf("**%s becomes an owner**: gains %s.", sentence(p.name), code(ownerRole)))
		case p.adopted && len(p.loses()) > 0:
			others = append(others, p.in+fmt.Sprintf("**%s is adopted**: %s, and loses %s.", sentence(p.name), p.isThere(), codes(p.loses())))
		case p.adopted && p.open:
			others = append(others, p.in+fmt.Sprintf("**%s is adopted**: %s, and the changes are known only after apply.", sentence(p.name), p.isThere()))
		}
	}
	return owners, others
}

// hedge notes that apply may adopt people who seem to be new, if no warning can say so.
func (s *summary) hedge() {
	if slices.ContainsFunc(s.sorted(), func(p *person) bool { return p.comes() && (p.nameless || !s.told.all) }) {
		s.doubt("Some of the invited people may already be in the organization. Apply adopts them, and revokes what is not set here, %s too.", code(ownerRole))
	}
}

// line says what happens to a person, or nothing.
func (s *summary) line(p *person) string {
	var parts []string
	switch {
	case p.comes() && s.past && p.invitation != "":
		parts = append(parts, "was invited"+p.holds(p.gains()))
	case p.comes() && s.past && p.unsaid:
		parts = append(parts, "was added or invited")
	case p.comes():
		parts = append(parts, s.say("is invited by e-mail", "was added")+p.holds(p.gains()))
	case p.leaves():
		parts = append(parts, s.leaving(p))
	case p.listed && !p.was:
		parts = append(parts, "is listed"+p.holds(p.gains()), "is invited, or adopted without what is not listed")
	case p.adopted:
		parts = append(parts, p.isThere()+", and is adopted")
		parts = append(parts, s.grantsInWords(p)...)
	default:
		parts = s.grantsInWords(p)
	}
	if len(p.joining) > 0 {
		parts = append(parts, "gets "+codes(p.joining)+" from a later apply, after joining")
	}
	for _, role := range p.waited {
		if _, stays := p.after[role]; !stays {
			parts = append(parts, "no longer gets "+code(role)+" on joining")
		}
	}
	parts = append(parts, p.notes...)
	if len(parts) == 0 {
		return ""
	}
	return sentence(p.in + p.name + " " + strings.Join(parts, "; ") + ".")
}

// leaving is for somebody who is removed. An invited person loses an offer only. Of the
// past, only the status before is known: the person may have joined in between.
func (s *summary) leaving(p *person) string {
	text, lost := s.say("is removed from the organization", "left the organization"), s.say(" and loses ", " and lost ")
	switch {
	case p.invitation != "" && !s.past:
		text, lost = "is no longer invited", "; was offered "
	case p.invitation != "":
		text, lost = text+", or is no longer invited", "; had "
	case p.unsaid:
		text += ", or is no longer invited"
	}
	if len(p.before) == 0 {
		return text
	}
	return text + lost + codesOf(p.before)
}

// isThere says what somebody is who is adopted.
func (p *person) isThere() string {
	switch p.invitation {
	case "":
		return "is already in the organization"
	case "expired":
		return "had an invitation, which expired"
	}
	return "is already invited"
}

// grantsInWords is for somebody who stays in the organization.
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
			parts = append(parts, "gets a new invitation by e-mail, because the pending one cannot be changed")
		case p.open:
			parts = append(parts, "may get a new invitation by e-mail, because the pending one cannot be changed")
		}
	}
	if moved := p.moved(); len(moved) > 0 && !s.past {
		parts = append(parts, "keeps "+codes(moved)+", now from another resource")
	}
	return parts
}

// holds lists the grants of somebody who is new.
func (p *person) holds(grants []string) string {
	var parts []string
	if len(grants) > 0 {
		parts = append(parts, codes(grants))
	}
	if p.open {
		parts = append(parts, "roles that are known only after apply")
	}
	if p.secret {
		parts = append(parts, "sensitive roles")
	}
	switch {
	case len(parts) > 0:
		return " with " + strings.Join(parts, " and ")
	case p.unsaid:
		return ""
	}
	return " without roles"
}
