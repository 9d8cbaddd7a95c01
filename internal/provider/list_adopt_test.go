// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// grown is an organization that came about without Terraform.
func grown(t *testing.T, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv := newFake(t, opts...)
	for i := range 40 {
		grants := []string{fmt.Sprintf("deployment-viewer:%02d", i), "elasticsearch-viewer:*+x+y"}
		if i%3 == 0 {
			grants = append(grants, "deployment-editor:*", "deployment-viewer:shared")
		}
		if i%10 == 0 {
			grants = nil
		}
		srv.AddMember(fmt.Sprintf("Member%02d@Example.com", i), grants...)
	}
	srv.AddUnknownAssignment("member01@example.com", "connected_cluster", `[{"role_id":"cluster-admin"}]`)
	for i := range 8 {
		email := fmt.Sprintf("invited%d@example.org", i)
		srv.AddInvitation(email, "billing-admin", "security-t1-analyst:s1")
		switch {
		case i == 6:
			srv.SSOLogin(email, "observability-editor:*")
		case i%2 == 0:
			srv.Expire(email)
		}
	}
	srv.AddInvitation("nothing@example.org")
	for _, domain := range []string{"example.com", "example.org", "sub.Example.com"} {
		srv.ClaimDomain(domain)
	}
	srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("elastic-owners"), cloudtest.Email("ceo@example.com")), "organization-admin")
	srv.AddRoleMapping("both", true, cloudtest.AllOf(cloudtest.Group("a"), cloudtest.Email("*@example.org")), "deployment-viewer:*", "security-editor:p1")
	srv.AddRoleMapping("off", false, cloudtest.AnyOf(cloudtest.Group("off")), "billing-admin")
	srv.AddRoleMapping("a, with a comma", true, cloudtest.AnyOf(cloudtest.Group("c")), "elasticsearch-viewer:*+reader")
	srv.AddRoleMapping("Ünïcode *", true, cloudtest.AnyOf(cloudtest.Group("*")), "deployment-viewer:x", "deployment-viewer:y")
	return srv
}

// The configuration of terraform query -generate-config-out is imported unchanged. Its plan
// is empty and has no warning. Nothing is sent.
func TestAdoptGenerated(t *testing.T) {
	t.Parallel()
	settings := []listBlock{{typeName: "elasticcloud_domain_claim"}, {typeName: "elasticcloud_saml_idp"}, {typeName: "elasticcloud_role_mapping"}}
	member := func(status string) listBlock {
		return listBlock{typeName: "elasticcloud_member", config: map[string]any{"status": status}}
	}
	for name, test := range map[string]struct {
		queries []listBlock
		count   int
	}{
		"as members":     {slices.Concat(settings, []listBlock{member("active"), member("invited")}), 3 + 1 + 5 + 1 + 40 + 9 - 3},
		"as assignments": {slices.Concat(settings, []listBlock{{typeName: "elasticcloud_role_assignment"}}), 3 + 1 + 5 + 1 + 36*2 + 12*2 + 7*2 + 1},
	} {
		for seed := range int64(3) { // another order, and other letter case
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				virtually(t, func(t *testing.T) {
					srv := grown(t, cloudtest.Seed(seed+1))
					c := actionCore(t, srv)
					config, err := c.adopt(t.Context(), test.queries)
					if err != nil {
						t.Fatal(err)
					}
					if len(config) != test.count {
						t.Errorf("%d are adopted, want %d", len(config), test.count)
					}
					wantWrites(t, srv)
					for _, route := range []string{getMem, getInv, getDomains, getMap} {
						if n := srv.Count(route); n > 2 { // one run lists, and one imports and plans
							t.Errorf("%s was asked %d times", route, n)
						}
					}
					t.Logf("%d adopted with %d requests", len(config), len(srv.Requests()))
				})
			})
		}
	}
}

// An expired invitation is adopted too, and the plan says that it is sent again.
func TestAdoptExpired(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		srv.AddInvitation("alice@example.com", "billing-admin")
		srv.Expire("alice@example.com")
		c := actionCore(t, srv)
		_, err := c.adopt(t.Context(), []listBlock{{typeName: "elasticcloud_member", config: map[string]any{"status": "expired"}}})
		wantError(t, err, "plan elasticcloud_member alice@example.com (expired): it warns:", "alice@example.com gets a new invitation by e-mail")
		wantWrites(t, srv)
	})
}

