// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var (
	_ resource.ResourceWithConfigure   = (*membersResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*membersResource)(nil)
	_ resource.ResourceWithImportState = (*membersResource)(nil)
	_ resource.ResourceWithIdentity    = (*membersResource)(nil)
	_ resource.ResourceWithMoveState   = (*membersResource)(nil)
)

type membersResource struct {
	baseResource
}

func newMembersResource() plainResource {
	return &membersResource{baseResource{typeName: "elasticcloud_members", inert: true}}
}

type membersModel struct {
	ID                    types.String `tfsdk:"id"`
	Members               membersValue `tfsdk:"members"`
	InvitationExpiresIn   types.String `tfsdk:"invitation_expires_in"`
	MaxRemovals           types.Int64  `tfsdk:"max_removals"`
	AllowLastOwnerRemoval types.Bool   `tfsdk:"allow_last_owner_removal"`
	Pending               types.List   `tfsdk:"pending"`
}

func (r *membersResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Everybody in the organization in one resource, with all that they hold: for organizations of thousands, and for those who come from `ec_organization`: a `moved` block turns that resource of Elastic's provider into this one, and nobody is invited, changed or removed. See [Coming from ec_organization](../guides/from-ec-organization.md).\n\n" +
			"Who is listed and not there is invited, who is there holds the grants that are listed and no others, and who is not listed is removed. Somebody who is a member already, or invited already, is taken over. " +
			"The plan shows each person who goes and each grant that comes or goes as a line, and warns of e-mails, of owners who go and, before the creation, of everything that it changes. " +
			"Apply then does that and no more: somebody who comes after the plan was made shows in the next one. Only the creation removes whoever is not listed at that moment.\n\n" +
			"What fails for one person stops nobody else: each error names its person, the state holds what is there, and the next apply finishes. " +
			"Destroying it removes nobody. One configuration has at most one of these, and beside it no `elasticcloud_member`, `elasticcloud_role_assignment` or `elasticcloud_members_exclusive`: they would undo each other. " +
			"Whom the service shows without an e-mail address, or with one that is none, cannot be listed; they are left alone, with a warning.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			"members": schema.MapAttribute{
				MarkdownDescription: "Who may be in the organization: a map from e-mail address to the grants that the person holds, these and no others, such as `organization-admin`, `deployment-editor:*`, `deployment-editor:<ID>` or `elasticsearch-viewer:*+analyst`. See [Grants](../index.md#grants). " +
					"At least one person; `[]` is somebody without roles. Another case of an address and another spelling or order of grants is no change by itself. " +
					"A change goes to a member as single grants, and to somebody who has not joined yet as a new invitation by e-mail. Somebody whose invitation expired comes again in the plan and is invited anew.",
				Required:    true,
				CustomType:  newMembersType(),
				ElementType: grantSetType,
				Validators:  []validator.Map{membersValidator{}},
			},
			"invitation_expires_in": schema.StringAttribute{
				MarkdownDescription: "How long an invitation stays open: a number and one of `s`, `m`, `h` or `d`, such as `7d`. Default: the service's own, three days. " +
					"A change counts for the next invitations and does not send any.",
				Optional:   true,
				Validators: []validator.String{expiryCheck},
			},
			"max_removals": maxPeopleRemovals(),
			"allow_last_owner_removal": schema.BoolAttribute{
				MarkdownDescription: "Lets the last active member who holds `organization-admin` go, and lets everybody go who has joined. Without it an apply that would leave no owner is refused before anything is changed, since nobody could manage the organization any more; open invitations do not count. So is every change while no owner is visible: the key may not see everybody then. Default: `false`.",
				Optional:            true,
			},
			"pending": schema.ListAttribute{
				MarkdownDescription: "Who has an invitation and has not joined, in lower case, sorted. Those whose invitation expired are here and not in `members`. " +
					"A change of `members` shows here as the addresses that it adds and removes. Somebody who accepts their invitation leaves the list at the next refresh, which causes no diff.",
				Computed:    true,
				ElementType: types.StringType,
			},
		},
	}
}

