// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// oktaProvider is a stand-in for Okta's provider. Its okta_app_saml needs the addresses of
// Elastic Cloud, and has its own only afterwards. A sign-in is sent to the addresses that it
// has.
type oktaProvider struct {
	idp     *cloudtest.TestIdP
	elastic string // what the addresses of Elastic Cloud begin with
	// nested adds the blocks of the real one, which only the CLI reads.
	nested bool

	mu   sync.Mutex
	apps int // how many exist
}

func (p *oktaProvider) Metadata(_ context.Context, _ fwprovider.MetadataRequest, resp *fwprovider.MetadataResponse) {
	resp.TypeName = "okta"
}

func (p *oktaProvider) Schema(context.Context, fwprovider.SchemaRequest, *fwprovider.SchemaResponse) {
}

func (p *oktaProvider) Configure(context.Context, fwprovider.ConfigureRequest, *fwprovider.ConfigureResponse) {
}

func (p *oktaProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *oktaProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &oktaApp{p} }}
}

// server is a process of this provider.
func (p *oktaProvider) server() tfprotov6.ProviderServer { return providerserver.NewProtocol6(p)() }

type oktaApp struct{ provider *oktaProvider }

func (r *oktaApp) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "okta_app_saml"
}

// Schema makes what Okta computes unknown with every change, as the provider does.
func (r *oktaApp) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{}, Blocks: map[string]schema.Block{}}
	for _, name := range []string{"label", "sso_url", "recipient", "destination", "audience"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Required: true}
	}
	for _, name := range []string{"metadata", "certificate", "entity_url", "http_post_binding"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Computed: true}
	}
	if !r.provider.nested {
		return
	}
	for _, name := range []string{"subject_name_id_template", "subject_name_id_format", "signature_algorithm", "digest_algorithm", "authn_context_class_ref"} {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true}
	}
	for _, name := range []string{"response_signed", "assertion_signed"} {
		resp.Schema.Attributes[name] = schema.BoolAttribute{Optional: true}
	}
	statement := map[string]schema.Attribute{"values": schema.ListAttribute{Optional: true, ElementType: types.StringType}}
	for _, name := range []string{"type", "name", "filter_type", "filter_value"} {
		statement[name] = schema.StringAttribute{Optional: true}
	}
	resp.Schema.Blocks["attribute_statements"] = schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: statement}}
}

func (r *oktaApp) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.configure(ctx, req.Plan, &resp.State, &resp.Diagnostics)
	r.provider.count(+1)
}

func (r *oktaApp) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *oktaApp) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.configure(ctx, req.Plan, &resp.State, &resp.Diagnostics)
}

func (r *oktaApp) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
	r.provider.count(-1)
}

// count counts the applications.
func (p *oktaProvider) count(more int) (apps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.apps += more
	return p.apps
}

// configure refuses addresses that are not of Elastic Cloud, such as a placeholder.
func (r *oktaApp) configure(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, diags *diag.Diagnostics) {
	values := map[string]string{}
	for _, name := range []string{"sso_url", "recipient", "destination", "audience"} {
		var value types.String
		diags.Append(plan.GetAttribute(ctx, path.Root(name), &value)...)
		if values[name] = value.ValueString(); !strings.HasPrefix(values[name], r.provider.elastic) {
			diags.AddError("Okta refuses the application", name+" is "+values[name])
		}
	}
	if diags.HasError() {
		return
	}
	p := r.provider
	p.idp.Trust(values["audience"], values["sso_url"])
	state.Raw = plan.Raw
	for name, value := range map[string]string{
		"metadata": p.idp.Metadata(cloudtest.Okta), "certificate": p.idp.Certificate(), "entity_url": p.idp.Issuer, "http_post_binding": p.idp.SSOURL,
	} {
		diags.Append(state.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// besideOkta is a provider process that answers for Okta's resources, too.
type besideOkta struct {
	tfprotov6.ProviderServer
	okta tfprotov6.ProviderServer
}

func (s besideOkta) of(typeName string) tfprotov6.ProviderServer {
	if strings.HasPrefix(typeName, "okta_") {
		return s.okta
	}
	return s.ProviderServer
}

func (s besideOkta) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return s.of(req.TypeName).ValidateResourceConfig(ctx, req)
}

func (s besideOkta) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return s.of(req.TypeName).ReadResource(ctx, req)
}

func (s besideOkta) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return s.of(req.TypeName).PlanResourceChange(ctx, req)
}

func (s besideOkta) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return s.of(req.TypeName).ApplyResourceChange(ctx, req)
}

// newTerraformWithOkta plays Terraform with Okta's provider beside this one.
func newTerraformWithOkta(t *testing.T, srv *cloudtest.Server) (terraform, *oktaProvider) {
	t.Helper()
	okta := &oktaProvider{idp: cloudtest.NewTestIdP(), elastic: srv.URL + "/saml/"}
	c := startCore(t, srv)
	own, err := okta.server().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	both := *c.Schemas
	both.ResourceSchemas = maps.Clone(both.ResourceSchemas)
	maps.Copy(both.ResourceSchemas, own.ResourceSchemas)
	c.Terraform = terraformtest.NewWithSchemas(&both, func() tfprotov6.ProviderServer { return besideOkta{c.process(), okta.server()} })
	c.set()
	return terraform{t: t, played: terraformtest.NewWorkspace(c.Terraform), core: c}, okta
}
