// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// organizationIdentity is the identity of a resource that an organization has only once.
type organizationIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
}

var organizationIdentitySchema = identityschema.Schema{
	Attributes: map[string]identityschema.Attribute{
		"organization_id": identityschema.StringAttribute{
			Description:       "ID of the organization.",
			RequiredForImport: true,
		},
	},
}

// identityOrganization is the part of an identity that an import may omit.
var identityOrganization = identityschema.StringAttribute{
	Description:       "ID of the organization. Default: the organization that the provider is configured for.",
	OptionalForImport: true,
}

// identified is the model of a resource that an organization can have several of. All
// others have the identity of the organization.
type identified interface {
	identity(organizationID types.String) any
}

// read reads the state of a resource that is refreshed. It is false if the state must not
// change: after an error, and if the run looks nothing up.
func (b *baseResource) read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse, state any) bool {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	if resp.Diagnostics.HasError() || b.run.looksUp() {
		return !resp.Diagnostics.HasError()
	}
	if resp.Identity.Raw.IsNull() { // the framework requires one from each refresh
		id := types.StringNull()
		if known := organizationOfState(ctx, req.State, req.Identity, req.Private, &resp.Diagnostics); known != "" {
			id = types.StringValue(known)
		}
		resp.Diagnostics.Append(resp.Identity.Set(ctx, identityOf(state, id))...)
	}
	return false
}

// save writes the state of a resource, and its identity.
func (b *baseResource) save(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, model any, diags *diag.Diagnostics) {
	diags.Append(state.Set(ctx, model)...)
	diags.Append(b.setIdentity(ctx, identity, model)...)
}

func identityOf(model any, organizationID types.String) any {
	if m, ok := model.(identified); ok {
		return m.identity(organizationID)
	}
	return organizationIdentity{OrganizationID: organizationID}
}

// setIdentity sets the identity with each state, because Terraform before 1.12 does not
// keep it.
func (b *baseResource) setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, model any) diag.Diagnostics {
	var diags diag.Diagnostics
	id := b.organizationID(ctx, &diags)
	if identity == nil || diags.HasError() {
		return diags
	}
	return identity.Set(ctx, identityOf(model, types.StringValue(id)))
}

// importedIdentity reads the identity that an import has in place of an ID. If it has
// neither, the error describes the ID.
func importedIdentity(ctx context.Context, req resource.ImportStateRequest, target any, id string, diags *diag.Diagnostics) {
	if req.Identity == nil || req.Identity.Raw.IsNull() {
		diags.AddError("Could not import by an empty ID", "The import ID is "+id+".")
		return
	}
	diags.Append(req.Identity.Get(ctx, target)...)
}

// importsOrganization reports whether an import, by ID or identity, names the configured
// organization.
func (b *baseResource) importsOrganization(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) bool {
	id := types.StringValue(req.ID)
	if req.ID == "" {
		var identity organizationIdentity
		importedIdentity(ctx, req, &identity, "the ID of the organization", &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return false
		}
		id = identity.OrganizationID
	}
	b.checkOrganization(ctx, id, &resp.Diagnostics)
	return !resp.Diagnostics.HasError()
}

// checkOrganization refuses an import of another organization.
func (b *baseResource) checkOrganization(ctx context.Context, imported types.String, diags *diag.Diagnostics) {
	configured := b.organizationID(ctx, diags)
	if id := imported.ValueString(); id != "" && configured != "" && id != configured {
		diags.AddError("Could not import from another organization",
			fmt.Sprintf("The import names the organization %q, and the provider is configured for %s. Correct the import, or organization_id of the provider block.", id, configured))
	}
}
