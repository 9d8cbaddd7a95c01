// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan warns of members whom the enforcement would keep out.
func (r *ssoEnforcementResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[ssoEnforcementModel](ctx, &r.baseResource, req, resp)
	if !ok || s.kind != toCreate {
		return
	}
	plan := ssoEnforcementModel{ID: types.StringValue(r.organizationID(ctx, &resp.Diagnostics))}
	domains, err := r.run.organization.Domains.List(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the claimed domains", err)
	}
	people, err := r.run.organization.People.All(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the organization's people", err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var outside []string
	for key, p := range people {
		_, domain, _ := strings.Cut(key, "@")
		if p.Member != nil && len(domains) > 0 && !slices.Contains(domains, domain) {
			outside = append(outside, key)
		}
	}
	if slices.Sort(outside); len(outside) > 0 {
		resp.Diagnostics.AddWarning(warning.LockedOut.With(), warning.LockedOutDetail.With(strings.Join(domains, ", "), some(outside)))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (m ssoEnforcementModel) object() (organization.Object, bool) {
	return organization.EnforcementObject, true
}

func (m ssoEnforcementModel) entry() entry {
	return entry{object: organization.EnforcementObject, name: "The enforcement of SSO"}
}
