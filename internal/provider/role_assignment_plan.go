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

// ModifyPlan shows no diff for another spelling, and pending -> assigned if the person has
// joined.
func (r *roleAssignmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[roleAssignmentModel](ctx, &r.baseResource, req, resp)
	departs := s.kind.departs() && !s.stays
	var narrower []cloud.Grant // grants of others, which Elastic Cloud may revoke with this one
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
		r.planRemoval(ctx, s.state, known, resp) // an unknown grant may turn out to be the same
	}
	switch s.kind {
	case toRemove:
		return
	case toReplace:
		if known {
			plan.Status = types.StringUnknown()
			r.planWaiting(ctx, &plan, &resp.Diagnostics)
			r.warnOfHeld(ctx, plan, &resp.Diagnostics)
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
			// An identity cannot be unknown in a plan, so an unknown grant keeps the old one.
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
	if s.kind == toCreate {
		r.warnOfHeld(ctx, plan, &resp.Diagnostics)
	}
	s.set(ctx, plan)
}

// planOwed plans to revoke the old grants that an earlier update could not revoke, and
// returns them. It skips grants that another resource grants by now. The plan can note that
// for a removal, but not for an update. So if that resource does not change, s becomes
// unseen, and the assignment is replaced instead.
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

// markOwed notes for a removal that its grant stays, and that apply revokes only the old
// grants.
func (r *roleAssignmentResource) markOwed(ctx context.Context, s *planStep[roleAssignmentModel], owes bool) {
	if s.resp == nil {
		return
	}
	if !s.first { // the destruction gets the notes of this half; with -replace the grant stays
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

// warnOfHeld says that a creation adopts what the person holds. The summary has no name, so
// that Terraform prints one such warning where many grants are adopted.
func (r *roleAssignmentResource) warnOfHeld(ctx context.Context, plan roleAssignmentModel, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	email := plan.Email.ValueString()
	person, organizationID, ok := r.lookUp(ctx, email, diags)
	if ok && person.Member != nil && slices.Contains(person.Grants(organizationID), plan.grant()) {
		diags.AddAttributeWarning(rolePath, warning.HeldAlready.With(1), withLines(warning.HeldAlreadyDetail, []string{warning.Line.With(email, []cloud.Grant{plan.grant()})}))
	}
}

// planWaiting plans an assignment that is not granted yet.
func (r *roleAssignmentResource) planWaiting(ctx context.Context, plan *roleAssignmentModel, diags *diag.Diagnostics) {
	email := plan.Email.ValueString()
	person, _, ok := r.lookUp(ctx, email, diags)
	switch {
	case !ok:
	case person.Member != nil && plan.Status.IsUnknown():
		// A creation leaves the status unknown: the person may have left when apply plans again,
		// and a known value must stay the same.
	case person.Member != nil, !person.Exists() && plan.Status.ValueString() == statusPending:
		// A refresh removes an assignment if the person is neither a member nor invited. So the
		// person left after the plan that showed assigned: apply reports that.
		plan.Status = types.StringValue(statusAssigned)
	case !person.Exists() && !r.run.ledger.isHeld(organization.PersonObject(email)):
		diags.AddAttributeWarning(emailPath, warning.NotThere.With(email), paragraph(warning.ApplyFails, warning.InviteFirst))
	case plan.Status.ValueString() != statusPending:
		diags.AddAttributeWarning(emailPath, warning.NotJoined.With(email), warning.NotJoinedDetail.With(plan.grant()))
	}
}

// absorbedKey is where a plan notes the grants of other resources for the same person, which
// Elastic Cloud may revoke together with the removed one. An update does not get these notes.
const absorbedKey = "absorbed_grants"

// takesAlong reports whether Elastic Cloud has absorbed a grant of another resource into
// the one of the state, and so revokes both together. The plan can note that for a removal,
// but not for an update.
func (r *roleAssignmentResource) takesAlong(ctx context.Context, state roleAssignmentModel, narrower []cloud.Grant, diags *diag.Diagnostics) bool {
	if len(narrower) == 0 {
		return false
	}
	person, organizationID, ok := r.lookUp(ctx, state.Email.ValueString(), diags)
	return ok && slices.ContainsFunc(narrower, func(g cloud.Grant) bool { return !cloud.Holds(person.Grants(organizationID), g) })
}

// planRemoval warns if an owner is demoted or may be demoted.
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
