// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// dnsProvider is a stand-in for the provider of the user's DNS. Its dns_txt resources are
// the TXT records of the fake's DNS server.
type dnsProvider struct {
	publish, unpublish func(name, value string)
}

func (p *dnsProvider) Metadata(_ context.Context, _ fwprovider.MetadataRequest, resp *fwprovider.MetadataResponse) {
	resp.TypeName = "dns"
}

func (p *dnsProvider) Schema(context.Context, fwprovider.SchemaRequest, *fwprovider.SchemaResponse) {}

func (p *dnsProvider) Configure(context.Context, fwprovider.ConfigureRequest, *fwprovider.ConfigureResponse) {
}

func (p *dnsProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *dnsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &dnsTXT{p} }}
}

type dnsTXT struct{ provider *dnsProvider }

type dnsTXTModel struct {
	Name  types.String `tfsdk:"name"`
	Value types.String `tfsdk:"value"`
}

func (r *dnsTXT) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "dns_txt"
}

func (r *dnsTXT) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name":  schema.StringAttribute{Required: true},
		"value": schema.StringAttribute{Required: true}, // a null one is refused, as DNS providers do
	}}
}

func (r *dnsTXT) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	r.change(ctx, nil, &resp.State, &resp.Diagnostics)
}

func (r *dnsTXT) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *dnsTXT) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	r.change(ctx, &req.State, &resp.State, &resp.Diagnostics)
}

func (r *dnsTXT) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.change(ctx, &req.State, nil, &resp.Diagnostics)
}

func (r *dnsTXT) change(ctx context.Context, before, after *tfsdk.State, diags *diag.Diagnostics) {
	var record dnsTXTModel
	if before != nil {
		diags.Append(before.Get(ctx, &record)...)
		r.provider.unpublish(record.Name.ValueString(), record.Value.ValueString())
	}
	if after != nil {
		diags.Append(after.Get(ctx, &record)...)
		r.provider.publish(record.Name.ValueString(), record.Value.ValueString())
	}
}

// withDNS applies steps that may have dns_txt resources. A record is published
// by publish, or at once where that is nil.
func withDNS(t *testing.T, srv *cloudtest.Server, publish func(name, value string), steps ...acc.TestStep) {
	t.Helper()
	if publish == nil {
		publish = srv.PublishTXT
	}
	for i := range steps {
		if steps[i].Config != "" {
			steps[i].Config = strings.Replace(config(srv, steps[i].Config), "required_providers {", "required_providers {\n    dns = { source = \"elasticcloud-access/dns\" }", 1)
		}
	}
	both := factories()
	both["dns"] = func() (tfprotov6.ProviderServer, error) {
		return providerserver.NewProtocol6(&dnsProvider{publish, srv.UnpublishTXT})(), nil
	}
	acc.UnitTest(t, acc.TestCase{ProtoV6ProviderFactories: both, Steps: steps})
}
