// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var (
	_ provider.Provider                  = (*elasticcloudProvider)(nil)
	_ provider.ProviderWithActions       = (*elasticcloudProvider)(nil)
	_ provider.ProviderWithFunctions     = (*elasticcloudProvider)(nil)
	_ provider.ProviderWithListResources = (*elasticcloudProvider)(nil)
)

const (
	defaultMaxRetries     = 4
	defaultRequestTimeout = time.Minute
)

type elasticcloudProvider struct {
	version string
	// The waits of the client and of the organization; tests shorten them.
	retryWait, maxWait, patience, gather time.Duration
	// The transport of API calls; nil is the network. Tests call a handler in the same
	// process.
	transport http.RoundTripper
	// The pause after the first look for a TXT record, and the DNS servers for its error;
	// tests have their own.
	verifyWait time.Duration
	dnsServers []string
	// traffic counts the calls of the process; nil if nobody counts.
	traffic *traffic
	// The arguments of the CLI; nil is commandLine. Tests that play Terraform set it.
	commandLine func() []string
}

// New returns a constructor of the provider, for the plugin server.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &elasticcloudProvider{version: version} }
}

type providerModel struct {
	APIKey         types.String `tfsdk:"api_key"`
	Endpoint       types.String `tfsdk:"endpoint"`
	OrganizationID types.String `tfsdk:"organization_id"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
	MinOwners      types.Int64  `tfsdk:"min_owners"`
	RequiredOwners types.Set    `tfsdk:"required_owners"`
	MaxRemovals    types.Int64  `tfsdk:"max_removals"`
}

func (p *elasticcloudProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "elasticcloud"
	resp.Version = p.version
}

func (p *elasticcloudProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages who has access to an Elastic Cloud organization. The block may be empty: the API key, the endpoint, the organization ID and the timeout can be set with environment variables.",
		Attributes: map[string]schema.Attribute{
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key of the organization, with the role Organization owner (`organization-admin`). Plans need it too: only an owner's key sees everyone. Environment: `EC_API_KEY`. No default.",
				Optional:            true,
				Sensitive:           true,
			},
			"endpoint": schema.StringAttribute{
				MarkdownDescription: "Base URL of the API, with or without a trailing slash or `/api/v1`. Plain `http` is allowed for loopback addresses only, because it does not encrypt the key. Environment: `EC_ENDPOINT`, then `EC_HOST`. Default: `" + cloud.DefaultEndpoint + "`.",
				Optional:            true,
				Validators:          []validator.String{endpointCheck},
			},
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "ID of the organization. Environment: `EC_ORGANIZATION_ID`. Default: the only organization that the API key sees. If it sees several, an error lists them. A state of another organization is an error.",
				Optional:            true,
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How often the provider repeats a failed call, if that is safe: 0 to 20. Default: `%d`.", defaultMaxRetries),
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 20)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Timeout of one HTTP call, such as `30s` or `2m`. Environment: `EC_TIMEOUT`. Default: `1m`.",
				Optional:            true,
				Validators:          []validator.String{requestTimeoutCheck},
			},
			"min_owners": schema.Int64Attribute{
				MarkdownDescription: "The fewest active members with `organization-admin` that a change of any resource may leave. Apply refuses a change that would leave fewer. " +
					"`0` disables this guard for all resources, as `allow_last_owner_removal` does for one. Default: `1`.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
			"required_owners": schema.SetAttribute{
				MarkdownDescription: "E-mail addresses of owners who must not be removed or demoted, such as a break-glass account. Apply refuses such a change, even with `allow_last_owner_removal`. " +
					"A plan warns if one of them is not an active owner. Default: none.",
				Optional:    true,
				ElementType: types.StringType,
				Validators:  []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(emailCheck)},
			},
			"max_removals": schema.Int64Attribute{
				MarkdownDescription: "The most people that one run may remove from the organization, in all resources together. People are removed if their resource is destroyed, if they are no longer listed, or if their address changes. " +
					"A plan warns if it removes more people, and apply refuses further removals. Invitations that are sent again and expired invitations do not count. Default: no limit.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
		},
	}
}

// Configure makes no request: the first resource that calls Elastic Cloud finds out whether
// it answers.
func (p *elasticcloudProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if unknown := model.unknown(); len(unknown) > 0 {
		// This happens in a plan only: an apply knows the values on which the block depends.
		resp.Diagnostics.AddAttributeWarning(path.Root(unknown[0]), warning.NothingLookedUp.With(), warning.NothingLookedUpDetail.With(strings.Join(unknown, ", ")))
		p.handOn(&run{organization: organization.New(nil, organization.Config{Closed: unknownSettingsError{unknown}}), unknown: unknown}, resp)
		return
	}
	config := cloud.Config{
		UserAgent:      userAgent(p.version, req.TerraformVersion),
		MaxRetries:     defaultMaxRetries,
		RequestTimeout: defaultRequestTimeout,
		RetryWait:      p.retryWait,
		MaxWait:        p.maxWait,
		Transport:      p.transport,
		Log:            logCall,
	}
	if !model.MaxRetries.IsNull() {
		config.MaxRetries = int(model.MaxRetries.ValueInt64())
	}
	if timeout := setting(model.RequestTimeout, "EC_TIMEOUT"); timeout != "" {
		var err error
		if config.RequestTimeout, err = parseTimeout(timeout); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("request_timeout"), "Invalid request_timeout", err.Error())
		}
	}
	config.Endpoint = setting(model.Endpoint, "EC_ENDPOINT", "EC_HOST")
	if config.Endpoint == "" {
		config.Endpoint = cloud.DefaultEndpoint
	}
	if _, err := cloud.ParseEndpoint(config.Endpoint); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("endpoint"), "Invalid endpoint", err.Error())
	}
	if config.APIKey = setting(model.APIKey, "EC_API_KEY"); config.APIKey == "" {
		resp.Diagnostics.AddAttributeError(path.Root("api_key"), "Missing API key",
			"The provider has no API key, so it cannot call Elastic Cloud. Set the environment variable EC_API_KEY, or api_key in the provider block. "+
				"An owner of the organization can create a key in the Elastic Cloud console under Organization > API keys, with the role Organization owner.")
	}
	if resp.Diagnostics.HasError() {
		return
	}
	client, err := cloud.New(config)
	if err != nil {
		resp.Diagnostics.AddError("Could not set up the Elastic Cloud client", err.Error())
		return
	}
	limits := model.limits(ctx, &resp.Diagnostics)
	shared := organization.New(client, organization.Config{ID: setting(model.OrganizationID, "EC_ORGANIZATION_ID"), Patience: p.patience, Gather: p.gather, Limits: limits, Crowded: p.traffic.crowded})
	p.handOn(&run{organization: shared}, resp)
}

// limits returns the limits of the run.
func (m providerModel) limits(ctx context.Context, diags *diag.Diagnostics) (limits organization.Limits) {
	number := func(value types.Int64) *int {
		if value.IsNull() {
			return nil
		}
		n := int(value.ValueInt64())
		return &n
	}
	limits.MinOwners, limits.MaxRemovals = number(m.MinOwners), number(m.MaxRemovals)
	diags.Append(m.RequiredOwners.ElementsAs(ctx, &limits.Required, false)...)
	return limits
}

// handOn passes a run to all resources, data sources, lists and actions.
func (p *elasticcloudProvider) handOn(run *run, resp *provider.ConfigureResponse) {
	arguments := p.commandLine
	if arguments == nil {
		arguments = commandLine
	}
	line := arguments()
	run.planCommand, run.appliesSaved = commandOf(line) == "plan", appliesSavedPlan(line)
	run.destroys = commandOf(line) == "destroy" || slices.Contains(line, "-destroy")
	run.id, run.began, run.traffic, run.ledger.traffic = rand.Text(), time.Now(), p.traffic, p.traffic
	run.verifyWait, run.dnsServers = cmp.Or(p.verifyWait, defaultVerifyWait), p.dnsServers
	resp.ResourceData = run
	resp.DataSourceData = run
	resp.ListResourceData = run
	resp.ActionData = run
}

// unknown returns the names of the settings that are known only after apply. They must not
// fall through to the environment, which may have another organization's key.
func (m providerModel) unknown() (names []string) {
	values := map[string]attr.Value{
		"api_key": m.APIKey, "endpoint": m.Endpoint, "organization_id": m.OrganizationID,
		"max_retries": m.MaxRetries, "request_timeout": m.RequestTimeout,
		"min_owners": m.MinOwners, "required_owners": m.RequiredOwners, "max_removals": m.MaxRemovals,
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name].IsUnknown() || name == "required_owners" && slices.ContainsFunc(m.RequiredOwners.Elements(), attr.Value.IsUnknown) {
			names = append(names, name)
		}
	}
	return names
}

// setting returns the configured value, or else the value of the first environment variable
// that is set.
func setting(value types.String, environment ...string) string {
	if !value.IsNull() {
		return value.ValueString()
	}
	for _, name := range environment {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}

func userAgent(version, terraformVersion string) string {
	agent := fmt.Sprintf("terraform-provider-elasticcloud/%s Terraform/%s", version, terraformVersion)
	// With a line break or the like it is an invalid header, and every call would fail.
	parts := strings.FieldsFunc(agent+" "+os.Getenv("TF_APPEND_USER_AGENT"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(parts, " ")
}

func (p *elasticcloudProvider) Resources(context.Context) []func() resource.Resource {
	return guardResources(
		newDomainClaimResource,
		newDomainVerificationResource,
		newMemberResource,
		newMembersExclusiveResource,
		newMembersResource,
		newRoleAssignmentResource,
		newRoleMappingResource,
		newRoleMappingsExclusiveResource,
		newSAMLIdPResource,
		newSAMLServiceProviderResource,
		newSSOEnforcementResource,
	)
}

func (p *elasticcloudProvider) DataSources(context.Context) []func() datasource.DataSource {
	return guardDataSources(
		newAccessDataSource,
		newDomainsDataSource,
		newMembersDataSource,
		newOrganizationDataSource,
		newRoleMappingsDataSource,
		newRolesDataSource,
		newSAMLIdPDataSource,
	)
}

func (p *elasticcloudProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		newDomainClaimList,
		newMemberList,
		newRoleAssignmentList,
		newRoleMappingList,
		newSAMLIdPList,
		newSSOEnforcementList,
	}
}

func (p *elasticcloudProvider) Actions(context.Context) []func() action.Action {
	return guardActions(
		newResendInvitationAction,
		newRevokeAccessAction,
	)
}

func (p *elasticcloudProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newCSVFunction,
		newCompareAccessFunction,
		newGrantsFunction,
		newMappedGrantsFunction,
		newParseGrantFunction,
		newParseSAMLMetadataFunction,
	}
}
