// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// ModifyPlan shows no diff for another spelling of the domain.
func (r *domainVerificationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[domainVerificationModel](ctx, &r.baseResource, req, resp)
	if !ok || s.kind == toRemove {
		return
	}
	if s.plan.Domain.IsUnknown() {
		r.run.ledger.leavesOpen()
		return
	}
	r.run.ledger.verifies(s.plan.Domain.key())
	plan := s.plan
	if s.kind == toUpdate {
		plan.Domain = s.state.Domain
	}
	plan.ID = types.StringValue(plan.Domain.key())
	s.set(ctx, plan)
}

func (m domainVerificationModel) object() (organization.Object, bool) {
	return organization.DomainObject(m.Domain.key()), !m.Domain.IsUnknown()
}

// entry is empty: a verification manages the same object as the claim, and destroying it
// changes nothing.
func (m domainVerificationModel) entry() entry { return entry{} }
