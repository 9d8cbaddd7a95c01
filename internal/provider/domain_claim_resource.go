// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var (
	_ resource.ResourceWithConfigure   = (*domainClaimResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*domainClaimResource)(nil)
	_ resource.ResourceWithImportState = (*domainClaimResource)(nil)
	_ resource.ResourceWithIdentity    = (*domainClaimResource)(nil)
)

// maxDomains is how many domains the service lets an organization claim.
const maxDomains = 10

// lostKey marks in the private data that a claim was there and is no longer.
// The state says verified until the plan that shows it is applied.
const lostKey = "lost"

var domainPath = path.Root("domain")

type domainClaimResource struct {
	baseResource
}

func newDomainClaimResource() resource.Resource { return &domainClaimResource{} }

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

func (r *domainClaimResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "elasticcloud_domain_claim"
}

func (r *domainClaimResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A domain that the organization claims: the code that proves who owns it, and the TXT record to publish it in. `elasticcloud_domain_verification` then completes the claim, in the same apply.\n\n" +
			"The code is asked for once and kept, also after the domain is claimed, so a DNS record that is made of it does not change. Once the domain is claimed the record may go; it has to go before another organization can claim the domain. " +
			"Where the service says that a claim is there no longer, the plan shows `verified = true -> false` and a new code.\n\n" +
			"A domain that the organization has claimed already is taken over, and the plan says so. It stays claimed; a code is asked for all the same, since a DNS record that refers to it needs one. " +
			"An import asks for no code: `challenge_record_value` is null then. Where a DNS record refers to it, do not import but apply.\n\n" +
			"Destroying this gives the claim up. The service refuses that while a SAML IdP is configured. An organization can claim ten domains at most, sub-domains included.",
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
			stringplanmodifier.RequiresReplaceIf(differsAsDomain, "another domain replaces", "Another domain replaces."),
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

// ModifyPlan shows nothing where only the spelling differs, and a new code
// where the claim is lost.
func (r *domainClaimResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.run == nil || req.Plan.Raw.IsNull() {
		return
	}
	var plan, state domainClaimModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	creates := req.State.Raw.IsNull()
	if !creates {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	switch {
	case resp.Diagnostics.HasError() || plan.Domain.IsUnknown():
		return
	case !creates && plan.Domain.name() != state.Domain.name():
		return // a replacement; it is planned as a creation next
	}
	if firstPlan(ctx, req, resp) {
		r.run.claimed.domain(plan.Domain.name(), &resp.Diagnostics)
	}
	if creates {
		plan.identify()
		r.planCreate(ctx, plan.Domain.name(), &resp.Diagnostics)
	} else {
		// By what the refresh found and not by a new look: apply plans again.
		lost, diags := req.Private.GetKey(ctx, lostKey)
		resp.Diagnostics.Append(diags...)
		plan = state
		if string(lost) == "true" {
			planLost(&plan, &resp.Diagnostics)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planCreate warns where the domain is claimed already, and where there is no
// room for one more.
func (r *domainClaimResource) planCreate(ctx context.Context, domain string, diags *diag.Diagnostics) {
	claimed, err := r.run.client.Settings().DomainClaimed(ctx, domain)
	domains, listErr := r.run.client.Settings().Domains(ctx)
	switch {
	case err != nil:
		addError(diags, "Could not look "+domain+" up", err)
	case claimed:
		diags.AddAttributeWarning(domainPath, domain+" is taken over",
			"The organization has claimed this domain already. Apply leaves the claim as it is; destroying this resource later gives it up. A code is asked for all the same, for a DNS record that may refer to it.")
	case listErr == nil && len(domains) >= maxDomains:
		diags.AddAttributeWarning(domainPath, "There is no room for "+domain, tooManyDomains(domains)+" Unless the same apply gives one up first, the verification will fail.")
	}
}

func tooManyDomains(domains []string) string {
	return fmt.Sprintf("An organization can claim %d domains at most, sub-domains included, and this one has claimed %s.", maxDomains, strings.Join(domains, ", "))
}

func planLost(plan *domainClaimModel, diags *diag.Diagnostics) {
	plan.Verified = types.BoolValue(false)
	plan.ChallengeRecordValue = types.StringUnknown()
	diags.AddAttributeWarning(domainPath, "The claim of "+plan.Domain.name()+" is lost",
		"The organization had claimed this domain and has not any more: somebody gave it up, or the service took it away. Apply asks for a new code, to be published in the TXT record in place of the old one, and an elasticcloud_domain_verification then claims the domain again.")
}

// domain notes an elasticcloud_domain_claim.
func (c *claims) domain(name string, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.domains[name] {
		diags.AddAttributeError(domainPath, name+" is in the configuration twice",
			"Two elasticcloud_domain_claim resources of this configuration are for the domain "+name+". Each would ask for a code, which makes that of the other one worthless. Keep one of them.")
		return
	}
	if c.domains == nil {
		c.domains = map[string]bool{}
	}
	c.domains[name] = true
}

func (r *domainClaimResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan domainClaimModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	claimed, err := r.run.client.Settings().DomainClaimed(ctx, plan.Domain.name())
	if err != nil {
		addError(&resp.Diagnostics, "Could not look "+plan.Domain.name()+" up", err)
		return
	}
	plan.Verified = types.BoolValue(claimed)
	if r.askCode(ctx, &plan, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, plan.Domain.identity)...)
	}
}

// Update gets a new code where the claim was lost; any other change replaces.
func (r *domainClaimResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan domainClaimModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.askCode(ctx, &plan, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostKey, []byte("false"))...)
		resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, plan.Domain.identity)...)
	}
}

