// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// goingOwner is an active member who loses organization-admin by a plan.
type goingOwner struct {
	email string
	how   warning.Phrase // how the plan changes the owner
}

// loseOwner warns of a plan that revokes organization-admin from an active member, and
// names the other owners.
func (r *run) loseOwner(ctx context.Context, email string, how warning.Phrase, allowed bool, diags *diag.Diagnostics) {
	r.loseOwners(ctx, []goingOwner{{email, how}}, allowed, diags)
}

// loseOwners is loseOwner for several members in one warning.
func (r *run) loseOwners(ctx context.Context, going []goingOwner, allowed bool, diags *diag.Diagnostics) {
	if len(going) == 0 {
		return
	}
	emails, lines := make([]string, len(going)), make([]string, len(going))
	for i, owner := range going {
		emails[i], lines[i] = owner.email, owner.how.With(owner.email)
	}
	others, ok := r.otherOwners(ctx, emails, diags)
	if !ok {
		return
	}
	r.warnOfRequired(emails, diags)
	what, several, least := strings.Join(lines, "\n"), len(going) > 1, r.organization.Limits().LeastOwners()
	allowed = allowed || least == 0
	switch stay := r.ledger.demote(emails, others); {
	case stay > 0 && stay < least && !allowed:
		diags.AddWarning(warning.TooFewOwners.With(least), paragraph(what, otherOwnersNow(others), warning.TooFewOwnersRefused.With(least)))
	case stay > 0 && several:
		diags.AddWarning(warning.OwnersLose.With(len(going)), what+"\n"+otherOwnersNow(others))
	case stay > 0:
		diags.AddWarning(warning.LosesOwner.With(emails[0]), paragraph(what, otherOwnersNow(others)))
	case allowed:
		diags.AddWarning(warning.Ownerless.With(), paragraph(what, noOtherOwner(others), warning.OwnerlessAllowed))
	case several:
		diags.AddWarning(warning.LastOwners.With(), paragraph(what, noOtherOwner(others), warning.OwnerlessRefused))
	default:
		diags.AddWarning(warning.LastOwner.With(emails[0]), paragraph(what, noOtherOwner(others), warning.OwnerlessRefused))
	}
}

// warnOfRequired warns of each of the people whom the provider block requires to stay.
func (r *run) warnOfRequired(emails []string, diags *diag.Diagnostics, before ...string) {
	for _, email := range emails {
		if r.organization.Limits().Requires(email) {
			diags.AddWarning(warning.RequiredOwnerGoes.With(email), paragraph(append(before, warning.RequiredOwnerStays)...))
		}
	}
}

// mayLoseOwners warns of a plan that revokes organization-admin from active members, unless
// the unknown grants turn out to contain it.
func (r *run) mayLoseOwners(ctx context.Context, emails []string, allowed bool, diags *diag.Diagnostics) {
	if len(emails) == 0 {
		return
	}
	others, ok := r.otherOwners(ctx, emails, diags)
	if !ok {
		return
	}
	r.warnOfRequired(emails, diags, warning.RolesUnknown.With())
	detail := paragraph(warning.RolesUnknown.With(), warning.OwnerIfNotInRoles.With(some(emails)))
	least := r.organization.Limits().LeastOwners()
	allowed = allowed || least == 0
	switch stay := r.ledger.stayOwners(others); {
	case stay > 0 && stay < least && !allowed:
		detail = paragraph(detail, otherOwnersNow(others), warning.TooFewOwnersRefused.With(least))
	case stay > 0:
		detail = paragraph(detail, otherOwnersNow(others))
	case allowed:
		detail = paragraph(detail, noOtherOwner(others), warning.OwnerlessAllowed)
	default:
		detail = paragraph(detail, noOtherOwner(others), warning.OwnerlessRefused)
	}
	if len(emails) > 1 {
		diags.AddWarning(warning.OwnersMayLose.With(len(emails)), detail)
	} else {
		diags.AddWarning(warning.MayLoseOwner.With(emails[0]), detail)
	}
}

// otherOwners returns the present owners except these people: the addresses, and the user
// IDs of owners without an address. It is false after an error, which it adds.
func (r *run) otherOwners(ctx context.Context, emails []string, diags *diag.Diagnostics) (others []string, ok bool) {
	owners, ok := r.owners(ctx, diags)
	without := folded(emails)
	return slices.DeleteFunc(owners, func(key string) bool { return without[key] }), ok
}

// owners returns all present owners, named and sorted in the same way.
func (r *run) owners(ctx context.Context, diags *diag.Diagnostics) (owners []string, ok bool) {
	people, err := r.organization.People.All(ctx)
	var organizationID string
	if err == nil {
		organizationID, err = r.organization.ID(ctx)
	}
	if err != nil {
		addError(diags, "Could not find the owners of the organization", err)
		return nil, false
	}
	return ownersAmong(people, organizationID), true
}

// isOwner reports whether a person is an active member with organization-admin.
func isOwner(p organization.Person, organizationID string) bool {
	return p.Member != nil && p.Member.RoleAssignments.MakesOwner(organizationID)
}

// ownersAmong returns the sorted keys of the people who are owners.
func ownersAmong(people map[string]organization.Person, organizationID string) (owners []string) {
	for _, key := range slices.Sorted(maps.Keys(people)) {
		if isOwner(people[key], organizationID) {
			owners = append(owners, key)
		}
	}
	return owners
}

// otherOwnersNow names the owners before the plan, and not the ones that stay: resources are
// planned in any order, and each of them may remove an owner.
func otherOwnersNow(others []string) string {
	return warning.OtherOwners.With(some(others))
}

func noOtherOwner(others []string) string {
	if len(others) > 0 {
		return warning.OthersLoseToo
	}
	return warning.NoOtherOwner
}
