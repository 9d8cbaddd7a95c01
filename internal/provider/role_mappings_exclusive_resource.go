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
		MarkdownDescription: "Removes every role mapping that is not listed. It creates and changes none.\n\n" +
			"The plan names the mappings that are removed, with who loses which grants at the next sign-in, in a warning. Once the resource exists, `strangers` shows the names too. Apply removes only these mappings: a mapping that someone creates after the plan was made appears in the next plan. " +
			"Only the creation removes every mapping that is not listed at that moment. A mapping that cannot be removed does not stop the removal of others.\n\n" +
			"Elastic Cloud requires a mapping that grants `organization-admin` as long as there are others. While SSO is enforced, apply does not remove the last enabled mapping that grants it. Apply also refuses to remove every mapping.\n\n" +
			"Destroying the resource removes no mapping. A configuration can have only one of these resources, and so should an organization.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			"names": schema.ListAttribute{
				MarkdownDescription: "Names of all role mappings that may exist, such as `[elasticcloud_role_mapping.owners.name]`. At least one. Case matters, as in Elastic Cloud. Order does not matter. Listing a name does not create the mapping.",
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
				MarkdownDescription: "Names of existing role mappings that are not listed. Mappings that the plan removes from this list are removed.",
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
		return // the next apply creates it again, and removes the others
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// Update removes only the mappings that the plan has shown.
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

// remove removes role mappings, and returns the names of those it did not remove.
func (r *roleMappingsExclusiveResource) remove(ctx context.Context, gone removals, listed, strangers []cloud.RoleMapping, diags *diag.Diagnostics) (left []string) {
	switch {
	case gone.tooMany():
		diags.AddAttributeError(maxRemovalsPath, "Refused to remove so many role mappings", paragraph(gone.explainMost(), whoWouldGo(gone.gone)))
		return gone.gone
	case len(strangers) > 0 && len(listed) == 0:
		diags.AddAttributeError(namesPath, "Refused to remove every role mapping", paragraph(warning.NoListedMapping, whoWouldGo(gone.gone), "No mapping was removed."))
		return gone.gone
	}
	organizationID := r.organizationID(ctx, diags)
	return gone.each("Could not remove the role mapping %q", func(name string) error {
		err := r.run.organization.RoleMappings.Delete(ctx, name)
		var apiErr *cloud.Error
		if errors.As(err, &apiErr) && apiErr.Status == http.StatusBadRequest && !giveAdmin(listed, organizationID) {
			return fmt.Errorf("%w\n\nNo listed role mapping grants organization-admin, and Elastic Cloud requires one as long as there are others. List a mapping that grants it", err)
		}
		return err
	}, diags)
}

func giveAdmin(mappings []cloud.RoleMapping, organizationID string) bool {
	return slices.ContainsFunc(mappings, func(m cloud.RoleMapping) bool { return m.GivesOrganizationAdmin(organizationID) })
}

// mappings returns the existing role mappings, sorted by name: the listed ones, and the
// others.
func (r *roleMappingsExclusiveResource) mappings(ctx context.Context, names []string, diags *diag.Diagnostics) (listed, strangers []cloud.RoleMapping) {
	all, err := r.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(diags, "Could not list the role mappings", err)
		return nil, nil
	}
	stays := make(map[string]bool, len(names))
	for _, name := range names {
		// An interrupted deletion may have left it with another name.
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

// shown returns the strangers that the plan shows: those in the state, and those that the
// plan removes from the list.
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

// Delete removes no mapping: the list no longer applies.
func (r *roleMappingsExclusiveResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState imports by the ID of the organization, and lists all mappings.
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
