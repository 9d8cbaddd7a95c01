// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure   = (*membersExclusiveResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*membersExclusiveResource)(nil)
	_ resource.ResourceWithImportState = (*membersExclusiveResource)(nil)
	_ resource.ResourceWithIdentity    = (*membersExclusiveResource)(nil)
)

type membersExclusiveResource struct {
	baseResource
}

func newMembersExclusiveResource() plainResource {
	return &membersExclusiveResource{baseResource{typeName: "elasticcloud_members_exclusive", inert: true}}
}

type membersExclusiveModel struct {
	ID                    types.String `tfsdk:"id"`
	Emails                types.List   `tfsdk:"emails"`
	MaxRemovals           types.Int64  `tfsdk:"max_removals"`
	AllowLastOwnerRemoval types.Bool   `tfsdk:"allow_last_owner_removal"`
	Strangers             types.List   `tfsdk:"strangers"`
}

func (r *membersExclusiveResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Nobody else: members and invitations that are not listed are removed. It brings nobody in and touches no roles.\n\n" +
			"The plan names who goes, in a warning and, once the resource is there, in `strangers`. Apply then removes those and no others: somebody who comes after the plan was made shows in the next one. " +
			"Only the creation removes whoever is not listed at that moment. " +
			"Destroying it removes nobody. One configuration has at most one of these, and an organization should have one.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			// Lists, as the framework needs seconds for a set of thousands.
			"emails": schema.ListAttribute{
				MarkdownDescription: "E-mail addresses of everybody who may be in the organization, compared without regard to case and order. At least one. Somebody who is listed and not there is not invited. " +
					"`*@example.com` lists everybody with an address in that domain, such as people who join by their first sign-in through SSO; subdomains are domains of their own. " +
					"Taking a pattern off removes nobody in that apply: the plan after it names who goes. " +
					"Whom no address can name is never removed, and a warning says so: somebody without an address, or with one that another account has.",
				Required:    true,
				ElementType: types.StringType,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.NoNullValues(),
					listvalidator.ValueStringsAre(emailOrPatternCheck),
				},
			},
			"max_removals": maxPeopleRemovals(),
			"allow_last_owner_removal": schema.BoolAttribute{
				MarkdownDescription: allowLastOwnerDescription + " Where no owner would be left, nobody is removed, once it has waited up to 15 seconds for another resource of the run to make somebody one who stays. Nor is anybody removed where no owner is visible: the key may not see everybody then.",
				Optional:            true,
			},
			"strangers": schema.ListAttribute{
				MarkdownDescription: "Who is in the organization and not listed, in lower case. What a plan takes out of it is who goes.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (r *membersExclusiveResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

func (r *membersExclusiveResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan membersExclusiveModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Strangers = stringList(r.remove(ctx, plan, nil, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return // the next apply creates it again, and goes on with who is left
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

func (r *membersExclusiveResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state membersExclusiveModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Strangers = stringList(r.remove(ctx, plan, &state, &resp.Diagnostics))
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// remove takes those out of the organization who are not listed: where there is
// a state, those whom the plan showed and no others. It returns who of them is
// left.
func (r *membersExclusiveResource) remove(ctx context.Context, plan membersExclusiveModel, state *membersExclusiveModel, diags *diag.Diagnostics) (left []string) {
	listed, _ := stringsOf(plan.Emails)
	strangers, members := r.strangers(ctx, listed, diags)
	if state != nil {
		strangers = plan.shown(*state, strangers)
	}
	people, err := r.run.organization.People.All(ctx)
	if err != nil {
		addError(diags, "Could not list the organization's people", err)
	}
	gone := plan.removals(strangers).among(people)
	switch {
	case diags.HasError():
		return nil
	case gone.tooMany():
		diags.AddAttributeError(maxRemovalsPath, "Refused to remove so many people", paragraph(gone.explainMost(), whoWouldGo(gone.gone)))
		return strangers
	case gone.allowLastOwner:
	case r.run.organization.People.Partial():
		diags.AddError("Refused to remove people while no owner is visible", paragraph(noOwnerVisible, whoWouldGo(strangers), "Nobody is removed."))
		return strangers
	case len(strangers) > 0 && members == 0:
		diags.AddError("Refused to remove every member of the organization",
			paragraph("Nobody who is listed has joined the organization.", whoWouldGo(strangers), "Nobody is removed. List those who shall stay, yourself among them."))
		return strangers
	case anyHasJoined(strangers, people) && !r.ownerStays(ctx, strangers, diags):
		return strangers
	}
	if r.run.refusesRemovals(strangers, people, diags) {
		return strangers
	}
	return r.run.dismiss(ctx, gone, diags)
}

// ownerStays tells that an owner is left when the strangers go. If not, it says
// so, and nobody of them should: another resource of the run may give somebody
// the role, for which it waits.
func (r *membersExclusiveResource) ownerStays(ctx context.Context, strangers []string, diags *diag.Diagnostics) bool {
	stays, err := r.run.organization.People.OwnerStays(ctx, folded(strangers))
	switch {
	case errors.Is(err, context.Canceled):
		addStopped(diags, "removed", strangers)
	case err != nil:
		addError(diags, "Could not find the owners of the organization", err)
	case !stays:
		r.refuseOwners(ctx, strangers, diags)
	}
	return stays
}

// refuseOwners says which owners would go, and that too few would be left.
func (r *membersExclusiveResource) refuseOwners(ctx context.Context, strangers []string, diags *diag.Diagnostics) {
	owners, ok := r.run.owners(ctx, diags)
	if !ok {
		return
	}
	goes := folded(strangers)
	going := slices.DeleteFunc(owners, func(key string) bool { return !goes[key] })
	summary, why := "Refused to leave the organization without an owner", "Nobody who is listed and has joined holds organization-admin."
	if least := r.run.organization.Limits().LeastOwners(); least > 1 {
		summary, why = "Refused to leave too few owners", fmt.Sprintf("min_owners of the provider block is %d, and fewer people who are listed and have joined hold organization-admin.", least)
	}
	diags.AddError(summary, paragraph(why, "Apply would remove the owners "+some(going)+".", "Nobody is removed. List an owner, or give organization-admin to somebody who is listed and has joined; the same apply may do it. "+
		"If the organization shall really be left without an owner, set allow_last_owner_removal = true."))
}

// strangers lists who is in the organization and not listed, sorted, and counts
// the members who are listed. Whom no address can name is neither.
func (r *membersExclusiveResource) strangers(ctx context.Context, listed []string, diags *diag.Diagnostics) (strangers []string, members int) {
	people, err := r.run.organization.People.All(ctx)
	if err != nil {
		addError(diags, "Could not list the organization's people", err)
		return nil, 0
	}
	stays := newEmailList(listed)
	for email, p := range people {
		switch {
		case !isAddress(email): // nobody can list them
		case !stays.has(email):
			strangers = append(strangers, email)
		case p.Member != nil:
			members++
		}
	}
	slices.Sort(strangers)
	return strangers, members
}

func (r *membersExclusiveResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state membersExclusiveModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	listed, _ := stringsOf(state.Emails)
	strangers, _ := r.strangers(ctx, listed, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.warnOfNameless(ctx, &resp.Diagnostics)
	state.Strangers = stringList(strangers)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// Delete removes nobody: from now on others may be in the organization.
func (r *membersExclusiveResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes the organization's ID and lists whoever is there.
func (r *membersExclusiveResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	everybody, _ := r.strangers(ctx, nil, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.save(ctx, &resp.State, resp.Identity, membersExclusiveModel{
		ID:          types.StringValue(r.organizationID(ctx, &resp.Diagnostics)),
		Emails:      stringList(everybody),
		MaxRemovals: types.Int64Value(defaultMaxRemovals),
		Strangers:   stringList(nil),
	}, &resp.Diagnostics)
}
