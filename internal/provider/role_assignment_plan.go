// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan shows nothing where only the spelling differs, and pending ->
// assigned where the person has joined.
func (r *roleAssignmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[roleAssignmentModel](ctx, &r.baseResource, req, resp)
	if s.blind && s.first && (s.kind == toRemove || s.kind == toReplace) && !resp.Diagnostics.HasError() {
		r.keepIfGiven(ctx, s.state, s.kind == toReplace, resp)
	}
	if !ok {
		return
	}
	plan := s.plan
	_, known := plan.object()
	switch s.kind {
	case toRemove:
		r.planRemoval(ctx, s.state, true, false, resp)
		return
	case toReplace:
		r.planRemoval(ctx, s.state, known, true, resp) // if it is not known, it may be the same
		if known {
			plan.Status = types.StringUnknown()
			r.planWaiting(ctx, &plan, &resp.Diagnostics)
		}
		return
	case toCreate:
		if !known {
			return
		}
		plan.ID = plan.id()
	case toUpdate:
		plan = s.state
	}
	if plan.Status.ValueString() != statusAssigned {
		r.planWaiting(ctx, &plan, &resp.Diagnostics)
	}
	s.set(ctx, plan)
}

func (m roleAssignmentModel) object() (organization.Object, bool) {
	return organization.GrantObject(m.Email.ValueString(), m.grant()), !m.Email.IsUnknown() && !m.Role.IsUnknown()
}

func (m roleAssignmentModel) entry() entry {
	object, _ := m.object()
	return entry{
		object: object, person: organization.PersonObject(m.Email.ValueString()),
		name: m.Email.ValueString(), at: emailPath, grants: []cloud.Grant{m.grant()},
	}
}

// planWaiting plans an assignment that is not made yet.
func (r *roleAssignmentResource) planWaiting(ctx context.Context, plan *roleAssignmentModel, diags *diag.Diagnostics) {
	email := plan.Email.ValueString()
	person, _, ok := r.lookUp(ctx, email, diags)
	switch {
	case !ok:
	case person.Member != nil && plan.Status.IsUnknown():
		// A creation leaves it open: they may be gone when apply plans again, and
		// what this plan knew has to stay so.
	case person.Member != nil, !person.Exists() && plan.Status.ValueString() == statusPending:
		// Refresh leaves nobody pending who is not there, so they went after the
		// plan that showed assigned was made: apply says so.
		plan.Status = types.StringValue(statusAssigned)
	case !person.Exists() && !r.run.ledger.isHeld(organization.PersonObject(email)):
		diags.AddAttributeWarning(emailPath, warning.NotThere.With(email), paragraph(warning.ApplyFails, advice(organization.ErrUnknownPerson)))
	case plan.Status.ValueString() != statusPending:
		diags.AddAttributeWarning(emailPath, warning.NotJoined.With(email), warning.NotJoinedDetail.With(plan.grant()))
	}
}

// keptKey is where a plan notes, in the private data, the ID of an assignment that
// is removed while another resource gives the same grant.
const keptKey = "kept_grant"

// absorbedKey is where it notes the grants that others give the same person and that may
// go along with the one that is removed.
const absorbedKey = "absorbed_grants"

// planRemoval finds out whether the grant stays, as another resource gives it, and
// warns where an owner is demoted, or may be.
func (r *roleAssignmentResource) planRemoval(ctx context.Context, state roleAssignmentModel, certain, replaces bool, resp *resource.ModifyPlanResponse) {
	email, diags := state.Email.ValueString(), &resp.Diagnostics
	person, organizationID, ok := r.lookUp(ctx, email, diags)
	if !ok || r.keepIfGiven(ctx, state, replaces, resp) {
		return
	}
	switch {
	case !person.LosesOwner(organizationID, organization.Change{Remove: []cloud.Grant{state.grant()}}):
	case certain:
		r.run.loseOwner(ctx, email, warning.OwnerDemoted, false, diags)
		if others, ok := r.run.otherOwners(ctx, []string{email}, diags); ok && len(others) == 0 {
			r.run.ledger.onlyOwnerLoses(email).report(false, diags)
		}
	default:
		r.run.mayLoseOwners(ctx, []string{email}, false, diags)
	}
}

// keepIfGiven notes whether another resource of the plan gives the grant, so that it
// stays.
func (r *roleAssignmentResource) keepIfGiven(ctx context.Context, state roleAssignmentModel, replaces bool, resp *resource.ModifyPlanResponse) bool {
	email, diags := state.Email.ValueString(), &resp.Diagnostics
	giver, given := r.run.ledger.giver(ctx, email, state.grant(), !r.run.mayApply())
	var absorbed []byte
	if grants := r.run.ledger.narrower(email, state.grant()); len(grants) > 0 {
		absorbed = privateText(cloud.JoinGrants(grants))
	}
	diags.Append(resp.Private.SetKey(ctx, absorbedKey, absorbed)...)
	switch {
	case given && replaces && !giver.isNew:
		// With create_before_destroy, apply plans the removal anew and does not see the
		// other resource.
		diags.AddAttributeError(rolePath, warning.GrantOfTwo.With(state.grant().String(), email), warning.GrantOfTwoDetail+" "+warning.RemovedBlock.With(r.typeName))
	case given:
		diags.Append(resp.Private.SetKey(ctx, keptKey, privateText(state.id().ValueString()))...)
		diags.AddWarning(warning.KeepsGrant.With(email, state.grant().String()), warning.KeepsGrantDetail+" "+warning.MovedBlock)
	default:
		diags.Append(resp.Private.SetKey(ctx, keptKey, nil)...)
	}
	return given
}
