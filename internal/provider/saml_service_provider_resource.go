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
		MarkdownDescription: "Provides the addresses of Elastic Cloud as a SAML service provider. Use it for an IdP that needs them before it provides its own, such as Okta. " +
			"With this resource, one apply configures both sides: this resource first, then the application at the IdP, then [`elasticcloud_saml_idp`](saml_idp.md). " +
			"The guide [single sign-on with Okta](../guides/sso-okta.md) has a complete configuration.\n\n" +
			"Elastic Cloud has these addresses only while an IdP is configured. If there is none, this resource registers a placeholder: a disabled IdP, through which nobody can sign in. " +
			"`elasticcloud_saml_idp` then replaces the placeholder. If an IdP is already configured, this resource only reads, and never changes the IdP. The plan warns if the IdP has another prefix.\n\n" +
			"If the IdP is deleted and this resource stays, the next plan registers a placeholder again.\n\n" +
			"If Elastic Cloud changes an address when the IdP replaces the placeholder, the apply ends with an error. Apply again: the next apply updates the application at the IdP.\n\n" +
			"Destroying the resource deletes the placeholder if it still exists. An IdP stays.",
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

// register registers the service provider, and sets the unknown values of the plan. Known
// values must stay. If Elastic Cloud returns other values by now, the next plan has to show
// them before the application at the IdP gets them.
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

// addRegisterError adds what to do if no domain is claimed: the message of Elastic Cloud may
// not have it.
func (r *samlServiceProviderResource) addRegisterError(ctx context.Context, err error, diags *diag.Diagnostics) {
	const summary = "Could not register the SAML service provider"
	if domains, listErr := r.run.organization.Domains.List(ctx); listErr != nil || len(domains) > 0 {
		addError(diags, summary, err)
		return
	}
	diags.AddError(summary, err.Error()+"\n\nThe organization has no claimed domain. Elastic Cloud registers a service provider only for an organization that has one. "+
		"Claim and verify one with elasticcloud_domain_claim and elasticcloud_domain_verification. "+warning.DependsOn.With("elasticcloud_domain_verification", samlServiceProviderType))
}

// Read removes the resource from the state if neither an IdP nor the placeholder exists.
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

// ImportState imports by the ID of the organization.
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

// fromAPI reads the addresses that belong to an IdP or the placeholder. This resource does
// not manage the prefix of an IdP, so another prefix there is not drift.
func (m *samlServiceProviderModel) fromAPI(idp cloud.IdP) {
	if organization.IsPlaceholder(idp) || m.LoginIdentifierPrefix.IsNull() {
		m.LoginIdentifierPrefix = types.StringValue(idp.LoginIdentifierPrefix)
	}
	m.serviceProviderModel.fromAPI(idp.ServiceProvider, m.serviceProviderModel)
}
