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

// lostKey marks in the private data that a claim was there and is no longer.
// The state says verified until the plan that shows it is applied.
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
		MarkdownDescription: "A domain that the organization claims: the code that proves who owns it, and the TXT record to publish it in. `elasticcloud_domain_verification` then completes the claim, in the same apply.\n\n" +
			"The code is asked for once and kept, also after the domain is claimed, so a DNS record that is made of it does not change. Once the domain is claimed the record may go; it has to go before another organization can claim the domain. " +
			"Where the service says that a claim is there no longer, the plan shows `verified = true -> false` and a new code.\n\n" +
			"A domain that the organization has claimed already is taken over, and the plan says so. It stays claimed; a code is asked for all the same, since a DNS record that refers to it needs one. " +
			"An import asks for no code: `challenge_record_value` is null then. Where a DNS record refers to it, do not import but apply.\n\n" +
			"Destroying this gives the claim up. The service refuses that while a SAML IdP is configured, and the plan warns of it. An organization can claim ten domains at most, sub-domains included.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The domain in lower case, without a dot at its end.",
				Computed:            true,
			},
			"domain": domainAttribute("The domain, such as `example.com`."),
			"challenge_record_name": schema.StringAttribute{
				MarkdownDescription: "Name of the TXT record: `_elastic_domain_challenge.` and the domain. Known in the plan.",
				Computed:            true,
			},
			"challenge_record_value": schema.StringAttribute{
				MarkdownDescription: "Value of the TXT record. It will be public, so it is no secret. Null after an import.",
				Computed:            true,
			},
			"verified": schema.BoolAttribute{
				MarkdownDescription: "Whether the organization had claimed the domain when it was last looked. Within the apply that verifies it this is still `false`: what needs the claim refers to the `elasticcloud_domain_verification`.",
				Computed:            true,
			},
		},
	}
}

// domainAttribute is the domain that a resource is about.
func domainAttribute(meaning string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: meaning + " In ASCII, so with `xn--` where it has other letters; without a wildcard. Compared without regard to case and to a dot at its end: another spelling is no change, another domain replaces the resource.",
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

// Update gets a new code where the claim was lost; any other change replaces.
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

// ensure asks for a code, and where look is set whether the domain is claimed. The
// claim then stays, also where this object takes the place of an older one.
func (r *domainClaimResource) ensure(ctx context.Context, plan *domainClaimModel, look bool, diags *diag.Diagnostics) bool {
	domain := plan.Domain.key()
	done := false
	err := r.run.organization.Ensure(ctx, organization.DomainObject(domain), func() bool {
		if look {
			claimed, err := r.run.organization.Domains.Claimed(ctx, domain)
			if err != nil {
				addError(diags, "Could not look "+domain+" up", err)
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

// Read asks for no code. A claim that is lost stays verified in the state, so
// that the plan shows true -> false.
func (r *domainClaimResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state domainClaimModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	claimed, err := r.run.organization.Domains.Claimed(ctx, state.Domain.key())
	if err != nil {
		addError(&resp.Diagnostics, "Could not look "+state.Domain.key()+" up", err)
		return
	}
	lost := state.Verified.ValueBool() && !claimed
	state.Verified = types.BoolValue(claimed || lost)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostKey, fmt.Append(nil, lost))...)
}

// Delete asks the service also where the domain was never verified: it may have
// been since. The claim of an object that took the place of this one stays.
func (r *domainClaimResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state domainClaimModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.run.organization.Domains.Dismiss(ctx, state.Domain.key()); err != nil {
		addError(&resp.Diagnostics, "Could not give "+state.Domain.key()+" up", err)
	}
}

// ImportState takes a claimed domain, or the identity.
func (r *domainClaimResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	domain := r.importedDomain(ctx, req, "To claim it, remove the import and apply.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	state := adoptedDomain(domain)
	r.save(ctx, &resp.State, resp.Identity, state, &resp.Diagnostics)
}

// importedDomain is the claimed domain that an import names.
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
		diags.AddError(summary, fmt.Sprintf("The import ID is a domain such as example.com, and %q %s.", domain.ValueString(), problem))
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

// adoptedDomain is the state of a claimed domain that is taken over.
func adoptedDomain(domain domainValue) domainClaimModel {
	m := domainClaimModel{Domain: domain, Verified: types.BoolValue(true)}
	m.identify()
	return m
}

// identify sets what follows from the domain.
func (m *domainClaimModel) identify() {
	m.ID = types.StringValue(m.Domain.key())
	m.ChallengeRecordName = types.StringValue(cloud.ChallengeRecordName(m.Domain.key()))
}
