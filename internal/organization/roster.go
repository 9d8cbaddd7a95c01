// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"cmp"
	"maps"
	"slices"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// Person is one e-mail address in the organization.
type Person struct {
	// Member is nil while the person has not joined.
	Member *cloud.Member
	// Invitations are the invitations that were not accepted. A member has some if they
	// joined in another way.
	Invitations []cloud.Invitation
}

// Invitation returns the invitation that counts, and reports whether there is one. A
// pending invitation counts before an expired one, and then the one that expires last.
func (p Person) Invitation() (cloud.Invitation, bool) {
	if len(p.Invitations) == 0 {
		return cloud.Invitation{}, false
	}
	return slices.MaxFunc(p.Invitations, func(a, b cloud.Invitation) int {
		if a.Expired != b.Expired {
			if a.Expired {
				return -1
			}
			return 1
		}
		return a.ExpiresAt.Compare(b.ExpiresAt)
	}), true
}

// Exists reports whether the person is a member or has an invitation, even an expired
// one.
func (p Person) Exists() bool { return p.Member != nil || len(p.Invitations) > 0 }

// IsHere reports whether the person is a member or has a pending invitation. An expired
// invitation does not count, because it has to be sent again.
func (p Person) IsHere() bool {
	invitation, invited := p.Invitation()
	return p.Member != nil || invited && !invitation.Expired
}

// Grants returns what the member holds, or what the invitation promises.
func (p Person) Grants(organizationID string) []cloud.Grant {
	if p.Member != nil {
		return p.Member.RoleAssignments.Grants(organizationID)
	}
	i, _ := p.Invitation()
	return i.RoleAssignments.Grants(organizationID)
}

// inWords describes the person's access, for a message.
func (p Person) inWords(organizationID string) string {
	grants := rolesInWords(p.Grants(organizationID))
	i, invited := p.Invitation()
	switch {
	case p.Member != nil && invited:
		return "a member with " + grants + ", and an invitation"
	case p.Member != nil:
		return "a member with " + grants
	case invited && i.Expired:
		return "an expired invitation to " + grants
	case invited:
		return "an invitation to " + grants
	}
	return "neither a member nor invited"
}

func rolesInWords(grants []cloud.Grant) string {
	return cmp.Or(cloud.JoinGrants(grants), "no roles")
}

func (p Person) hasInvitation(i cloud.Invitation) bool {
	return slices.ContainsFunc(p.Invitations, func(other cloud.Invitation) bool { return other.Token == i.Token })
}

// oldFirst returns the invitations, with the one that counts at the end. If the
// revocations end halfway, the next attempt finds that one and sends what it promised.
func (p Person) oldFirst() []cloud.Invitation {
	counts, _ := p.Invitation()
	return append(withoutToken(p.Invitations, counts.Token), counts)
}

// roster has all people in the organization as plain data. It makes no call and holds
// no lock.
type roster struct {
	people map[string]Person // by lower-case e-mail address; a member without an address by user ID
	lent   bool              // a caller may be reading people
	keys   map[string]string // in people, by user ID
}

func newRoster(members []cloud.Member, invitations []cloud.Invitation) *roster {
	r := &roster{
		people: make(map[string]Person, len(members)+len(invitations)),
		keys:   make(map[string]string, len(members)),
	}
	for i := range members {
		r.putMember(&members[i])
	}
	for _, i := range invitations {
		r.putInvitation(i)
	}
	return r
}

func (r *roster) clone() *roster {
	return &roster{people: maps.Clone(r.people), keys: maps.Clone(r.keys)}
}

func (r *roster) person(email string) Person { return r.people[cloud.Fold(email)] }

// member returns the member with a user ID, or nil.
func (r *roster) member(userID string) *cloud.Member {
	if key, found := r.keys[userID]; found {
		return r.people[key].Member
	}
	return nil
}

// owners returns the members who hold organization-admin.
func (r *roster) owners(organizationID string) []cloud.Member {
	var owners []cloud.Member
	for _, p := range r.people {
		if p.Member != nil && p.Member.RoleAssignments.MakesOwner(organizationID) {
			owners = append(owners, *p.Member)
		}
	}
	return owners
}

// isOwner reports whether a member holds organization-admin.
func (r *roster) isOwner(organizationID, userID string) bool {
	m := r.member(userID)
	return m != nil && m.RoleAssignments.MakesOwner(organizationID)
}

// lend returns all people, in a map that will not change.
func (r *roster) lend() map[string]Person {
	r.lent = true
	return r.people
}

// own copies people before a change, if the map is lent.
func (r *roster) own() {
	if r.lent {
		r.people, r.lent = maps.Clone(r.people), false
	}
}

// put sets what is known of a person. A person without a membership and an invitation
// is removed.
func (r *roster) put(key string, p Person) {
	if r.own(); p.Exists() {
		r.people[key] = p
	} else {
		delete(r.people, key)
	}
}

// putMember adds a member by their e-mail address. The key is the user ID if the member
// has no address, or if another member has the same one, which the API does not rule
// out.
func (r *roster) putMember(m *cloud.Member) {
	key := cloud.Fold(m.Email)
	if m.Email == "" {
		key = cloud.Fold(m.UserID)
	}
	p := r.people[key]
	if other := p.Member; other != nil && other.UserID != m.UserID {
		if other.UserID < m.UserID { // independent of the order in the list
			other, m = m, other
		}
		r.put(cloud.Fold(other.UserID), Person{Member: other})
		r.keys[other.UserID] = cloud.Fold(other.UserID)
	}
	p.Member = m
	r.put(key, p)
	r.keys[m.UserID] = key
}

// invited adds an invitation that was just sent, unless it was accepted already.
func (r *roster) invited(i cloud.Invitation) {
	if r.person(i.Email).Member == nil {
		r.putInvitation(i)
	}
}

func (r *roster) putInvitation(i cloud.Invitation) {
	p := r.person(i.Email)
	p.Invitations = append(withoutToken(p.Invitations, i.Token), i)
	r.put(cloud.Fold(i.Email), p)
}

func (r *roster) dropInvitation(i cloud.Invitation) {
	p := r.person(i.Email)
	p.Invitations = withoutToken(p.Invitations, i.Token)
	r.put(cloud.Fold(i.Email), p)
}

// withoutToken copies the slice, because callers hold the slices that they were given.
func withoutToken(invitations []cloud.Invitation, token string) []cloud.Invitation {
	return slices.DeleteFunc(slices.Clone(invitations), func(i cloud.Invitation) bool { return i.Token == token })
}

func (r *roster) dropMember(userID string) {
	key, found := r.keys[userID]
	if !found {
		return
	}
	p := r.people[key]
	p.Member = nil
	r.put(key, p)
	delete(r.keys, userID)
}

func (r *roster) changeMember(userID, organizationID string, add, remove []cloud.Grant) {
	held := r.member(userID)
	if held == nil {
		return
	}
	m := *held
	m.RoleAssignments = m.RoleAssignments.Change(organizationID, add, remove)
	p := r.people[r.keys[userID]]
	p.Member = &m
	r.put(r.keys[userID], p)
}
