// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var (
	_ resource.ResourceWithConfigure   = (*domainVerificationResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*domainVerificationResource)(nil)
	_ resource.ResourceWithImportState = (*domainVerificationResource)(nil)
	_ resource.ResourceWithIdentity    = (*domainVerificationResource)(nil)
)

const (
	defaultVerifyTimeout = 15 * time.Minute
	defaultVerifyWait    = 2 * time.Second
	// longestVerifyWait is a multiple of the first pause: with the default, 30 seconds.
	longestVerifyWait = 15
)

type domainVerificationResource struct {
	baseResource
}

func newDomainVerificationResource() plainResource {
	return &domainVerificationResource{baseResource{typeName: "elasticcloud_domain_verification", inert: true}}
}

type domainVerificationModel struct {
	ID                   types.String   `tfsdk:"id"`
	Domain               domainValue    `tfsdk:"domain"`
	ChallengeRecordValue types.String   `tfsdk:"challenge_record_value"`
	Timeouts             timeouts.Value `tfsdk:"timeouts"`
}

func (r *domainVerificationResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Waits until Elastic Cloud sees the TXT record of an `elasticcloud_domain_claim`, which completes the claim. Resources that need a claimed domain should refer to this resource.\n\n" +
			"The provider asks Elastic Cloud repeatedly, with pauses that grow from two to thirty seconds. For a domain that the organization has already claimed, it does not wait. " +
			"After the timeout, the error shows the expected TXT record and the present answer of DNS. The next apply continues to wait.\n\n" +
			"Destroying the resource changes nothing in Elastic Cloud: the domain stays claimed until its `elasticcloud_domain_claim` is destroyed. If the claim is lost, the plan creates the verification again.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The domain in lower case, without a dot at the end.",
				Computed:            true,
			},
			"domain": domainAttribute("The domain to verify, usually `domain` of the `elasticcloud_domain_claim`."),
			"challenge_record_value": schema.StringAttribute{
				MarkdownDescription: "The value that the TXT record should have: `challenge_record_value` of the `elasticcloud_domain_claim`. A new value verifies the domain again, in place. " +
					"Elastic Cloud knows the code already. The value makes Terraform wait for a new code, and it appears in the error after the timeout. Default: none, and the error shows no value.",
				Optional: true,
			},
			"timeouts": createTimeout(ctx),
		},
	}
}

func createTimeout(ctx context.Context) schema.Attribute {
	attribute, ok := timeouts.Attributes(ctx, timeouts.Opts{
		Create:            true,
		CreateDescription: "How long to wait for the TXT record, such as `30m` or `1h30m`. It also applies when a new value verifies the domain again. Default: `15m`.",
	}).(schema.SingleNestedAttribute)
	if ok {
		attribute.MarkdownDescription = "Timeouts of this resource."
		if create, ok := attribute.Attributes["create"].(schema.StringAttribute); ok {
			create.Validators = append(create.Validators, createTimeoutCheck)
			attribute.Attributes["create"] = create
		}
	}
	return attribute
}

func (r *domainVerificationResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = domainIdentitySchema()
}

