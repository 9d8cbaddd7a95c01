// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// maxDomains is how many domains the service lets an organization claim.
const maxDomains = 10

// ModifyPlan shows nothing where only the spelling differs, a new code where the
// claim is lost, and warns of a claim that cannot be given up.
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
		// By what the refresh found and not by a new look: apply plans again.
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

// warnOfIdP warns where the service will not let go of a claim.
func (r *domainClaimResource) warnOfIdP(ctx context.Context, domain string, diags *diag.Diagnostics) {
	if diags.HasError() || r.run.ledger.isGone(organization.IdPObject) {
		return
	}
	claimed, err := r.run.organization.Domains.Claimed(ctx, domain)
	configured := false
	if err == nil && claimed {
		configured, err = r.run.organization.IdP.Configured(ctx)
	}
	switch {
	case err != nil:
		addError(diags, "Could not look "+domain+" up", err)
	case configured && !r.run.ledger.isGone(organization.IdPObject):
		diags.AddWarning("The claim of "+domain+" cannot be given up while a SAML IdP is configured",
			"This plan gives it up, and there is an IdP: the service refuses that, and the rest of the plan may be carried out all the same. Leave the claim in the configuration, "+
				"unless the IdP goes in the same run and comes first, as an elasticcloud_saml_idp does that depends on the elasticcloud_domain_verification.")
	}
}

// planCreate warns where the domain is claimed already, and where there is no
// room for one more.
func (r *domainClaimResource) planCreate(ctx context.Context, domain string, diags *diag.Diagnostics) {
	claimed, err := r.run.organization.Domains.Claimed(ctx, domain)
	domains, listErr := r.run.organization.Domains.List(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not look "+domain+" up", err)
	case claimed:
		diags.AddAttributeWarning(domainPath, domain+" is taken over",
			"The organization has claimed this domain already. Apply leaves the claim as it is; destroying this resource later gives it up. A code is asked for all the same, for a DNS record that may refer to it.")
	case listErr == nil && len(domains) >= maxDomains:
		diags.AddAttributeWarning(domainPath, "There is no room for "+domain, tooManyDomains(domains)+" Unless the same apply gives one up first, the verification will fail.")
	}
}

func tooManyDomains(domains []string) string {
	return fmt.Sprintf("An organization can claim %d domains at most, sub-domains included, and this one has claimed %s.", maxDomains, strings.Join(domains, ", "))
}

func planLost(plan *domainClaimModel, diags *diag.Diagnostics) {
	plan.Verified = types.BoolValue(false)
	plan.ChallengeRecordValue = types.StringUnknown()
	diags.AddAttributeWarning(domainPath, "The claim of "+plan.Domain.key()+" is lost",
		"The organization had claimed this domain and has not any more: somebody gave it up, or the service took it away. Apply asks for a new code, to be published in the TXT record in place of the old one, and an elasticcloud_domain_verification then claims the domain again.")
}
