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

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan warns of whose access changes, in words.
func (r *roleMappingResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[roleMappingModel](ctx, &r.baseResource, req, resp)
	if !ok {
		return
	}
	plan := s.plan
	if s.kind != toRemove {
		plan.ID = plan.Name
	}
	switch s.kind {
	case toRemove:
		r.warnOfChange(ctx, &s.state, nil, &resp.Diagnostics)
		return
	case toUpdate:
		r.warnOfChange(ctx, &s.state, &plan, &resp.Diagnostics)
	case toReplace:
		plan.refuseName(&resp.Diagnostics)
		r.warnOfRename(ctx, s.state, plan, &resp.Diagnostics)
	case toCreate:
		plan.refuseName(&resp.Diagnostics)
	}
	if s.kind != toUpdate && s.first && !plan.Name.IsUnknown() && !r.run.ledger.isGone(organization.RoleMappingObject(plan.Name.ValueString())) {
		r.warnOfExisting(ctx, plan, &resp.Diagnostics)
	}
	switch m, known := plan.known(ctx); {
	case !known:
		r.run.ledger.leavesOpen()
	case s.first && (s.kind != toUpdate || plan.changes(ctx, s.state)):
		r.run.warnOfMapping(ctx, m, &resp.Diagnostics)
	}
	if s.kind == toReplace {
		return
	}
	sameRoles, sameRule := sameGrants(plan.Roles, s.state.Roles), plan.sameRule(ctx, s.state)
	s.setRespelled(ctx, plan, sameRoles || sameRule, func(m *roleMappingModel) {
		if sameRoles {
			m.Roles = s.state.Roles
		}
		if sameRule {
			m.Rule = s.state.Rule
		}
	})
}

func (m roleMappingModel) object() (organization.Object, bool) {
	return organization.RoleMappingObject(m.Name.ValueString()), !m.Name.IsUnknown()
}

func (m roleMappingModel) entry() entry {
	object, _ := m.object()
	return entry{object: object, name: m.Name.ValueString(), at: namePath}
}

// refuseName refuses names of new mappings that Elastic Cloud would misunderstand.
func (m roleMappingModel) refuseName(diags *diag.Diagnostics) {
	switch name := m.Name.ValueString(); {
	case strings.Contains(name, ","):
		diags.AddAttributeError(namePath, "Invalid name of a role mapping",
			fmt.Sprintf("%q contains a comma. Elastic Cloud deletes mappings by a comma-separated list of names, so it would take this name for several. Choose a name without a comma.", name))
	case name == "." || name == "..":
		diags.AddAttributeError(namePath, "Invalid name of a role mapping",
			fmt.Sprintf("In a URL of the API, %q refers to another path. Choose another name.", name))
	}
}

func (m roleMappingModel) changes(ctx context.Context, state roleMappingModel) bool {
	return !m.Enabled.Equal(state.Enabled) || !m.sameRule(ctx, state) || !sameGrants(m.Roles, state.Roles)
}

// sameRule reports whether both rules are known and apply to the same people.
func (m roleMappingModel) sameRule(ctx context.Context, state roleMappingModel) bool {
	rule, known := m.rule(ctx)
	before, _ := state.rule(ctx)
	return known && rule.Equal(before)
}

// known returns the mapping in words, and whether everything in it is known.
func (m roleMappingModel) known(ctx context.Context) (mapping mappingInWords, known bool) {
	grants, grantsKnown := grantsOf(m.Roles)
	rule, ruleKnown := m.rule(ctx)
	return mappingInWords{name: m.Name.ValueString(), enabled: m.Enabled.ValueBool(), rule: rule, grants: grants}, grantsKnown && ruleKnown && !m.Enabled.IsUnknown()
}

// warnOfChange warns of whose access a change affects, or a removal if plan is nil. It also
// warns if the last mapping that makes owners is affected.
func (r *roleMappingResource) warnOfChange(ctx context.Context, state, plan *roleMappingModel, diags *diag.Diagnostics) {
	if diags.HasError() || plan != nil && !plan.changes(ctx, *state) {
		return
	}
	before, _ := state.known(ctx)
	after := mappingInWords{name: before.name, rule: before.rule}
	if plan != nil {
		var known bool
		if after, known = plan.known(ctx); !known {
			diags.AddWarning(warning.MappingChanges.With(before.name), warning.MappingChangesUnknown)
			return
		}
	}
	if text := before.differenceTo(after); text != "" {
		diags.AddWarning(warning.MappingChanges.With(before.name), text)
	}
	if before.makesOwners() && !after.makesOwners() {
		r.warnOfLastMapping(ctx, before.name, warning.LastMappingRefused, diags)
	}
}

