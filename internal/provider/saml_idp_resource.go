// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
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

var loginIdentifierPrefix = regexp.MustCompile(`^[a-z0-9-]+$`)

const samlIdPType = "elasticcloud_saml_idp"

type samlIdPResource struct {
	baseResource
}

func newSAMLIdPResource() plainResource {
	return &samlIdPResource{baseResource{typeName: samlIdPType}}
}

type samlIdPModel struct {
	ID                     types.String `tfsdk:"id"`
	LoginIdentifierPrefix  types.String `tfsdk:"login_identifier_prefix"`
	Issuer                 types.String `tfsdk:"issuer"`
	SSOURL                 types.String `tfsdk:"sso_url"`
	Certificates           types.List   `tfsdk:"certificates"`
	Enabled                types.Bool   `tfsdk:"enabled"`
	LoginIdentifier        types.String `tfsdk:"login_identifier"`
	SSOLoginURL            types.String `tfsdk:"sso_login_url"`
	ACSURL                 types.String `tfsdk:"acs_url"`
	SPEntityID             types.String `tfsdk:"sp_entity_id"`
	MetadataURL            types.String `tfsdk:"metadata_url"`
	SigningCertificates    types.List   `tfsdk:"signing_certificates"`
	EncryptionCertificates types.List   `tfsdk:"encryption_certificates"`
	CertificatesExpireAt   types.String `tfsdk:"certificates_expire_at"`
}

func (r *samlIdPResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The SAML identity provider (IdP) of the organization, and what it has to know of Elastic Cloud. An organization has one, and it needs a claimed domain: " +
			"let this resource depend on an `elasticcloud_domain_verification`. The function [`parse_saml_metadata`](../functions/parse_saml_metadata.md) reads `issuer`, `sso_url` and `certificates` out of the IdP's metadata.\n\n" +
			"Creating it never overwrites an IdP that is configured already: the error has the `import` block that takes it over. " +
			"For a rotation without a gap, add the new certificate, let the IdP change over, and then take the old one out. " +
			"While SSO is enforced the IdP cannot be deleted, and the plan warns of a change that could lock everybody out.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
			"login_identifier_prefix": schema.StringAttribute{
				Description:         "What `login_identifier` begins with.",
				MarkdownDescription: "What `login_identifier` begins with: lowercase letters, digits and hyphens.",
				Required:            true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(loginIdentifierPrefix, "must be lowercase letters, digits and hyphens"),
				},
			},
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
			"login_identifier": schema.StringAttribute{
				MarkdownDescription: "What members enter to sign in through SSO: the prefix and what the service adds to it.",
				Computed:            true,
			},
			"sso_login_url": schema.StringAttribute{
				MarkdownDescription: "The address at which members sign in through SSO. Logins that start at the IdP are not supported.",
				Computed:            true,
			},
			"acs_url": schema.StringAttribute{
				MarkdownDescription: "For the IdP: the assertion consumer service (ACS) of Elastic Cloud, also called single sign-on or reply URL.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"sp_entity_id": schema.StringAttribute{
				MarkdownDescription: "For the IdP: the entity ID of Elastic Cloud, also called audience.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"metadata_url": schema.StringAttribute{
				MarkdownDescription: "For the IdP: the address of the metadata of Elastic Cloud as a service provider.",
				Computed:            true,
			},
			"signing_certificates": schema.ListAttribute{
				MarkdownDescription: "For the IdP: the certificates, as PEM, that Elastic Cloud signs requests with.",
				Computed:            true,
				ElementType:         pemType{},
				PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
			},
			"encryption_certificates": schema.ListAttribute{
				MarkdownDescription: "For the IdP: the certificates, as PEM, that assertions for Elastic Cloud can be encrypted with.",
				Computed:            true,
				ElementType:         pemType{},
				PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
			},
			"certificates_expire_at": schema.StringAttribute{
				MarkdownDescription: "When the first of `certificates` expires, as an RFC 3339 timestamp in UTC.",
				Computed:            true,
			},
		},
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
		r.refuseExisting(ctx, plan, &resp.Diagnostics)
		return !resp.Diagnostics.HasError() && r.put(ctx, &plan, &resp.Diagnostics)
	})
	if !there {
		return
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
}

// refuseExisting keeps a creation from overwriting an IdP. One that is just as
// planned is what an earlier apply could not report.
func (r *samlIdPResource) refuseExisting(ctx context.Context, plan samlIdPModel, diags *diag.Diagnostics) {
	existing, err := r.run.organization.IdP.Get(ctx)
	switch {
	case cloud.HasCode(err, cloud.CodeIdPNotConfigured):
	case err == nil && allKnown(plan.Certificates) && isAsWanted(plan.toAPI(), existing):
	case err != nil:
		addError(diags, "Could not look the SAML IdP up", err)
	default:
		diags.AddError("The organization has a SAML IdP already",
			"It is not in the Terraform state, and creating one would overwrite it. "+warning.ImportBlock.With("SAML IdP", "elasticcloud_saml_idp", r.organizationID(ctx, diags)))
	}
}

