// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ resource.ResourceWithConfigure   = (*memberResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*memberResource)(nil)
	_ resource.ResourceWithImportState = (*memberResource)(nil)
	_ resource.ResourceWithIdentity    = (*memberResource)(nil)
)

const memberType = "elasticcloud_member"

type memberResource struct {
	baseResource
}

func newMemberResource() plainResource {
	return &memberResource{baseResource{typeName: memberType, adopts: true}}
}

type memberModel struct {
	ID                    types.String `tfsdk:"id"`
	Email                 emailValue   `tfsdk:"email"`
	Roles                 types.Set    `tfsdk:"roles"`
	InvitationExpiresIn   types.String `tfsdk:"invitation_expires_in"`
	AllowLastOwnerRemoval types.Bool   `tfsdk:"allow_last_owner_removal"`
	personModel
}

// personModel is what Elastic Cloud returns for a person, except the roles.
type personModel struct {
	Status              types.String `tfsdk:"status"`
	UserID              types.String `tfsdk:"user_id"`
	Name                types.String `tfsdk:"name"`
	MemberSince         types.String `tfsdk:"member_since"`
	InvitationExpiresAt types.String `tfsdk:"invitation_expires_at"`
}

// unknownPerson is for a person who may have joined by the time of the apply.
var unknownPerson = personModel{
	Status:              types.StringUnknown(),
	UserID:              types.StringUnknown(),
	Name:                types.StringUnknown(),
	MemberSince:         types.StringUnknown(),
	InvitationExpiresAt: types.StringUnknown(),
}

// invitedAgain is for somebody whose invitation has expired, so that they cannot accept
// it before apply sends another one.
var invitedAgain = personModel{Status: types.StringValue(statusInvited), InvitationExpiresAt: types.StringUnknown()}

func newPersonModel(p organization.Person) personModel {
	invitation, _ := p.Invitation()
	switch {
	case p.Member != nil:
		return personModel{
			Status:      types.StringValue(statusActive),
			UserID:      types.StringValue(p.Member.UserID),
			Name:        textOrNull(p.Member.Name),
			MemberSince: types.StringValue(timestamp(p.Member.MemberSince)),
		}
	case invitation.Expired:
		return personModel{Status: types.StringValue(statusExpired), InvitationExpiresAt: types.StringValue(timestamp(invitation.ExpiresAt))}
	}
	return personModel{Status: types.StringValue(statusInvited), InvitationExpiresAt: types.StringValue(timestamp(invitation.ExpiresAt))}
}

type memberIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Email          types.String `tfsdk:"email"`
}

func (r *memberResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages one person's access to the organization, from the invitation to the removal.\n\n" +
			"Creating the resource sends an invitation by e-mail. Accepting the invitation causes no diff. A person who is already a member or invited is adopted. The plan then shows a warning with the grants that change. If nothing changes for many people, Terraform prints one warning and counts the others. `terraform plan -json` and [plansummary](../guides/pull-request-review.md) name everyone.\n\n" +
			"Destroying the resource removes the member, or revokes the invitation if the person has not joined by then. Apply removes an owner only if the plan has announced it.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The e-mail address in lower case.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"email": schema.StringAttribute{
				MarkdownDescription: "E-mail address of the person. Case does not matter: another spelling causes no diff. Another address replaces the resource.",
				Required:            true,
				CustomType:          emailType{},
				PlanModifiers: []planmodifier.String{
					replacedByAnother[emailNotation]("address"),
				},
			},
			"roles": schema.SetAttribute{
				MarkdownDescription: "The complete list of the person's grants, such as `organization-admin`, `deployment-editor:*`, `deployment-editor:<ID>`, " +
					"`elasticsearch-viewer:*+analyst`. Apply revokes all other grants. See [Grants](../index.md#grants). `[]` means no roles. If not set, this resource does not manage roles. " +
					"For a member, a change grants and revokes single roles. For a person who has not joined, a change sends a new invitation by e-mail.",
				Optional:    true,
				ElementType: grantType{},
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(grantCheck),
				},
			},
			"invitation_expires_in": schema.StringAttribute{
				MarkdownDescription: "How long an invitation is valid: a number followed by `s`, `m`, `h` or `d`, such as `7d`. Default: three days, which Elastic Cloud sets. " +
					"A change applies to the next invitation, and does not send one.",
				Optional:   true,
				Validators: []validator.String{expiryCheck},
			},
			"allow_last_owner_removal": schema.BoolAttribute{
				MarkdownDescription: allowLastOwnerDescription + " Apply this setting before you destroy the resource. `-replace` removes nobody.",
				Optional:            true,
			},
			"status": schema.StringAttribute{
				Description:         "`invited`, `expired` (the invitation was not accepted in time) or `active`.",
				MarkdownDescription: "`invited`, `expired` (the invitation was not accepted in time; the next apply sends a new one) or `active`.",
				Computed:            true,
			},
			"user_id": schema.StringAttribute{
				MarkdownDescription: "Elastic Cloud's ID of the person. Null until the person has joined.",
				Computed:            true,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "The person's name. Null until the person has joined, and for a person without a name.",
				Computed:            true,
			},
			"member_since": schema.StringAttribute{
				MarkdownDescription: "When the person joined, in RFC 3339. Null until then.",
				Computed:            true,
			},
			"invitation_expires_at": schema.StringAttribute{
				MarkdownDescription: "When the invitation expires or expired, in RFC 3339. Null once the person has joined.",
				Computed:            true,
			},
		},
	}
}

