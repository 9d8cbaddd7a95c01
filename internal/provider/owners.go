// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// goingOwner is an active member who loses organization-admin by a plan.
type goingOwner struct {
	email string
	how   string // what the plan does to them
}

const (
	isDemoted = "is no owner of the organization any more"
	isRemoved = "is removed from the organization"
)

// loseOwner warns of a plan that takes organization-admin from an active member,
// and says what that leaves.
func (r *run) loseOwner(ctx context.Context, email, how string, allowed bool, diags *diag.Diagnostics) {
	r.loseOwners(ctx, []goingOwner{{email, how}}, allowed, diags)
}

// loseOwners is loseOwner for several members in one warning.
func (r *run) loseOwners(ctx context.Context, going []goingOwner, allowed bool, diags *diag.Diagnostics) {
	if len(going) == 0 {
		return
	}
	emails, lines := make([]string, len(going)), make([]string, len(going))
	for i, owner := range going {
		emails[i], lines[i] = owner.email, owner.email+" "+owner.how
	}
	others, ok := r.otherOwners(ctx, emails, diags)
	if !ok {
		return
	}
	what, some := strings.Join(lines, ",\n"), len(going) > 1
	switch isLast := r.ledger.demote(emails, others); {
	case !isLast && some:
		diags.AddWarning(fmt.Sprintf("%d owners lose %s", len(going), cloud.RoleOrganizationAdmin), what+". "+otherOwnersNow(others))
	case !isLast:
		diags.AddWarning(emails[0]+" loses "+cloud.RoleOrganizationAdmin, what+". "+otherOwnersNow(others))
	case allowed:
		diags.AddWarning("The organization is left without an owner",
			fmt.Sprintf("%s, and %s. allow_last_owner_removal lets this through.", what, noOtherOwner(others)))
	case some:
		diags.AddWarning("The last owners of the organization go",
			fmt.Sprintf("%s, and %s. Apply refuses this, unless the same apply gives %s to another active member.", what, noOtherOwner(others), cloud.RoleOrganizationAdmin))
	default:
		diags.AddWarning(emails[0]+" is the last owner of the organization",
			fmt.Sprintf("%s, and %s. Apply refuses this, unless the same apply gives %s to another active member.", what, noOtherOwner(others), cloud.RoleOrganizationAdmin))
	}
}

// mayLoseOwners warns of a plan that takes organization-admin from active members
// unless it turns out to be among the grants that are not known yet.
func (r *run) mayLoseOwners(ctx context.Context, emails []string, allowed bool, diags *diag.Diagnostics) {
	if len(emails) == 0 {
		return
	}
	others, ok := r.otherOwners(ctx, emails, diags)
	if !ok {
		return
	}
	who, lose := emails[0], emails[0]+" is no owner"
	if len(emails) > 1 {
		who, lose = fmt.Sprintf("%d owners", len(emails)), some(emails)+" are no owners"
	}
	detail := fmt.Sprintf("Some of the roles are known only after apply. If %s is not among them, %s of the organization any more. ", cloud.RoleOrganizationAdmin, lose)
	switch isLast := r.ledger.areDemoted(others); {
	case !isLast:
		detail += otherOwnersNow(others)
	case allowed:
		detail += sentence(noOtherOwner(others)) + ". allow_last_owner_removal lets this through."
	default:
		detail += fmt.Sprintf("%s. Apply then refuses this, unless the same apply gives %s to another active member.", sentence(noOtherOwner(others)), cloud.RoleOrganizationAdmin)
	}
	diags.AddWarning(who+" may lose "+cloud.RoleOrganizationAdmin, detail)
}

// otherOwners are the addresses of who is an owner now beside these people. It is
// false where that cannot be found out, and says so.
func (r *run) otherOwners(ctx context.Context, emails []string, diags *diag.Diagnostics) (others []string, ok bool) {
	owners, err := r.organization.People.Owners(ctx)
	if err != nil {
		addError(diags, "Could not find the owners of the organization", err)
		return nil, false
	}
	without := folded(emails)
	for _, owner := range owners {
		if email := cloud.Fold(owner.Email); !without[email] {
			others = append(others, email)
		}
	}
	slices.Sort(others)
	return others, true
}

// otherOwnersNow does not say who stays: the resources are planned in any order,
// and each of them may take an owner away.
func otherOwnersNow(others []string) string {
	return "Who else is an owner now: " + some(others) + "."
}

func noOtherOwner(others []string) string {
	if len(others) > 0 {
		return "whoever else holds " + cloud.RoleOrganizationAdmin + " loses it by this plan too"
	}
	return "nobody else who has joined holds " + cloud.RoleOrganizationAdmin
}