func (r *domainClaimResource) askCode(ctx context.Context, plan *domainClaimModel, diags *diag.Diagnostics) bool {
	code, err := r.run.client.GenerateDomainCode(ctx, plan.Domain.name())
	if err != nil {
		addError(diags, "Could not get the code for "+plan.Domain.name(), err)
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
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	claimed, err := r.run.client.Settings().DomainClaimed(ctx, state.Domain.name())
	if err != nil {
		addError(&resp.Diagnostics, "Could not look "+state.Domain.name()+" up", err)
		return
	}
	r.run.checkKey(&resp.Diagnostics)
	lost := state.Verified.ValueBool() && !claimed
	state.Verified = types.BoolValue(claimed || lost)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostKey, fmt.Append(nil, lost))...)
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state.Domain.identity)...)
}

// Delete asks the service also where the domain was never verified: it may have
// been since.
func (r *domainClaimResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state domainClaimModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := r.run.client.Settings().DeleteDomain(ctx, state.Domain.name()); err != nil {
		addError(&resp.Diagnostics, "Could not give "+state.Domain.name()+" up", err)
	}
}

// ImportState takes a claimed domain, or the identity.
func (r *domainClaimResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	domain := r.importedDomain(ctx, req, "To claim it, remove the import and apply.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	state := adoptedDomain(domain)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, domain.identity)...)
}

// importedDomain is the claimed domain that an import names.
func (b *baseResource) importedDomain(ctx context.Context, req resource.ImportStateRequest, instead string, diags *diag.Diagnostics) domainValue {
	domain := newDomain(req.ID)
	if req.ID == "" {
		var identity domainIdentity
		diags.Append(req.Identity.Get(ctx, &identity)...)
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
	claimed, err := b.run.client.Settings().DomainClaimed(ctx, domain.name())
	switch {
	case err != nil:
		addError(diags, summary, err)
	case !claimed:
		diags.AddError(summary, "The organization has not claimed "+domain.name()+". "+instead)
	}
	return domain
}

func (v domainValue) identity(organizationID types.String) any {
	return domainIdentity{OrganizationID: organizationID, Domain: types.StringValue(v.name())}
}

// adoptedDomain is the state of a claimed domain that is taken over.
func adoptedDomain(domain domainValue) domainClaimModel {
	m := domainClaimModel{Domain: domain, Verified: types.BoolValue(true)}
	m.identify()
	return m
}

// identify sets what follows from the domain.
func (m *domainClaimModel) identify() {
	m.ID = types.StringValue(m.Domain.name())
	m.ChallengeRecordName = types.StringValue(cloud.ChallengeRecordName(m.Domain.name()))
}
