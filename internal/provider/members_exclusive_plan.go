// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan finds the people who are removed, and plans an empty strangers.
func (r *membersExclusiveResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[membersExclusiveModel](ctx, &r.baseResource, req, resp)
	if !ok || s.kind == toRemove {
		return
	}
	plan := s.plan
	plan.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	// A known value of the plan must be the same when apply plans again. People may join and
	// leave in between, so a creation leaves strangers unknown.
	plan.Strangers = types.ListUnknown(types.StringType)
	if _, known := stringsOf(plan.Emails); known {
		if s.kind == toUpdate {
			plan.Strangers = stringList(nil)
		}
		r.planRemovals(ctx, plan, s.state, s.kind == toCreate, &resp.Diagnostics)
	} else {
		resp.Diagnostics.AddWarning(warning.PeopleUnknown.With(), paragraph(warning.PeopleUnknownDetail, warning.FirstApply.With("emails")))
	}
	s.setRespelled(ctx, plan, sameStrings(plan.Emails, s.state.Emails, cloud.Fold), func(m *membersExclusiveModel) { m.Emails = s.state.Emails })
}

func (m membersExclusiveModel) object() (organization.Object, bool) {
	return organization.EverybodyObject, true
}

func (m membersExclusiveModel) entry() entry {
	e := entry{at: emailsPath}
	if emails, known := stringsOf(m.Emails); known {
		e.object, e.listed, e.listedToo = organization.EverybodyObject, listedNames(emails, cloud.Fold), newEmailList(emails).hasDomainOf
	}
	return e
}

// planRemovals warns of the people who are removed.
func (r *membersExclusiveResource) planRemovals(ctx context.Context, plan, state membersExclusiveModel, creates bool, diags *diag.Diagnostics) {
	listed, _ := stringsOf(plan.Emails)
	strangers, members := r.strangers(ctx, listed, diags)
	if creates {
		r.warnOfNameless(ctx, diags)
	} else {
		strangers = plan.shown(state, strangers)
	}
	if diags.HasError() || len(strangers) == 0 {
		return
	}
	people, err := r.run.organization.People.All(ctx)
	if err != nil {
		addError(diags, "Could not list the organization's people", err)
		return
	}
	gone := plan.removals(strangers)
	r.run.loseOwners(ctx, r.run.warnOfRemovals(gone, people, plan.ID.ValueString(), diags), gone.allowLastOwner, diags)
	if creates && members == 0 && !r.run.organization.People.Partial() {
		diags.AddError("This would remove every member of the organization", warning.NoListedMember)
	}
}

// shown returns the strangers that the plan shows: those in the state, and those whom the
// plan removes from the list. If the plan removes a pattern, the state does not name the
// people it listed, so only the next plan shows them.
func (m membersExclusiveModel) shown(state membersExclusiveModel, strangers []string) []string {
	before, _ := stringsOf(state.Strangers)
	unlisted, _ := stringsOf(state.Emails)
	shown := folded(append(before, unlisted...))
	return slices.DeleteFunc(strangers, func(email string) bool { return !shown[email] })
}

func (m membersExclusiveModel) removals(strangers []string) removals {
	return removals{what: "people", gone: strangers, most: m.MaxRemovals, allowLastOwner: m.AllowLastOwnerRemoval.ValueBool()}
}
