// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var _ list.ListResourceWithConfigure = (*samlIdPResource)(nil)

func newSAMLIdPList() list.ListResource {
	return &samlIdPResource{baseResource{typeName: samlIdPType}}
}

// ListResourceConfigSchema implements list.ListResource.
func (r *samlIdPResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the SAML identity provider of the organization: one result, or none if no IdP is configured. The placeholder of an `elasticcloud_saml_service_provider` is not listed. " + needsTerraform,
	}
}

// List implements list.ListResource.
func (r *samlIdPResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	organizationID := r.organizationID(ctx, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	if err != nil && !cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
		addError(&diags, "Could not look up the SAML IdP", err)
	}
	stream.Results = r.results(ctx, req, diags, func(yield func(listItem) bool) {
		if err != nil || organization.IsPlaceholder(idp) {
			return
		}
		name := idp.Issuer
		if !idp.Enabled {
			name += " (disabled)"
		}
		yield(listItem{name: name, model: adoptedIdP(idp, organizationID)})
	})
}
