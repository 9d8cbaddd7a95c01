// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// ModifyPlan makes the plan say what apply will do: nothing where only the
// spelling differs, and a warning of what the attributes do not show.
func (r *memberResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.run == nil {
		return
	}
	var plan, state memberModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		r.planDelete(ctx, state, "is removed from the organization", &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case req.State.Raw.IsNull():
		r.planCreate(ctx, &plan, req, resp)
	case plan.Email.IsUnknown() || !plan.Email.same(state.Email):
		r.planDelete(ctx, state, "is removed from the organization, as another address takes the place", &resp.Diagnostics)
		return // a replacement; it is planned as a creation next
	default:
		r.planUpdate(ctx, &plan, state, req, resp)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planDelete notes that the person goes, and warns where that is an owner.
func (r *memberResource) planDelete(ctx context.Context, state memberModel, how string, diags *diag.Diagnostics) {
	email := state.Email.ValueString()
	if r.run.client.Directory().IsEnsured(email) {
		return // apply has replaced this object already, and only the old one goes
	}
	r.run.claimed.leave(email, diags)
	person, organizationID, _ := r.lookUp(ctx, email, diags)
	if !diags.HasError() && person.LosesOwner(organizationID, cloud.Change{Remove: person.Grants(organizationID)}) {
		r.run.loseOwner(ctx, email, how, state.AllowLastOwnerRemoval.ValueBool(), diags)
	}
}

func (r *memberResource) planCreate(ctx context.Context, plan *memberModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if plan.Email.IsUnknown() {
		return
	}
	email := plan.Email.ValueString()
	plan.ID = types.StringValue(cloud.Fold(email))
	if firstPlan(ctx, req, resp) {
		r.run.claimed.member(email, !plan.Roles.IsNull(), &resp.Diagnostics)
	}
	if !plan.Roles.IsNull() {
		r.run.warnOfMappings(ctx, email, &resp.Diagnostics)
	}
	person, organizationID, _ := r.lookUp(ctx, email, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !person.Exists() {
		return
	}
	if _, known := grantsOf(plan.Roles); !known {
		resp.Diagnostics.AddAttributeWarning(emailPath, email+" is taken over",
			standing(person)+" Some of the roles are known only after apply, so what changes cannot be said yet.")
		return
	}
	change := person.Change(organizationID, plan.wanted())
	resp.Diagnostics.AddAttributeWarning(emailPath, email+" is taken over", standing(person)+" "+consequence(change, plan.Roles.IsNull()))
	r.warnOfOwner(ctx, *plan, person, organizationID, change, &resp.Diagnostics)
}

func (r *memberResource) planUpdate(ctx context.Context, plan *memberModel, state memberModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	// Terraform allows the value of the state in place of the configured one,
	// and then shows nothing.
	plan.Email = state.Email
	if sameGrants(plan.Roles, state.Roles) {
		plan.Roles = state.Roles
	}
	plan.ID = state.ID
	plan.Status, plan.UserID, plan.Name = state.Status, state.UserID, state.Name
	plan.MemberSince, plan.InvitationExpiresAt = state.MemberSince, state.InvitationExpiresAt

	email := plan.Email.ValueString()
	if firstPlan(ctx, req, resp) {
		r.run.claimed.member(email, !plan.Roles.IsNull(), &resp.Diagnostics)
	}
	if plan.Roles.IsNull() && !state.Roles.IsNull() {
		resp.Diagnostics.AddAttributeWarning(rolesPath, "The roles of "+email+" are not managed any more",
			"They stay as they are: this resource leaves them alone from now on.")
	}
	if !changesPerson(*plan, state) {
		return
	}
	if !plan.Roles.IsNull() {
		r.run.warnOfMappings(ctx, email, &resp.Diagnostics)
	}
	active := state.Status.ValueString() == statusActive
	if !active { // the invitation may be accepted before apply
		plan.Status, plan.UserID, plan.Name = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		plan.MemberSince, plan.InvitationExpiresAt = types.StringUnknown(), types.StringUnknown()
	}
	if _, known := grantsOf(plan.Roles); !known {
		if !active {
			resp.Diagnostics.AddAttributeWarning(rolesPath, email+" may get a new invitation by e-mail",
				"Some of the roles are known only after apply. If they differ from what the open invitation promises, it is revoked and a new one is sent.")
		}
		return
	}
	person, organizationID, _ := r.lookUp(ctx, email, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	change := person.Change(organizationID, plan.wanted())
	r.warnOfOwner(ctx, *plan, person, organizationID, change, &resp.Diagnostics)
	if change.Invite && !active {
		resp.Diagnostics.AddAttributeWarning(emailPath, email+" gets a new invitation by e-mail",
			standing(person)+" "+consequence(change, plan.Roles.IsNull()))
	}
}

// changesPerson tells whether an update has anything to do on the service.
func changesPerson(plan, state memberModel) bool {
	return state.Status.ValueString() == statusExpired || !plan.Roles.IsNull() && !sameGrants(plan.Roles, state.Roles)
}

// standing says where somebody stands now.
func standing(p cloud.Person) string {
	invitation, invited := p.Invitation()
	switch {
	case p.Member != nil:
		return "This person is a member of the organization already."
	case invited && invitation.Expired:
		return "This person was invited, and the invitation expired unaccepted."
	case invited:
		return "This person is invited already, and the invitation is open until " + timestamp(invitation.ExpiresAt) + "."
	}
	return "This person is neither a member nor invited."
}

// consequence says what apply will do to somebody who is there.
func consequence(c cloud.Change, keepsGrants bool) string {
	var parts []string
	if len(c.Add) > 0 {
		parts = append(parts, "Apply adds "+join(c.Add)+".")
	}
	if len(c.Remove) > 0 {
		parts = append(parts, "Apply takes away "+join(c.Remove)+".")
	}
	if len(parts) == 0 {
		parts = append(parts, "Apply leaves the grants as they are.")
	}
	if keepsGrants {
		parts = []string{"Roles are left as they are, since roles is not set."}
	}
	if c.Invite {
		parts = append(parts, "An invitation cannot be changed: it is revoked, and a new one goes out by e-mail.")
	}
	return strings.Join(parts, " ")
}

func (r *memberResource) warnOfOwner(ctx context.Context, plan memberModel, p cloud.Person, organizationID string, c cloud.Change, diags *diag.Diagnostics) {
	if p.LosesOwner(organizationID, c) {
		r.run.loseOwner(ctx, plan.Email.ValueString(), "is no owner of the organization any more", plan.AllowLastOwnerRemoval.ValueBool(), diags)
	}
}

// join writes grants for a sentence.
func join(grants []cloud.Grant) string {
	names := make([]string, len(grants))
	for i, g := range grants {
		names[i] = g.String()
	}
	return strings.Join(names, ", ")
}