// adopt lists, generates configuration for each object, imports it by its
// identity, and plans it with that configuration: as terraform query
// -generate-config-out does, and the plan after it.
func (c *core) adopt(ctx context.Context, queries []listBlock) (map[string]tftypes.Value, error) {
	querying, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	type adopted struct {
		typeName string
		identity *tfprotov6.ResourceIdentityData
		listed   tftypes.Value
	}
	objects, config := map[string]adopted{}, map[string]tftypes.Value{}
	for _, q := range queries {
		q.include = true
		results, warnings, err := c.list(ctx, querying, q)
		if err != nil || len(warnings) > 0 {
			return nil, fmt.Errorf("list %s: %w, %q", q.typeName, err, warnings)
		}
		for _, result := range results {
			address := q.typeName + " " + result.DisplayName
			object := adopted{typeName: q.typeName, identity: result.Identity}
			if object.listed, err = result.Resource.Unmarshal(c.Types[q.typeName]); err != nil {
				return nil, err
			}
			objects[address] = object
			if config[address], err = c.generate(ctx, querying, q.typeName, result.Resource); err != nil {
				return nil, fmt.Errorf("generate %s: %w", address, err)
			}
		}
	}

	planning, err := c.start(ctx)
	if err != nil {
		return nil, err
	}
	for _, address := range slices.Sorted(maps.Keys(objects)) {
		object := objects[address]
		resp, err := planning.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: object.typeName, Identity: object.identity})
		if err := terraformtest.Failure(resp.Diagnostics, err); err != nil {
			return nil, fmt.Errorf("import %s: %w", address, err)
		}
		imported := resp.ImportedResources[0]
		held := terraformtest.Object{Type: object.typeName, Private: imported.Private, Identity: imported.Identity}
		if held.Value, err = imported.State.Unmarshal(c.Types[object.typeName]); err != nil {
			return nil, err
		}
		held, diagnostics := c.RefreshOne(ctx, planning, address, held)
		if err := terraformtest.Failed(diagnostics); err != nil {
			return nil, fmt.Errorf("refresh %s: %w", address, err)
		}
		if !held.Value.Equal(object.listed) {
			return nil, fmt.Errorf("%s is listed as %s, and imported as %s", address, object.listed, held.Value)
		}
		if err := c.wantUnchanged(ctx, planning, address, held, config[address]); err != nil {
			return nil, fmt.Errorf("plan %s: %w", address, err)
		}
	}
	return config, nil
}

// generate asks the provider for the configuration of a state.
func (c *core) generate(ctx context.Context, server tfprotov6.ProviderServer, typeName string, state *tfprotov6.DynamicValue) (tftypes.Value, error) {
	resp, err := server.GenerateResourceConfig(ctx, &tfprotov6.GenerateResourceConfigRequest{TypeName: typeName, State: state})
	if err != nil {
		return tftypes.Value{}, err
	}
	if err := terraformtest.Failure(resp.Diagnostics, nil); err != nil {
		return tftypes.Value{}, err
	}
	return resp.Config.Unmarshal(c.Types[typeName])
}

// wantUnchanged plans one resource in state, and fails where that is a change or
// says anything.
func (c *core) wantUnchanged(ctx context.Context, server tfprotov6.ProviderServer, address string, held object, config tftypes.Value) error {
	ch := &terraformtest.Change{Address: address, Type: held.Type, Config: config, Prior: held}
	configured, err := terraformtest.Dynamic(config)
	if err != nil {
		return err
	}
	validated, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: ch.Type, Config: configured})
	if err := terraformtest.Failure(validated.Diagnostics, err); err != nil {
		return err
	}
	if err := terraformtest.Failed(c.PlanOne(ctx, server, ch, false)); err != nil {
		return err
	}
	if said := append(warningsIn(validated.Diagnostics), warningsIn(ch.Planned.Diagnostics)...); len(said) > 0 {
		return fmt.Errorf("it warns: %q", said)
	}
	planned, err := ch.Planned.PlannedState.Unmarshal(c.Types[ch.Type])
	if err != nil || ch.Replaces || !planned.Equal(held.Value) {
		return fmt.Errorf("it would become %s (%w)", planned, err)
	}
	return nil
}
