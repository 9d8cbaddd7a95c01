// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// keyWarning is how long before its end an API key is worth a warning.
const keyWarning = 14 * 24 * time.Hour

// run is one configured run of the provider: a plan, or an apply. All
// resources share it.
type run struct {
	organization *organization.Organization
	claimed      claims

	verifyWait time.Duration
	dnsServers []string

	warnOfKey sync.Once
	// plansMembers tells that an elasticcloud_members was refreshed, as a plan
	// does first and an apply never.
	plansMembers atomic.Bool
}

// setPlan writes the plan of a resource. respelled is the same plan with what
// means the same as in the state as it stands there. Terraform allows the value
// of the state in place of the configured one, and then shows nothing: so that
// is planned where it leaves nothing to do. Beside something else to do it is
// planned as configured, also when apply plans again, when more is known.
func setPlan(ctx context.Context, plan, respelled any, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, respelled)...)
		if resp.Plan.Raw.Equal(req.State.Raw) {
			return
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// checkKey warns once in a run that the API key is about to end.
func (r *run) checkKey(diags *diag.Diagnostics) {
	expires := r.organization.KeyExpires()
	if expires.IsZero() || time.Until(expires) > keyWarning {
		return
	}
	r.warnOfKey.Do(func() {
		diags.AddWarning("The API key ends on "+expires.UTC().Format(time.DateOnly),
			fmt.Sprintf("The key in use expires at %s. After that every plan fails: make a new one in the Elastic Cloud console and replace it.", timestamp(expires)))
	})
}

// baseResource is what all resources share.
type baseResource struct {
	run *run
}

// Configure implements resource.ResourceWithConfigure.
func (b *baseResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// runOf is what the provider's Configure handed on; nil where validation runs
// unconfigured.
func runOf(providerData any, diags *diag.Diagnostics) *run {
	if providerData == nil {
		return nil
	}
	r, ok := providerData.(*run)
	if !ok {
		diags.AddError("The provider is not set up", fmt.Sprintf("Unexpected provider data %T. This is a bug in the provider: please report it.", providerData))
	}
	return r
}

// organizationID is the organization that the provider is configured for.
func (b *baseResource) organizationID(ctx context.Context, diags *diag.Diagnostics) string {
	id, err := b.run.organization.ID(ctx)
	if err != nil {
		addError(diags, "Could not find the organization", err)
	}
	return id
}

// lookUp finds a person, and the organization's ID. It is false where that
// failed, and says so.
func (b *baseResource) lookUp(ctx context.Context, email string, diags *diag.Diagnostics) (organization.Person, string, bool) {
	person, err := b.run.organization.People.Find(ctx, email)
	if err != nil {
		addError(diags, "Could not look "+email+" up", err)
		return person, "", false
	}
	b.run.checkKey(diags)
	organizationID := b.organizationID(ctx, diags)
	return person, organizationID, organizationID != ""
}

// checkOrganization refuses an imported identity of another organization.
func (b *baseResource) checkOrganization(ctx context.Context, imported types.String, diags *diag.Diagnostics) {
	configured := b.organizationID(ctx, diags)
	if id := imported.ValueString(); id != "" && configured != "" && id != configured {
		diags.AddError("The import is of another organization",
			fmt.Sprintf("The import names the organization %q, and the provider is configured for %s.", id, configured))
	}
}

// organizationIDAttribute is the ID of what an organization has one of.
var organizationIDAttribute = schema.StringAttribute{
	MarkdownDescription: "ID of the organization.",
	Computed:            true,
}

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

func organizationAlone(organizationID types.String) any {
	return organizationIdentity{OrganizationID: organizationID}
}

// setIdentity does so wherever there is a state: Terraform before 1.12 does not
// carry the identity over. The value is made for an organization's ID.
func (b *baseResource) setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, value func(organizationID types.String) any) diag.Diagnostics {
	var diags diag.Diagnostics
	id := b.organizationID(ctx, &diags)
	if identity == nil || diags.HasError() {
		return diags
	}
	return identity.Set(ctx, value(types.StringValue(id)))
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

// addError reports a failed call: what was tried in the summary, what the
// service said and what to do about it in the detail.
func addError(diags *diag.Diagnostics, summary string, err error) {
	detail := err.Error()
	if hint := advice(err); hint != "" {
		detail += "\n\n" + hint
	}
	diags.AddError(summary, detail)
}

// advice is what the user can do about an error, or empty.
func advice(err error) string {
	var apiErr *cloud.Error
	var lastOwner *organization.LastOwnerError
	var lastMapping *organization.LastAdminMappingError
	switch {
	case errors.As(err, &lastOwner):
		return "This change was not made; what else the run did is done. Give organization-admin to another active member first; the same apply may do it. " +
			"If the organization shall really be left without an owner, set allow_last_owner_removal = true where this change comes from, and apply that first if it is a destroy."
	case errors.As(err, &lastMapping):
		return "Nothing was changed. Have another enabled mapping give organization-admin first, or end the enforcement of SSO first (elasticcloud_sso_enforcement); the same apply may do it."
	case errors.Is(err, organization.ErrUnknownPerson):
		return "Invite this person first, with an elasticcloud_member that this resource refers to, or wait until they have signed in through single sign-on for the first time."
	case errors.Is(err, context.Canceled):
		return "The run was stopped. Apply again to finish it."
	case errors.Is(err, organization.ErrNotThere):
		return "Somebody removed this person while the plan was on its way. Plan again: it then shows an invitation."
	case cloud.HasCode(err, "organization.invitations_pending_limit_exceeded"):
		return "The organization has as many open invitations as it may. Let some be accepted, or revoke some, and apply again."
	case cloud.HasCode(err, "organization.invitations_rate_limit_exceeded"):
		return "The service limits how many invitations are sent in a time. Apply again later: what is done stays done."
	case cloud.HasCode(err, "organization.invitation_invalid_email"):
		return "The service does not take this e-mail address."
	case cloud.HasCode(err, "role_assignments.unauthorized_role_assignments"):
		return "Either the API key lacks the role organization-admin, or a deployment or project that is named is stopped, hidden or gone."
	case cloud.HasCode(err, cloud.CodeDomainExists):
		return "Another organization of Elastic Cloud has claimed this domain, as it is not among those of this one, and a domain has one organization. If that one is yours too, give the domain up there and remove the TXT record that was made for it; otherwise ask Elastic's support. " +
			"If it was verified here a moment ago, apply again."
	case cloud.HasCode(err, cloud.CodeIdPConfigured):
		return "A domain cannot be given up while a SAML IdP is configured. Destroy the elasticcloud_saml_idp first; where it has depends_on = [elasticcloud_domain_verification...], terraform destroy does that by itself."
	case cloud.HasCode(err, cloud.CodeDomainsChanging):
		return "The domains of the organization are being changed elsewhere at the same time. Apply again."
	case !errors.As(err, &apiErr):
		return ""
	case apiErr.Status == http.StatusUnauthorized:
		return "The service does not take the API key: check EC_API_KEY (or api_key), that the key has not ended, and that the endpoint is the one it was made for."
	case apiErr.Status == http.StatusForbidden:
		return "The API key may not do this: it needs the role organization-admin (in the console: Organization owner)."
	case apiErr.Status == http.StatusTooManyRequests:
		return "The service limits the rate of calls. Apply again later, or with a smaller -parallelism."
	case apiErr.Status == 0:
		return "No usable answer came. Check the endpoint and the network, and run again: what is done stays done."
	}
	return ""
}

func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
