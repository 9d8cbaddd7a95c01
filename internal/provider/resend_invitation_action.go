// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ action.ActionWithConfigure  = (*resendInvitationAction)(nil)
	_ action.ActionWithModifyPlan = (*resendInvitationAction)(nil)
)

type resendInvitationAction struct {
	baseAction
}

func newResendInvitationAction() plainAction {
	return &resendInvitationAction{baseAction{baseResource{typeName: "elasticcloud_resend_invitation"}}}
}

type resendInvitationModel struct {
	Email               emailValue   `tfsdk:"email"`
	InvitationExpiresIn types.String `tfsdk:"invitation_expires_in"`
}

func (a *resendInvitationAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends a pending or expired invitation again by e-mail. Use it if the e-mail was lost, or if the person needs more time.\n\n" +
			"The action revokes the present invitation, so its link no longer works. The new invitation offers the same roles. " +
			"If the person is already a member, the action sends nothing. If the person is neither a member nor invited, it fails: use an `elasticcloud_member` to invite the person. " + needsTerraform,
		Attributes: map[string]schema.Attribute{
			"email": actionEmail,
			"invitation_expires_in": schema.StringAttribute{
				MarkdownDescription: "How long the new invitation is valid: a number followed by `s`, `m`, `h` or `d`, such as `7d`. Default: three days, which Elastic Cloud sets.",
				Optional:            true,
				Validators:          []validator.String{expiryCheck},
			},
		},
	}
}

// ModifyPlan warns of the e-mail, or that nobody is invited.
func (a *resendInvitationAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config resendInvitationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if a.run == nil || resp.Diagnostics.HasError() || config.Email.IsUnknown() {
		return
	}
	email := config.Email.ValueString()
	person, organizationID, ok := a.lookUp(ctx, email, &resp.Diagnostics)
	switch {
	case !ok || person.Member != nil:
	case person.Exists():
		resp.Diagnostics.AddAttributeWarning(emailPath, warning.NewInvitation.With(email), paragraph(standing(person), warning.SendsAgain.With(person.Grants(organizationID))))
	case !a.run.ledger.isHeld(organization.PersonObject(email)):
		resp.Diagnostics.AddAttributeWarning(emailPath, warning.NotThere.With(email), paragraph(warning.ActionFails, warning.InviteAlso))
	}
}

func (a *resendInvitationAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config resendInvitationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	email := config.Email.ValueString()
	person, organizationID, ok := a.lookNow(ctx, email, &resp.Diagnostics)
	if !ok {
		return
	}
	switch invitation, invited := person.Invitation(); {
	case person.Member != nil:
		progress(resp, email, "is already a member, so no invitation is sent")
		return
	case invited && invitation.Expired:
		progress(resp, email, fmt.Sprintf("revoking the invitation, which has expired, and sending a new one that offers %s", warning.GrantList(person.Grants(organizationID))))
	case invited:
		progress(resp, email, fmt.Sprintf("revoking the invitation, and sending a new one that offers %s", warning.GrantList(person.Grants(organizationID))))
	}
	person, _, err := a.run.organization.People.Ensure(ctx, organization.Wanted{Email: email, ExpiresIn: config.InvitationExpiresIn.ValueString(), KeepGrants: true, Anew: true})
	invitation, _ := person.Invitation()
	switch {
	case cloud.HasCode(err, cloud.CodeAlreadyMember), err == nil && person.Member != nil:
		progress(resp, email, "has joined meanwhile, so no invitation is sent")
	case err != nil:
		addResendError(email, err, &resp.Diagnostics)
	default:
		progress(resp, email, "the new invitation is sent, and valid until "+timestamp(invitation.ExpiresAt))
	}
}

// addResendError adds an error. If the invitation is lost, only this error still has its
// grants.
func addResendError(email string, err error, diags *diag.Diagnostics) {
	summary := "Could not send the invitation of " + email + " again"
	var revoked *organization.RevokedError
	switch {
	case errors.As(err, &revoked):
		advice := "Invite this person again, with an elasticcloud_member that has the roles of the invitation, or in the Elastic Cloud console."
		if revoked.Unconfirmed {
			advice = "Run the action again. If it does not find the invitation: " + advice
		}
		diags.AddError(summary, err.Error()+"\n\n"+advice)
	case errors.Is(err, organization.ErrUnknownPerson):
		diags.AddAttributeError(emailPath, summary, "This person is neither a member of the organization nor invited to it. "+warning.InviteAlso)
	default:
		addError(diags, summary, err)
	}
}
