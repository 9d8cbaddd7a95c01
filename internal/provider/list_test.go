// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// listBlock is one list block of a configuration.
type listBlock struct {
	typeName string
	config   map[string]any
	limit    int64
	include  bool // include_resource
}

// list validates a list block and returns what it finds, as far as the limit,
// and what is said beside.
func (c *core) list(ctx context.Context, server tfprotov6.ProviderServer, q listBlock) (results []tfprotov6.ListResourceResult, warnings []string, err error) {
	lists, ok := server.(tfprotov6.ListResourceServer)
	schema, found := c.Schemas.ListResourceSchemas[q.typeName]
	if !ok || !found {
		return nil, nil, fmt.Errorf("the provider has no list %s", q.typeName)
	}
	config, err := terraformtest.Dynamic(terraformtest.Value(schema.ValueType(), q.config))
	if err != nil {
		return nil, nil, err
	}
	validated, err := lists.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: q.typeName, Config: config})
	if err := terraformtest.Failure(validated.Diagnostics, err); err != nil {
		return nil, nil, err
	}
	stream, err := lists.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: q.typeName, Config: config, Limit: q.limit, IncludeResource: q.include})
	if err != nil {
		return nil, nil, err
	}
	for result := range stream.Results {
		if err := terraformtest.Failure(result.Diagnostics, nil); err != nil {
			return results, warnings, err
		}
		warnings = append(warnings, warningsIn(result.Diagnostics)...)
		if result.Identity != nil { // as Terraform, which continues after a warning without one
			results = append(results, result)
		}
	}
	return results, warnings, nil
}

// names lists in a separate process, and returns the display names.
func (c *core) names(t *testing.T, q listBlock) []string {
	t.Helper()
	server, err := c.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	results, warnings, err := c.list(t.Context(), server, q)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v, %q", err, warnings)
	}
	var names []string
	for _, result := range results {
		names = append(names, result.DisplayName)
		if (result.Resource != nil) != q.include {
			t.Errorf("%s has a resource: %t", result.DisplayName, !q.include)
		}
	}
	return names
}

// inEveryPlace is an organization with somebody in every place, in an order that
// changes from reply to reply.
func inEveryPlace(t *testing.T) *cloudtest.Server {
	t.Helper()
	srv := newFake(t)
	srv.AddMember("Alice@example.com", "deployment-viewer:b", "deployment-viewer:a", "elasticsearch-viewer:*+x+y")
	srv.AddMember("erin@example.org")
	srv.AddInvitation("carol@example.com", "billing-admin")
	srv.AddInvitation("dave@example.org", "deployment-editor:*")
	srv.Expire("dave@example.org")
	srv.AddInvitation("frank@example.com", "billing-admin") // left over
	srv.SSOLogin("frank@example.com", "security-editor:*")
	return srv
}

