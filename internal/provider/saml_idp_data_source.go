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

// samlIdPDataModel has the attributes of the resource, and whether an IdP is configured.
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
		MarkdownDescription: "Reads the SAML identity provider (IdP) of the organization, and the values of Elastic Cloud that the IdP needs. " +
			"Without an IdP, `configured` is `false` and all other attributes are null. See [which API key is needed](../index.md#authentication).\n\n" +
			"The placeholder of an `elasticcloud_saml_service_provider` appears as an IdP. It is disabled, and its `issuer` ends in `/placeholder`.",
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

// inOneForm returns certificates in one spelling and order, because Elastic Cloud may
// change them, and a data source has no configured spelling. It keeps a text that cannot
// be read.
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
