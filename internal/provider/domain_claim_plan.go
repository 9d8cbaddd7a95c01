// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// maxDomains is how many domains an organization can claim.
const maxDomains = 10

// ModifyPlan shows no diff for another spelling, and a new code for a lost claim. It warns
// of a claim that cannot be given up.
func (r *domainClaimResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[domainClaimModel](ctx, &r.baseResource, req, resp)
	if !ok {
		return
	}
	plan := s.plan
	switch s.kind {
	case toRemove:
		r.warnOfIdP(ctx, s.state.Domain.key(), &resp.Diagnostics)
		return
	case toReplace:
		r.warnOfIdP(ctx, s.state.Domain.key(), &resp.Diagnostics)
		if !plan.Domain.IsUnknown() {
			r.planCreate(ctx, plan.Domain.key(), &resp.Diagnostics)
		}
		return
	case toCreate:
		if plan.Domain.IsUnknown() {
			return
		}
		plan.identify()
		r.planCreate(ctx, plan.Domain.key(), &resp.Diagnostics)
	case toUpdate:
		// Uses what the refresh found, because apply plans again and must find the same.
		lost, diags := req.Private.GetKey(ctx, lostKey)
		resp.Diagnostics.Append(diags...)
		plan = s.state
		if string(lost) == "true" {
			planLost(&plan, &resp.Diagnostics)
		}
	}
	s.set(ctx, plan)
}

func (m domainClaimModel) object() (organization.Object, bool) {
	return organization.DomainObject(m.Domain.key()), !m.Domain.IsUnknown()
}

func (m domainClaimModel) entry() entry {
	object, _ := m.object()
	return entry{object: object, name: m.Domain.key(), at: domainPath}
}

// warnOfIdP warns if Elastic Cloud would refuse to give up a claim.
func (r *domainClaimResource) warnOfIdP(ctx context.Context, domain string, diags *diag.Diagnostics) {
	if diags.HasError() || r.run.ledger.isGone(organization.IdPObject) {
		return
	}
	claimed, err := r.run.organization.Domains.Claimed(ctx, domain)
	var there organization.Object
	var domains []string
	if err == nil && claimed {
		there, err = r.run.organization.IdP.Configured(ctx)
	}
	if err == nil && there == organization.ServiceProviderObject {
		domains, err = r.run.organization.Domains.List(ctx)
	}
	resource := samlIdPType
	if there == organization.ServiceProviderObject {
		resource = samlServiceProviderType
	}
	switch {
	case err != nil:
		addError(diags, "Could not look up "+domain, err)
	case there == organization.Object{} || r.run.ledger.isGone(there):
	case there == organization.ServiceProviderObject && len(domains) == 1: // the placeholder ends with the last domain
	default:
		diags.AddWarning(warning.ClaimStays.With(domain), paragraph(warning.ClaimStaysDetail.With(resource), warning.DependsOn.With("elasticcloud_domain_verification", resource)))
	}
}

// planCreate warns if the domain is already claimed, and if the organization can claim no
// more domains.
func (r *domainClaimResource) planCreate(ctx context.Context, domain string, diags *diag.Diagnostics) {
	claimed, err := r.run.organization.Domains.Claimed(ctx, domain)
	domains, listErr := r.run.organization.Domains.List(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not look up "+domain, err)
	case claimed:
		diags.AddAttributeWarning(domainPath, warning.ClaimAdopted.With(domain), warning.ClaimAdoptedDetail)
	case listErr == nil && len(domains) >= maxDomains:
		diags.AddAttributeWarning(domainPath, warning.NoRoomForDomain.With(domain), paragraph(tooManyDomains(domains), warning.VerificationFails))
	}
}

func tooManyDomains(domains []string) string {
	return warning.TooManyDomains.With(maxDomains, strings.Join(domains, ", "))
}

func planLost(plan *domainClaimModel, diags *diag.Diagnostics) {
	plan.Verified = types.BoolValue(false)
	plan.ChallengeRecordValue = types.StringUnknown()
	diags.AddAttributeWarning(domainPath, warning.ClaimLost.With(plan.Domain.key()), warning.ClaimLostDetail)
}
