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

// ModifyPlan shows nothing where only the spelling differs, and pending ->
// assigned where the person has joined.
func (r *roleAssignmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[roleAssignmentModel](ctx, &r.baseResource, req, resp)
	departs := s.kind.departs() && !s.stays
	var narrower []cloud.Grant // which others give, and which may go along
	if departs {
		narrower = r.run.ledger.narrower(s.state.Email.ValueString(), s.state.grant())
		keepGrants(ctx, absorbedKey, narrower, resp.Private, &resp.Diagnostics)
	}
	owed := r.planOwed(ctx, &s)
	r.markOwed(ctx, &s, len(owed) > 0)
	if !ok {
		return
	}
	plan := s.plan
	_, known := plan.object()
	if departs {
		r.planRemoval(ctx, s.state, known, resp) // if it is not known, it may be the same
	}
	switch s.kind {
	case toRemove:
		return
	case toReplace:
		if known {
			plan.Status = types.StringUnknown()
			r.planWaiting(ctx, &plan, &resp.Diagnostics)
		}
		return
	case toMove:
		if s.unseen || r.takesAlong(ctx, s.state, narrower, &resp.Diagnostics) {
			resp.RequiresReplace = append(resp.RequiresReplace, rolePath)
			return
		}
		plan.ID, plan.Status = types.StringUnknown(), types.StringUnknown()
		if known {
			plan.ID = plan.id()
			r.planWaiting(ctx, &plan, &resp.Diagnostics)
			// An identity cannot be left open in a plan, so that it stays where the grant is.
			resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, plan)...)
		}
		s.set(ctx, plan)
		return
	case toCreate:
		if !known {
			return
		}
		plan.ID = plan.id()
	case toUpdate:
		plan = s.state
		if len(owed) > 0 {
			plan.Status = types.StringUnknown()
		}
	}
	if plan.Status.ValueString() != statusAssigned {
		r.planWaiting(ctx, &plan, &resp.Diagnostics)
	}
	s.set(ctx, plan)
}

// planOwed plans to take what an update gave up and could not take, and returns it. What
// another resource gives by now is not owed any more. A removal knows that by the plan. An
// update does not see a resource that does not change, so s becomes unseen: that is why it
// is replaced then.
func (r *roleAssignmentResource) planOwed(ctx context.Context, s *planStep[roleAssignmentModel]) (left []cloud.Grant) {
	if !s.first || s.blind || s.diags().HasError() {
		return nil
	}
	owed := grantsInPrivate(ctx, owedKey, s.req.Private, s.diags())
	if len(owed) == 0 {
		return nil
	}
	person, organizationID, ok := r.lookUp(ctx, s.state.Email.ValueString(), s.diags())
	if !ok {
		return nil
	}
	var all []*parting
	for _, g := range owed {
		gone := &parting{entry: r.entry(s.state.with(g)), kind: s.kind}
		r.run.awaitPlanned(ctx, gone)
		all = append(all, gone)
		if !r.run.ledger.stillHeld(gone) && cloud.Holds(person.Grants(organizationID), g) {
			left = append(left, g)
		}
	}
	if s.kind == toUpdate && len(left) == 0 {
		return nil
	}
	for i, gone := range all {
		all[i] = r.run.ledger.leaves(gone.entry, s.kind)
		r.run.ledger.left(all[i]).report(r.run, s.diags())
		s.unseen = s.unseen || all[i].unseen
	}
	for _, g := range left {
		r.planRemoval(ctx, s.state.with(g), true, s.resp)
	}
	if len(left) > 0 {
		s.diags().AddAttributeWarning(rolePath, warning.StillHolds.With(s.state.Email.ValueString(), left), warning.StillHoldsDetail)
	}
	if s.kind != toUpdate {
		keepGrants(ctx, owedKey, left, s.resp.Private, s.diags())
	}
	return left
}

// markOwed notes for a removal that its grant stays, and that what it owes goes.
func (r *roleAssignmentResource) markOwed(ctx context.Context, s *planStep[roleAssignmentModel], owes bool) {
	if s.resp == nil {
		return
	}
	if !s.first { // the destruction gets what this half notes; with -replace the grant stays
		owes = len(grantsInPrivate(ctx, owedKey, s.req.Private, s.diags())) > 0
		kept, diags := s.resp.Private.GetKey(ctx, keptKey)
		if s.say(diags); owes && len(kept) > 0 {
			s.say(s.resp.Private.SetKey(ctx, owesOnlyKey, kept))
			s.say(s.resp.Private.SetKey(ctx, keptKey, nil))
		}
		return
	}
	destroys := s.kind == toRemove || s.kind == toReplace || s.kind == toMove && s.unseen
	s.markIf(ctx, owesOnlyKey, destroys && s.stays && owes)
	if destroys && s.stays && owes {
		s.markIf(ctx, keptKey, false)
	}
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
		diags.AddAttributeWarning(emailPath, warning.NotThere.With(email), paragraph(warning.ApplyFails, warning.InviteFirst))
	case plan.Status.ValueString() != statusPending:
		diags.AddAttributeWarning(emailPath, warning.NotJoined.With(email), warning.NotJoinedDetail.With(plan.grant()))
	}
}

// absorbedKey is where a plan notes the grants that others give the same person and that
// may go along with the one that is removed. An update does not get what a plan has noted.
const absorbedKey = "absorbed_grants"

// takesAlong reports whether the service has absorbed a grant that another resource gives in
// that of the state: it goes with it. An update would not know of it, and a removal does.
func (r *roleAssignmentResource) takesAlong(ctx context.Context, state roleAssignmentModel, narrower []cloud.Grant, diags *diag.Diagnostics) bool {
	if len(narrower) == 0 {
		return false
	}
	person, organizationID, ok := r.lookUp(ctx, state.Email.ValueString(), diags)
	return ok && slices.ContainsFunc(narrower, func(g cloud.Grant) bool { return !cloud.Holds(person.Grants(organizationID), g) })
}

// planRemoval warns where an owner is demoted, or may be.
func (r *roleAssignmentResource) planRemoval(ctx context.Context, state roleAssignmentModel, certain bool, resp *resource.ModifyPlanResponse) {
	email, diags := state.Email.ValueString(), &resp.Diagnostics
	person, organizationID, ok := r.lookUp(ctx, email, diags)
	switch {
	case !ok || !person.LosesOwner(organizationID, organization.Change{Remove: []cloud.Grant{state.grant()}}):
	case certain:
		r.run.loseOwner(ctx, email, warning.OwnerDemoted, false, diags)
		if others, ok := r.run.otherOwners(ctx, []string{email}, diags); ok && len(others) == 0 {
			r.run.ledger.onlyOwnerLoses(email).report(r.run, diags)
		}
	default:
		r.run.mayLoseOwners(ctx, []string{email}, false, diags)
	}
}
