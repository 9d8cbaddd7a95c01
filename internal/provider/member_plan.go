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

// ModifyPlan makes the plan show what apply will do. Another spelling causes no diff, and
// warnings announce what the attributes do not show.
func (r *memberResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[memberModel](ctx, &r.baseResource, req, resp)
	if !ok {
		return
	}
	plan := s.plan
	switch s.kind {
	case toRemove:
		r.planRemoval(ctx, s.state, warning.OwnerRemoved, resp)
		return
	case toReplace:
		r.planRemoval(ctx, s.state, warning.OwnerReplaced, resp)
		if !plan.Email.IsUnknown() {
			r.warnOfTakeOver(ctx, plan, &resp.Diagnostics)
			r.warnOfAddress(ctx, plan, s.state, &resp.Diagnostics)
		}
		return
	case toCreate:
		if plan.Email.IsUnknown() {
			return
		}
		plan.ID = types.StringValue(plan.Email.key())
		r.warnOfTakeOver(ctx, plan, &resp.Diagnostics)
		r.warnOfInvitation(ctx, plan, &resp.Diagnostics)
	case toUpdate:
		r.planUpdate(ctx, &plan, s.state, &resp.Diagnostics)
	}
	s.setRespelled(ctx, plan, sameGrants(plan.Roles, s.state.Roles), func(m *memberModel) { m.Roles = s.state.Roles })
}

func (m memberModel) object() (organization.Object, bool) {
	return organization.PersonObject(m.Email.ValueString()), !m.Email.IsUnknown()
}

func (m memberModel) entry() entry {
	object, _ := m.object()
	grants, _ := grantsOf(m.Roles)
	only := yes
	switch {
	case m.Roles.IsUnknown():
		only = maybe
	case m.Roles.IsNull():
		only = no
	}
	return entry{object: object, name: m.Email.ValueString(), at: emailPath, grants: grants, only: only}
}

// warnOfTakeOver warns if a creation adopts a person, with the grants that change.
func (r *memberResource) warnOfTakeOver(ctx context.Context, plan memberModel, diags *diag.Diagnostics) {
	email := plan.Email.ValueString()
	if !plan.Roles.IsNull() {
		r.run.warnOfMappings(ctx, email, diags)
	}
	person, organizationID, _ := r.lookUp(ctx, email, diags)
	if diags.HasError() || !person.Exists() {
		return
	}
	change := person.Change(organizationID, plan.wanted())
	_, known := grantsOf(plan.Roles)
	if known && !change.Invite && len(change.Add)+len(change.Remove) == 0 {
		// The diff has all there is to see. Terraform prints one of many warnings with the
		// same summary, so there is no name in it.
		diags.AddAttributeWarning(emailPath, warning.AdoptedUnchanged.With(1), withLines(
			paragraph(consequence(change, plan.Roles.IsNull()), warning.AdoptedUnchangedDetail),
			[]string{warning.SameLine.With(email, statusOf(person))}))
		return
	}
	detail := standing(person) + " " + consequence(change, plan.Roles.IsNull())
	if !known {
		detail = standing(person) + " " + warning.RolesUnknown.With()
		if len(change.Remove) > 0 {
			detail += " " + warning.MayRevoke.With(change.Remove)
		}
	}
	diags.AddAttributeWarning(emailPath, warning.Adopted.With(email), detail)
	r.warnOfOwner(ctx, plan, person, organizationID, change, diags)
}

// warnOfInvitation announces the e-mail of a creation. The summary has no name, so that
// Terraform prints one such warning where many are invited.
func (r *memberResource) warnOfInvitation(ctx context.Context, plan memberModel, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	email := plan.Email.ValueString()
	person, _, ok := r.lookUp(ctx, email, diags)
	if !ok || person.Exists() {
		return
	}
	grants, known := grantsOf(plan.Roles)
	incomplete := ""
	if !known {
		incomplete = warning.RolesUnknown.With()
	}
	diags.AddAttributeWarning(emailPath, warning.ManyInvitations.With(1), withLines(incomplete, []string{warning.Line.With(email, grants)}))
}

// warnOfAddress warns that another address is another person, who must first accept an
// invitation.
func (r *memberResource) warnOfAddress(ctx context.Context, plan, state memberModel, diags *diag.Diagnostics) {
	person, _, ok := r.lookUp(ctx, plan.Email.ValueString(), diags)
	if ok && person.Member == nil {
		diags.AddAttributeWarning(emailPath, warning.AddressReplaced.With(state.Email.ValueString()), warning.AddressReplacedDetail.With(state.Email.ValueString(), plan.Email.ValueString()))
	}
}

