// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var (
	_ resource.ResourceWithConfigure   = (*ssoEnforcementResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*ssoEnforcementResource)(nil)
	_ resource.ResourceWithImportState = (*ssoEnforcementResource)(nil)
	_ resource.ResourceWithIdentity    = (*ssoEnforcementResource)(nil)
)

type ssoEnforcementResource struct {
	baseResource
}

func newSSOEnforcementResource() resource.Resource { return &ssoEnforcementResource{} }

type ssoEnforcementModel struct {
	ID types.String `tfsdk:"id"`
}

func (r *ssoEnforcementResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "elasticcloud_sso_enforcement"
}

func (r *ssoEnforcementResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "While it is there, members have to sign in through SSO. Destroyed, they choose.\n\n" +
			"Before it is turned on, the SAML IdP must be there and enabled, and an enabled role mapping must give `organization-admin`; otherwise apply is refused before anything is written. " +
			"Let it depend on that mapping, so that it is created last and destroyed first.",
		Attributes: map[string]schema.Attribute{
			"id": organizationIDAttribute,
		},
	}
}

func (r *ssoEnforcementResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = organizationIdentitySchema
}

// ModifyPlan warns of members whom the enforcement would keep out.
func (r *ssoEnforcementResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	switch {
	case r.run == nil:
		return
	case req.Plan.Raw.IsNull():
		if !r.run.client.Settings().IsEnsured(cloud.EnforcementSetting) { // and not what apply has replaced already
			r.run.claimed.letsGo(enforcementSetting, &resp.Diagnostics)
			r.run.claimed.ends.enforcement.Store(true)
		}
		return
	}
	if firstPlan(ctx, req, resp) {
		r.run.claimed.holds(enforcementSetting, req.State.Raw.IsNull(), &resp.Diagnostics)
	}
	if !req.State.Raw.IsNull() {
		return
	}
	plan := ssoEnforcementModel{ID: types.StringValue(r.organizationID(ctx, &resp.Diagnostics))}
	domains, err := r.run.client.Settings().Domains(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the claimed domains", err)
	}
	people, err := r.run.client.Directory().People(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the organization's people", err)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var outside []string
	for key, p := range people {
		_, domain, _ := strings.Cut(key, "@")
		if p.Member != nil && len(domains) > 0 && !slices.Contains(domains, domain) {
			outside = append(outside, key)
		}
	}
	if slices.Sort(outside); len(outside) > 0 {
		resp.Diagnostics.AddWarning("Members outside of the claimed domains cannot sign in any more",
			fmt.Sprintf("Through SSO only addresses in %s can sign in. Not in there: %s.", strings.Join(domains, ", "), some(outside)))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (r *ssoEnforcementResource) Create(ctx context.Context, _ resource.CreateRequest, resp *resource.CreateResponse) {
	var err error
	lockErr := r.run.client.Settings().Ensure(ctx, cloud.EnforcementSetting, func() bool {
		err = r.enforce(ctx)
		return err == nil
	})
	if err = cmp.Or(err, lockErr); err != nil {
		addError(&resp.Diagnostics, "Could not enforce SSO", err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, ssoEnforcementModel{ID: types.StringValue(r.organizationID(ctx, &resp.Diagnostics))})...)
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, organizationAlone)...)
}

// enforce does nothing where SSO is enforced already.
func (r *ssoEnforcementResource) enforce(ctx context.Context) error {
	organization, err := r.run.client.GetOrganization(ctx)
	if err != nil || organization.Enforcement == cloud.EnforcementOn {
		return err
	}
	asked := false
	err = r.run.client.Settings().Enforce(ctx, func() error {
		err := r.ready(ctx)
		asked = err == nil
		return err
	})
	if err != nil && asked {
		return fmt.Errorf("%w\n\nThe service may want that somebody has signed in through SSO with the IdP as it is configured now: sign in once at sso_login_url of the elasticcloud_saml_idp, with an account that the owners' mapping is for, and apply again", err)
	}
	return err
}

// ready tells what is missing for an enforcement that does not lock everybody
// out.
func (r *ssoEnforcementResource) ready(ctx context.Context) error {
	idp, err := r.run.client.GetIdP(ctx)
	switch {
	case cloud.HasCode(err, cloud.CodeIdPNotConfigured):
		return errors.New("there is no SAML IdP, so nobody could sign in; nothing was changed. Configure one with elasticcloud_saml_idp, and let this resource depend on it")
	case err != nil:
		return err
	case !idp.Enabled:
		return errors.New("the SAML IdP is disabled, so nobody could sign in; nothing was changed. Enable it first (enabled in elasticcloud_saml_idp)")
	}
	mappings, err := r.run.client.Settings().CurrentRoleMappings(ctx)
	if err != nil {
		return err
	}
	organizationID, err := r.run.client.OrganizationID(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(mappings, func(m cloud.RoleMapping) bool { return m.GivesOrganizationAdmin(organizationID) }) {
		return errors.New("no enabled role mapping gives organization-admin, so that the organization would have no owner once everybody has signed in; nothing was changed. " +
			"Add one with elasticcloud_role_mapping, and let this resource depend on it")
	}
	return nil
}

// Read keeps the resource where the service does not say whether SSO is
// enforced.
func (r *ssoEnforcementResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	organization, err := r.run.client.GetOrganization(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not read whether SSO is enforced", err)
		return
	}
	r.run.checkKey(&resp.Diagnostics)
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, organizationAlone)...)
	if organization.Enforcement == cloud.EnforcementOff {
		resp.State.RemoveResource(ctx)
		return
	}
	resp.State.Raw = req.State.Raw
}

// Update has nothing to do: there is nothing to configure.
func (r *ssoEnforcementResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, organizationAlone)...)
}

func (r *ssoEnforcementResource) Delete(ctx context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	settings := r.run.client.Settings()
	if err := settings.Dismiss(ctx, cloud.EnforcementSetting, func() error { return settings.EndEnforcement(ctx) }); err != nil {
		addError(&resp.Diagnostics, "Could not end the enforcement of SSO", err)
	}
}

// ImportState takes the organization's ID.
func (r *ssoEnforcementResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.importsOrganization(ctx, req, resp) {
		return
	}
	organization, err := r.run.client.GetOrganization(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not import the enforcement of SSO", err)
		return
	}
	if organization.Enforcement == cloud.EnforcementOff {
		resp.Diagnostics.AddError("Could not import the enforcement of SSO", "SSO is not enforced in the organization "+organization.ID+".")
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, ssoEnforcementModel{ID: types.StringValue(organization.ID)})...)
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, organizationAlone)...)
}
