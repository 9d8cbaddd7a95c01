// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ action.ActionWithConfigure  = (*revokeAccessAction)(nil)
	_ action.ActionWithModifyPlan = (*revokeAccessAction)(nil)
)

type revokeAccessAction struct {
	baseAction
}

func newRevokeAccessAction() plainAction {
	return &revokeAccessAction{baseAction{baseResource{typeName: "elasticcloud_revoke_access"}}}
}

type revokeAccessModel struct {
	Email                 emailValue `tfsdk:"email"`
	AllowLastOwnerRemoval types.Bool `tfsdk:"allow_last_owner_removal"`
}

func (a *revokeAccessAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ends one person's access to the organization immediately. It removes the member, which ends the person's sessions, and revokes a pending or expired invitation. If the person is neither a member nor invited, it does nothing.\n\n" +
			"The action changes no configuration. If the configuration has an `elasticcloud_member` for the person, the next apply sends an invitation: remove that resource as well. " +
			"With SSO, a person whom the IdP still accepts becomes a member again at the next sign-in: end the access at the IdP as well. " + needsTerraform,
		Attributes: map[string]schema.Attribute{
			"email": actionEmail,
			"allow_last_owner_removal": schema.BoolAttribute{
				MarkdownDescription: "Allows removing the last owner: the last active member with `organization-admin`. Otherwise the action refuses that, because nobody could manage the organization afterwards. Pending invitations do not count as owners. Default: `false`.",
				Optional:            true,
			},
		},
	}
}

// ModifyPlan warns of what the person loses.
func (a *revokeAccessAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config revokeAccessModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if a.run == nil || resp.Diagnostics.HasError() || config.Email.IsUnknown() {
		return
	}
	email := config.Email.ValueString()
	person, organizationID, ok := a.lookUp(ctx, email, &resp.Diagnostics)
	if !ok || !person.Exists() {
		return
	}
	what := strings.Join(accessOf(person, organizationID), " ")
	if a.run.ledger.isHeld(organization.PersonObject(email)) {
		what = paragraph(what, warning.InvitedAgainLater)
	}
	resp.Diagnostics.AddAttributeWarning(emailPath, warning.AccessEnds.With(email), what)
	if person.LosesOwner(organizationID, organization.Change{Remove: person.Grants(organizationID)}) {
		a.run.loseOwner(ctx, email, warning.OwnerRemoved, config.AllowLastOwnerRemoval.ValueBool(), &resp.Diagnostics)
	}
}

// accessOf returns sentences for the access of a person: one for the membership, and one
// for the invitation.
func accessOf(p organization.Person, organizationID string) (access []string) {
	if p.Member != nil {
		access = append(access, warning.MemberHolds.With(p.Grants(organizationID)))
	}
	if invitation, invited := p.Invitation(); invited {
		access = append(access, warning.InvitationOffers.With(invitation.RoleAssignments.Grants(organizationID)))
	}
	return access
}

func (a *revokeAccessAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config revokeAccessModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	email := config.Email.ValueString()
	person, organizationID, ok := a.lookNow(ctx, email, &resp.Diagnostics)
	if !ok {
		return
	}
	if !person.Exists() {
		progress(resp, email, "neither a member nor invited, so there is nothing to revoke")
		return
	}
	if person.Member != nil {
		progress(resp, email, fmt.Sprintf("removing the member, who has %s", warning.GrantList(person.Grants(organizationID))))
	}
	if invitation, invited := person.Invitation(); invited {
		progress(resp, email, fmt.Sprintf("revoking the invitation, which offers %s", warning.GrantList(invitation.RoleAssignments.Grants(organizationID))))
	}
	if err := a.run.organization.People.EndAccess(ctx, email, config.AllowLastOwnerRemoval.ValueBool()); err != nil {
		// The change may be done in part, or completely with only the answer lost.
		left, lookErr := a.run.organization.People.FindAnew(ctx, email)
		if lookErr == nil && left.Exists() {
			err = fmt.Errorf("%w\n\nRemaining access: %s", err, strings.Join(accessOf(left, organizationID), " "))
		}
		if lookErr != nil || left.Exists() {
			addError(&resp.Diagnostics, "Could not end the access of "+email, err)
			return
		}
	}
	progress(resp, email, "no longer has access")
}
