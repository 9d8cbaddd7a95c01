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
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
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
		r.planDelete(ctx, state, isRemoved, resp)
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
		r.planDelete(ctx, state, isRemoved+", as another address takes the place", resp)
		// It is planned as a creation next, of which Terraform drops the warnings.
		planAnew(ctx, resp)
		if !plan.Email.IsUnknown() {
			r.warnOfTakeOver(ctx, plan, &resp.Diagnostics)
		}
		return
	default:
		// A removal by -replace comes here first, and no plan has looked at that.
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, noOwnerKey, nil)...)
		r.planUpdate(ctx, &plan, state, req, resp)
	}
	respelled := plan
	if sameGrants(plan.Roles, state.Roles) {
		respelled.Roles = state.Roles
	}
	setPlan(ctx, plan, respelled, req, resp)
}

func (r *memberResource) planCreate(ctx context.Context, plan *memberModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if plan.Email.IsUnknown() {
		return
	}
	email := plan.Email.ValueString()
	plan.ID = types.StringValue(cloud.Fold(email))
	if firstPlan(ctx, req, resp) {
		r.run.claimed.member(email, !plan.Roles.IsNull(), &resp.Diagnostics)
		grants, _ := grantsOf(plan.Roles)
		r.run.claimed.gives(email, grants, &resp.Diagnostics)
	}
	r.warnOfTakeOver(ctx, *plan, &resp.Diagnostics)
}

// warnOfTakeOver says what a creation does to somebody who is there already.
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
	detail := standing(person) + " " + consequence(change, plan.Roles.IsNull())
	if _, known := grantsOf(plan.Roles); !known {
		detail = standing(person) + " Some of the roles are known only after apply, so what changes cannot be said yet."
		if len(change.Remove) > 0 {
			detail += " " + mayGo(change.Remove)
		}
	}
	diags.AddAttributeWarning(emailPath, email+" is taken over", detail)
	r.warnOfOwner(ctx, plan, person, organizationID, change, diags)
}

func (r *memberResource) planUpdate(ctx context.Context, plan *memberModel, state memberModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	// Terraform allows the value of the state in place of the configured one,
	// and then shows nothing.
	plan.Email = state.Email
	plan.ID = state.ID
	plan.Status, plan.UserID, plan.Name = state.Status, state.UserID, state.Name
	plan.MemberSince, plan.InvitationExpiresAt = state.MemberSince, state.InvitationExpiresAt

	email := plan.Email.ValueString()
	if firstPlan(ctx, req, resp) {
		r.run.claimed.member(email, !plan.Roles.IsNull(), &resp.Diagnostics)
		grants, _ := grantsOf(plan.Roles)
		r.run.claimed.gives(email, grants, &resp.Diagnostics)
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
	active := state.isActive()
	if !active { // the invitation may be accepted before apply
		plan.Status, plan.UserID, plan.Name = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		plan.MemberSince, plan.InvitationExpiresAt = types.StringUnknown(), types.StringUnknown()
	}
	person, organizationID, _ := r.lookUp(ctx, email, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	change := person.Change(organizationID, plan.wanted())
	r.warnOfOwner(ctx, *plan, person, organizationID, change, &resp.Diagnostics)
	_, known := grantsOf(plan.Roles)
	switch {
	case change.Invite && active: // they left since the state was read: apply says so
	case change.Invite && known:
		resp.Diagnostics.AddAttributeWarning(emailPath, email+" gets a new invitation by e-mail",
			standing(person)+" "+consequence(change, plan.Roles.IsNull()))
	case person.Member == nil && !known:
		resp.Diagnostics.AddAttributeWarning(rolesPath, email+" may get a new invitation by e-mail",
			"Some of the roles are known only after apply. If they differ from what the open invitation promises, it is revoked and a new one is sent.")
		warnOfHidden(change, *plan, state, &resp.Diagnostics)
	default:
		warnOfHidden(change, *plan, state, &resp.Diagnostics)
	}
}

// warnOfHidden names the grants that go although roles, as the plan shows it, does
// not have them: it was not set before, or somebody gave them since.
func warnOfHidden(change organization.Change, plan, state memberModel, diags *diag.Diagnostics) {
	shown, _ := grantsOf(state.Roles)
	hidden, _ := cloud.DiffGrants(shown, change.Remove)
	if len(hidden) == 0 {
		return
	}
	why := "The state does not show all that this person holds, and roles is all that they should hold."
	if state.Roles.IsNull() {
		why = "So far this resource left the roles of this person alone. From now on roles is all that they should hold."
	}
	email := plan.Email.ValueString()
	if _, known := grantsOf(plan.Roles); !known {
		diags.AddAttributeWarning(rolesPath, email+" may lose more than roles shows", why+" Some of the roles are known only after apply. "+mayGo(hidden))
		return
	}
	diags.AddAttributeWarning(rolesPath, email+" loses more than roles shows", why+" Apply takes away "+join(hidden)+".")
}

// mayGo says what goes unless it is among the roles that are not known yet.
func mayGo(grants []cloud.Grant) string {
	return "Whatever of these is not among them goes: " + join(grants) + "."
}

// changesPerson tells whether an update has anything to do on the service.
func changesPerson(plan, state memberModel) bool {
	return state.Status.ValueString() == statusExpired || !plan.Roles.IsNull() && !sameGrants(plan.Roles, state.Roles)
}

// standing says where somebody stands now.
func standing(p organization.Person) string {
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
func consequence(c organization.Change, keepsGrants bool) string {
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

func (r *memberResource) warnOfOwner(ctx context.Context, plan memberModel, p organization.Person, organizationID string, c organization.Change, diags *diag.Diagnostics) {
	email, allowed := plan.Email.ValueString(), plan.AllowLastOwnerRemoval.ValueBool()
	_, known := grantsOf(plan.Roles)
	switch {
	case !p.LosesOwner(organizationID, c):
	case known:
		r.run.loseOwner(ctx, email, isDemoted, allowed, diags)
	default:
		r.run.mayLoseOwners(ctx, []string{email}, allowed, diags)
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
