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
	told told
	in   string // begins what is said of the resource at hand, where there are several organizations

	people    map[string]*person
	gone      map[string]bool // organizations and names of role mappings that are deleted by their own resource
	facts     []string        // what to see first
	unclear   bool            // whether the plan does not name everybody whom it concerns
	signOn    bool            // whether single sign-on or domains change
	mappings  []string
	settings  []string
	local     []string       // what changes nothing on the service
	elsewhere map[string]int // changes of other providers' resources, by type
}

// kinds are the resources of the provider, with what takes a change of each in.
func (s *summary) kinds() map[string]func(change) {
	return map[string]func(change){
		"elasticcloud_member":                  s.member,
		"elasticcloud_role_assignment":         s.roleAssignment,
		"elasticcloud_members":                 s.members,
		"elasticcloud_members_exclusive":       s.membersExclusive,
		"elasticcloud_role_mapping":            s.roleMapping,
		"elasticcloud_role_mappings_exclusive": s.roleMappingsExclusive,
		"elasticcloud_domain_claim":            s.domainClaim,
		"elasticcloud_domain_verification":     s.domainVerification,
		"elasticcloud_saml_idp":                s.samlIdP,
		"elasticcloud_saml_service_provider":   s.samlServiceProvider,
		"elasticcloud_sso_enforcement":         s.ssoEnforcement,
	}
}

// summarize goes through changes of a plan, and its actions.
func summarize(changes []*tfjson.ResourceChange, actions []*tfjson.ActionInvocation, organizations organizations, told told, past bool) *summary {
	s := &summary{past: past, told: told, people: map[string]*person{}, gone: map[string]bool{}, elsewhere: map[string]int{}}
	kinds := s.kinds()
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
	lost := false
	for _, c := range own {
		s.in = organizations.in(c.Address)
		kinds[c.Type](c)
		s.in = ""
		s.bookkeeping(c)
		lost = lost || !organizations.knows(c.Address) && !c.Change.Actions.NoOp() && !c.Change.Actions.Forget()
	}
	for _, action := range actions {
		s.in = organizations.in(action.Address)
		s.action(action)
		lost = lost || !organizations.knows(action.Address)
	}
	s.in = ""
	if lost && !past {
		s.fact("**In which organization something happens, the plan's data does not say** of an action, or of a resource that is in the configuration no longer: such lines begin with its address. Who goes by it may stay by another one.")
	}
	if told.blind && !past {
		s.unnamed("**The plan looks nothing up in Elastic Cloud**: it shows no drift, and does not say who is there already or whom a list removes. Apply refuses what the plan could not, but asks nobody again.")
	}
	s.learn()
	for key, p := range s.people {
		p.settle(told.waiting[key], told.all)
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
	if text := s.in + fmt.Sprintf(format, args...); !slices.Contains(s.facts, text) {
		s.facts = append(s.facts, text)
	}
}

// unnamed is a fact about people whom the plan does not name.
func (s *summary) unnamed(format string, args ...any) {
	s.unclear = true
	s.fact(format, args...)
}

// inWarnings is a fact about those whom the warnings of the plan name, and its
// data does not.
func (s *summary) inWarnings(format string, args ...any) {
	if s.told.all {
		s.fact(format+" The warnings name them.", args...)
		return
	}
	s.unnamed(format+" The warnings of the plan name them; its data does not.", args...)
}

func (s *summary) only(format string, args ...any) {
	s.local = append(s.local, s.in+fmt.Sprintf(format, args...))
}

func (s *summary) ofMappings(format string, args ...any) {
	s.mappings = append(s.mappings, s.in+fmt.Sprintf(format, args...))
}

func (s *summary) ofSettings(format string, args ...any) {
	s.settings = append(s.settings, s.in+fmt.Sprintf(format, args...))
}

// say chooses the words for what will be, or for what was.
func (s *summary) say(will, was string) string {
	if s.past {
		return was
	}
	return will
}

// sorted are the people by organization and address.
func (s *summary) sorted() []*person {
	var list []*person
	for _, key := range slices.Sorted(maps.Keys(s.people)) {
		list = append(list, s.people[key])
	}
	return list
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
