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
		MarkdownDescription: "Manages everyone in the organization in one resource, with all their grants. Use it for organizations of thousands, or to migrate from `ec_organization`. " +
			"A `moved` block turns that resource of Elastic's provider into this one, and nobody is invited, changed or removed. See [Coming from ec_organization](../guides/from-ec-organization.md).\n\n" +
			"- Listed people who are missing are invited.\n" +
			"- Listed people who are already members or invited are adopted. They get exactly the listed grants.\n" +
			"- People who are not listed are removed.\n\n" +
			"The plan shows each removed person and each changed grant on its own line. It warns of e-mails, of owners who are removed or demoted and, before the creation, of all its changes. " +
			"Apply makes only these changes: a person who joins after the plan was made appears in the next plan. Only the creation removes everyone who is not listed at that moment.\n\n" +
			"A failure for one person does not stop the others. Each error names the person, the state has the present access, and the next apply completes the change.\n\n" +
			"Destroying the resource removes nobody. A configuration can have only one of these resources. Do not combine it with `elasticcloud_member`, `elasticcloud_role_assignment` or `elasticcloud_members_exclusive`: each would undo the changes of the other.\n\n" +
			"People without a valid e-mail address cannot be managed. The provider leaves them alone and warns.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			"members": schema.MapAttribute{
				MarkdownDescription: "Everyone who may be in the organization: a map from e-mail address to the complete list of grants. Examples of grants are `organization-admin`, `deployment-editor:*`, `deployment-editor:<ID>` and `elasticsearch-viewer:*+analyst`. See [Grants](../index.md#grants). " +
					"List at least one person. `[]` means no roles. The case of an address, and the spelling and order of grants, alone cause no diff. " +
					"For a member, a change grants and revokes single roles. For a person who has not joined, a change sends a new invitation by e-mail. A person whose invitation expired appears in the plan again and gets a new invitation.",
				Required:    true,
				CustomType:  newMembersType(),
				ElementType: grantSetType,
				Validators:  []validator.Map{membersValidator{}},
			},
			"invitation_expires_in": schema.StringAttribute{
				MarkdownDescription: "How long an invitation is valid: a number followed by `s`, `m`, `h` or `d`, such as `7d`. Default: three days, which Elastic Cloud sets. " +
					"A change applies to the next invitations, and does not send any.",
				Optional:   true,
				Validators: []validator.String{expiryCheck},
			},
			"max_removals": maxPeopleRemovals(),
			"allow_last_owner_removal": schema.BoolAttribute{
				MarkdownDescription: "Allows removing or demoting the last owner: the last active member with `organization-admin`. It also allows removing every member who has joined. " +
					"Otherwise an apply that would leave no owner fails before it changes anything, because nobody could manage the organization afterwards. Pending invitations do not count as owners. " +
					"Every change also fails while the API key sees no owner, because the key may not see everyone. Default: `false`.",
				Optional: true,
			},
			"pending": schema.ListAttribute{
				MarkdownDescription: "Addresses of invited people who have not joined, in lower case and sorted. People whose invitation expired are listed here and not in `members`. " +
					"A change of `members` shows here as the addresses that it adds and removes. A person who accepts the invitation leaves the list at the next refresh, which causes no diff.",
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
		return // no state, because Terraform would taint it; the next apply adopts everyone and completes the work
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

// withFailures returns the planned value of members, with the present access of the people
// whose change failed.
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
			as = listed{email: o.email, grants: types.SetNull(types.StringType)} // the spelling of Elastic Cloud, not of what was refused
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
	learned := state.ID.IsNull() // as in a moved state without an organization ID
	state.ID = types.StringValue(o.id)
	if state.refresh(o, r.run.organization.People.Partial()) || learned {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
}

// refresh updates members and pending from Elastic Cloud, in the spelling of the state. It
// reports whether anything changed, because writing a state of thousands takes long. If
// the view is partial, people who are not visible stay in the state.
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

// Delete removes nobody: the list no longer applies.
func (r *membersResource) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	warnOfDestroy(&resp.Diagnostics)
}

// ImportState imports by the ID of the organization, and lists everyone in it.
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

// everybody is everyone in the organization.
type everybody struct {
	id     string
	people map[string]organization.Person // by lower-case e-mail address, or else by user ID; see isAddress
}

// everybody lists everyone in the organization. It is false after an error, which it adds.
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

// among returns the addresses of people who are in the organization.
func (o everybody) among(emails []string) (here []string) {
	for _, email := range emails {
		if _, found := o.people[email]; found {
			here = append(here, email)
		}
	}
	return here
}

// pending returns the people who have not joined. It works after the run is stopped too,
// because the state needs a value.
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
