// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var (
	_ resource.ResourceWithConfigure   = (*domainClaimResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*domainClaimResource)(nil)
	_ resource.ResourceWithImportState = (*domainClaimResource)(nil)
	_ resource.ResourceWithIdentity    = (*domainClaimResource)(nil)
)

// lostKey marks a lost claim in the private data. The state has verified = true until the
// plan that shows the loss is applied.
const lostKey = "lost"

const domainClaimType = "elasticcloud_domain_claim"

type domainClaimResource struct {
	baseResource
}

func newDomainClaimResource() plainResource {
	return &domainClaimResource{baseResource{typeName: domainClaimType}}
}

type domainClaimModel struct {
	ID                   types.String `tfsdk:"id"`
	Domain               domainValue  `tfsdk:"domain"`
	ChallengeRecordName  types.String `tfsdk:"challenge_record_name"`
	ChallengeRecordValue types.String `tfsdk:"challenge_record_value"`
	Verified             types.Bool   `tfsdk:"verified"`
}

type domainIdentity struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Domain         types.String `tfsdk:"domain"`
}

func (r *domainClaimResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Claims a domain for the organization. The resource has the code that proves ownership, and the TXT record to publish it in. `elasticcloud_domain_verification` then completes the claim, in the same apply.\n\n" +
			"The provider requests the code once and keeps it, also after the domain is claimed. So a DNS record that uses the code does not change. " +
			"Once the domain is claimed, you may delete the record. Another organization can claim the domain only after the record is deleted. " +
			"If Elastic Cloud no longer has the claim, the plan shows `verified = true -> false` and a new code.\n\n" +
			"A domain that the organization has already claimed is adopted, and the plan shows a warning. The domain stays claimed. Apply still requests a code, because a DNS record that refers to it needs one.\n\n" +
			"An import requests no code, so `challenge_record_value` is null. If a DNS record refers to it, create the resource instead of importing it.\n\n" +
			"Destroying the resource gives up the claim. Elastic Cloud refuses that while a SAML IdP is configured, and the plan warns of it. An organization can claim at most ten domains, including subdomains.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The domain in lower case, without a dot at the end.",
				Computed:            true,
			},
			"domain": domainAttribute("The domain, such as `example.com`."),
			"challenge_record_name": schema.StringAttribute{
				MarkdownDescription: "Name of the TXT record: `_elastic_domain_challenge.` and the domain. Known in the plan.",
				Computed:            true,
			},
			"challenge_record_value": schema.StringAttribute{
				MarkdownDescription: "Value of the TXT record. It is not a secret, because the record is public. Null after an import.",
				Computed:            true,
			},
			"verified": schema.BoolAttribute{
				MarkdownDescription: "Whether the organization had claimed the domain at the last refresh. In the apply that verifies the domain, this is still `false`. Resources that need the claim should refer to the `elasticcloud_domain_verification`.",
				Computed:            true,
			},
		},
	}
}

// domainAttribute is the domain that a resource manages.
func domainAttribute(meaning string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: meaning + " Write it in ASCII, with `xn--` for other letters, and without a wildcard. Case and a dot at the end do not matter: another spelling causes no diff. Another domain replaces the resource.",
		Required:            true,
		CustomType:          domainType{},
		PlanModifiers: []planmodifier.String{
			replacedByAnother[domainNotation]("domain"),
		},
	}
}

func (r *domainClaimResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = domainIdentitySchema()
}

func domainIdentitySchema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"organization_id": identityOrganization,
			"domain": identityschema.StringAttribute{
				Description:       "The domain, in any case.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *domainClaimResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan domainClaimModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.ensure(ctx, &plan, true, &resp.Diagnostics) {
		r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
	}
}

// Update requests a new code after a lost claim. Any other change replaces the resource.
func (r *domainClaimResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan domainClaimModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.ensure(ctx, &plan, false, &resp.Diagnostics) {
		r.save(ctx, &resp.State, resp.Identity, plan, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostKey, []byte("false"))...)
	}
}

