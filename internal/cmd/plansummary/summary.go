// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// summary is what a plan does, or, for drift, what happened outside Terraform.
type summary struct {
	past bool

	people    map[string]*person
	gone      map[string]bool // names of role mappings that are deleted by their own resource
	facts     []string        // what to see first
	unclear   bool            // whether the plan does not name everybody whom it concerns
	signOn    bool            // whether single sign-on or domains change
	mappings  []string
	settings  []string
	local     []string       // what changes nothing on the service
	elsewhere map[string]int // changes of other providers' resources, by type
}

// summarize goes through changes of a plan.
func summarize(changes []*tfjson.ResourceChange, past bool) *summary {
	s := &summary{past: past, people: map[string]*person{}, gone: map[string]bool{}, elsewhere: map[string]int{}}
	kinds := map[string]func(change){
		"elasticcloud_member":                  s.member,
		"elasticcloud_role_assignment":         s.roleAssignment,
		"elasticcloud_members":                 s.members,
		"elasticcloud_members_exclusive":       s.membersExclusive,
		"elasticcloud_role_mapping":            s.roleMapping,
		"elasticcloud_role_mappings_exclusive": s.roleMappingsExclusive,
		"elasticcloud_domain_claim":            s.domainClaim,
		"elasticcloud_domain_verification":     s.domainVerification,
		"elasticcloud_saml_idp":                s.samlIdP,
		"elasticcloud_sso_enforcement":         s.ssoEnforcement,
	}
	var own []change
	for _, rc := range changes {
		switch {
		case rc.Mode != tfjson.ManagedResourceMode || rc.Change == nil:
		case kinds[rc.Type] != nil:
			own = append(own, newChange(rc))
		case !rc.Change.Actions.NoOp() && !rc.Change.Actions.Forget():
			s.elsewhere[rc.Type]++
		}
	}
	// Who goes, as they are not listed, is known once everybody else is.
	slices.SortStableFunc(own, func(a, b change) int {
		exclusive := func(c change) int { return cmp.Compare(strings.Index(c.Type, "_exclusive"), 0) }
		return cmp.Or(cmp.Compare(exclusive(a), exclusive(b)), cmp.Compare(a.Address, b.Address))
	})
	for _, c := range own {
		kinds[c.Type](c)
		s.bookkeeping(c)
	}
	return s
}

// bookkeeping says what happens to a resource in the state alone.
func (s *summary) bookkeeping(c change) {
	if s.past {
		return
	}
	address := code(c.Address)
	if c.PreviousAddress != "" && c.PreviousAddress != c.Address {
		s.only("%s is called %s from now on.", code(c.PreviousAddress), address)
	}
	if c.Change.Importing != nil {
		s.only("%s is imported: it is there already, and managed from now on.", address)
	}
	if c.Change.Actions.Forget() {
		s.only("%s is managed no longer: nothing changes on the service.", address)
	}
}

func (s *summary) fact(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.facts, text) {
		s.facts = append(s.facts, text)
	}
}

// unnamed is a fact about people whom the plan does not name.
func (s *summary) unnamed(format string, args ...any) {
	s.unclear = true
	s.fact(format, args...)
}

func (s *summary) only(format string, args ...any) {
	s.local = append(s.local, fmt.Sprintf(format, args...))
}

// say chooses the words for what will be, or for what was.
func (s *summary) say(will, was string) string {
	if s.past {
		return was
	}
	return will
}

// sorted are the people by address.
func (s *summary) sorted() []*person {
	var list []*person
	for _, key := range slices.Sorted(maps.Keys(s.people)) {
		list = append(list, s.people[key])
	}
	return list
}

// headline counts.
func (s *summary) headline() string {
	gain, lose, listed, differ := 0, 0, 0, 0
	for _, p := range s.people {
		switch {
		case p.comes():
			gain++
		case p.leaves():
			lose++
		case p.listed && !p.was:
			listed++
		default:
			differ += len(p.gains()) + len(p.loses())
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
	add(listed, "person is listed", "people are listed")
	add(differ, "grant changes", "grants change")
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
func (s *summary) firstOfPeople() (owners, leavers []string) {
	for _, p := range s.sorted() {
		_, was := p.before[ownerRole]
		was = was && p.invitation == "" // an invitation makes nobody an owner yet
		_, will := p.after[ownerRole]
		switch {
		case p.leaves() && was:
			owners = append(owners, fmt.Sprintf("**%s, an owner, %s**.", p.name, s.say("leaves the organization", "left the organization")))
		case p.leaves() && p.invitation != "":
			leavers = append(leavers, fmt.Sprintf("**%s is invited no longer.**", p.name))
		case p.leaves():
			leavers = append(leavers, fmt.Sprintf("**%s loses all access.**", p.name))
		case was && !will && !p.open:
			owners = append(owners, fmt.Sprintf("**%s is an owner no longer**: loses %s.", p.name, code(ownerRole)))
		case will && !was && p.listed:
			owners = append(owners, fmt.Sprintf("**%s is listed as an owner**: holds %s.", p.name, code(ownerRole)))
		case will && !was:
			owners = append(owners, fmt.Sprintf("**%s becomes an owner**: gains %s.", p.name, code(ownerRole)))
		}
	}
	return owners, leavers
}

// line says what happens to a person, or nothing.
func (s *summary) line(p *person) string {
	var parts []string
	switch {
	case p.comes():
		parts = append(parts, s.say("is invited (an e-mail goes out)", "came in")+p.holds(p.gains()))
	case p.leaves():
		text := s.say("leaves the organization", "left the organization")
		if p.invitation != "" && !s.past { // otherwise they may have joined in between
			text = "is invited no longer"
		}
		if len(p.before) > 0 {
			text += s.say(" and loses ", " and lost ") + codes(slices.Sorted(maps.Keys(p.before)))
		}
		parts = append(parts, text)
	case p.listed && !p.was:
		parts = append(parts, "is listed"+p.holds(p.gains()), "is invited, unless in the organization already, and then loses what is not listed")
	default:
		parts = s.grantsInWords(p)
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
	return p.name + " " + strings.Join(parts, "; ") + "."
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
	if len(parts) > 0 && p.invitation == "invited" && !s.past {
		parts = append(parts, "gets a new invitation by e-mail, as the open one cannot be changed")
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

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