func (r *domainVerificationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Update verifies again, which does nothing while the domain is claimed.
func (r *domainVerificationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.write(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (r *domainVerificationResource) write(ctx context.Context, planned tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	var plan domainVerificationModel
	diags.Append(planned.Get(ctx, &plan)...)
	if diags.HasError() || !r.verify(ctx, &plan, diags) {
		return
	}
	r.save(ctx, state, identity, plan, diags)
}

// verify waits until the domain is claimed, or adds an error.
func (r *domainVerificationResource) verify(ctx context.Context, plan *domainVerificationModel, diags *diag.Diagnostics) bool {
	domain := plan.Domain.key()
	plan.ID = types.StringValue(domain)
	limit, timeoutDiags := plan.Timeouts.Create(ctx, defaultVerifyTimeout)
	diags.Append(timeoutDiags...)
	if diags.HasError() {
		return false
	}
	domains := r.run.organization.Domains
	claimed, err := domains.Claimed(ctx, domain)
	if err == nil && !claimed {
		bounded, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err = r.untilVerified(bounded, domain)
	}
	summary := "Could not verify " + domain
	var apiErr *cloud.Error
	switch {
	case err == nil:
		return true
	case ctx.Err() != nil:
		addError(diags, summary, ctx.Err())
	case errors.Is(err, cloud.ErrChallengePending):
		diags.AddError(fmt.Sprintf("%s within %s", summary, limit), r.unseen(ctx, *plan))
	case errors.As(err, &apiErr) && apiErr.Status == http.StatusBadRequest && !cloud.HasCode(err, cloud.CodeDomainExists):
		// The error code for the eleventh domain is not documented.
		if claimed, listErr := domains.List(ctx); listErr == nil && len(claimed) >= maxDomains {
			err = fmt.Errorf("%w\n\n%s Give up one of them first", err, tooManyDomains(claimed))
		}
		addError(diags, summary, err)
	default:
		addError(diags, summary, err)
	}
	return false
}

// untilVerified asks Elastic Cloud until the domain is verified or refused. If the context
// ends first, it returns the last error of Elastic Cloud.
func (r *domainVerificationResource) untilVerified(ctx context.Context, domain string) error {
	start := time.Now()
	wait := r.run.verifyWait
	var last error
	for try := 1; ; try++ {
		err := r.run.organization.Domains.Verify(ctx, domain)
		if !errors.Is(err, cloud.ErrChallengePending) && !cloud.HasCode(err, cloud.CodeDomainsChanging) {
			if err != nil && ctx.Err() != nil && last != nil {
				return last
			}
			return err
		}
		last = err
		pause := wait/2 + rand.N(wait/2+1)
		tflog.Info(ctx, "The domain cannot be verified yet", map[string]any{
			"domain": domain, "tries": try, "waited_s": int(time.Since(start).Seconds()), "next_try_in_s": int(pause.Seconds()),
		})
		select {
		case <-ctx.Done():
			return last
		case <-time.After(pause):
		}
		wait = min(2*wait, longestVerifyWait*r.run.verifyWait)
	}
}

// unseen returns which record Elastic Cloud does not see, and what DNS answers.
func (r *domainVerificationResource) unseen(ctx context.Context, plan domainVerificationModel) string {
	name, value := cloud.ChallengeRecordName(plan.Domain.key()), plan.ChallengeRecordValue.ValueString()
	record := "    name:  " + name + "\n    type:  TXT\n"
	if value != "" {
		record += "    value: " + value + "\n"
	} else {
		record += "    value: challenge_record_value of the elasticcloud_domain_claim\n"
	}
	return "Elastic Cloud does not see this DNS record yet:\n\n" + record + "\n" + txtInWords(ctx, r.run.dnsServers, name, value) +
		"\n\nThe next apply continues to wait. To wait longer, set timeouts = { create = \"1h\" }. " +
		"If the record was published more than an hour ago, request another code: terraform apply -replace=ADDRESS, with the address of the elasticcloud_domain_claim."
}

func (r *domainVerificationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state domainVerificationModel
	if !r.read(ctx, req, resp, &state) {
		return
	}
	claimed, err := r.run.organization.Domains.Claimed(ctx, state.Domain.key())
	if err != nil {
		addError(&resp.Diagnostics, "Could not look up "+state.Domain.key(), err)
		return
	}
	resp.Diagnostics.Append(r.setIdentity(ctx, resp.Identity, state)...)
	if !claimed {
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Delete does nothing: the elasticcloud_domain_claim gives up the domain.
func (r *domainVerificationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState imports a claimed domain by its name or identity.
func (r *domainVerificationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	domain := r.importedDomain(ctx, req, "To verify it, remove the import block and apply.", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.save(ctx, &resp.State, resp.Identity, domainVerificationModel{
		ID:       types.StringValue(domain.key()),
		Domain:   domain,
		Timeouts: timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{"create": types.StringType})},
	}, &resp.Diagnostics)
}

func (m domainVerificationModel) identity(organizationID types.String) any {
	return domainIdentity{OrganizationID: organizationID, Domain: types.StringValue(m.Domain.key())}
}
