// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan finds the mappings that are removed, and plans an empty strangers.
func (r *roleMappingsExclusiveResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[roleMappingsExclusiveModel](ctx, &r.baseResource, req, resp)
	if !ok || s.kind == toRemove {
		return
	}
	plan := s.plan
	plan.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	// A known value of the plan must be the same when apply plans again. Mappings may be
	// created and removed in between, so a creation leaves strangers unknown.
	plan.Strangers = types.ListUnknown(types.StringType)
	if names, known := stringsOf(plan.Names); known {
		listed, strangers := r.mappings(ctx, names, &resp.Diagnostics)
		if s.kind == toUpdate {
			plan.Strangers = stringList(nil)
			strangers = r.shown(ctx, strangers, s.state, &resp.Diagnostics)
		}
		if !resp.Diagnostics.HasError() && len(strangers) > 0 {
			r.warnOfRemovals(ctx, plan.removals(strangers), strangers, &resp.Diagnostics)
			r.warnOfWhatStays(ctx, names, listed, strangers, &resp.Diagnostics)
		}
	} else {
		resp.Diagnostics.AddWarning(warning.MappingsUnknown.With(), paragraph(warning.MappingsUnknownHint, warning.FirstApply.With("names")))
	}
	s.setRespelled(ctx, plan, sameStrings(plan.Names, s.state.Names, asWritten), func(m *roleMappingsExclusiveModel) { m.Names = s.state.Names })
}

func (m roleMappingsExclusiveModel) object() (organization.Object, bool) {
	return organization.RoleMappingsObject, true
}

func (m roleMappingsExclusiveModel) entry() entry {
	e := entry{at: namesPath}
	if names, known := stringsOf(m.Names); known {
		e.object, e.listed = organization.RoleMappingsObject, listedNames(names, asWritten)
	}
	return e
}

// warnOfRemovals warns of the mappings that are removed, and of who loses which grants.
func (r *roleMappingsExclusiveResource) warnOfRemovals(ctx context.Context, gone removals, strangers []cloud.RoleMapping, diags *diag.Diagnostics) {
	organizationID := r.organizationID(ctx, diags)
	lines := make([]string, len(strangers))
	for i, m := range strangers {
		lines[i] = warning.MappingLine.With(m.Name, mappingToWords(m, organizationID).loss())
	}
	diags.AddWarning(warning.MappingsRemoved.With(len(strangers)), withLines(warning.MappingsRemovedHint, lines))
	gone.warnIfTooMany(diags)
}

// warnOfWhatStays warns if the mappings that stay are not sufficient, as far as the plan
// can know: other resources may create or change mappings, or end the enforcement.
func (r *roleMappingsExclusiveResource) warnOfWhatStays(ctx context.Context, names []string, listed, strangers []cloud.RoleMapping, diags *diag.Diagnostics) {
	organizationID := r.organizationID(ctx, diags)
	planned := r.run.ledger.changed()
	someStay, adminStays := len(listed) > 0, false
	for _, m := range listed {
		if _, changes := planned[m.Name]; !changes {
			adminStays = adminStays || m.GivesOrganizationAdmin(organizationID)
		}
	}
	for _, name := range names {
		if m, found := planned[name]; found {
			someStay, adminStays = true, adminStays || m.makesOwners()
		}
	}
	var admins []string
	for _, m := range strangers {
		if m.GivesOrganizationAdmin(organizationID) {
			admins = append(admins, strconv.Quote(m.Name))
		}
	}
	switch {
	case !someStay: // a warning only, because another resource may still create one of them
		diags.AddAttributeWarning(namesPath, warning.EveryMapping.With(), paragraph(warning.NoListedMapping, warning.EveryMappingRefused))
		return
	case adminStays || len(admins) == 0:
		return
	}
	there, err := r.run.organization.Get(ctx)
	if err != nil {
		addError(diags, "Could not read the organization", err)
		return
	}
	why := warning.OwnersMappingNeeded
	if there.Enforcement == cloud.EnforcementOn {
		why = warning.OwnersMappingLocks
	}
	diags.AddWarning(warning.NoOwnersMapping.With(), paragraph(warning.OwnersMappingRemoved.With(some(admins)), why))
}
