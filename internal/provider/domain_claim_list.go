// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
)

var _ list.ListResourceWithConfigure = (*domainClaimResource)(nil)

func newDomainClaimList() list.ListResource {
	return &domainClaimResource{baseResource{typeName: domainClaimType}}
}

// ListResourceConfigSchema implements list.ListResource.
func (r *domainClaimResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the domains that the organization has claimed. A domain with a code that was never verified is missing, because Elastic Cloud does not list it. " +
			"An import requests no code. If a DNS record refers to `challenge_record_value`, create the resource instead of importing it. " + needsTerraform,
	}
}

// List implements list.ListResource.
func (r *domainClaimResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	domains, err := r.run.organization.Domains.List(ctx)
	if err != nil {
		addError(&diags, "Could not list the domains of the organization", err)
	}
	stream.Results = r.results(ctx, req, diags, func(yield func(listItem) bool) {
		for _, domain := range domains {
			model := adoptedDomain(newDomain(domain))
			if !yield(listItem{name: domain, model: model}) {
				return
			}
		}
	})
}
