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
		MarkdownDescription: "The SAML identity provider (IdP) of the organization, and what it has to know of Elastic Cloud. An organization has one, and it needs a claimed domain: " +
			"let this resource depend on an `elasticcloud_domain_verification`. The function [`parse_saml_metadata`](../functions/parse_saml_metadata.md) reads `issuer`, `sso_url` and `certificates` out of the IdP's metadata.\n\n" +
			"Creating it never overwrites an IdP that is configured already: the error has the `import` block that takes it over. " +
			"It replaces the placeholder of an [`elasticcloud_saml_service_provider`](saml_service_provider.md), which you need if the IdP wants Elastic Cloud's addresses first. " +
			"For a rotation without a gap, add the new certificate, let the IdP change over, and then take the old one out. " +
			"While SSO is enforced the IdP cannot be deleted, and the plan warns of a change that could lock everybody out.",
		Attributes: withServiceProvider(map[string]schema.Attribute{
			"issuer": schema.StringAttribute{
				MarkdownDescription: "The entity ID of the IdP, exactly as it stands in its SAML responses.",
				Required:            true,
				Validators:          []validator.String{issuerCheck},
			},
			"sso_url": schema.StringAttribute{
				MarkdownDescription: "Where the IdP takes SAML requests by the HTTP-POST binding, an `https` URL.",
				Required:            true,
				Validators:          []validator.String{ssoURLCheck},
			},
			"certificates": schema.ListAttribute{
				Description: "The certificates that the IdP may sign with, as PEM. A data source has each once, sorted.",
				MarkdownDescription: "The certificates that the IdP may sign with, as PEM, at least one; an element may hold several. " +
					"They are compared by what they encode: order, line ends, wrapping and text around them are no change. " +
					"The plan refuses what is no certificate, a private key, and certificates that have all expired, and warns 30 days before the first one expires.",
				Required:    true,
				ElementType: pemType{},
				Validators:  []validator.List{listvalidator.SizeAtLeast(1), certificatesValidator{}},
			},
			"enabled": schema.BoolAttribute{
				Description:         "Whether members can sign in through the IdP.",
				MarkdownDescription: "Whether members can sign in through the IdP. Default: `true`. `false` is refused while SSO is enforced, and where the same configuration enforces it.",
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
			plan.take(existing) // to write it again might change the addresses
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

// compare holds what the service gives out against what it gave out for the IdP before.
// Where that was the placeholder, the application at the IdP has the old values, and nobody
// can sign in: that is an error. The state of an error would be tainted, so there is none,
// and the next apply adopts the IdP.
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

// refuseExisting keeps a creation from overwriting an IdP, and returns what is there. The
// placeholder is no IdP, and one that is just as planned is what an earlier apply could not
// report.
func (r *samlIdPResource) refuseExisting(ctx context.Context, plan samlIdPModel, diags *diag.Diagnostics) (existing cloud.IdP) {
	existing, err := r.run.organization.IdP.Get(ctx)
	switch {
	case cloud.HasCode(err, cloud.CodeIdPNotConfigured):
	case err != nil:
		addError(diags, "Could not look the SAML IdP up", err)
	case !organization.IsPlaceholder(existing) && !plan.mayBe(existing):
		diags.AddError("The organization has a SAML IdP already",
			"It is not in the Terraform state, and creating one would overwrite it. "+warning.ImportBlock.With("SAML IdP", "elasticcloud_saml_idp", r.organizationID(ctx, diags)))
	}
	return existing
}

// mayBe reports whether an IdP is as planned, as far as that is known.
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

// Update writes nothing where the IdP is as planned and as in the state: some of the plan was
// unknown and has turned out as it was. To write it again might change the addresses, and with them the
// application at the IdP, and so on.
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

// ensure keeps the IdP from being deleted in this run by an older object that this
// one takes the place of.
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

// put writes the configuration and takes what the plan left open from the
// service.
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

// take fills in what the plan left open. What it knew has to stay so; the next refresh
// shows what differs.
func (m *samlIdPModel) take(there cloud.IdP) {
	m.learn(there.ServiceProvider)
	m.CertificatesExpireAt = expiry(textsOf(m.Certificates))
}

// addPutError says what to do where SSO is enforced, and where no domain is claimed:
// the service's own message need not.
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
	diags.AddError(summary, err.Error()+"\n\nAn IdP needs a claimed domain, and the organization has none. Claim and verify one first, with elasticcloud_domain_claim and elasticcloud_domain_verification, "+
		"and let this resource wait for it: depends_on = [elasticcloud_domain_verification.<name>].")
}

func (r *samlIdPResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state samlIdPModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	if err != nil && !cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
		addError(&resp.Diagnostics, "Could not look the SAML IdP up", err)
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
		resp.Diagnostics.AddError(summary, "SSO is enforced, so nobody could sign in any more. "+warning.EndEnforcement)
	case err != nil:
		addError(&resp.Diagnostics, summary, err)
	}
}

// ImportState takes the organization's ID.
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
		resp.Diagnostics.AddError("Could not import the SAML IdP", "The organization has no IdP, but the placeholder of an elasticcloud_saml_service_provider. Create the IdP instead: it takes the place of the placeholder.")
		return
	}
	state := adoptedIdP(idp, r.organizationID(ctx, &resp.Diagnostics))
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// toAPI sends each certificate as a PEM of its own.
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

// adoptedIdP is the state of an IdP that is taken over.
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
	if len(certificates) == 0 { // the service has some, and does not show them
		certificates = textsOf(prior.Certificates)
	}
	m.Certificates = pemList(respelled(certificates, textsOf(prior.Certificates)))
	m.CertificatesExpireAt = expiry(certificates)
	m.serviceProviderModel.fromAPI(idp.ServiceProvider, prior.serviceProviderModel)
}

// isAsWanted reports whether the service shows the IdP that is wanted.
func isAsWanted(wanted, shown cloud.IdP) bool {
	return wanted.LoginIdentifierPrefix == shown.LoginIdentifierPrefix &&
		sameAddress(wanted.Issuer, shown.Issuer) &&
		sameAddress(wanted.SSOURL, shown.SSOURL) &&
		(len(shown.Certificates) == 0 || sameCertificates(wanted.Certificates, shown.Certificates)) &&
		wanted.Enabled == shown.Enabled
}

// isExactly is isAsWanted with addresses that are the same to the letter: to SAML, a slash at
// the end of an issuer counts.
func isExactly(wanted, shown cloud.IdP) bool {
	return isAsWanted(wanted, shown) && wanted.Issuer == shown.Issuer && wanted.SSOURL == shown.SSOURL
}

// respelledAddress writes an address that the service returned in the spelling of
// prior, if that is the same one.
func respelledAddress(address, prior string) string {
	if sameAddress(address, prior) {
		return prior
	}
	return address
}
