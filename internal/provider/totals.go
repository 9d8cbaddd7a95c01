// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// The totals of a plan, as far as it is planned: owners, removals, domains and role
// mappings.

// demote notes owners who lose organization-admin in this plan. It returns how many of the
// others do not, as far as it is planned.
func (l *ledger) demote(emails, others []string) int {
	l.mu.Lock()
	for _, email := range emails {
		l.page(organization.PersonObject(email)).demoted = true
	}
	l.mu.Unlock()
	return l.stayOwners(others)
}

// stayOwners returns how many of these owners stay owners, as far as it is planned.
func (l *ledger) stayOwners(owners []string) (stay int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, email := range owners {
		if !l.page(organization.PersonObject(email)).demoted {
			stay++
		}
	}
	return stay
}

// remove notes people whom this plan removes from the organization. It returns the number of
// all removed people, as far as it is planned.
func (l *ledger) remove(emails ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.removed == nil {
		l.removed = map[string]bool{}
	}
	for _, email := range emails {
		l.removed[cloud.Fold(email)] = true
	}
	return len(l.removed)
}

// changes notes a role mapping that is new or changes.
func (l *ledger) changes(m mappingInWords) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mapped == nil {
		l.mapped = map[string]mappingInWords{}
	}
	l.mapped[m.name] = m
}

// changed returns the role mappings that are new or change, by name.
func (l *ledger) changed() map[string]mappingInWords {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.mapped)
}

// verifies notes a domain that is claimed after this plan.
func (l *ledger) verifies(domain string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.verified == nil {
		l.verified = map[string]bool{}
	}
	l.verified[cloud.Fold(domain)] = true
}

// accepted returns the domains whose people can sign in through SSO after this plan, sorted.
// The argument has the domains that are claimed now.
func (l *ledger) accepted(claimed []string) (domains []string) {
	l.mu.Lock()
	all := slices.AppendSeq(slices.Clone(claimed), maps.Keys(l.verified))
	l.mu.Unlock()
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(domain string) bool { return l.departs(organization.DomainObject(domain)) })
}

// leavesOpen notes that a role mapping or a domain is known only after apply.
func (l *ledger) leavesOpen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = true
}

// isOpen reports whether there is such a role mapping or domain.
func (l *ledger) isOpen() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}

// removes reports whether this plan removes a person from the organization.
func (l *ledger) removes(email string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.removed[cloud.Fold(email)]
}

// set returns the people whose roles are complete lists: in an elasticcloud_member, in its
// spelling, and in an elasticcloud_members.
func (l *ledger) set() (members, everybody []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, object := range slices.SortedFunc(maps.Keys(l.pages), organization.Object.Compare) {
		for _, e := range l.pages[object].held {
			if e.only == yes {
				members = append(members, e.name)
			}
		}
	}
	for _, list := range l.lists[organization.EverybodyObject] {
		if list.only == yes {
			everybody = slices.Sorted(maps.Keys(list.listed))
		}
	}
	return members, everybody
}

// warnsOfMapping reports whether a person was not yet warned of role mappings, and notes the
// warning.
func (l *ledger) warnsOfMapping(email string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.page(organization.PersonObject(email))
	said := p.warned
	p.warned = true
	return !said
}
