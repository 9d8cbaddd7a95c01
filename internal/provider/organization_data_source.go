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
		MarkdownDescription: "The organization that the provider is configured for. A key that may only read is enough.",
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
				MarkdownDescription: "Whether members have to sign in through SSO. Null where the service does not say.",
				Computed:            true,
			},
			"sso_login_identifier": schema.StringAttribute{
				MarkdownDescription: "What members enter to sign in through SSO. Null where there is none, or the service does not say.",
				Computed:            true,
			},
			"billing_contacts": schema.ListAttribute{
				MarkdownDescription: "Who is written to about billing, sorted. Empty where nobody is named.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"operational_contacts": schema.ListAttribute{
				MarkdownDescription: "Who is written to about operations, sorted. Empty where nobody is named.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"notifications_allowed_email_domains": schema.ListAttribute{
				MarkdownDescription: "The domains that notifications may be sent to, sorted. Empty where none is named.",
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
