// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ resource.ResourceWithConfigure   = (*roleAssignmentResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*roleAssignmentResource)(nil)
	_ resource.ResourceWithImportState = (*roleAssignmentResource)(nil)
	_ resource.ResourceWithIdentity    = (*roleAssignmentResource)(nil)
)

const roleAssignmentType = "elasticcloud_role_assignment"

type roleAssignmentResource struct {
	baseResource
}

func newRoleAssignmentResource() plainResource {
	return &roleAssignmentResource{baseResource{typeName: roleAssignmentType, moves: true, adopts: true}}
}

type roleAssignmentModel struct {
	ID     types.String `tfsdk:"id"`
	Email  emailValue   `tfsdk:"email"`
	Role   grantValue   `tfsdk:"role"`
	Status types.String `tfsdk:"status"`
}

type roleAssignmentIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Email          types.String `tfsdk:"email"`
	Role           types.String `tfsdk:"role"`
}

func (r *roleAssignmentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Grants one role to one person, in addition to the person's other grants. The resource manages only this grant, so several modules can each grant roles to the same person.\n\n" +
			"The resource invites nobody. If the person is invited and has not joined, the assignment stays `pending`, and no other e-mail is sent. The first plan after the person has joined shows `pending -> assigned`. " +
			"If someone revokes the grant outside Terraform, the next plan creates the assignment again.\n\n" +
			"If the person already holds the grant, the resource adopts it, and the plan warns. Destroying the resource later revokes the grant.\n\n" +
			"A grant that moves to another resource of the same plan is not revoked in between. Examples are a `count` that shifts, two assignments that swap their roles, and a grant that becomes one of the `roles` of an `elasticcloud_member`. There are exceptions:\n" +
			"- With `-parallelism=1`, or when dozens of assignments move at once, apply may revoke the grant and grant it again right after. The plan warns. A `moved` block, or a `removed` block with `destroy = false`, avoids that.\n" +
			"- If the other resource refers to the assignment that loses the grant, the plan fails: apply could not grant before it revokes.\n" +
			"- If the same apply created two assignments for one grant, a plan that destroys only one of them fails.\n\n" +
			"Two assignments in different configurations may grant the same role to the same person. Destroying one of them revokes the grant, and the next plan of the other configuration grants it again.\n\n" +
			"An `elasticcloud_member` with `roles` and an assignment for the same person would undo each other. In one configuration, that is an error.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The e-mail address in lower case, a slash, and the grant.",
				Computed:            true,
			},
			"email": schema.StringAttribute{
				MarkdownDescription: "E-mail address of a member or an invited person. If the same configuration invites the person, refer to the `elasticcloud_member`, so that Terraform knows the order. Case does not matter: another spelling causes no diff. Another address replaces the resource.",
				Required:            true,
				CustomType:          emailType{},
				PlanModifiers: []planmodifier.String{
					replacedByAnother[emailNotation]("address"),
				},
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "The grant, such as `organization-admin`, `deployment-editor:*`, `deployment-editor:<ID>` or `elasticsearch-viewer:*+analyst`. See [Grants](../index.md#grants). " +
					"Another order of application roles causes no diff. Another grant is an in-place update: apply grants the new one before it revokes the old one.",
				Required:   true,
				CustomType: grantType{},
				Validators: []validator.String{grantCheck},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`assigned`, or `pending` while the person has not joined.",
				Computed:            true,
			},
		},
	}
}