// ensure requests a code. If look is set, it also finds out whether the domain is claimed.
// The run then keeps the claim, even if it destroys an older resource for it.
func (r *domainClaimResource) ensure(ctx context.Context, plan *domainClaimModel, look bool, diags *diag.Diagnostics) bool {
	domain := plan.Domain.key()
	done := false
	err := r.run.organization.Ensure(ctx, organization.DomainObject(domain), func() bool {
		if look {
			claimed, err := r.run.organization.Domains.Claimed(ctx, domain)
			if err != nil {
				addError(diags, "Could not look up "+domain, err)
				return false
			}
			plan.Verified = types.BoolValue(claimed)
		}
		done = r.askCode(ctx, plan, diags)
		return done
	})
	if err != nil {
		addError(diags, "Could not claim "+domain, err)
	}
	return done
}

func (r *domainClaimResource) askCode(ctx context.Context, plan *domainClaimModel, diags *diag.Diagnostics) bool {
	code, err := r.run.organization.Domains.GenerateCode(ctx, plan.Domain.key())
	if err != nil {
		addError(diags, "Could not get the code for "+plan.Domain.key(), err)
		return false
	}
	plan.identify()
	plan.ChallengeRecordValue = types.StringValue(code)
	return true
}

// Read requests no code. A lost claim stays verified in the state, so that the plan shows
// true -> false.
func (r *domainClaimResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state domainClaimModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	claimed, err := r.run.organization.Domains.Claimed(ctx, state.Domain.key())
	if err != nil {
		addError(&resp.Diagnostics, "Could not look up "+state.Domain.key(), err)
		return
	}
	lost := state.Verified.ValueBool() && !claimed
	state.Verified = types.BoolValue(claimed || lost)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostKey, fmt.Append(nil, lost))...)
}

// Delete calls Elastic Cloud even if the state has no verified claim: the domain may have
// been claimed since. If another resource of the run manages the domain now, the claim
// stays.
func (r *domainClaimResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state domainClaimModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.run.organization.Domains.Dismiss(ctx, state.Domain.key()); err != nil {
		addError(&resp.Diagnostics, "Could not give up "+state.Domain.key(), err)
	}
}

// ImportState imports a claimed domain by its name or identity.
func (r *domainClaimResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	domain := r.importedDomain(ctx, req, "To claim it, remove the import block and apply.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	state := adoptedDomain(domain)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// importedDomain returns the claimed domain that an import names.
func (b *baseResource) importedDomain(ctx context.Context, req resource.ImportStateRequest, instead string, diags *diag.Diagnostics) domainValue {
	domain := newDomain(req.ID)
	if req.ID == "" {
		var identity domainIdentity
		importedIdentity(ctx, req, &identity, "a domain such as example.com", diags)
		domain = newDomain(identity.Domain.ValueString())
		b.checkOrganization(ctx, identity.OrganizationID, diags)
		if diags.HasError() {
			return domain
		}
	}
	summary := fmt.Sprintf("Could not import %q", domain.ValueString())
	if problem := domainProblem(domain.ValueString()); problem != "" {
		diags.AddError(summary, fmt.Sprintf("The import ID must be a domain. %q %s.", domain.ValueString(), problem))
		return domain
	}
	claimed, err := b.run.organization.Domains.Claimed(ctx, domain.key())
	switch {
	case err != nil:
		addError(diags, summary, err)
	case !claimed:
		diags.AddError(summary, "The organization has not claimed "+domain.key()+". "+instead)
	}
	return domain
}

func (m domainClaimModel) identity(organizationID types.String) any {
	return domainIdentity{OrganizationID: organizationID, Domain: types.StringValue(m.Domain.key())}
}

// adoptedDomain returns the state of a claimed domain that is imported.
func adoptedDomain(domain domainValue) domainClaimModel {
	m := domainClaimModel{Domain: domain, Verified: types.BoolValue(true)}
	m.identify()
	return m
}

// identify sets the attributes that follow from the domain.
func (m *domainClaimModel) identify() {
	m.ID = types.StringValue(m.Domain.key())
	m.ChallengeRecordName = types.StringValue(cloud.ChallengeRecordName(m.Domain.key()))
}