func (r *samlIdPResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan samlIdPModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ensure(ctx, &resp.Diagnostics, func() bool { return r.put(ctx, &plan, &resp.Diagnostics) }) {
		return
	}
	r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
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
	// What the plan knew has to stay so; the next refresh shows what differs.
	var answered samlIdPModel
	answered.fromAPI(written, *plan)
	plan.LoginIdentifier = unlessKnown(plan.LoginIdentifier, answered.LoginIdentifier)
	plan.SSOLoginURL = unlessKnown(plan.SSOLoginURL, answered.SSOLoginURL)
	plan.MetadataURL = unlessKnown(plan.MetadataURL, answered.MetadataURL)
	plan.ACSURL = unlessKnown(plan.ACSURL, answered.ACSURL)
	plan.SPEntityID = unlessKnown(plan.SPEntityID, answered.SPEntityID)
	plan.SigningCertificates = unlessKnown(plan.SigningCertificates, answered.SigningCertificates)
	plan.EncryptionCertificates = unlessKnown(plan.EncryptionCertificates, answered.EncryptionCertificates)
	plan.CertificatesExpireAt = expiry(textsOf(plan.Certificates))
	return true
}

func unlessKnown[T attr.Value](planned, answered T) T {
	if planned.IsUnknown() {
		return answered
	}
	return planned
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
	if err != nil {
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
	m := samlIdPModel{ID: types.StringValue(organizationID)}
	m.fromAPI(idp, m)
	return m
}

// fromAPI reads an IdP, with certificates in the spelling of prior.
func (m *samlIdPModel) fromAPI(idp cloud.IdP, prior samlIdPModel) {
	sp := idp.ServiceProvider
	m.LoginIdentifierPrefix = types.StringValue(idp.LoginIdentifierPrefix)
	m.Issuer = types.StringValue(respelledAddress(idp.Issuer, prior.Issuer.ValueString()))
	m.SSOURL = types.StringValue(respelledAddress(idp.SSOURL, prior.SSOURL.ValueString()))
	m.Enabled = types.BoolValue(idp.Enabled)
	m.LoginIdentifier = types.StringValue(sp.LoginIdentifier)
	m.SSOLoginURL = types.StringValue(sp.SSOLoginURL)
	m.MetadataURL = types.StringValue(sp.MetadataURL)
	m.ACSURL = types.StringValue(sp.ACSURL)
	m.SPEntityID = types.StringValue(sp.EntityID)
	certificates := idp.Certificates
	if len(certificates) == 0 { // the service has some, and does not show them
		certificates = textsOf(prior.Certificates)
	}
	m.Certificates = pemList(respelled(certificates, textsOf(prior.Certificates)))
	m.SigningCertificates = pemList(respelled(sp.SigningCertificates, textsOf(prior.SigningCertificates)))
	m.EncryptionCertificates = pemList(respelled(sp.EncryptionCertificates, textsOf(prior.EncryptionCertificates)))
	m.CertificatesExpireAt = expiry(certificates)
}

// isAsWanted reports whether the service shows the IdP that is wanted.
func isAsWanted(wanted, shown cloud.IdP) bool {
	return wanted.LoginIdentifierPrefix == shown.LoginIdentifierPrefix &&
		sameAddress(wanted.Issuer, shown.Issuer) &&
		sameAddress(wanted.SSOURL, shown.SSOURL) &&
		(len(shown.Certificates) == 0 || sameCertificates(wanted.Certificates, shown.Certificates)) &&
		wanted.Enabled == shown.Enabled
}

// respelledAddress writes an address that the service returned in the spelling of
// prior, if that is the same one.
func respelledAddress(address, prior string) string {
	if sameAddress(address, prior) {
		return prior
	}
	return address
}

// sameAddress tells that two addresses are the same but for what the service may
// normalise: the case of scheme and host, and a slash at the end.
func sameAddress(a, b string) bool {
	normal := func(address string) string {
		address = strings.TrimSuffix(address, "/")
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			scheme, rest, _ := strings.Cut(address, "://")
			host, path, slash := strings.Cut(rest, "/")
			address = strings.ToLower(scheme+"://"+host) + map[bool]string{true: "/"}[slash] + path
		}
		return address
	}
	return normal(a) == normal(b)
}

// textsOf reads a list of PEM texts, without those that are not known yet.
func textsOf(list types.List) []string {
	var texts []string
	for _, element := range list.Elements() {
		if value, ok := element.(pemValue); ok && !value.IsUnknown() && !value.IsNull() {
			texts = append(texts, value.ValueString())
		}
	}
	return texts
}

func pemList(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = newPEM(text)
	}
	return types.ListValueMust(pemType{}, elements)
}