func (r *roleAssignmentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityOrganization,
			"email": identityschema.StringAttribute{
				Description:       "E-mail address of the person, in any case.",
				RequiredForImport: true,
			},
			"role": identityschema.StringAttribute{
				Description:       "The grant.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *roleAssignmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Update grants the role to a person who has joined meanwhile, or grants another role. It
// grants the new role before it revokes the old one.
func (r *roleAssignmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state roleAssignmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	owed := grantsInPrivate(ctx, owedKey, req.Private, &resp.Diagnostics)
	plan, ok := r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
	if !ok {
		resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...) // the plan has the identity of the new grant
		return
	}
	if state.grant() != plan.grant() {
		owed = append(owed, state.grant())
		rememberRun(ctx, givenKey, r.run.began, resp.Private, &resp.Diagnostics)
	}
	// Grants that cannot be revoked now are noted, and the next plan revokes them.
	var left []cloud.Grant
	for _, g := range cloud.Without(owed, []cloud.Grant{plan.grant()}) {
		if !r.take(ctx, state.with(g), inApply, nil, &resp.Diagnostics) {
			left = append(left, g)
		}
	}
	keepGrants(ctx, owedKey, left, resp.Private, &resp.Diagnostics)
}

func (r *roleAssignmentResource) write(ctx context.Context, planned tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) (plan roleAssignmentModel, ok bool) {
	diags.Append(planned.Get(ctx, &plan)...)
	if diags.HasError() || !r.assign(ctx, &plan, diags) {
		return plan, false
	}
	r.save(ctx, state, identity, plan, diags)
	return plan, !diags.HasError()
}

// with returns an assignment of another grant to the same person.
func (m roleAssignmentModel) with(g cloud.Grant) roleAssignmentModel {
	m.Role = newGrantValue(g.String())
	return m
}

// owedKey is where an update notes the old grants that it could not revoke. owesOnlyKey is
// where a plan notes that a removal revokes only these.
const (
	owedKey     = "owed_grants"
	owesOnlyKey = "owes_only"
)

// grantsInPrivate returns the grants that keepGrants has noted.
func grantsInPrivate(ctx context.Context, key string, private privateData, diags *diag.Diagnostics) (grants []cloud.Grant) {
	data, more := private.GetKey(ctx, key)
	diags.Append(more...)
	for _, part := range strings.Split(textInPrivate(data), ", ") {
		if g, err := cloud.ParseGrant(part); err == nil {
			grants = append(grants, g)
		}
	}
	return grants
}

// keepGrants notes grants in private data.
func keepGrants(ctx context.Context, key string, grants []cloud.Grant, private privateData, diags *diag.Diagnostics) {
	var data []byte
	if len(grants) > 0 {
		data = privateText(cloud.JoinGrants(grants))
	}
	diags.Append(private.SetKey(ctx, key, data)...)
}

// assign grants the role, or finds that it must wait. If the plan has shown assigned, it
// must not wait.
func (r *roleAssignmentResource) assign(ctx context.Context, plan *roleAssignmentModel, diags *diag.Diagnostics) bool {
	summary := fmt.Sprintf("Could not grant %s to %s", plan.grant(), plan.Email.ValueString())
	joined, err := r.run.organization.People.Assign(ctx, plan.Email.ValueString(), plan.grant())
	if err == nil && !joined && plan.Status.ValueString() == statusAssigned {
		err = organization.ErrNotThere
	}
	if err != nil {
		addError(diags, summary, err)
		return false
	}
	plan.ID = plan.id()
	plan.Status = types.StringValue(statusPending)
	if joined {
		plan.Status = types.StringValue(statusAssigned)
	}
	return true
}

func (r *roleAssignmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state roleAssignmentModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	person, organizationID, ok := r.lookUp(ctx, state.Email.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	grants := person.Grants(organizationID)
	held := cloud.Holds(grants, state.grant())
	if state.Status.ValueString() == statusAssigned { // a grant of the same role on all resources may have absorbed it since
		held = cloud.Covers(grants, state.grant())
	}
	// An old grant that someone else has revoked is no longer ours to revoke: it may be granted
	// again outside Terraform.
	if owed := grantsInPrivate(ctx, owedKey, req.Private, &resp.Diagnostics); len(owed) > 0 && !r.run.organization.People.Partial() {
		keepGrants(ctx, owedKey, slices.DeleteFunc(owed, func(g cloud.Grant) bool { return !cloud.Holds(grants, g) }), resp.Private, &resp.Diagnostics)
	}
	switch {
	case resp.Diagnostics.HasError():
		return
	case person.Member == nil && person.Exists():
		state.Status = types.StringValue(statusPending)
	case person.Member != nil && held:
		state.Status = types.StringValue(statusAssigned)
	case r.run.organization.People.Partial(): // the grant may exist and be invisible to this key
	case person.Member != nil && state.Status.ValueString() == statusPending:
		// joined since: the plan shows pending -> assigned
	default:
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Delete revokes the grant, and the old grants that an update could not revoke.
func (r *roleAssignmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state roleAssignmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	absorbed := grantsInPrivate(ctx, absorbedKey, req.Private, &resp.Diagnostics)
	owed := grantsInPrivate(ctx, owedKey, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	patience := inApply
	half, diags := req.Private.GetKey(ctx, halfKey)
	resp.Diagnostics.Append(diags...)
	patience.leads = len(half) > 0
	for _, g := range owed {
		r.take(ctx, state.with(g), patience, nil, &resp.Diagnostics)
	}
	if !isMarked(ctx, owesOnlyKey, req.State, req.Private, &resp.Diagnostics) {
		r.take(ctx, state, patience, absorbed, &resp.Diagnostics)
	}
}

// take revokes a grant, unless another resource of the run grants it. It waits for that as
// long as another change is in progress. It is false if it failed. It is also false if it
// keeps the grant for another resource that should grant it, but may have failed.
func (r *roleAssignmentResource) take(ctx context.Context, state roleAssignmentModel, patience patience, absorbed []cloud.Grant, diags *diag.Diagnostics) bool {
	grant := organization.GrantObject(state.Email.ValueString(), state.grant())
	r.run.traffic.await(ctx, patience, func() bool { return r.run.organization.Keeps(grant) })
	summary := fmt.Sprintf("Could not revoke %s of %s", state.grant(), state.Email.ValueString())
	if !r.run.organization.Keeps(grant) && r.run.ledger.isExpected(r.entry(state)) {
		return false
	}
	person, organizationID, ok := r.lookUp(ctx, state.Email.ValueString(), diags)
	if !ok {
		return false
	}
	holds := person.Member == nil || cloud.Covers(person.Grants(organizationID), state.grant())
	if r.run.organization.People.Partial() && (!person.Exists() || !holds) {
		addError(diags, summary, errPartialView)
		return false
	}
	err := r.run.organization.People.Unassign(ctx, state.Email.ValueString(), state.grant(), absorbed...)
	var last *organization.LastOwnerError
	switch {
	case errors.As(err, &last) && !last.Made && last.Min <= 1: // an assignment has no allow_last_owner_removal
		diags.AddError(summary, paragraph(err.Error()+"\n\n"+grantOwnerFirst, "Or let this person keep the grant.", warning.HowOwnerMoves))
	case err != nil:
		addError(diags, summary, err)
	}
	return err == nil
}

const assignmentImportID = "the e-mail address, a slash and the grant, such as alice@example.com/deployment-editor:*"

// ImportState imports by email/grant, or by the identity.
func (r *roleAssignmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	// An address may have a slash before the @, and an application role may have both.
	user, rest, _ := strings.Cut(req.ID, "@")
	domain, role, _ := strings.Cut(rest, "/")
	email := user + "@" + domain
	if req.ID == "" {
		var identity roleAssignmentIdentity
		importedIdentity(ctx, req, &identity, assignmentImportID, &resp.Diagnostics)
		email, role = identity.Email.ValueString(), identity.Role.ValueString()
		r.checkOrganization(ctx, identity.OrganizationID, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	summary := fmt.Sprintf("Could not import %q", cmp.Or(req.ID, email+"/"+role))
	if !isAddress(email) || role == "" {
		resp.Diagnostics.AddError(summary, "The import ID is "+assignmentImportID+".")
		return
	}
	grant, err := cloud.ParseGrant(role)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
		return
	}
	person, err := r.run.organization.People.Find(ctx, email)
	if err != nil {
		addError(&resp.Diagnostics, summary, err)
		return
	}
	state := roleAssignmentModel{Email: newEmail(email), Role: newGrantValue(role), Status: types.StringValue(statusAssigned)}
	held := slices.Contains(person.Grants(r.organizationID(ctx, &resp.Diagnostics)), grant) // an import accepts only what Elastic Cloud shows
	switch {
	case resp.Diagnostics.HasError():
		return
	case person.Member == nil && person.Exists():
		state.Status = types.StringValue(statusPending)
	case !held:
		resp.Diagnostics.AddError(summary, fmt.Sprintf("%q does not hold %s. To grant it, remove the import block and apply.", email, grant))
		return
	}
	state.ID = state.id()
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

func (m roleAssignmentModel) identity(organizationID types.String) any {
	return roleAssignmentIdentity{
		OrganizationID: organizationID,
		Email:          types.StringValue(cloud.Fold(m.Email.ValueString())),
		Role:           types.StringValue(m.grant().String()),
	}
}

func (m roleAssignmentModel) grant() cloud.Grant { return grantIn(m.Role) }

func (m roleAssignmentModel) id() types.String {
	return types.StringValue(cloud.Fold(m.Email.ValueString()) + "/" + m.grant().String())
}
