// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan keeps the attributes that a change cannot affect. It leaves the others unknown,
// even if an IdP is configured: someone may create or delete an IdP before the apply, and
// then Elastic Cloud may return other values.
func (r *samlServiceProviderResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[samlServiceProviderModel](ctx, &r.baseResource, req, resp)
	if !ok || s.kind == toRemove {
		return
	}
	plan := s.plan
	if s.kind == toCreate {
		plan.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	} else {
		plan.keep(s.state.serviceProviderModel)
	}
	if !plan.LoginIdentifierPrefix.Equal(s.state.LoginIdentifierPrefix) && !plan.LoginIdentifierPrefix.IsUnknown() && s.first {
		r.warnOfOtherPrefix(ctx, plan.LoginIdentifierPrefix.ValueString(), &resp.Diagnostics)
	}
	s.set(ctx, plan)
}

// warnOfOtherPrefix warns if the existing IdP has another prefix.
func (r *samlServiceProviderResource) warnOfOtherPrefix(ctx context.Context, prefix string, diags *diag.Diagnostics) {
	idp, err := r.run.organization.IdP.Get(ctx)
	switch {
	case cloud.HasCode(err, cloud.CodeIdPNotConfigured):
	case err != nil:
		addError(diags, "Could not look up the SAML IdP", err)
	case !organization.IsPlaceholder(idp) && idp.LoginIdentifierPrefix != prefix:
		diags.AddAttributeWarning(prefixPath, warning.OtherPrefix.With(), warning.OtherPrefixDetail.With(idp.LoginIdentifierPrefix))
	}
}

func (m samlServiceProviderModel) object() (organization.Object, bool) {
	return organization.ServiceProviderObject, true
}

func (m samlServiceProviderModel) entry() entry {
	return entry{object: organization.ServiceProviderObject, name: "The SAML service provider"}
}
