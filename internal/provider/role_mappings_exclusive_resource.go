// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ resource.ResourceWithConfigure   = (*roleMappingsExclusiveResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*roleMappingsExclusiveResource)(nil)
	_ resource.ResourceWithImportState = (*roleMappingsExclusiveResource)(nil)
	_ resource.ResourceWithIdentity    = (*roleMappingsExclusiveResource)(nil)
)

type roleMappingsExclusiveResource struct {
	baseResource
}

func newRoleMappingsExclusiveResource() plainResource {
	return &roleMappingsExclusiveResource{baseResource{typeName: "elasticcloud_role_mappings_exclusive", inert: true}}
}

type roleMappingsExclusiveModel struct {
	ID          types.String `tfsdk:"id"`
	Names       types.List   `tfsdk:"names"`
	MaxRemovals types.Int64  `tfsdk:"max_removals"`
	Strangers   types.List   `tfsdk:"strangers"`
}

func (r *roleMappingsExclusiveResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "No other role mappings: those that are not listed are removed. It creates and changes none.\n\n" +
			"The plan names what goes, with who loses what at the next sign-in, in a warning and, once the resource is there, in `strangers`. Apply then removes those and no others: a mapping that comes after the plan was made shows in the next one. " +
			"Only the creation removes whatever is not listed at that moment. One that cannot be removed stops no other removal.\n\n" +
			"The service wants a mapping that gives `organization-admin` as long as there are others, and while SSO is enforced the last enabled one that gives it is not removed. An apply that would remove every mapping is refused. " +
			"Destroying this resource removes no mapping. One configuration has at most one of these, and an organization should have one.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			"names": schema.ListAttribute{
				MarkdownDescription: "Names of all role mappings that there may be, such as `[elasticcloud_role_mapping.owners.name]`. At least one. Case counts, as at the service; the order makes no difference. A mapping that is listed and not there is not created.",
				Required:            true,
				ElementType:         types.StringType,
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.NoNullValues(),
					listvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"max_removals": maxRemovalsAttribute("role mappings"),
			"strangers": schema.ListAttribute{
				MarkdownDescription: "The role mappings that are there and not listed. What a plan takes out of it is what goes.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (r *roleMappingsExclusiveResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

func (r *roleMappingsExclusiveResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan roleMappingsExclusiveModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	names, _ := stringsOf(plan.Names)
	listed, strangers := r.mappings(ctx, names, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Strangers = stringList(r.remove(ctx, plan.removals(strangers), listed, strangers, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return // the next apply creates it again, and goes on with what is left
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// Update removes what the plan showed and no others.
func (r *roleMappingsExclusiveResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state roleMappingsExclusiveModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	names, _ := stringsOf(plan.Names)
	listed, strangers := r.mappings(ctx, names, &resp.Diagnostics)
	strangers = r.shown(ctx, strangers, state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Strangers = stringList(r.remove(ctx, plan.removals(strangers), listed, strangers, &resp.Diagnostics))
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// remove removes role mappings and returns the names of those that are left.
func (r *roleMappingsExclusiveResource) remove(ctx context.Context, gone removals, listed, strangers []cloud.RoleMapping, diags *diag.Diagnostics) (left []string) {
	switch {
	case gone.tooMany():
		diags.AddAttributeError(maxRemovalsPath, "Refused to remove so many role mappings", paragraph(gone.explainMost(), whoWouldGo(gone.gone)))
		return gone.gone
	case len(strangers) > 0 && len(listed) == 0:
		diags.AddAttributeError(namesPath, "Refused to remove every role mapping", paragraph(warning.NoListedMapping, whoWouldGo(gone.gone), "None is removed."))
		return gone.gone
	}
	organizationID := r.organizationID(ctx, diags)
	return gone.each("Could not remove the role mapping %q", func(name string) error {
		err := r.run.organization.RoleMappings.Delete(ctx, name)
		var apiErr *cloud.Error
		if errors.As(err, &apiErr) && apiErr.Status == http.StatusBadRequest && !giveAdmin(listed, organizationID) {
			return fmt.Errorf("%w\n\nNo role mapping that is listed gives organization-admin, and the service wants one as long as there are others; list one that does", err)
		}
		return err
	}, diags)
}

func giveAdmin(mappings []cloud.RoleMapping, organizationID string) bool {
	return slices.ContainsFunc(mappings, func(m cloud.RoleMapping) bool { return m.GivesOrganizationAdmin(organizationID) })
}

// mappings are the role mappings that are there, sorted by name: those that are
// listed, and the others.
func (r *roleMappingsExclusiveResource) mappings(ctx context.Context, names []string, diags *diag.Diagnostics) (listed, strangers []cloud.RoleMapping) {
	all, err := r.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(diags, "Could not list the role mappings", err)
		return nil, nil
	}
	stays := make(map[string]bool, len(names))
	for _, name := range names {
		// Its name may be another one, after a deletion that did not end.
		m, found, err := r.run.organization.RoleMappings.Find(ctx, name)
		if err != nil {
			addError(diags, "Could not list the role mappings", err)
			return nil, nil
		}
		stays[m.Name] = found
	}
	for _, m := range all {
		if stays[m.Name] {
			listed = append(listed, m)
		} else {
			strangers = append(strangers, m)
		}
	}
	return listed, strangers
}

// shown keeps of the strangers those that a plan shows: they were not listed when
// it was made, or it takes them off the list.
func (r *roleMappingsExclusiveResource) shown(ctx context.Context, strangers []cloud.RoleMapping, state roleMappingsExclusiveModel, diags *diag.Diagnostics) []cloud.RoleMapping {
	names, _ := stringsOf(state.Names)
	unlisted, _ := r.mappings(ctx, names, diags)
	before, _ := stringsOf(state.Strangers)
	before = append(before, namesOf(unlisted)...)
	return slices.DeleteFunc(strangers, func(m cloud.RoleMapping) bool { return !slices.Contains(before, m.Name) })
}

func (m roleMappingsExclusiveModel) removals(strangers []cloud.RoleMapping) removals {
	return removals{what: "role mappings", gone: namesOf(strangers), most: m.MaxRemovals}
}

func (r *roleMappingsExclusiveResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state roleMappingsExclusiveModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	names, _ := stringsOf(state.Names)
	_, strangers := r.mappings(ctx, names, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	state.Strangers = stringList(namesOf(strangers))
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// Delete removes no mapping: from now on there may be others.
func (r *roleMappingsExclusiveResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes the organization's ID and lists what is there.
func (r *roleMappingsExclusiveResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	_, all := r.mappings(ctx, nil, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.save(ctx, &resp.State, resp.Identity, roleMappingsExclusiveModel{
		ID:          types.StringValue(r.organizationID(ctx, &resp.Diagnostics)),
		Names:       stringList(namesOf(all)),
		MaxRemovals: types.Int64Value(defaultMaxRemovals),
		Strangers:   stringList(nil),
	}, &resp.Diagnostics)
}

func namesOf(mappings []cloud.RoleMapping) (names []string) {
	for _, m := range mappings {
		names = append(names, m.Name)
	}
	return names
}
