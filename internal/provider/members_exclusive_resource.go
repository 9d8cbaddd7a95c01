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

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
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
		MarkdownDescription: "Removes every member and invitation that is not listed. It invites nobody and changes no roles.\n\n" +
			"The plan names the people who are removed, in a warning. Once the resource exists, `strangers` shows them too. Apply removes only these people: a person who joins after the plan was made appears in the next plan. " +
			"Only the creation removes everyone who is not listed at that moment.\n\n" +
			"Destroying the resource removes nobody. A configuration can have only one of these resources, and so should an organization.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			// Lists, because the framework needs seconds for a set of thousands.
			"emails": schema.ListAttribute{
				MarkdownDescription: "E-mail addresses of everyone who may be in the organization. At least one. Case and order do not matter. Listing an address does not invite it. " +
					"`*@example.com` lists all addresses of that domain, such as people who join by their first sign-in through SSO. It does not list addresses of subdomains. " +
					"If you remove a pattern, that apply removes nobody: the next plan names the people. " +
					"The resource never removes people without an address, or whose address another account has too. A warning names them.",
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
				MarkdownDescription: allowLastOwnerDescription + " If no owner would stay, apply waits up to 15 seconds for another resource of the run to add one, and otherwise removes nobody. " +
					"It also removes nobody while the API key sees no owner, because the key may not see everyone.",
				Optional: true,
			},
			"strangers": schema.ListAttribute{
				MarkdownDescription: "Addresses of people in the organization who are not listed, in lower case. Addresses that the plan removes from this list lose access.",
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
		return // the next apply creates it again, and removes the others
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

// remove removes people who are not listed. With a state, it removes only those whom the
// plan has shown. It returns the people whom it did not remove.
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
		diags.AddError("Refused to remove people while no owner is visible", paragraph(noOwnerVisible, whoWouldGo(strangers), "Nobody was removed."))
		return strangers
	case len(strangers) > 0 && members == 0:
		diags.AddError("Refused to remove every member of the organization",
			paragraph(warning.NoListedMember, whoWouldGo(strangers), "Nobody was removed."))
		return strangers
	case anyHasJoined(strangers, people) && !r.ownerStays(ctx, strangers, diags):
		return strangers
	}
	if r.run.refusesRemovals(strangers, people, diags) {
		return strangers
	}
	return r.run.dismiss(ctx, gone, diags)
}

// ownerStays reports whether an owner stays if the strangers are removed, and adds an
// error if not. It waits, because another resource of the run may grant the role.
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

// refuseOwners adds an error with the owners who would be removed.
func (r *membersExclusiveResource) refuseOwners(ctx context.Context, strangers []string, diags *diag.Diagnostics) {
	owners, ok := r.run.owners(ctx, diags)
	if !ok {
		return
	}
	goes := folded(strangers)
	going := slices.DeleteFunc(owners, func(key string) bool { return !goes[key] })
	summary, why := "Refused to leave the organization without an owner", "No listed member holds organization-admin."
	if least := r.run.organization.Limits().LeastOwners(); least > 1 {
		summary, why = "Refused to leave too few owners", fmt.Sprintf("min_owners of the provider block is %d, and fewer listed members hold organization-admin.", least)
	}
	diags.AddError(summary, paragraph(why, "Apply would remove the owners "+some(going)+".", "Nobody was removed. List an owner, or grant organization-admin to a listed member: the same apply can do that. "+
		"If the organization should really have no owner, set allow_last_owner_removal = true."))
}

// strangers returns the people in the organization who are not listed, sorted, and the
// number of listed members. It skips people whom no address can name.
func (r *membersExclusiveResource) strangers(ctx context.Context, listed []string, diags *diag.Diagnostics) (strangers []string, members int) {
	people, err := r.run.organization.People.All(ctx)
	if err != nil {
		addError(diags, "Could not list the organization's people", err)
		return nil, 0
	}
	stays := newEmailList(listed)
	for email, p := range people {
		switch {
		case !isAddress(email): // cannot be listed
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

// Delete removes nobody: the list no longer applies.
func (r *membersExclusiveResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState imports by the ID of the organization, and lists everyone in it.
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
