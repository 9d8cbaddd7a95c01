// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ datasource.DataSourceWithConfigure = (*organizationDataSource)(nil)

type organizationDataSource struct {
	baseDataSource
}

func newOrganizationDataSource() plainDataSource {
	return &organizationDataSource{baseDataSource{baseResource{typeName: "elasticcloud_organization"}}}
}

type organizationModel struct {
	ID                  types.String `tfsdk:"id"`
	Name                types.String `tfsdk:"name"`
	SSOEnforced         types.Bool   `tfsdk:"sso_enforced"`
	SSOLoginIdentifier  types.String `tfsdk:"sso_login_identifier"`
	BillingContacts     types.List   `tfsdk:"billing_contacts"`
	OperationalContacts types.List   `tfsdk:"operational_contacts"`
	NotificationDomains types.List   `tfsdk:"notifications_allowed_email_domains"`
}

func (d *organizationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the organization that the provider is configured for. See [which API key is needed](../index.md#authentication).",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "ID of the organization.",
				Computed:            true,
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the organization.",
				Computed:            true,
			},
			"sso_enforced": schema.BoolAttribute{
				MarkdownDescription: "Whether members must sign in through SSO. Null if Elastic Cloud does not return it.",
				Computed:            true,
			},
			"sso_login_identifier": schema.StringAttribute{
				MarkdownDescription: "The identifier that members enter to sign in through SSO. Null if there is none, or if Elastic Cloud does not return it.",
				Computed:            true,
			},
			"billing_contacts": schema.ListAttribute{
				MarkdownDescription: "The contacts for billing, sorted. Empty if there are none.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"operational_contacts": schema.ListAttribute{
				MarkdownDescription: "The contacts for operations, sorted. Empty if there are none.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"notifications_allowed_email_domains": schema.ListAttribute{
				MarkdownDescription: "The domains to which notifications may be sent, sorted. Empty if there are none.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		},
	}
}

func (d *organizationDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	organization, err := d.run.organization.Get(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not read the organization", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, organizationModel{
		ID:                  types.StringValue(organization.ID),
		Name:                types.StringValue(organization.Name),
		SSOEnforced:         enforced(organization.Enforcement),
		SSOLoginIdentifier:  textOrNull(organization.SSOLoginIdentifier),
		BillingContacts:     sortedList(organization.BillingContacts),
		OperationalContacts: sortedList(organization.OperationalContacts),
		NotificationDomains: sortedList(organization.NotificationDomains),
	})...)
}

func enforced(e cloud.Enforcement) types.Bool {
	if e == cloud.EnforcementUnknown {
		return types.BoolNull()
	}
	return types.BoolValue(e == cloud.EnforcementOn)
}
