// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ resource.ResourceWithConfigure   = (*samlIdPResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*samlIdPResource)(nil)
	_ resource.ResourceWithImportState = (*samlIdPResource)(nil)
	_ resource.ResourceWithIdentity    = (*samlIdPResource)(nil)
)

const samlIdPType = "elasticcloud_saml_idp"

type samlIdPResource struct {
	baseResource
}

func newSAMLIdPResource() plainResource {
	return &samlIdPResource{baseResource{typeName: samlIdPType}}
}

type samlIdPModel struct {
	serviceProviderModel
	Issuer               types.String `tfsdk:"issuer"`
	SSOURL               types.String `tfsdk:"sso_url"`
	Certificates         types.List   `tfsdk:"certificates"`
	Enabled              types.Bool   `tfsdk:"enabled"`
	CertificatesExpireAt types.String `tfsdk:"certificates_expire_at"`
}

func (r *samlIdPResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Configures the SAML identity provider (IdP) of the organization. The resource also has the values of Elastic Cloud that the IdP needs. An organization has one IdP, which requires a claimed domain: " +
			"let this resource depend on an `elasticcloud_domain_verification`.\n\n" +
			"The function [`parse_saml_metadata`](../functions/parse_saml_metadata.md) reads `issuer`, `sso_url` and `certificates` from the metadata of the IdP. " +
			"Some IdPs need Elastic Cloud's addresses before they provide their own. For these, use an [`elasticcloud_saml_service_provider`](saml_service_provider.md) too. This resource replaces its placeholder.\n\n" +
			"Creating the resource never overwrites an existing IdP: the error shows the `import` block to adopt it. " +
			"While SSO is enforced, the IdP cannot be deleted, and the plan warns of changes that could lock everyone out.\n\n" +
			"To rotate a certificate without interruption, add the new certificate, switch the IdP to it, and then remove the old one.",
		Attributes: withServiceProvider(map[string]schema.Attribute{
			"issuer": schema.StringAttribute{
				MarkdownDescription: "The entity ID of the IdP, exactly as in its SAML responses.",
				Required:            true,
				Validators:          []validator.String{issuerCheck},
			},
			"sso_url": schema.StringAttribute{
				MarkdownDescription: "The `https` URL at which the IdP accepts SAML requests by the HTTP-POST binding.",
				Required:            true,
				Validators:          []validator.String{ssoURLCheck},
			},
			"certificates": schema.ListAttribute{
				Description: "The certificates with which the IdP may sign, as PEM, each once and sorted.",
				MarkdownDescription: "The certificates with which the IdP may sign, as PEM. At least one. An element may contain several. " +
					"They are compared by their content: another order, other line breaks and text around them cause no diff. " +
					"The plan refuses invalid certificates, private keys, and a list whose certificates have all expired. It warns 30 days before the first certificate expires.",
				Required:    true,
				ElementType: pemType{},
				Validators:  []validator.List{listvalidator.SizeAtLeast(1), certificatesValidator{}},
			},
			"enabled": schema.BoolAttribute{
				Description:         "Whether members can sign in through the IdP.",
				MarkdownDescription: "Whether members can sign in through the IdP. `false` is an error while SSO is enforced, and if the same configuration enforces SSO. Default: `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"certificates_expire_at": schema.StringAttribute{
				MarkdownDescription: "When the first of `certificates` expires, as an RFC 3339 timestamp in UTC.",
				Computed:            true,
			},
		}),
	}
}

