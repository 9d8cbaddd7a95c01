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

// organizationIdentity is the identity of what an organization has one of.
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

// identityOrganization is the part of an identity that an import may leave out.
var identityOrganization = identityschema.StringAttribute{
	Description:       "ID of the organization. Default: the one that the provider is configured for.",
	OptionalForImport: true,
}

// identified is a model whose resource has an identity of its own. All others are
// what an organization has one of.
type identified interface {
	identity(organizationID types.String) any
}

// read reads the state of a resource that is refreshed. It is false where the state
// stays as it is: after an error, and where nothing is looked up.
func (b *baseResource) read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse, state any) bool {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	if resp.Diagnostics.HasError() || b.run.looksUp() {
		return !resp.Diagnostics.HasError()
	}
	if resp.Identity.Raw.IsNull() { // the framework wants one from each refresh
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

// setIdentity does so wherever there is a state: Terraform before 1.12 does not
// carry the identity over.
func (b *baseResource) setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, model any) diag.Diagnostics {
	var diags diag.Diagnostics
	id := b.organizationID(ctx, &diags)
	if identity == nil || diags.HasError() {
		return diags
	}
	return identity.Set(ctx, identityOf(model, types.StringValue(id)))
}

// importedIdentity reads the identity that an import gives in place of an ID.
// Where it gives neither, the error says what an ID is.
func importedIdentity(ctx context.Context, req resource.ImportStateRequest, target any, id string, diags *diag.Diagnostics) {
	if req.Identity == nil || req.Identity.Raw.IsNull() {
		diags.AddError("Could not import by an empty ID", "The import ID is "+id+".")
		return
	}
	diags.Append(req.Identity.Get(ctx, target)...)
}

// importsOrganization tells that an import, by ID or identity, names the
// configured organization.
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

// checkOrganization refuses an imported identity of another organization.
func (b *baseResource) checkOrganization(ctx context.Context, imported types.String, diags *diag.Diagnostics) {
	configured := b.organizationID(ctx, diags)
	if id := imported.ValueString(); id != "" && configured != "" && id != configured {
		diags.AddError("The import is of another organization",
			fmt.Sprintf("The import names the organization %q, and the provider is configured for %s.", id, configured))
	}
}
