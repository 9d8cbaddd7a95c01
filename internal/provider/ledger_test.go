// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// note is what a plan tells the ledger of one resource.
type note struct {
	name  string
	goes  bool
	entry entry
}

func ledgerNotes() []note {
	grant := func(email, g string) note {
		parsed, _ := cloud.ParseGrant(g)
		return note{name: email + "/" + g, entry: entry{
			resource: "elasticcloud_role_assignment", object: organization.GrantObject(email, parsed), person: organization.PersonObject(email),
			name: email, at: emailPath, grants: []cloud.Grant{parsed}, given: time.Unix(1, 0), // by the same apply
		}}
	}
	member := func(email string, only whether) note {
		return note{name: fmt.Sprintf("member %s %d", email, only), entry: entry{
			resource: memberType, object: organization.PersonObject(email), name: email, at: emailPath, only: only,
		}}
	}
	domain := func(name string) note {
		return note{name: name, entry: entry{resource: domainClaimType, object: organization.DomainObject(name), name: name, at: domainPath}}
	}
	mapping := func(name string, isNew bool) note {
		return note{name: "mapping " + name, entry: entry{resource: roleMappingType, object: organization.RoleMappingObject(name), name: name, at: namePath, isNew: isNew}}
	}
	idp := note{name: "IdP", entry: entry{resource: samlIdPType, object: organization.IdPObject}}
	gone := func(n note) note { n.goes, n.name = true, n.name+" goes"; return n }
	return []note{
		member("alice@example.com", no), member("Alice@example.com", yes), member("bob@example.com", maybe), gone(member("alice@example.com", no)),
		grant("alice@example.com", "billing-admin"), grant("bob@example.com", "billing-admin"), gone(grant("alice@example.com", "billing-admin")),
		{name: "members", entry: entry{resource: "elasticcloud_members", object: organization.EverybodyObject, only: yes, listed: listedNames([]string{"alice@example.com"}, cloud.Fold)}},
		{name: "members_exclusive", entry: entry{resource: "elasticcloud_members_exclusive", object: organization.EverybodyObject, at: emailsPath, listed: listedNames([]string{"bob@example.com"}, cloud.Fold)}},
		{name: "mappings_exclusive", entry: entry{resource: "elasticcloud_role_mappings_exclusive", object: organization.RoleMappingsObject, at: namesPath, listed: listedNames([]string{"a"}, asWritten)}},
		domain("a.com"), domain("b.com"), gone(domain("a.com")), idp, gone(idp),
		mapping("a", false), mapping("b", true), gone(mapping("a", false)),
	}
}

// Terraform plans in any order: a conflict of two resources is reported, whichever of them
// is planned first.
func TestLedgerTellsInEachOrder(t *testing.T) {
	t.Parallel()
	tell := func(notes ...note) (clashes []clash) {
		var l ledger
		for _, n := range notes {
			found := l.holds
			if n.goes {
				found = func(e entry) conflicts { return l.left(l.leaves(e, toReplace)) }
			}
			for _, c := range found(n.entry) {
				clashes = append(clashes, c.clash)
			}
		}
		slices.Sort(clashes)
		return clashes
	}
	notes, told := ledgerNotes(), map[clash]bool{}
	for _, a := range notes {
		for _, b := range notes {
			one, other := tell(a, b), tell(b, a)
			if !slices.Equal(one, other) {
				t.Errorf("%s, then %s: %v; the other way round: %v", a.name, b.name, one, other)
			}
			for _, c := range one {
				told[c] = true
			}
		}
	}
	for _, c := range []clash{clashTwice, clashMove, clashBothWays, clashUnlisted, clashBeside, clashLeaves} {
		if !told[c] {
			t.Errorf("clash %d is not among those of the test", c)
		}
	}
}

// A resource that grants a role right after another one revokes it refers to that one. A
// resource that is planned later waits for something slow.
func TestSlowGiver(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		grant := cloud.Grant{Role: "billing-admin"}
		gives := entry{
			resource: roleAssignmentType, object: organization.GrantObject("alice@example.com", grant), person: organization.PersonObject("alice@example.com"),
			name: "alice@example.com", grants: []cloud.Grant{grant},
		}
		for after, isLate := range map[time.Duration]bool{0: true, 500 * time.Millisecond: false} {
			var l ledger
			gone := l.leaves(gives, toRemove)
			l.nothingElse()
			l.left(gone)
			time.Sleep(after)
			comes := gives
			comes.isNew, comes.created = true, true
			if found := l.holds(comes); len(found) != 1 || found[0].clash != clashTaken || found[0].late != isLate {
				t.Errorf("after %s: %+v", after, found)
			}
		}
	})
}