func TestListPeople(t *testing.T) {
	t.Parallel()
	everybody := []string{"alice@example.com (active)", "carol@example.com (invited)", "dave@example.org (expired)",
		"erin@example.org (active)", "frank@example.com (active)", "owner@example.com (active)"}
	grants := []string{"alice@example.com: deployment-viewer:a (assigned)", "alice@example.com: deployment-viewer:b (assigned)", "alice@example.com: elasticsearch-viewer:*+x+y (assigned)",
		"carol@example.com: billing-admin (pending)", "dave@example.org: deployment-editor:* (pending)",
		"frank@example.com: security-editor:* (assigned)", "owner@example.com: organization-admin (assigned)"}
	const member, assignment = "elasticcloud_member", "elasticcloud_role_assignment"
	for name, test := range map[string]struct {
		query listBlock
		want  []string
	}{
		"all":                       {listBlock{typeName: member}, everybody},
		"with resources":            {listBlock{typeName: member, include: true}, everybody},
		"a limit":                   {listBlock{typeName: member, limit: 2, include: true}, everybody[:2]},
		"a limit that is not met":   {listBlock{typeName: member, limit: 100}, everybody},
		"active":                    {listBlock{typeName: member, config: map[string]any{"status": "active"}}, slices.Concat(everybody[:1], everybody[3:])},
		"invited":                   {listBlock{typeName: member, config: map[string]any{"status": "invited"}}, everybody[1:2]},
		"expired":                   {listBlock{typeName: member, config: map[string]any{"status": "expired"}}, everybody[2:3]},
		"a domain":                  {listBlock{typeName: member, config: map[string]any{"email": "*@Example.ORG"}}, everybody[2:4]},
		"a domain, active":          {listBlock{typeName: member, config: map[string]any{"email": "*@example.org", "status": "active"}}, everybody[3:4]},
		"an address":                {listBlock{typeName: member, config: map[string]any{"email": "ALICE@example.com"}}, everybody[:1]},
		"part of an address":        {listBlock{typeName: member, config: map[string]any{"email": "alice"}}, nil},
		"a limit counts what fits":  {listBlock{typeName: member, limit: 1, config: map[string]any{"email": "*@example.org"}}, everybody[2:3]},
		"all grants":                {listBlock{typeName: assignment, include: true}, grants},
		"the grants of one":         {listBlock{typeName: assignment, config: map[string]any{"email": "Alice@Example.com"}}, grants[:3]},
		"the grants of nobody":      {listBlock{typeName: assignment, config: map[string]any{"email": "nobody@example.com"}}, nil},
		"grants, a limit in person": {listBlock{typeName: assignment, limit: 2}, grants[:2]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := inEveryPlace(t)
				c := startCore(t, srv)
				for range 3 { // in the same order each time
					if got := c.names(t, test.query); !slices.Equal(got, test.want) {
						t.Errorf("listed: %q, want %q", got, test.want)
					}
				}
				wantWrites(t, srv)
			})
		})
	}
}

func TestListSettings(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := startCore(t, srv)
		const claim, idp, mapping = "elasticcloud_domain_claim", "elasticcloud_saml_idp", "elasticcloud_role_mapping"
		for _, typeName := range []string{claim, idp, mapping} {
			if got := c.names(t, listBlock{typeName: typeName, include: true}); len(got) > 0 {
				t.Errorf("%s: %q is listed where there is nothing", typeName, got)
			}
		}
		for _, domain := range []string{"b.example.com", "Example.com", "a.example.com"} {
			srv.ClaimDomain(domain)
		}
		srv.ConfigureIdP(cloudtest.NewTestIdP().Configuration("acme"))
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
		srv.AddRoleMapping("a, with\a comma", false, cloudtest.AllOf(cloudtest.Group("x"), cloudtest.Email("*@example.com")), "billing-admin")
		for typeName, want := range map[string][]string{
			claim:   {"a.example.com", "b.example.com", "example.com"},
			idp:     {srv.IdP().Issuer},
			mapping: {"a, with\uFFFD comma (disabled)", "owners"},
		} {
			if got := c.names(t, listBlock{typeName: typeName, include: true}); !slices.Equal(got, want) {
				t.Errorf("%s: %q is listed, want %q", typeName, got, want)
			}
		}
		if got := c.names(t, listBlock{typeName: claim, limit: 2}); !slices.Equal(got, []string{"a.example.com", "b.example.com"}) {
			t.Errorf("with a limit %q is listed", got)
		}
		srv.ChangeIdP(func(i *cloudtest.IdP) { i.Enabled = false })
		if got, want := c.names(t, listBlock{typeName: idp}), srv.IdP().Issuer+" (disabled)"; !slices.Equal(got, []string{want}) {
			t.Errorf("%q is listed, want %s", got, want)
		}
		wantWrites(t, srv)
	})
}

// All lists of a run together read each list of the service once.
func TestListsReadOnce(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := inEveryPlace(t)
		srv.ClaimDomain("example.com")
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			for typeName := range c.Schemas.ListResourceSchemas {
				if _, _, err := c.list(t.Context(), server, listBlock{typeName: typeName, include: true}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, route := range []string{getOrganizations, getMem, getInv, getDomains, getMap} {
			if n := srv.Count(route); n != 1 {
				t.Errorf("%s was asked %d times", route, n)
			}
		}
	})
}

func TestListsRefuse(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			query listBlock
			want  string
		}{
			{listBlock{typeName: "elasticcloud_member", config: map[string]any{"status": "gone"}}, `value must be one of`},
			{listBlock{typeName: "elasticcloud_member", config: map[string]any{"email": ""}}, `string length must be at least 1`},
			{listBlock{typeName: "elasticcloud_role_assignment", config: map[string]any{"email": "alice"}}, "Invalid e-mail address"},
		} {
			_, _, err := c.list(t.Context(), server, test.query)
			wantError(t, err, test.want)
		}
		if n := len(srv.Requests()); n > 0 {
			t.Errorf("the service got %d requests", n)
		}
	})
}

