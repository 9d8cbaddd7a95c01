// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var _ list.ListResourceWithConfigure = (*ssoEnforcementResource)(nil)

func newSSOEnforcementList() list.ListResource {
	return &ssoEnforcementResource{baseResource{typeName: ssoEnforcementType}}
}

// ListResourceConfigSchema implements list.ListResource.
func (r *ssoEnforcementResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the SSO enforcement: one result, or none if SSO is optional. " + needsTerraform,
	}
}

// List implements list.ListResource.
func (r *ssoEnforcementResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	organization, err := r.run.organization.Get(ctx)
	switch {
	case err != nil:
		addError(&diags, "Could not read whether SSO is enforced", err)
	case organization.Enforcement == cloud.EnforcementUnknown:
		diags.AddWarning(warning.EnforcementUnknown.With(), warning.EnforcementMissing)
	}
	stream.Results = r.results(ctx, req, diags, func(yield func(listItem) bool) {
		if organization.Enforcement == cloud.EnforcementOn {
			yield(listItem{name: "SSO is enforced", model: ssoEnforcementModel{ID: types.StringValue(organization.ID)}})
		}
	})
}
