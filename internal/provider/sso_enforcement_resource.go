// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var (
	_ resource.ResourceWithConfigure   = (*ssoEnforcementResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*ssoEnforcementResource)(nil)
	_ resource.ResourceWithImportState = (*ssoEnforcementResource)(nil)
	_ resource.ResourceWithIdentity    = (*ssoEnforcementResource)(nil)
)

const ssoEnforcementType = "elasticcloud_sso_enforcement"

type ssoEnforcementResource struct {
	baseResource
}

func newSSOEnforcementResource() plainResource {
	return &ssoEnforcementResource{baseResource{typeName: ssoEnforcementType}}
}

type ssoEnforcementModel struct {
	ID types.String `tfsdk:"id"`
}

func (r *ssoEnforcementResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Requires members to sign in through SSO. Destroying the resource makes SSO optional.\n\n" +
			"An enabled SAML IdP and an enabled role mapping that grants `organization-admin` must exist first. Otherwise the plan or apply fails before it changes anything. " +
			"Let this resource depend on that mapping, so that it is created last and destroyed first.\n\n" +
			"The plan that creates it warns of owners and members whose address is outside the claimed domains. It also warns of owners to whom no role mapping grants `organization-admin` at a sign-in. " +
			"Somebody must sign in through SSO with the present configuration of the IdP before apply. Elastic Cloud may refuse to enforce SSO until then.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
		},
	}
}

func (r *ssoEnforcementResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

func (r *ssoEnforcementResource) Create(ctx context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	var err error
	lockErr := r.run.organization.Ensure(ctx, organization.EnforcementObject, func() bool {
		if err = errReaddressed; !r.run.readdressed.Load() {
			err = r.run.organization.Enforcement.Begin(ctx)
		}
		return err == nil
	})
	if err = cmp.Or(err, lockErr); err != nil {
		addError(&resp.Diagnostics, "Could not enforce SSO", enforceError(err))
		return
	}
	r.save(ctx, &resp.State, resp.Identity, ssoEnforcementModel{ID: types.StringValue(r.organizationID(ctx, &resp.Diagnostics))}, &resp.Diagnostics)
}

var errReaddressed = errors.New("the addresses of Elastic Cloud changed with the SAML IdP in this apply, so nobody could sign in. SSO was not enforced. " +
	"The application at the IdP needs the new addresses: the next apply changes it if it is in this configuration. Sign in once, then apply again")

// enforceError adds what to do if SSO cannot be enforced.
func enforceError(err error) error {
	switch {
	case errors.Is(err, organization.ErrNoIdP):
		return fmt.Errorf("%w. SSO was not enforced. Configure one with elasticcloud_saml_idp, and let this resource depend on it", err)
	case errors.Is(err, organization.ErrIdPDisabled):
		return fmt.Errorf("%w. SSO was not enforced. Enable it first (enabled in elasticcloud_saml_idp)", err)
	case errors.Is(err, organization.ErrNoOwnersMapping):
		return fmt.Errorf("%w. SSO was not enforced. Add one with elasticcloud_role_mapping, and let this resource depend on it", err)
	}
	return err
}

// Read keeps the resource if Elastic Cloud does not return whether SSO is enforced.
func (r *ssoEnforcementResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state ssoEnforcementModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	there, err := r.run.organization.Get(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not read whether SSO is enforced", err)
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	if there.Enforcement == cloud.EnforcementOff {
		r.run.enforcementLost.Store(true)
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update has nothing to do: there is nothing to configure.
func (r *ssoEnforcementResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, ssoEnforcementModel{})...)
}

func (r *ssoEnforcementResource) Delete(ctx context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	if err := r.run.organization.Enforcement.Dismiss(ctx); err != nil {
		addError(&resp.Diagnostics, "Could not end the SSO enforcement", err)
	}
}

// ImportState imports by the ID of the organization.
func (r *ssoEnforcementResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	organization, err := r.run.organization.Get(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not import the SSO enforcement", err)
		return
	}
	if organization.Enforcement == cloud.EnforcementOff {
		resp.Diagnostics.AddError("Could not import the SSO enforcement", "SSO is not enforced in the organization "+organization.ID+". To enforce it, create the resource instead of importing it.")
		return
	}
	r.save(ctx, &resp.State, resp.Identity, ssoEnforcementModel{ID: types.StringValue(organization.ID)}, &resp.Diagnostics)
}