func (r *memberResource) planUpdate(ctx context.Context, plan *memberModel, state memberModel, diags *diag.Diagnostics) {
	// Terraform allows the value of the state in place of the configured one, and then
	// shows no diff.
	plan.Email, plan.ID, plan.personModel = state.Email, state.ID, state.personModel
	email := plan.Email.ValueString()
	if plan.Roles.IsNull() && !state.Roles.IsNull() {
		diags.AddAttributeWarning(rolesPath, warning.RolesLeft.With(email), warning.RolesLeftDetail)
	}
	if !changesPerson(*plan, state) {
		if !plan.Roles.IsNull() {
			r.run.warnOfNewMappings(ctx, email, diags)
		}
		return
	}
	if !plan.Roles.IsNull() {
		r.run.warnOfMappings(ctx, email, diags)
	}
	active := state.isActive()
	switch state.Status.ValueString() {
	case statusActive:
	case statusExpired:
		plan.personModel = invitedAgain
	default: // the invitation may be accepted before apply
		plan.personModel = unknownPerson
	}
	person, organizationID, _ := r.lookUp(ctx, email, diags)
	if diags.HasError() {
		return
	}
	wanted := plan.wanted()
	wanted.Known, _ = grantsOf(state.Roles)
	change := person.Change(organizationID, wanted)
	r.warnOfOwner(ctx, *plan, person, organizationID, change, diags)
	_, known := grantsOf(plan.Roles)
	switch {
	case change.Invite && active: // the person left since the state was read: apply reports that
	case change.Invite && known:
		diags.AddAttributeWarning(emailPath, warning.NewInvitation.With(email),
			standing(person)+" "+consequence(change, plan.Roles.IsNull()))
	case person.Member == nil && !known:
		diags.AddAttributeWarning(rolesPath, warning.MayNewInvitation.With(email), warning.RolesUnknown.With()+" "+warning.DifferentInvitation)
		warnOfHidden(change, *plan, state, diags)
	default:
		warnOfHidden(change, *plan, state, diags)
	}
}

// warnOfHidden warns of grants that apply revokes, and that the diff of roles does not
// show: roles was not set before, or someone granted them since.
func warnOfHidden(change organization.Change, plan, state memberModel, diags *diag.Diagnostics) {
	shown, _ := grantsOf(state.Roles)
	hidden, _ := cloud.DiffGrants(shown, change.Remove)
	if len(hidden) == 0 {
		return
	}
	why := warning.RolesIncomplete
	if state.Roles.IsNull() {
		why = warning.RolesNowManaged
	}
	email := plan.Email.ValueString()
	if _, known := grantsOf(plan.Roles); !known {
		diags.AddAttributeWarning(rolesPath, warning.MayLoseHidden.With(email), paragraph(why, warning.RolesUnknown.With(), warning.MayRevoke.With(hidden)))
		return
	}
	diags.AddAttributeWarning(rolesPath, warning.LosesHidden.With(email), paragraph(why, warning.ApplyRevokes.With(hidden), warning.AddToRoles))
}

// changesPerson reports whether an update has to change anything in Elastic Cloud.
func changesPerson(plan, state memberModel) bool {
	return state.Status.ValueString() == statusExpired || !plan.Roles.IsNull() && !sameGrants(plan.Roles, state.Roles)
}

// standing returns the present status of a person, in words.
func standing(p organization.Person) string {
	invitation, invited := p.Invitation()
	switch {
	case p.Member != nil:
		return warning.IsMember.With()
	case invited && invitation.Expired:
		return warning.InvitationExpired.With()
	case invited:
		return warning.IsInvited.With(timestamp(invitation.ExpiresAt))
	}
	return warning.IsNobody
}

// consequence returns what apply will do to an existing person, in words.
func consequence(c organization.Change, keepsGrants bool) string {
	var parts []string
	if len(c.Add) > 0 {
		parts = append(parts, warning.ApplyGrants.With(c.Add))
	}
	if len(c.Remove) > 0 {
		parts = append(parts, warning.ApplyRevokes.With(c.Remove))
	}
	if len(parts) == 0 {
		parts = append(parts, warning.ApplyKeeps)
	}
	if keepsGrants {
		parts = []string{warning.RolesNotSet.With()}
	}
	if c.Invite {
		parts = append(parts, warning.SendsNewInvitation)
	}
	if len(c.Remove) > 0 {
		parts = append(parts, warning.AddToRoles)
	}
	return paragraph(parts...)
}

func (r *memberResource) warnOfOwner(ctx context.Context, plan memberModel, p organization.Person, organizationID string, c organization.Change, diags *diag.Diagnostics) {
	email, allowed := plan.Email.ValueString(), plan.AllowLastOwnerRemoval.ValueBool()
	_, known := grantsOf(plan.Roles)
	switch {
	case !p.LosesOwner(organizationID, c):
	case known:
		r.run.loseOwner(ctx, email, warning.OwnerDemoted, allowed, diags)
	default:
		r.run.mayLoseOwners(ctx, []string{email}, allowed, diags)
	}
}
