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

func newSAMLIdPDataSource() plainDataSource {
	return &samlIdPDataSource{baseDataSource{baseResource{typeName: "elasticcloud_saml_idp"}}}
}

// samlIdPDataModel has what the resource has, and says whether there is one.
type samlIdPDataModel struct {
	samlIdPModel
	Configured types.Bool `tfsdk:"configured"`
}

func (d *samlIdPDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := reported(attributesOf(ctx, newSAMLIdPResource()))
	attributes["configured"] = schema.BoolAttribute{
		MarkdownDescription: "Whether the organization has an IdP.",
		Computed:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The SAML identity provider (IdP) of the organization, and what it has to know of Elastic Cloud. " +
			"Where there is none, `configured` is false and everything else is null. A key that may only read is enough.\n\n" +
			"The placeholder of an `elasticcloud_saml_service_provider` is shown like an IdP. It is disabled, and its `issuer` ends in `/placeholder`.",
		Attributes: attributes,
	}
}

func (d *samlIdPDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	idp, err := d.run.organization.IdP.Get(ctx)
	none := cloud.HasCode(err, cloud.CodeIdPNotConfigured)
	if err != nil && !none {
		addError(&resp.Diagnostics, "Could not read the SAML IdP", err)
		return
	}
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