func (r *memberResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityOrganization,
			"email": identityschema.StringAttribute{
				Description:       "E-mail address of the person, in any case.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *memberResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan memberModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	person, _, err := r.run.organization.People.Ensure(ctx, plan.wanted())
	if err != nil {
		// No state on purpose, although part of the change may be done: Terraform would taint
		// it, and the next apply would remove the person and invite them again. Without a
		// state, the next apply adopts the person.
		addError(&resp.Diagnostics, "Could not add "+plan.Email.ValueString()+" to the organization", err)
		return
	}
	plan.fromPerson(person)
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

func (r *memberResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state memberModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	person, organizationID, ok := r.lookUp(ctx, state.Email.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	if !person.Exists() {
		if r.explainAbsence(ctx, state, &resp.Diagnostics); !resp.Diagnostics.HasError() && !r.run.organization.People.Partial() {
			resp.State.RemoveResource(ctx)
		}
		return
	}
	if !state.Roles.IsNull() {
		state.Roles = grantSet(person.Grants(organizationID), state.Roles)
	}
	state.fromPerson(person)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// explainAbsence warns if the member did not leave but has another address now: the user
// does not want an invitation to the old one. A member without an address is an error.
func (r *memberResource) explainAbsence(ctx context.Context, state memberModel, diags *diag.Diagnostics) {
	if state.UserID.ValueString() == "" {
		return
	}
	member, found, err := r.run.organization.People.Member(ctx, state.UserID.ValueString())
	switch {
	case err != nil:
		addError(diags, "Could not look up "+state.Email.ValueString(), err)
	case !found:
	case member.Email == "":
		diags.AddError("Could not find the e-mail address of "+state.Email.ValueString(),
			fmt.Sprintf("The member with the user ID %s is still in the organization, but Elastic Cloud returns no e-mail address. The provider cannot manage a member without one. Plan again later. If the error remains, contact Elastic's support.", member.UserID))
	default:
		diags.AddWarning(warning.AddressChanged.With(state.Email.ValueString()), warning.AddressChangedDetail.With(member.UserID, member.Email))
	}
}

func (r *memberResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state memberModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if changesPerson(plan, state) {
		wanted := plan.wanted()
		wanted.Known, _ = grantsOf(state.Roles)
		// Apply may differ from the plan only in what the plan left unknown. For an active
		// member, the plan has shown that no invitation is sent.
		wanted.NoInvitation = plan.isActive()
		person, change, err := r.run.organization.People.Ensure(ctx, wanted)
		if err != nil {
			addError(&resp.Diagnostics, "Could not change "+plan.Email.ValueString(), err)
			r.keepWhatIsDone(ctx, person, state, resp)
			return
		}
		switch {
		case plan.Status.IsUnknown():
			plan.fromPerson(person)
		case plan.InvitationExpiresAt.IsUnknown(): // what else the plan knew has to stay so
			plan.InvitationExpiresAt = newPersonModel(person).InvitationExpiresAt
			if person.Member != nil {
				resp.Diagnostics.AddWarning(warning.JoinedSincePlan.With(plan.Email.ValueString()), warning.JoinedSincePlanDetail)
			}
		}
		warnOfUnplanned(change, plan, state, &resp.Diagnostics)
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// keepWhatIsDone saves what an update has changed before it failed.
func (r *memberResource) keepWhatIsDone(ctx context.Context, person organization.Person, state memberModel, resp *resource.UpdateResponse) {
	if !person.Exists() {
		return // the next refresh finds that out
	}
	if !state.Roles.IsNull() {
		state.Roles = grantSet(person.Grants(r.organizationID(ctx, &resp.Diagnostics)), state.Roles)
	}
	state.fromPerson(person)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// warnOfUnplanned warns of revoked grants that the state did not show: someone granted
// them after the state was read.
func warnOfUnplanned(change organization.Change, plan, state memberModel, diags *diag.Diagnostics) {
	shown, _ := grantsOf(state.Roles)
	if unplanned, _ := cloud.DiffGrants(shown, change.Remove); len(unplanned) > 0 && !state.Roles.IsNull() {
		diags.AddWarning(warning.HeldMore.With(plan.Email.ValueString()), warning.HeldMoreDetail.With(unplanned))
	}
}

// ImportState imports a person by e-mail address, user ID or identity.
func (r *memberResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	organizationID := r.organizationID(ctx, &resp.Diagnostics)
	who := req.ID
	if who == "" {
		var identity memberIdentity
		importedIdentity(ctx, req, &identity, "an e-mail address or the user ID of a member", &resp.Diagnostics)
		who = identity.Email.ValueString()
		r.checkOrganization(ctx, identity.OrganizationID, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	summary := fmt.Sprintf("Could not import %q", who)
	email, err := r.emailOf(ctx, who)
	if err != nil {
		addError(&resp.Diagnostics, summary, err)
		return
	}
	person, err := r.run.organization.People.Find(ctx, email)
	if err != nil {
		addError(&resp.Diagnostics, summary, err)
		return
	}
	if !person.Exists() {
		resp.Diagnostics.AddError(summary,
			"Nobody with this e-mail address or user ID is a member of the organization "+organizationID+" or invited to it. To invite this person, remove the import block and apply.")
		return
	}
	state := adoptedMember(email, person, organizationID)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// emailOf returns the e-mail address for an import ID, which may be a user ID.
func (r *memberResource) emailOf(ctx context.Context, id string) (string, error) {
	if strings.Contains(id, "@") {
		return id, nil
	}
	member, found, err := r.run.organization.People.Member(ctx, id)
	if err == nil && (!found || member.Email == "") {
		err = errors.New("this is neither an e-mail address nor the user ID of a member of the organization")
	}
	return member.Email, err
}

func (m memberModel) identity(organizationID types.String) any {
	return memberIdentity{OrganizationID: organizationID, Email: types.StringValue(m.Email.key())}
}

// isActive reports whether the person had joined when the state was read.
func (m memberModel) isActive() bool { return m.Status.ValueString() == statusActive }

// wanted returns the configured access, with the roles that are known.
func (m memberModel) wanted() organization.Wanted {
	grants, _ := grantsOf(m.Roles)
	return organization.Wanted{
		Email:      m.Email.ValueString(),
		Grants:     grants,
		KeepGrants: m.Roles.IsNull(),
		ExpiresIn:  m.InvitationExpiresIn.ValueString(),

		AllowLastOwnerRemoval: m.AllowLastOwnerRemoval.ValueBool(),
	}
}

// fromPerson sets the computed attributes from what Elastic Cloud returned.
func (m *memberModel) fromPerson(p organization.Person) {
	m.ID = types.StringValue(m.Email.key())
	m.personModel = newPersonModel(p)
}