func (r *samlIdPResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

func (r *samlIdPResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan samlIdPModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	there := r.ensure(ctx, &resp.Diagnostics, func() bool {
		existing := r.refuseExisting(ctx, plan, &resp.Diagnostics)
		switch {
		case resp.Diagnostics.HasError():
			return false
		case isExactly(plan.toAPI(), existing) && len(existing.Certificates) > 0:
			plan.take(existing) // another write might change the addresses
			return true
		}
		if !r.put(ctx, &plan, &resp.Diagnostics) {
			return false
		}
		r.compare(plan, existing, &resp.Diagnostics)
		return true
	})
	if there && !resp.Diagnostics.HasError() {
		r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
	}
}

// compare compares the addresses of Elastic Cloud with those before. If the placeholder was
// replaced, the application at the IdP has the old addresses, and nobody can sign in: that
// is an error. Terraform would taint a state with an error, so none is saved, and the next
// apply adopts the IdP.
func (r *samlIdPResource) compare(plan samlIdPModel, before cloud.IdP, diags *diag.Diagnostics) {
	other := plan.otherThan(before.ServiceProvider)
	detail := warning.NewAddressesDetail.With(strings.Join(other, ", "))
	r.run.readdressed.Store(r.run.readdressed.Load() || len(other) > 0)
	switch {
	case len(other) == 0:
	case organization.IsPlaceholder(before):
		diags.AddError(warning.NewAddresses.With(), detail)
	default:
		diags.AddWarning(warning.NewAddresses.With(), detail)
	}
}

// refuseExisting keeps a creation from overwriting an IdP, and returns the existing one. It
// allows the placeholder, and an IdP that equals the plan: an earlier apply created it and
// lost the answer.
func (r *samlIdPResource) refuseExisting(ctx context.Context, plan samlIdPModel, diags *diag.Diagnostics) (existing cloud.IdP) {
	existing, err := r.run.organization.IdP.Get(ctx)
	switch {
	case cloud.HasCode(err, cloud.CodeIdPNotConfigured):
	case err != nil:
		addError(diags, "Could not look up the SAML IdP", err)
	case !organization.IsPlaceholder(existing) && !plan.mayBe(existing):
		diags.AddError("The organization already has a SAML IdP",
			"It is not in the Terraform state, and creating one would overwrite it. "+warning.ImportBlock.With("SAML IdP", "elasticcloud_saml_idp", r.organizationID(ctx, diags)))
	}
	return existing
}

// mayBe reports whether an IdP equals the plan, as far as the plan is known.
func (m samlIdPModel) mayBe(existing cloud.IdP) bool {
	wanted := m.toAPI()
	if m.LoginIdentifierPrefix.IsUnknown() {
		wanted.LoginIdentifierPrefix = existing.LoginIdentifierPrefix
	}
	if m.Issuer.IsUnknown() {
		wanted.Issuer = existing.Issuer
	}
	if m.SSOURL.IsUnknown() {
		wanted.SSOURL = existing.SSOURL
	}
	if !allKnown(m.Certificates) {
		wanted.Certificates = existing.Certificates
	}
	if m.Enabled.IsUnknown() {
		wanted.Enabled = existing.Enabled
	}
	return isAsWanted(wanted, existing)
}

// Update writes nothing if the IdP equals the plan and the state: an unknown value has
// turned out to be unchanged. Another write might change the addresses of Elastic Cloud, and
// with them the application at the IdP.
func (r *samlIdPResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state samlIdPModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, before := plan.toAPI(), state.toAPI()
	isSame := isExactly(wanted, before)
	there := r.ensure(ctx, &resp.Diagnostics, func() bool {
		existing, err := r.run.organization.IdP.Get(ctx)
		if err == nil && isSame && isAsWanted(wanted, existing) {
			plan.take(existing)
			return true
		}
		return r.put(ctx, &plan, &resp.Diagnostics)
	})
	if there {
		r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
	}
}

// ensure runs bring, and keeps the IdP in this run even if the run destroys an older
// resource for it.
func (r *samlIdPResource) ensure(ctx context.Context, diags *diag.Diagnostics, bring func() bool) (there bool) {
	err := r.run.organization.Ensure(ctx, organization.IdPObject, func() bool {
		there = bring()
		return there
	})
	if err != nil {
		addError(diags, "Could not configure the SAML IdP", err)
	}
	return there
}

// put writes the configuration, and sets the unknown values of the plan from the answer.
func (r *samlIdPResource) put(ctx context.Context, plan *samlIdPModel, diags *diag.Diagnostics) bool {
	wanted := plan.toAPI()
	written, err := r.run.organization.IdP.Put(ctx, wanted, func(there cloud.IdP) bool { return isAsWanted(wanted, there) })
	if err != nil {
		r.addPutError(ctx, err, diags)
		return false
	}
	if other := plan.otherThan(written.ServiceProvider); len(other) > 0 {
		r.run.readdressed.Store(true)
		diags.AddWarning(warning.NewAddresses.With(), warning.NewAddressesDetail.With(strings.Join(other, ", ")))
	}
	plan.take(written)
	return true
}

// take sets the unknown values of the plan. Known values must stay, and the next refresh
// shows any difference.
func (m *samlIdPModel) take(there cloud.IdP) {
	m.learn(there.ServiceProvider)
	m.CertificatesExpireAt = expiry(textsOf(m.Certificates))
}

// addPutError adds what to do if SSO is enforced or if no domain is claimed: the message of
// Elastic Cloud may not have it.
func (r *samlIdPResource) addPutError(ctx context.Context, err error, diags *diag.Diagnostics) {
	const summary = "Could not configure the SAML IdP"
	if errors.Is(err, organization.ErrEnforced) && !isNotShown(err) {
		diags.AddAttributeError(enabledPath, summary, paragraph(warning.NotDisabledShown, warning.NotDisabledDetail))
		return
	}
	if domains, listErr := r.run.organization.Domains.List(ctx); listErr != nil || len(domains) > 0 {
		addError(diags, summary, err)
		return
	}
	diags.AddError(summary, err.Error()+"\n\nAn IdP requires a claimed domain, and the organization has none. Claim and verify one with elasticcloud_domain_claim and elasticcloud_domain_verification. "+
		warning.DependsOn.With("elasticcloud_domain_verification", samlIdPType))
}

func (r *samlIdPResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state samlIdPModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	if err != nil && !cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
		addError(&resp.Diagnostics, "Could not look up the SAML IdP", err)
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	if err != nil || organization.IsPlaceholder(idp) {
		resp.State.RemoveResource(ctx)
		return
	}
	state.fromAPI(idp, state)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *samlIdPResource) Delete(ctx context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	const summary = "Could not delete the SAML IdP"
	err := r.run.organization.IdP.Dismiss(ctx)
	switch {
	case errors.Is(err, organization.ErrEnforced) && !isNotShown(err):
		resp.Diagnostics.AddError(summary, "SSO is enforced, so nobody could sign in without the IdP. "+warning.EndEnforcement)
	case err != nil:
		addError(&resp.Diagnostics, summary, err)
	}
}

// ImportState imports by the ID of the organization.
func (r *samlIdPResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not import the SAML IdP", err)
		return
	}
	if organization.IsPlaceholder(idp) {
		resp.Diagnostics.AddError("Could not import the SAML IdP", "The organization has no IdP, only the placeholder of an elasticcloud_saml_service_provider. Create the IdP instead: it replaces the placeholder.")
		return
	}
	state := adoptedIdP(idp, r.organizationID(ctx, &resp.Diagnostics))
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// toAPI returns the IdP to write, with one PEM for each certificate.
func (m samlIdPModel) toAPI() cloud.IdP {
	idp := cloud.IdP{
		Enabled:               m.Enabled.ValueBool(),
		LoginIdentifierPrefix: m.LoginIdentifierPrefix.ValueString(),
		Issuer:                m.Issuer.ValueString(),
		SSOURL:                m.SSOURL.ValueString(),
	}
	for _, certificate := range uniqueCertificates(textsOf(m.Certificates)) {
		idp.Certificates = append(idp.Certificates, encodePEM(certificate))
	}
	return idp
}

// adoptedIdP returns the state of an IdP that is imported.
func adoptedIdP(idp cloud.IdP, organizationID string) samlIdPModel {
	var m samlIdPModel
	m.ID = types.StringValue(organizationID)
	m.fromAPI(idp, m)
	return m
}

// fromAPI reads an IdP, with certificates in the spelling of prior.
func (m *samlIdPModel) fromAPI(idp cloud.IdP, prior samlIdPModel) {
	m.LoginIdentifierPrefix = types.StringValue(idp.LoginIdentifierPrefix)
	m.Issuer = types.StringValue(respelledAddress(idp.Issuer, prior.Issuer.ValueString()))
	m.SSOURL = types.StringValue(respelledAddress(idp.SSOURL, prior.SSOURL.ValueString()))
	m.Enabled = types.BoolValue(idp.Enabled)
	certificates := idp.Certificates
	if len(certificates) == 0 { // Elastic Cloud has some, and does not show them
		certificates = textsOf(prior.Certificates)
	}
	m.Certificates = pemList(respelled(certificates, textsOf(prior.Certificates)))
	m.CertificatesExpireAt = expiry(certificates)
	m.serviceProviderModel.fromAPI(idp.ServiceProvider, prior.serviceProviderModel)
}

// isAsWanted reports whether Elastic Cloud shows the wanted IdP.
func isAsWanted(wanted, shown cloud.IdP) bool {
	return wanted.LoginIdentifierPrefix == shown.LoginIdentifierPrefix &&
		sameAddress(wanted.Issuer, shown.Issuer) &&
		sameAddress(wanted.SSOURL, shown.SSOURL) &&
		(len(shown.Certificates) == 0 || sameCertificates(wanted.Certificates, shown.Certificates)) &&
		wanted.Enabled == shown.Enabled
}

// isExactly is isAsWanted with identical addresses: in SAML, a slash at the end of an issuer
// matters.
func isExactly(wanted, shown cloud.IdP) bool {
	return isAsWanted(wanted, shown) && wanted.Issuer == shown.Issuer && wanted.SSOURL == shown.SSOURL
}

// respelledAddress returns an address of Elastic Cloud in the spelling of prior, if both are
// the same.
func respelledAddress(address, prior string) string {
	if sameAddress(address, prior) {
		return prior
	}
	return address
}