// warnOfRename warns of the changes if a mapping is replaced by one with another name.
func (r *roleMappingResource) warnOfRename(ctx context.Context, state, plan roleMappingModel, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	before, _ := state.known(ctx)
	after, known := plan.known(ctx)
	changes := before.differenceTo(after)
	switch {
	case !known:
		changes = warning.NewGrantsUnknown
	case changes == "":
		changes = warning.NewMappingIsEqual
	}
	if plan.Name.IsUnknown() {
		diags.AddWarning(warning.MappingRenamed.With(before.name), paragraph(warning.NewNameUnknown, changes, warning.MappingGap, warning.CreateFirst))
	} else {
		diags.AddWarning(warning.MappingReplaced.With(before.name, plan.Name.ValueString()), paragraph(changes, warning.MappingGap, warning.CreateFirst))
	}
	if before.makesOwners() {
		detail := warning.LastMappingRefused
		if !known || after.makesOwners() {
			detail = paragraph(warning.LastMappingRenamed, warning.CreateFirst)
		}
		r.warnOfLastMapping(ctx, before.name, detail, diags)
	}
}

// warnOfExisting warns if a mapping with the name of a creation already exists. It is not
// an error, which would also stop a destroy: a resource that is planned later may remove
// the existing mapping.
func (r *roleMappingResource) warnOfExisting(ctx context.Context, plan roleMappingModel, diags *diag.Diagnostics) {
	if diags.HasError() {
		return
	}
	name := plan.Name.ValueString()
	existing, found, err := r.run.organization.RoleMappings.Find(ctx, name)
	if err != nil {
		addError(diags, "Could not list the role mappings", err)
		return
	}
	organizationID := r.organizationID(ctx, diags)
	_, known := plan.known(ctx)
	if !found || diags.HasError() {
		return
	}
	if known && existing.MayBe(r.toAPI(ctx, plan, cloud.RoleMapping{}, diags), organizationID) {
		diags.AddAttributeWarning(namePath, warning.MappingAdopted.With(name), warning.MappingAdoptedDetail)
		return
	}
	there := mappingToWords(existing, organizationID)
	grants, apply := warning.ItGrants, warning.MappingDiffers
	if !there.enabled {
		grants = warning.ItWouldGrant
	}
	if !known {
		apply = warning.MappingMayDiffer
	}
	var given any = there.grants
	if len(there.grants) == 0 {
		given = warning.UnknownAccess
	}
	diags.AddAttributeWarning(namePath, warning.MappingExists.With(name), paragraph(grants.With(given, there.who()), apply, importMapping(name)))
}

// importMapping returns how to import an existing mapping.
func importMapping(name string) string {
	return warning.ImportBlock.With("role mapping", "elasticcloud_role_mapping", name)
}

// warnOfLastMapping warns if SSO is enforced and, as far as is known, stays enforced.
func (r *roleMappingResource) warnOfLastMapping(ctx context.Context, name, detail string, diags *diag.Diagnostics) {
	if r.run.ledger.isGone(organization.EnforcementObject) {
		return
	}
	mappings, err := r.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(diags, "Could not list the role mappings", err)
		return
	}
	organizationID := r.organizationID(ctx, diags)
	if slices.ContainsFunc(mappings, func(m cloud.RoleMapping) bool { return m.Name != name && m.GivesOrganizationAdmin(organizationID) }) {
		return
	}
	there, err := r.run.organization.Get(ctx)
	if err != nil {
		addError(diags, "Could not read the organization", err)
		return
	}
	if there.Enforcement == cloud.EnforcementOn && !r.run.ledger.isGone(organization.EnforcementObject) {
		diags.AddWarning(warning.LastOwnersMapping.With(name), detail)
	}
}
