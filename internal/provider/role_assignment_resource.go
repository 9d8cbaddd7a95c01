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
		MarkdownDescription: "One grant of one person, on top of what they hold otherwise. It owns this grant and no other, so several modules can each give their own.\n\n" +
			"It invites nobody. For somebody who is invited and has not joined yet it waits as `pending`, without another e-mail; the first plan after they joined shows `pending -> assigned`. " +
			"A grant that somebody took away by hand shows as an assignment to create.\n\n" +
			"A grant that moves to another resource of the same plan is not revoked in between, for example when a `count` shifts, when two assignments swap their roles, or when the grant becomes one of the `roles` of an `elasticcloud_member`. " +
			"With `-parallelism=1`, or when dozens of assignments move at once, apply may revoke it and grant it again right after, and the plan warns. A `moved` block, or a `removed` block with `destroy = false`, avoids that. " +
			"If the other resource refers to the assignment that loses the grant, the plan is refused: apply could not grant before it revokes. It is refused, too, if one of two assignments for the same grant is destroyed that the same apply created. " +
			"If two assignments in different configurations give the same grant to the same person, destroying one of them revokes the grant, and the next plan of the other one grants it again. " +
			"An `elasticcloud_member` that sets `roles` and an assignment for the same person would undo each other: in one configuration that is an error.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The e-mail address in lower case, a slash, and the grant.",
				Computed:            true,
			},
			"email": schema.StringAttribute{
				MarkdownDescription: "E-mail address of a member, or of somebody who is invited. Where the same configuration invites them, refer to the `elasticcloud_member`, so that Terraform knows the order. Compared without regard to case: another spelling is no change, another address replaces the resource.",
				Required:            true,
				CustomType:          emailType{},
				PlanModifiers: []planmodifier.String{
					replacedByAnother[emailNotation]("address"),
				},
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "The grant, such as `organization-admin`, `deployment-editor:*`, `deployment-editor:<ID>` or `elasticsearch-viewer:*+analyst`. See [Grants](../index.md#grants). " +
					"Another order of application roles is no diff. Another grant is an in-place update: the new grant is given before the old one is revoked.",
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

// Update gives the grant to somebody who has joined meanwhile, or another grant. That
// comes first, and what it replaces goes afterwards.
func (r *roleAssignmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state roleAssignmentModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	owed := grantsInPrivate(ctx, owedKey, req.Private, &resp.Diagnostics)
	plan, ok := r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
	if !ok {
		resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...) // the plan's is that of the new grant
		return
	}
	if state.grant() != plan.grant() {
		owed = append(owed, state.grant())
		rememberRun(ctx, givenKey, r.run.began, resp.Private, &resp.Diagnostics)
	}
	// What cannot be taken now is noted, and the next plan shows that it is to be.
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

// with is an assignment of another grant to the same person.
func (m roleAssignmentModel) with(g cloud.Grant) roleAssignmentModel {
	m.Role = newGrantValue(g.String())
	return m
}

// owedKey is where an update notes the grants that it gave up and could not take, and
// owesOnlyKey where a plan notes that a removal takes these and no more.
const (
	owedKey     = "owed_grants"
	owesOnlyKey = "owes_only"
)

// grantsInPrivate are the grants that keepGrants has noted.
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

// assign gives the grant, or finds that it has to wait. The plan's word counts:
// what it called assigned must not turn out to wait.
func (r *roleAssignmentResource) assign(ctx context.Context, plan *roleAssignmentModel, diags *diag.Diagnostics) bool {
	summary := fmt.Sprintf("Could not give %s to %s", plan.grant(), plan.Email.ValueString())
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
	if state.Status.ValueString() == statusAssigned { // the same on all resources may have absorbed it since
		held = cloud.Covers(grants, state.grant())
	}
	// What somebody else has taken is not owed any more, and may be given again by hand.
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
	case r.run.organization.People.Partial(): // nobody knows what is not shown
	case person.Member != nil && state.Status.ValueString() == statusPending:
		// joined since: the plan shows pending -> assigned
	default:
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Delete takes the grant, and what an update has left.
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

// take takes a grant, unless another resource of the run gives it. It waits for that until
// nothing is under way any more that could. It is false where it has failed, or where it
// leaves the grant to another resource that was to give it, and may have failed.
func (r *roleAssignmentResource) take(ctx context.Context, state roleAssignmentModel, patience patience, absorbed []cloud.Grant, diags *diag.Diagnostics) bool {
	grant := organization.GrantObject(state.Email.ValueString(), state.grant())
	r.run.traffic.await(ctx, patience, func() bool { return r.run.organization.Keeps(grant) })
	summary := fmt.Sprintf("Could not take %s from %s", state.grant(), state.Email.ValueString())
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
		diags.AddError(summary, fmt.Sprintf("%s\n\nThis change was not made; what else the run did is done. Give %s to another active member first; the same apply may do it. "+
			"Or let this person keep the grant. %s", err, cloud.RoleOrganizationAdmin, warning.HowOwnerMoves))
	case err != nil:
		addError(diags, summary, err)
	}
	return err == nil
}

const assignmentImportID = "the e-mail address, a slash and the grant, such as alice@example.com/deployment-editor:*"

// ImportState takes email/grant, or the identity.
func (r *roleAssignmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	// An address may have a slash in front of its @, and an application role both.
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
	held := slices.Contains(person.Grants(r.organizationID(ctx, &resp.Diagnostics)), grant) // an import takes what is shown
	switch {
	case resp.Diagnostics.HasError():
		return
	case person.Member == nil && person.Exists():
		state.Status = types.StringValue(statusPending)
	case !held:
		resp.Diagnostics.AddError(summary, fmt.Sprintf("%q does not hold %s. To give it, remove the import and apply.", email, grant))
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
