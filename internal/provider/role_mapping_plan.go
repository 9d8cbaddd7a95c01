// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// ModifyPlan says in words whose access changes.
func (r *roleMappingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.run == nil {
		return
	}
	var plan, state roleMappingModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		r.warnOfChange(ctx, &state, nil, &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = plan.Name
	creates := req.State.Raw.IsNull()
	switch {
	case creates && strings.Contains(plan.Name.ValueString(), ","):
		resp.Diagnostics.AddAttributeError(namePath, "A comma cannot stand in the name of a new role mapping",
			fmt.Sprintf("The service deletes mappings by a comma-separated list of names, so it would take %q for several. Choose a name without a comma.", plan.Name.ValueString()))
	case creates && (plan.Name.ValueString() == "." || plan.Name.ValueString() == ".."):
		resp.Diagnostics.AddAttributeError(namePath, "Dots alone are no name of a role mapping",
			fmt.Sprintf("In an address of the API, %q leads elsewhere. Choose another name.", plan.Name.ValueString()))
	case creates:
	case !plan.Name.Equal(state.Name):
		r.warnOfChange(ctx, &state, nil, &resp.Diagnostics)
		return // a replacement; it is planned as a creation next
	default:
		if sameGrants(plan.Roles, state.Roles) {
			plan.Roles = state.Roles
		}
		r.warnOfChange(ctx, &state, &plan, &resp.Diagnostics)
	}
	if !plan.Name.IsUnknown() {
		r.run.claimed.mappingNamed(plan.Name.ValueString(), &resp.Diagnostics)
	}
	if m, known := plan.known(ctx); known && (creates || plan.changes(state)) && firstPlan(ctx, req, resp) {
		r.run.warnOfMapping(ctx, m, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (m roleMappingModel) changes(state roleMappingModel) bool {
	return !m.Enabled.Equal(state.Enabled) || !m.Rule.Equal(state.Rule) || !m.Roles.Equal(state.Roles)
}

// known is the mapping as cloud has it, where everything in it is known.
func (m roleMappingModel) known(ctx context.Context) (mapping mappingInWords, known bool) {
	grants, known := grantsOf(m.Roles)
	var rule ruleModel
	if !known || m.Enabled.IsUnknown() || m.Rule.IsUnknown() || m.Rule.As(ctx, &rule, basetypes.ObjectAsOptions{}).HasError() {
		return mappingInWords{}, false
	}
	for _, c := range slices.Concat(rule.Any, rule.All) {
		if c.Group.IsUnknown() || c.Email.IsUnknown() {
			return mappingInWords{}, false
		}
	}
	return mappingInWords{name: m.Name.ValueString(), enabled: m.Enabled.ValueBool(), rule: rule.toAPI(), grants: grants}, true
}

// warnOfChange says whose access a change or, where plan is nil, a removal
// changes, and of the last mapping that makes owners.
func (r *roleMappingResource) warnOfChange(ctx context.Context, state, plan *roleMappingModel, diags *diag.Diagnostics) {
	if diags.HasError() || plan != nil && !plan.changes(*state) {
		return
	}
	before, _ := state.known(ctx)
	after := mappingInWords{name: before.name, rule: before.rule}
	if plan != nil {
		var known bool
		if after, known = plan.known(ctx); !known {
			diags.AddWarning(fmt.Sprintf("Access by the role mapping %q changes", before.name), "What changes is known only after apply.")
			return
		}
	}
	if text := before.differenceTo(after); text != "" {
		diags.AddWarning(fmt.Sprintf("Access by the role mapping %q changes", before.name), text)
	}
	if before.makesOwners() && !after.makesOwners() {
		r.warnOfLastMapping(ctx, before.name, diags)
	}
}

func (r *roleMappingResource) warnOfLastMapping(ctx context.Context, name string, diags *diag.Diagnostics) {
	mappings, err := r.run.client.Settings().RoleMappings(ctx)
	if err != nil {
		addError(diags, "Could not list the role mappings", err)
		return
	}
	organizationID := r.organizationID(ctx, diags)
	if slices.ContainsFunc(mappings, func(m cloud.RoleMapping) bool { return m.Name != name && m.GivesOrganizationAdmin(organizationID) }) {
		return
	}
	organization, err := r.run.client.GetOrganization(ctx)
	if err != nil {
		addError(diags, "Could not read the organization", err)
		return
	}
	if organization.Enforcement == cloud.EnforcementOn {
		diags.AddWarning(fmt.Sprintf("%q is the last role mapping that gives %s", name, cloud.RoleOrganizationAdmin),
			"SSO is enforced: without it, everybody loses organization-admin at the next sign-in. Apply refuses this, unless the same apply ends the enforcement, or has another mapping give it.")
	}
}
