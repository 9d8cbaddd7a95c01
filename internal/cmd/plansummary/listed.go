// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"reflect"
	"strings"
)

// members takes in an elasticcloud_members.
func (s *summary) members(c change) {
	if c.after == nil {
		if s.past {
			s.fact("**%s is gone from the state.**", code(c.Address))
		} else {
			s.only("%s is destroyed: nobody is removed, and nobody loses a grant.", code(c.Address))
		}
		return
	}
	switch {
	case c.before.isSecret("members") || c.after.isSecret("members"):
		if c.before == nil || !reflect.DeepEqual(c.before.values, c.after.values) {
			s.unnamed("**People that are marked as sensitive change** in %s: who they are is not shown here.", code(c.Address))
		}
		return
	case at(c.after.unknown, "members") == true:
		s.unnamed("**Who is in the organization is known only after apply**: %s sets it.", code(c.Address))
		return
	case c.before == nil:
		s.inWarnings("**%s is new**: whoever is not listed in it is removed from the organization.", code(c.Address))
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
		if !p.was && !s.past { // whose invitation expired are pending and not listed
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
			p.note("is invited again, by e-mail, as the invitation expired")
		}
	}
	if !s.past {
		return
	}
	for _, email := range c.after.list("pending") {
		switch p := s.person(email); {
		case p.was && !p.will:
			p.will = true
			p.note("did not accept the invitation: it expired")
			p.after = p.before
		case p.comes():
			p.invitation = "invited"
		}
	}
}

// membersExclusive takes in an elasticcloud_members_exclusive: who was listed
// or a stranger, and is not listed any more, goes.
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

// roleMappingsExclusive takes in an elasticcloud_role_mappings_exclusive.
func (s *summary) roleMappingsExclusive(c change) {
	s.exclusive(c, "names", "role mappings", func(name string) {
		if !s.gone[s.in+name] {
			s.ofMappings("The mapping %s goes, as it is not listed. The warnings of the plan say what it gives; its data does not.", code(name))
		}
	}, func(name string) {
		s.ofMappings("The mapping %s came, and is not listed.", code(name))
	})
}

// exclusive calls goes for each that was there and is not listed any more, and
// comes for each stranger who came outside Terraform.
func (s *summary) exclusive(c change, list, what string, goes, comes func(string)) {
	address := code(c.Address)
	switch {
	case c.after == nil && s.past:
		s.fact("**%s is gone from the state.**", address)
		return
	case c.after == nil:
		s.only("%s is destroyed: no %s are removed by that.", address, what)
		return
	case c.before.isSecret(list) || c.after.isSecret(list):
		if c.before == nil || !reflect.DeepEqual(c.before.values, c.after.values) {
			s.unnamed("**The list in %s changes and is marked as sensitive**: which %s go is not shown here.", address, what)
		}
		return
	case c.after.isUnknown(list):
		s.unnamed("**Which %s go is known only after apply**: some of the list in %s is not known yet.", what, address)
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
			comes(name)
		}
		for _, name := range missing(before, after) {
			goes(name)
		}
		return
	}
	maps.Copy(before, fold(c.before.list(list)))
	maps.Copy(after, fold(c.after.list(list)))
	for _, name := range missing(before, after) {
		goes(name)
	}
}
