// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ datasource.DataSourceWithConfigure = (*samlIdPDataSource)(nil)

type samlIdPDataSource struct {
	baseDataSource
}

func newSAMLIdPDataSource() datasource.DataSource { return &samlIdPDataSource{} }

// samlIdPDataModel has what the resource has, and says whether there is one.
type samlIdPDataModel struct {
	samlIdPModel
	Configured types.Bool `tfsdk:"configured"`
}

func (d *samlIdPDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "elasticcloud_saml_idp"
}

func (d *samlIdPDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	certificates := func(description string) schema.ListAttribute {
		return schema.ListAttribute{MarkdownDescription: description, Computed: true, ElementType: pemType{}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The SAML identity provider (IdP) of the organization, and what it has to know of Elastic Cloud. " +
			"Where there is none, `configured` is false and everything else is null. A key that may only read is enough.",
		Attributes: map[string]schema.Attribute{
			"configured": schema.BoolAttribute{
				MarkdownDescription: "Whether the organization has an IdP.",
				Computed:            true,
			},
			"enabled": schema.BoolAttribute{
				MarkdownDescription: "Whether members can sign in through the IdP.",
				Computed:            true,
			},
			"id":                      text("ID of the organization."),
			"login_identifier_prefix": text("What `login_identifier` begins with."),
			"issuer":                  text("The entity ID of the IdP."),
			"sso_url":                 text("Where the IdP takes SAML requests by the HTTP-POST binding."),
			"certificates":            certificates("The certificates that the IdP may sign with, as PEM, sorted."),
			"certificates_expire_at":  text("When the first of `certificates` expires, as an RFC 3339 timestamp in UTC."),
			"login_identifier":        text("What members enter to sign in through SSO: the prefix and what the service adds to it."),
			"sso_login_url":           text("The address at which members sign in through SSO."),
			"acs_url":                 text("For the IdP: the assertion consumer service (ACS) of Elastic Cloud, also called single sign-on or reply URL."),
			"sp_entity_id":            text("For the IdP: the entity ID of Elastic Cloud, also called audience."),
			"metadata_url":            text("For the IdP: the address of the metadata of Elastic Cloud as a service provider."),
			"signing_certificates":    certificates("For the IdP: the certificates, as PEM, that Elastic Cloud signs requests with, sorted."),
			"encryption_certificates": certificates("For the IdP: the certificates, as PEM, that assertions for Elastic Cloud can be encrypted with, sorted."),
		},
	}
}

func (d *samlIdPDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	idp, err := d.run.organization.IdP.Get(ctx)
	none := cloud.HasCode(err, cloud.CodeIdPNotConfigured)
	if err != nil && !none {
		addError(&resp.Diagnostics, "Could not read the SAML IdP", err)
		return
	}
	d.run.checkKey(&resp.Diagnostics)
	model := samlIdPDataModel{Configured: types.BoolValue(!none)}
	model.Certificates, model.SigningCertificates, model.EncryptionCertificates = types.ListNull(pemType{}), types.ListNull(pemType{}), types.ListNull(pemType{})
	if !none {
		idp.Certificates = inOneForm(idp.Certificates)
		idp.ServiceProvider.SigningCertificates = inOneForm(idp.ServiceProvider.SigningCertificates)
		idp.ServiceProvider.EncryptionCertificates = inOneForm(idp.ServiceProvider.EncryptionCertificates)
		model.ID = types.StringValue(d.organizationID(ctx, &resp.Diagnostics))
		model.fromAPI(idp, model.samlIdPModel)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// inOneForm writes certificates in one spelling and order, whatever the service
// chose this time: there is no configuration whose spelling could stay. What
// cannot be read stays as it is.
func inOneForm(texts []string) []string {
	var written []string
	for _, text := range texts {
		certificates, err := readCertificates(text)
		if err != nil {
			written = append(written, text)
		}
		for _, certificate := range certificates {
			written = append(written, encodePEM(certificate))
		}
	}
	slices.Sort(written)
	return slices.Compact(written)
}
