// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// ecExecutable is the name under which the CLI starts Elastic's own provider. In a test it
// is the test's executable, which is a stand-in for that provider.
const ecExecutable = "terraform-provider-ec_v0.12.0"

// The variables of the environment that tell the stand-in what Elastic's provider reads
// from the service: the ID of the organization, and who has not joined.
const (
	ecOrganizationVariable = "STANDIN_ORGANIZATION_ID"
	ecInvitedVariable      = "STANDIN_INVITED"
)

func init() {
	if filepath.Base(os.Args[0]) != ecExecutable {
		return
	}
	err := providerserver.Serve(context.Background(), func() fwprovider.Provider { return ecProvider{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/elastic/ec"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// newTerraformWithEC is newTerraform with the stand-in for Elastic's provider.
func newTerraformWithEC(t *testing.T, srv *cloudtest.Server) terraform {
	t.Helper()
	tf := newCLI(t, srv)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	mirror := t.TempDir()
	files := map[string]string{} // what each leads to
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		version := strings.TrimPrefix(ecExecutable, "terraform-provider-ec_v")
		files[filepath.Join(host, "elastic", "ec", version, runtime.GOOS+"_"+runtime.GOARCH, ecExecutable)] = self
	}
	ours, err := filepath.Glob(filepath.Join(builtProvider.dir, "*", filepath.FromSlash(cli.Source), "*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range ours {
		files[strings.TrimPrefix(target, builtProvider.dir)] = target
	}
	for file, target := range files {
		file = filepath.Join(mirror, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, file); err != nil {
			t.Fatal(err)
		}
	}
	tf.workspace, err = cli.NewWorkspace(cliPath, tf.workspace.Dir, mirror, cli.PlainPlugins, "EC_ENDPOINT="+srv.URL, "EC_API_KEY="+srv.Key,
		ecOrganizationVariable+"="+srv.OrganizationID, ecInvitedVariable+"="+ecInvited,
		"GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0") // or the stand-in takes a second more to end
	if err != nil {
		t.Fatal(err)
	}
	return tf
}

// ecProvider has the part of Elastic's provider that a migration needs: the schema of
// ec_organization.
type ecProvider struct{}

func (ecProvider) Metadata(_ context.Context, _ fwprovider.MetadataRequest, resp *fwprovider.MetadataResponse) {
	resp.TypeName = "ec"
}

func (ecProvider) Schema(context.Context, fwprovider.SchemaRequest, *fwprovider.SchemaResponse) {}

func (ecProvider) Configure(context.Context, fwprovider.ConfigureRequest, *fwprovider.ConfigureResponse) {
}

func (ecProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (ecProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return ecOrganization{} }}
}

// ecOrganization calls nothing. Whatever would touch somebody is an error.
type ecOrganization struct{}

type ecOrganizationModel struct {
	ID      types.String        `tfsdk:"id"`
	Members map[string]ecMember `tfsdk:"members"`
}

type ecMember struct {
	Email              types.String `tfsdk:"email"`
	InvitationPending  types.Bool   `tfsdk:"invitation_pending"`
	UserID             types.String `tfsdk:"user_id"`
	OrganizationRole   types.String `tfsdk:"organization_role"`
	DeploymentRoles    types.Set    `tfsdk:"deployment_roles"`
	ElasticsearchRoles types.Set    `tfsdk:"project_elasticsearch_roles"`
	ObservabilityRoles types.Set    `tfsdk:"project_observability_roles"`
	SecurityRoles      types.Set    `tfsdk:"project_security_roles"`
}

func (ecOrganization) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "ec_organization"
}

func (ecOrganization) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	roles := func(all, ids string, computed bool) schema.SetNestedAttribute {
		return schema.SetNestedAttribute{
			Optional: true,
			Computed: computed,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"role":              schema.StringAttribute{Required: true},
				all:                 schema.BoolAttribute{Optional: true},
				ids:                 schema.SetAttribute{Optional: true, ElementType: types.StringType},
				"application_roles": schema.SetAttribute{Optional: true, ElementType: types.StringType},
			}},
		}
	}
	projects := func() schema.SetNestedAttribute { return roles("all_projects", "project_ids", true) }
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true},
		"members": schema.MapNestedAttribute{
			Optional: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"email":                       schema.StringAttribute{Computed: true},
				"invitation_pending":          schema.BoolAttribute{Computed: true},
				"user_id":                     schema.StringAttribute{Computed: true},
				"organization_role":           schema.StringAttribute{Optional: true},
				"deployment_roles":            roles("all_deployments", "deployment_ids", false),
				"project_elasticsearch_roles": projects(),
				"project_observability_roles": projects(),
				"project_security_roles":      projects(),
			}},
		},
	}}
}

// Create brings the resource into the state, as an import of Elastic's does.
func (ecOrganization) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan ecOrganizationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	plan.ID = types.StringValue(os.Getenv(ecOrganizationVariable))
	for email, member := range plan.Members {
		member.Email, member.InvitationPending, member.UserID = types.StringValue(email), types.BoolValue(email == os.Getenv(ecInvitedVariable)), types.StringValue("id-of-"+email)
		for _, set := range []*types.Set{&member.ElasticsearchRoles, &member.ObservabilityRoles, &member.SecurityRoles} {
			if set.IsUnknown() {
				*set = types.SetNull(set.ElementType(ctx))
			}
		}
		plan.Members[email] = member
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (ecOrganization) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (ecOrganization) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("ec_organization is changed", "It has to be left alone.")
}

func (ecOrganization) Delete(_ context.Context, _ resource.DeleteRequest, resp *resource.DeleteResponse) {
	resp.Diagnostics.AddError("ec_organization is destroyed", "It has to be forgotten.")
}
