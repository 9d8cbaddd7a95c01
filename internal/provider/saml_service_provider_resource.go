// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ resource.ResourceWithConfigure   = (*samlServiceProviderResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*samlServiceProviderResource)(nil)
	_ resource.ResourceWithImportState = (*samlServiceProviderResource)(nil)
	_ resource.ResourceWithIdentity    = (*samlServiceProviderResource)(nil)
)

const samlServiceProviderType = "elasticcloud_saml_service_provider"

type samlServiceProviderResource struct {
	baseResource
}

func newSAMLServiceProviderResource() plainResource {
	return &samlServiceProviderResource{baseResource{typeName: samlServiceProviderType, adopts: true}}
}

type samlServiceProviderModel struct {
	serviceProviderModel
}

func (r *samlServiceProviderResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The addresses of Elastic Cloud as a SAML service provider, for an IdP that needs them before it gives out its own, such as Okta. " +
			"With this resource, one apply configures both sides: this resource first, then the application at the IdP, then [`elasticcloud_saml_idp`](saml_idp.md). " +
			"The guide [single sign-on with Okta](../guides/sso-okta.md) has a complete configuration.\n\n" +
			"Elastic Cloud has these addresses only while an IdP is configured. If there is none, this resource registers a placeholder: a disabled IdP that nobody can sign in through. " +
			"`elasticcloud_saml_idp` then replaces the placeholder. If an IdP is configured already, this resource only reads, and never changes the IdP. The plan warns if the IdP has another prefix.\n\n" +
			"If the IdP is deleted and this resource stays, the next plan registers a placeholder again.\n\n" +
			"If Elastic Cloud changes an address when the IdP replaces the placeholder, the apply ends with an error. Apply again: the next apply updates the application at the IdP.\n\n" +
			"Destroying this resource deletes the placeholder if it is still there. An IdP stays.",
		Attributes: withServiceProvider(map[string]schema.Attribute{}),
	}
}

func (r *samlServiceProviderResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

func (r *samlServiceProviderResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (r *samlServiceProviderResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (r *samlServiceProviderResource) write(ctx context.Context, planned tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	var plan samlServiceProviderModel
	diags.Append(planned.Get(ctx, &plan)...)
	if !diags.HasError() && r.register(ctx, &plan, diags) {
		r.save(ctx, state, identity, plan, diags)
	}
}

// register has the service give out its addresses, and takes what the plan left open. What
// the plan knew has to stay so: where that is not what the service gives out any more, the
// next plan has to show it, before it goes to the IdP.
func (r *samlServiceProviderResource) register(ctx context.Context, plan *samlServiceProviderModel, diags *diag.Diagnostics) bool {
	var there cloud.IdP
	var err error
	lockErr := r.run.organization.Ensure(ctx, organization.ServiceProviderObject, func() bool {
		there, err = r.run.organization.IdP.Register(ctx, plan.LoginIdentifierPrefix.ValueString())
		return err == nil
	})
	if lockErr != nil {
		err = lockErr
	}
	if err != nil {
		r.addRegisterError(ctx, err, diags)
		return false
	}
	if other := plan.otherThan(there.ServiceProvider); len(other) > 0 {
		diags.AddError(warning.NewAddresses.With(), warning.SincePlanned.With(strings.Join(other, ", ")))
		return false
	}
	plan.learn(there.ServiceProvider)
	return true
}

// addRegisterError says what to do where no domain is claimed: the service's own message
// need not.
func (r *samlServiceProviderResource) addRegisterError(ctx context.Context, err error, diags *diag.Diagnostics) {
	const summary = "Could not register the SAML service provider"
	if domains, listErr := r.run.organization.Domains.List(ctx); listErr != nil || len(domains) > 0 {
		addError(diags, summary, err)
		return
	}
	diags.AddError(summary, err.Error()+"\n\nThe organization has no claimed domain. Elastic Cloud registers a service provider only for an organization that has one. "+
		"Claim and verify a domain with elasticcloud_domain_claim and elasticcloud_domain_verification. Add depends_on = [elasticcloud_domain_verification.<name>] to this resource.")
}

// Read removes the resource from the state where neither an IdP nor the placeholder is
// there.
func (r *samlServiceProviderResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state samlServiceProviderModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	if err != nil && !cloud.HasCode(err, cloud.CodeIdPNotConfigured) {
		addError(&resp.Diagnostics, "Could not read the SAML service provider", err)
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	if err != nil {
		resp.State.RemoveResource(ctx)
		return
	}
	state.fromAPI(idp)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *samlServiceProviderResource) Delete(ctx context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	if err := r.run.organization.IdP.Unregister(ctx); err != nil {
		addError(&resp.Diagnostics, "Could not delete the placeholder of the SAML service provider", err)
	}
}

// ImportState takes the organization's ID.
func (r *samlServiceProviderResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not import the SAML service provider", err)
		return
	}
	var state samlServiceProviderModel
	state.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	state.fromAPI(idp)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// fromAPI reads what is given out for an IdP or the placeholder. The prefix of an IdP is
// not this resource's to change, so a difference to it is no drift.
func (m *samlServiceProviderModel) fromAPI(idp cloud.IdP) {
	if organization.IsPlaceholder(idp) || m.LoginIdentifierPrefix.IsNull() {
		m.LoginIdentifierPrefix = types.StringValue(idp.LoginIdentifierPrefix)
	}
	m.serviceProviderModel.fromAPI(idp.ServiceProvider, m.serviceProviderModel)
}