func (r *membersResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

func (r *membersResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan membersModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	o, ok := r.everybody(ctx, &resp.Diagnostics)
	if !ok || resp.Diagnostics.HasError() {
		return
	}
	wanted, _ := listingOf(plan.Members)
	work := plan.creation(wanted, o)
	if r.refused(ctx, plan, wanted, work, o, &resp.Diagnostics) {
		return
	}
	r.bring(ctx, work.tasks, &resp.Diagnostics)
	r.run.dismiss(ctx, plan.removals(work.gone), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return // no state, as Terraform would taint it; the next apply takes over whoever is there, and finishes
	}
	plan.Pending = r.pending(ctx, &resp.Diagnostics)
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

func (r *membersResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state membersModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, _ := listingOf(plan.Members)
	work := plan.changes(wanted, state)
	if work.isSomething() {
		o, ok := r.everybody(ctx, &resp.Diagnostics)
		if !ok {
			return
		}
		work.gone = o.among(work.gone)
		if r.refused(ctx, plan, wanted, work, o, &resp.Diagnostics) {
			return
		}
		failed := r.bring(ctx, work.tasks, &resp.Diagnostics)
		left := r.run.dismiss(ctx, plan.removals(work.gone), &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			plan.Members = plan.withFailures(state, failed, left, o.id)
			plan.Pending = types.ListUnknown(types.StringType)
		}
	}
	if plan.Pending.IsUnknown() {
		plan.Pending = r.pending(ctx, &resp.Diagnostics)
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// withFailures is the planned value of members with what is there in place of
// what failed.
func (m membersModel) withFailures(state membersModel, failed []outcome, left []string, organizationID string) membersValue {
	before, _ := listingOf(state.Members)
	elements := m.Members.Elements()
	for _, o := range failed {
		delete(elements, o.email)
		if !o.person.IsHere() {
			continue
		}
		as, found := before[cloud.Fold(o.email)]
		if !found {
			as = listed{email: o.email, grants: types.SetNull(types.StringType)} // what is shown counts, not what was refused
		}
		elements[as.email] = grantSet(o.person.Grants(organizationID), as.grants)
	}
	for _, email := range left {
		if held, found := before[email]; found {
			elements[held.email] = held.grants
		}
	}
	return newMembers(elements)
}

func (r *membersResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state membersModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	o, ok := r.everybody(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	r.warnOfNameless(ctx, &resp.Diagnostics)
	learned := state.ID.IsNull() // as in one that was moved and said nothing of it
	state.ID = types.StringValue(o.id)
	if state.refresh(o, r.run.organization.People.Partial()) || learned {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
}

// refresh brings members and pending to what the service says, each in the
// spelling that it has, and tells whether that changes anything: writing a state
// of thousands takes long. Where the view is partial, whoever is not seen stays.
func (m *membersModel) refresh(o everybody, partial bool) bool {
	before, _ := listingOf(m.Members)
	elements := make(map[string]attr.Value, len(o.people))
	var pending []string
	kept := 0
	for email, p := range o.people {
		if !isAddress(email) {
			continue
		}
		if p.Member == nil {
			pending = append(pending, email)
		}
		if !p.IsHere() {
			continue
		}
		as, found := before[email]
		if !found {
			as = listed{email: email, grants: types.SetNull(types.StringType)}
		}
		grants := grantSet(p.Grants(o.id), as.grants)
		if found && grants.Equal(as.grants) {
			kept++
		}
		elements[as.email] = grants
	}
	waiting, _ := stringsOf(m.Pending)
	if partial {
		for email, as := range before {
			if _, seen := o.people[email]; !seen {
				elements[as.email] = as.grants
				kept++
			}
		}
		pending = append(pending, slices.DeleteFunc(slices.Clone(waiting), func(email string) bool { _, seen := o.people[email]; return seen })...)
	}
	slices.Sort(pending)
	if kept == len(elements) && kept == len(before) && slices.Equal(pending, waiting) && !m.Pending.IsNull() {
		return false
	}
	m.Members = newMembers(elements)
	m.Pending = stringList(pending)
	return true
}

// Delete removes nobody: from now on others may be in the organization.
func (r *membersResource) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	warnOfDestroy(&resp.Diagnostics)
}

// ImportState takes the organization's ID and lists whoever is there.
func (r *membersResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	o, ok := r.everybody(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	state := membersModel{
		ID:          types.StringValue(o.id),
		Members:     membersValue{types.MapNull(grantSetType)},
		MaxRemovals: types.Int64Value(defaultMaxRemovals),
		Pending:     types.ListNull(types.StringType),
	}
	state.refresh(o, false)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// everybody is who is in the organization.
type everybody struct {
	id     string
	people map[string]organization.Person // by lower-case e-mail address, or else by user ID; see isAddress
}

// everybody lists them. It is false where that failed, and says so.
func (r *membersResource) everybody(ctx context.Context, diags *diag.Diagnostics) (everybody, bool) {
	var o everybody
	var err error
	if o.people, err = r.run.organization.People.All(ctx); err != nil {
		addError(diags, "Could not list the organization's people", err)
		return o, false
	}
	o.id = r.organizationID(ctx, diags)
	return o, o.id != ""
}

// among returns those who are in the organization.
func (o everybody) among(emails []string) (here []string) {
	for _, email := range emails {
		if _, found := o.people[email]; found {
			here = append(here, email)
		}
	}
	return here
}

// pending lists who has not joined. It does so also when the run is stopped: the
// state has to say something.
func (r *membersResource) pending(ctx context.Context, diags *diag.Diagnostics) types.List {
	people, err := r.run.organization.People.All(context.WithoutCancel(ctx))
	if err != nil {
		addError(diags, "Could not list the organization's people", err)
	}
	var pending []string
	for email, p := range people {
		if p.Member == nil && isAddress(email) {
			pending = append(pending, email)
		}
	}
	slices.Sort(pending)
	return stringList(pending)
}
