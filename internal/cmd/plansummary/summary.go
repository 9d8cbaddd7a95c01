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

// summary is what a plan does or, for drift, what happened outside Terraform.
type summary struct {
	past bool
	told told
	in   string // begins what is said of the resource at hand, if there are several organizations

	people    map[string]*person
	gone      map[string]bool // organizations and names of role mappings that their own resource deletes
	unlisted  map[string]bool // organizations and names of role mappings that are removed because they are not listed
	does      map[string]bool // what the plan does in an organization, so that apply may accept what it otherwise refuses
	doubts    []string        // what the summary cannot say
	refusals  []string        // what apply will surely refuse
	owners    []string        // what to see first of all: who becomes an owner, and who is one no longer
	facts     []string        // what to see after that
	has       classes
	signOn    bool // whether single sign-on or domains change
	mappings  []string
	settings  []string
	local     []string       // what changes nothing in Elastic Cloud
	elsewhere map[string]int // changes of other providers' resources, by type
}

// kinds are the resources of the provider, each with what reads a change of it.
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

// summarize reads the changes of a plan, and its actions.
func summarize(changes []*tfjson.ResourceChange, actions []*tfjson.ActionInvocation, organizations organizations, told told, past bool) *summary {
	s := &summary{past: past, told: told, people: map[string]*person{}, gone: map[string]bool{}, unlisted: map[string]bool{}, does: map[string]bool{}, has: classes{}, elsewhere: map[string]int{}}
	kinds := s.kinds()
	var own []change
	for _, rc := range changes {
		switch {
		case rc.Mode != tfjson.ManagedResourceMode || rc.Change == nil:
		case kinds[rc.Type] != nil && isOurProvider(rc.ProviderName):
			own = append(own, newChange(rc))
		case rc.Change.Actions.NoOp() || rc.Change.Actions.Forget():
		case isOurs(rc.Address) && isOurProvider(rc.ProviderName):
			s.doubt("%s is of a type that this program does not know. Use the version of this program that belongs to the provider.", code(rc.Address))
		default:
			s.elsewhere[rc.Type]++
		}
	}
	// The people who are removed because they are not listed are known once all others are.
	slices.SortStableFunc(own, func(a, b change) int {
		exclusive := func(c change) int { return cmp.Compare(strings.Index(c.Type, "_exclusive"), 0) }
		return cmp.Or(cmp.Compare(exclusive(a), exclusive(b)), cmp.Compare(a.Address, b.Address))
	})
	lost := false
	for _, c := range own {
		s.in = organizations.in(c.Address)
		if !isKnown(c.Change.Actions) {
			s.doubt("Terraform does something with %s that this program does not know.", code(c.Address))
		}
		if !c.Change.Actions.Forget() { // then the warnings say what another resource does
			kinds[c.Type](c)
		}
		if names := c.unknownAttributes(); len(names) > 0 {
			s.doubt("%s changes in %s, which this program does not know. Use the version of this program that belongs to the provider.", codes(names), code(c.Address))
		}
		s.in = ""
		s.bookkeeping(c)
		lost = lost || !organizations.knows(c.Address) && !c.Change.Actions.NoOp() && !c.Change.Actions.Forget()
	}
	for _, action := range actions {
		if !isOurs(action.Address) {
			continue
		}
		s.in = organizations.in(action.Address)
		s.action(action)
		lost = lost || !organizations.knows(action.Address)
	}
	s.in = ""
	if lost && !past {
		s.doubt("The plan's data does not name the organization of an action, or of a resource that is no longer in the configuration. Lines about these begin with the address. A person who loses access there may keep it through another resource.")
	}
	s.learn()
	slices.Sort(s.mappings)
	for key, p := range s.people {
		_, waits := told.waiting[key]
		p.settle(waits, told.all)
		if _, known := told.removed[key]; p.unsaid && p.leaves() && !past && !known {
			s.doubt("%sthe plan does not say which roles %s has now.", p.in, p.name)
		}
		if p.open {
			s.doubt("%sthe roles of %s are known only after apply.", p.in, p.name)
		}
	}
	slices.Sort(s.doubts)
	return s
}

// bookkeeping says what happens to a resource in the state only.
func (s *summary) bookkeeping(c change) {
	if s.past {
		return
	}
	address := code(c.Address)
	if c.PreviousAddress != "" && c.PreviousAddress != c.Address {
		s.only("%s is now called %s.", code(c.PreviousAddress), address)
	}
	if c.Change.Importing != nil {
		s.only("%s is imported: it exists already, and Terraform manages it now.", address)
	}
	if c.Change.Actions.Forget() {
		s.only("%s is no longer managed. Nothing changes in Elastic Cloud.", address)
	}
}

// fact notes what to see first. The classes are those of -fail-on.
func (s *summary) fact(class class, format string, args ...any) {
	s.is(class)
	list := &s.facts
	if class == classOwner {
		list = &s.owners
	}
	if text := s.in + fmt.Sprintf(format, args...); !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

// noClass is for a fact that -fail-on cannot name.
const noClass class = ""

func (s *summary) is(class class) {
	if class != noClass {
		s.has[class] = true
	}
}

// doubt notes what the summary cannot say.
func (s *summary) doubt(format string, args ...any) {
	s.is(classUnclear)
	if text := s.in + fmt.Sprintf(format, args...); !slices.Contains(s.doubts, sentence(text)) {
		s.doubts = append(s.doubts, sentence(text))
	}
}

// inWarnings is a fact about people whom the warnings of the plan name, and its data
// does not.
func (s *summary) inWarnings(format string, args ...any) {
	s.fact(noClass, format, args...)
	if !s.told.all {
		s.doubt("Only the warnings of the plan name the people or mappings that are removed.")
	}
}

func (s *summary) only(format string, args ...any) {
	s.local = append(s.local, s.in+fmt.Sprintf(format, args...))
}

func (s *summary) ofMappings(format string, args ...any) {
	s.is(classSSO)
	s.mappings = append(s.mappings, s.in+fmt.Sprintf(format, args...))
}

func (s *summary) ofSettings(class class, format string, args ...any) {
	s.is(class)
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

// sentence begins with a capital letter, unless the text begins with a name.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