// What the service does not answer is one error, never an empty list.
func TestListsThatFail(t *testing.T) {
	t.Parallel()
	for typeName, test := range map[string]struct{ route, want string }{
		"elasticcloud_member":          {getMem, "Could not list the people of the organization"},
		"elasticcloud_role_assignment": {getInv, "Could not list the people of the organization"},
		"elasticcloud_domain_claim":    {getDomains, "Could not list the domains of the organization"},
		"elasticcloud_saml_idp":        {getIdP, "Could not look up the SAML IdP"},
		"elasticcloud_role_mapping":    {getMap, "Could not list the role mappings of the organization"},
	} {
		for name, fault := range map[string]cloudtest.Fault{
			"not the right key": {Route: test.route, Status: 403, Times: -1},
			"no organization":   {Route: test.route, Status: 404, Code: "organization.not_found", Message: "no such organization", Times: -1},
			"no answer":         {Route: test.route, Drop: true, Times: -1},
			"not a list":        {Route: test.route, Body: `{"status":"ok"}`, Times: -1},
			"nothing answers":   {Route: getOrganizations, Status: 500, Times: -1, Spread: true},
		} {
			t.Run(typeName+"/"+name, func(t *testing.T) {
				t.Parallel()
				virtually(t, func(t *testing.T) {
					srv := newFake(t)
					srv.ClaimDomain("example.com")
					c := actionCore(t, srv)
					server, err := c.start(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					srv.Fail(fault)
					results, _, err := c.list(t.Context(), server, listBlock{typeName: typeName})
					if name == "nothing answers" {
						wantError(t, err, "answered 500")
					} else {
						wantError(t, err, test.want)
					}
					if len(results) > 0 {
						t.Errorf("%d are listed", len(results))
					}
				})
			})
		}
	}
}

// The results have warnings: of a key that expires, and of people whom no resource can
// name.
func TestListsWarn(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.KeyExpires(time.Now().Add(24*time.Hour)))
		srv.Fail(cloudtest.Fault{Route: getMem, Times: -1, Header: map[string][]string{"X-Elastic-Api-Key-Expiration": {time.Now().Add(24 * time.Hour).Format(time.RFC3339)}},
			Body: `{"members":[{"organization_id":"1","name":"","user_id":"7"},{"organization_id":"1","name":"","user_id":"8","email":"bob@example.com","role_assignments":{"organization":[{"role_id":"organization-admin","organization_id":"` + srv.OrganizationID + `"}]}},{"organization_id":"1","name":"","user_id":"9","email":"eve\u001b[2J@example.com"}]}`})
		c := actionCore(t, srv)
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		results, warnings, err := c.list(t.Context(), server, listBlock{typeName: "elasticcloud_member", limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		wantLines(t, warnings, "The API key expires on ", "Some people are missing from the list: Elastic Cloud returns no valid e-mail address for 2 members or invitations")
		if len(results) != 1 || results[0].DisplayName != "bob@example.com (active)" {
			t.Errorf("%v are listed", results)
		}
	})
}

// A list that nobody reads on stops: Go panics where it pushes another result.
func TestListIsNotReadOn(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c := actionCore(t, inEveryPlace(t))
		server, err := c.start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lists, ok := server.(tfprotov6.ListResourceServer)
		if !ok {
			t.Fatal("the provider has no lists")
		}
		for _, typeName := range []string{"elasticcloud_member", "elasticcloud_role_assignment"} {
			config, err := terraformtest.Dynamic(terraformtest.Value(c.Schemas.ListResourceSchemas[typeName].ValueType(), map[string]any{}))
			if err != nil {
				t.Fatal(err)
			}
			stream, err := lists.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: typeName, Config: config})
			if err != nil {
				t.Fatal(err)
			}
			read := 0
			for range stream.Results {
				if read++; read == 2 {
					break
				}
			}
			if read != 2 {
				t.Errorf("%s: %d results", typeName, read)
			}
		}
	})
}
