// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*domainsDataSource)(nil)

type domainsDataSource struct {
	baseDataSource
}

func newDomainsDataSource() plainDataSource {
	return &domainsDataSource{baseDataSource{baseResource{typeName: "elasticcloud_domains"}}}
}

type domainsModel struct {
	Domains types.List `tfsdk:"domains"`
}

func (d *domainsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the domains that the organization has claimed. Once SSO is configured, people with an address in these domains sign in through SSO. See [which API key is needed](../index.md#authentication).",
		Attributes: map[string]schema.Attribute{
			"domains": schema.ListAttribute{
				MarkdownDescription: "The claimed domains in lower case, sorted. Empty if there are none.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *domainsDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	domains, err := d.run.organization.Domains.List(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the claimed domains", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, domainsModel{Domains: stringList(domains)})...)
}
