// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"reflect"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// members reads a change of an elasticcloud_members.
func (s *summary) members(c change) {
	if c.after == nil {
		if s.past {
			s.fact(noClass, "**%s is no longer in the state.**", code(c.Address))
		} else {
			s.only("%s is destroyed. Nobody is removed, and nobody loses a grant.", code(c.Address))
		}
		return
	}
	switch {
	case c.before.isSecret("members") || c.after.isSecret("members"):
		if c.before == nil || !reflect.DeepEqual(c.before.values, c.after.values) {
			s.doubt("Sensitive people change in %s.", code(c.Address))
		}
		return
	case at(c.after.unknown, "members") == true:
		s.doubt("The people of %s are known only after apply.", code(c.Address))
		return
	case c.before == nil:
		s.inWarnings("**%s is new**: everyone who is not listed in it is removed from the organization.", code(c.Address))
	}
	s.listedBefore(c)
	s.listedAfter(c)
}

func (s *summary) listedBefore(c change) {
	if c.before == nil {
		return
	}
	listed, _ := c.before.values["members"].(map[string]any)
	for email, roles := range listed {
		p := s.person(email)
		p.was = true
		hold(p.before, grants(roles), c.Address)
	}
	for _, email := range c.before.list("pending") {
		p := s.person(email)
		p.invitation = "invited"
		if !p.was && !s.past { // a person whose invitation expired is pending and not listed
			p.was, p.invitation = true, "expired"
		}
	}
}

func (s *summary) listedAfter(c change) {
	listed, _ := c.after.values["members"].(map[string]any)
	unknown, _ := at(c.after.unknown, "members").(map[string]any)
	emails := maps.Clone(listed)
	if emails == nil {
		emails = map[string]any{}
	}
	maps.Copy(emails, unknown)
	for email := range emails {
		p := s.person(email)
		p.will = true
		p.listed = p.listed || c.before == nil
		p.open = p.open || anyMarked(unknown[email])
		hold(p.after, grants(listed[email]), c.Address)
		if p.invitation == "expired" && !s.past && !c.Change.Actions.NoOp() {
			p.note(invitedAgain)
		}
	}
	if !s.past {
		return
	}
	for _, email := range c.after.list("pending") {
		switch p := s.person(email); {
		case p.was && !p.will:
			p.will = true
			p.note("did not accept the invitation, which expired")
			p.after = p.before
		case p.comes():
			p.invitation = "invited"
		}
	}
}

// membersExclusive reads a change of an elasticcloud_members_exclusive. It removes people
// who were listed and no longer are, and unlisted members.
func (s *summary) membersExclusive(c change) {
	s.exclusive(c, "emails", "people", func(email string) {
		if p := s.person(email); !p.will {
			p.was, p.unsaid = true, true
		}
	}, func(email string) {
		p := s.person(email)
		p.will, p.unsaid = true, true
	})
}

// roleMappingsExclusive reads a change of an elasticcloud_role_mappings_exclusive.
func (s *summary) roleMappingsExclusive(c change) {
	s.exclusive(c, "names", "role mappings", func(name string) {
		if !s.gone[s.in+name] {
			s.unlistedMapping(name)
		}
	}, func(name string) {
		s.ofMappings("The role mapping %s is new and not listed.", code(name))
	})
}

// unlistedMapping notes that a role mapping is removed because it is not listed. Its
// grants are in the warnings only.
func (s *summary) unlistedMapping(name string) {
	removed, known := s.told.mappings[s.in+name]
	s.unlisted[s.in+name] = true
	switch {
	case s.past:
		s.ofMappings("The role mapping %s, which is not listed, no longer exists.", code(name))
		return
	case !known:
		s.doubt("The plan's data does not say what the role mapping %s grants, which is removed.", code(name))
		s.ofMappings("The role mapping %s is removed, because it is not listed.", code(name))
		return
	case removed.grants[warning.UnknownAccess]:
		s.doubt("The role mapping %s, which is removed, grants something that the provider does not know.", code(name))
	case removed.grants[ownerRole]:
		s.fact(classOwner, "**The role mapping %s no longer grants %s.** It is removed, because it is not listed.", code(name), code(ownerRole))
	}
	s.ofMappings("The role mapping %s is removed, because it is not listed. It granted %s.", code(name), grantsOrNothing(removed.grants))
}

func grantsOrNothing(grants map[string]bool) string {
	if len(grants) == 0 {
		return "nothing"
	}
	return codesOf(grants)
}

// exclusive calls removed for each name that existed and is no longer listed, and added
// for each unlisted name that was added outside Terraform.
func (s *summary) exclusive(c change, list, what string, removed, added func(string)) {
	address := code(c.Address)
	switch {
	case c.after == nil && s.past:
		s.fact(noClass, "**%s is no longer in the state.**", address)
		return
	case c.after == nil:
		s.only("%s is destroyed. That removes no %s.", address, what)
		return
	case c.before.isSecret(list) || c.after.isSecret(list):
		if c.before == nil || !reflect.DeepEqual(c.before.values, c.after.values) {
			s.doubt("The list in %s changes and is sensitive. The %s that are removed are not shown.", address, what)
		}
		return
	case c.after.isUnknown(list):
		s.doubt("The %s that %s removes are known only after apply.", what, address)
		return
	case c.before == nil:
		s.inWarnings("**%s is new**: all %s that are not listed in it are removed.", address, what)
		return
	}
	fold := func(names []string) map[string]bool {
		set := map[string]bool{}
		for _, name := range names {
			if list == "emails" {
				name = strings.ToLower(name)
			}
			set[name] = true
		}
		return set
	}
	before, after := fold(c.before.list("strangers")), fold(c.after.list("strangers"))
	if s.past {
		for _, name := range missing(after, before) {
			added(name)
		}
		for _, name := range missing(before, after) {
			removed(name)
		}
		return
	}
	maps.Copy(before, fold(c.before.list(list)))
	maps.Copy(after, fold(c.after.list(list)))
	for _, name := range missing(before, after) {
		removed(name)
	}
}
