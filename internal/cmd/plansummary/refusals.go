// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// refuse notes what apply will surely refuse. Many warnings name a way out in the same
// apply: then it is sure only if the plan does not take that way.
func (s *summary) refuse(shown []ownWarning, secrets secrets) {
	for _, w := range shown {
		if !s.isRefused(w) {
			continue
		}
		s.is(classRefused)
		text := code(w.Summary)
		if secrets.hides(w) {
			text = hiddenWarning
		}
		if w.Address != "" {
			text += ", at " + code(w.Address)
		}
		s.refusals = append(s.refusals, w.in+text+".")
	}
}

// loseOwners notes owners who lose their role by a warning. The plan's data shows it only
// if it has their present roles.
func (s *summary) loseOwners(own []ownWarning, secrets secrets, several bool) {
	for _, w := range own {
		if !w.isOneOf(warning.LosesOwner, warning.OwnersLose, warning.LastOwner, warning.LastOwners, warning.Ownerless, warning.MayLoseOwner, warning.OwnersMayLose, warning.TooFewOwners, warning.RequiredOwnerGoes) {
			continue
		}
		s.in = w.in
		s.is(classOwner)
		if w.is(warning.Ownerless) {
			s.fact(classOwner, "**The organization is left without an owner.**")
		}
		if secrets.hides(w) {
			continue
		}
		for _, email := range w.text.Owners() {
			p := s.people[w.in+strings.ToLower(email)]
			if p != nil && len(p.before[ownerRole]) > 0 || w.Address == "" && several {
				continue // is said already, or in an organization that nobody can tell
			}
			s.fact(classOwner, "**%s loses %s**, as a warning says.", code(strings.ToLower(email)), code(ownerRole))
		}
	}
	s.in = ""
}

// adoptOwners notes owners who changed outside Terraform. A plan that leaves it so needs
// the same review as one that does it.
func (s *summary) adoptOwners(drift *summary) {
	owners, _ := drift.firstOfPeople()
	if len(owners) > 0 || drift.has[classOwner] {
		s.is(classOwner)
	}
	for _, key := range slices.Sorted(maps.Keys(drift.people)) {
		p, now := drift.people[key], s.people[key]
		_, was := p.before[ownerRole]
		_, is := p.after[ownerRole]
		if now == nil || was == is {
			continue
		}
		_, stays := now.after[ownerRole]
		switch {
		case is && stays:
			s.fact(classOwner, "%s**%s became an owner outside Terraform**, and the plan keeps it.", p.in, sentence(p.name))
		case was && now.will && !stays:
			s.fact(classOwner, "%s**%s is no longer an owner, since a change outside Terraform**, and the plan keeps it.", p.in, sentence(p.name))
		}
	}
}

func (s *summary) isRefused(w ownWarning) bool {
	switch {
	case w.isOneOf(warning.TooManyRemovals, warning.RunRemoves, warning.EveryMember):
		return true
	case w.is(warning.RequiredOwnerGoes):
		return !w.text.Says(warning.RolesUnknown)
	case w.isOneOf(warning.LastOwner, warning.LastOwners, warning.TooFewOwners):
		return !s.somebodyBecomesOwner(w.in)
	case w.is(warning.EveryMapping):
		return !s.does[w.in+newMapping]
	case w.is(warning.LastOwnersMapping), w.is(warning.NoOwnersMapping):
		return !w.text.SaysText(warning.LastMappingRenamed) && !s.does[w.in+newOwnersMapping] && !s.does[w.in+enforcementEnds]
	case w.is(warning.IdPDisabled):
		return !s.does[w.in+enforcementEnds]
	case w.is(warning.IdPChanges):
		return w.text.SaysText(warning.IdPIsDeleted) && !s.does[w.in+enforcementEnds]
	case w.is(warning.ClaimStays):
		return !s.does[w.in+idpEnds]
	case w.is(warning.NoRoomForDomain):
		return !s.does[w.in+claimEnds]
	case w.is(warning.MappingExists):
		return w.text.SaysText(warning.MappingDiffers) && !s.gone[w.in+w.text.Values()[0]]
	case w.is(warning.NotThere):
		return !s.brings(w)
	}
	return false
}

// What a plan does in an organization, so that apply may accept what it otherwise
// refuses.
const (
	newMapping       = "mapping"
	newOwnersMapping = "owners' mapping"
	enforcementEnds  = "end of the enforcement"
	idpEnds          = "end of the IdP"
	claimEnds        = "end of a claim"
)

// somebodyBecomesOwner reports whether the plan makes an owner of an active member. An
// invited person becomes an owner only on accepting the invitation.
func (s *summary) somebodyBecomesOwner(in string) bool {
	return slices.ContainsFunc(s.sorted(), func(p *person) bool {
		_, was := p.before[ownerRole]
		_, will := p.after[ownerRole]
		return (p.in == in || in == "") && !p.comes() && !p.leaves() && p.invitation == "" && (will && !was || p.open || p.secret)
	})
}

// brings reports whether the plan invites the person of a warning. Two provider blocks
// may be for one organization.
func (s *summary) brings(w ownWarning) bool {
	return slices.ContainsFunc(s.sorted(), func(p *person) bool {
		return p.will && (p.nameless || p.key == strings.ToLower(w.text.Values()[0]))
	})
}
