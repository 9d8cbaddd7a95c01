// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

func TestAccessDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	row := func(kind, key string, name any, status, role, scope string, resourceID, applicationRoles any, grant, source string) jsonObject {
		return jsonObject{
			"principal_type": kind, "principal": key, "name": name, "status": status, "role": role, "scope": scope,
			"resource_id": resourceID, "application_roles": applicationRoles, "grant": grant, "source": source, "assignment": nil,
		}
	}
	all := jsonArray{
		row("member", "alice@example.com", "Alice", "active", "billing-admin", "organization", nil, nil, "billing-admin", "assigned"),
		row("member", "alice@example.com", "Alice", "active", "deployment-editor", "deployment", nil, nil, "deployment-editor:*", "assigned"),
		row("member", "bob@example.com", "Bob", "active", "deployment-viewer", "deployment", nil, nil, "deployment-viewer:*", "assigned"),
		row("member", "owner@example.com", "Owner", "active", "organization-admin", "organization", nil, nil, "organization-admin", "assigned"),
		row("invitation", "carol@example.com", nil, "invited", "deployment-viewer", "deployment", "ce03a623751b4fc98d48400fec58b9c0", nil, "deployment-viewer:ce03a623751b4fc98d48400fec58b9c0", "invitation"),
		row("invitation", "carol@example.com", nil, "invited", "elasticsearch-viewer", "elasticsearch", nil, "analyst+reader", "elasticsearch-viewer:*+analyst+reader", "invitation"),
		row("invitation", "dave@example.com", nil, "expired", "billing-admin", "organization", nil, nil, "billing-admin", "invitation"),
		row("role_mapping", "founders", nil, "enabled", "organization-admin", "organization", nil, nil, "organization-admin", `any of: email "ceo@example.com", group "founders"`),
		row("role_mapping", "owners", nil, "disabled", "organization-admin", "organization", nil, nil, "organization-admin", `any of: group "elastic-owners"`),
		row("role_mapping", "viewers", nil, "enabled", "deployment-viewer", "deployment", nil, nil, "deployment-viewer:*", `all of: email "*@example.org", group "staff"`),
	}
	for range 3 {
		want(t, mustRead(t, srv, "elasticcloud_access", nil)["grants"], all)
	}
	wantWrites(t, srv)
}

// A member may have an invitation that is left over.
func TestAccessDataSourceOfLeftOverInvitations(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	srv.AddInvitation("alice@example.com", "billing-admin", "deployment-viewer:*")
	srv.Expire("alice@example.com")
	srv.SSOLogin("alice@example.com", "billing-admin")
	var got []string
	grants, _ := mustRead(t, srv, "elasticcloud_access", nil)["grants"].(jsonArray)
	for _, grant := range grants {
		row, _ := grant.(jsonObject)
		got = append(got, fmt.Sprint(row["principal_type"], " ", row["principal"], " ", row["status"], " ", row["grant"]))
	}
	want(t, got, []string{
		"member alice@example.com active billing-admin", "member owner@example.com active organization-admin",
		"invitation alice@example.com expired billing-admin", "invitation alice@example.com expired deployment-viewer:*",
	})
}

// What two invitations of one person promise is one row, of the one that counts.
func TestAccessRowsOfTwoInvitations(t *testing.T) {
	t.Parallel()
	invitation := func(token string, expired bool, day int, grants ...string) cloud.Invitation {
		var parsed []cloud.Grant
		for _, grant := range grants {
			parsed = append(parsed, grantIn(newGrantValue(grant)))
		}
		return cloud.Invitation{
			Token: token, Email: "alice@example.com", Expired: expired, ExpiresAt: time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC),
			RoleAssignments: cloud.NewRoleAssignments("1", parsed),
		}
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		invitations := []cloud.Invitation{
			invitation("a", true, 9, "billing-admin", "deployment-admin:*"),
			invitation("b", false, 5, "billing-admin"),
			invitation("c", false, 7, "deployment-viewer:*"),
		}
		var alice organization.Person
		for _, i := range order {
			alice.Invitations = append(alice.Invitations, invitations[i])
		}
		rows, _ := accessRows(map[string]organization.Person{"alice@example.com": alice}, nil, "1")
		var got []string
		for _, row := range rows {
			got = append(got, row.status+" "+row.grant)
		}
		want(t, got, []string{"invited deployment-viewer:*", "invited billing-admin", "expired deployment-admin:*"})
	}
}

// Access that this version does not know has a row without a grant, in addition to the
// grants of its holder.
func TestAccessDataSourceOfWhatIsNoGrant(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	srv.AddMember("aaron@example.com")
	srv.AddUnknownAssignment("aaron@example.com", "newer_scope", `{"level":5}`)
	srv.AddUnknownAssignment("bob@example.com", "connected_cluster", `[{"role_id":"connected-cluster-viewer"},{"ids":["x"],"role_id":"connected-cluster-admin"}]`)
	srv.AddUnknownAssignment("carol@example.com", "project.newtype", `[{"role_id":7,"all":true}]`)
	attributes, diagnostics := readData(t, srv, "elasticcloud_access", nil)
	grants, _ := attributes["grants"].(jsonArray)
	if len(grants) != 14 {
		t.Fatalf("there are %d rows", len(grants))
	}
	row := func(kind, key string, name any, status string, role any, scope, assignment, source string) jsonObject {
		return jsonObject{
			"principal_type": kind, "principal": key, "name": name, "status": status, "role": role, "scope": scope,
			"resource_id": nil, "application_roles": nil, "grant": nil, "source": source, "assignment": assignment,
		}
	}
	want(t, jsonArray{grants[0], grants[4], grants[5], grants[9]}, jsonArray{
		row("member", "aaron@example.com", "Aaron", "active", nil, "newer_scope", `{"level":5}`, "assigned"),
		row("member", "bob@example.com", "Bob", "active", "connected-cluster-admin", "connected_cluster", `{"ids":["x"],"role_id":"connected-cluster-admin"}`, "assigned"),
		row("member", "bob@example.com", "Bob", "active", "connected-cluster-viewer", "connected_cluster", `{"role_id":"connected-cluster-viewer"}`, "assigned"),
		row("invitation", "carol@example.com", nil, "invited", nil, "newtype", `{"all":true,"role_id":7}`, "invitation"),
	})
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning {
		t.Fatalf("said %v", diagnostics)
	}
	wantText(t, diagnostics[0].Summary, "Some access cannot be written as a grant")
	wantText(t, diagnostics[0].Detail, "without a grant", "in the console, or use a later version",
		`aaron@example.com: newer_scope {"level":5}`,
		`bob@example.com: connected_cluster {"role_id":"connected-cluster-viewer"}`,
		`carol@example.com (invitation): newtype {"all":true,"role_id":7}`)
}

// What is a grant in part has its grants as well, in a mapping too, and what two
// invitations of one person promise is there once.
func TestAccessRowsOfGrantsInPart(t *testing.T) {
	t.Parallel()
	const inPart = `{"deployment": [{"role_id": "deployment-viewer", "organization_id": "1", "deployment_ids": ["no ID", "a"]}]}`
	roles := func(text string) cloud.RoleAssignments {
		var r cloud.RoleAssignments
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	alice := organization.Person{Invitations: []cloud.Invitation{
		{Token: "a", Email: "alice@example.com", Expired: true, RoleAssignments: roles(`{"platform": [{"role_id": "p"}], "connected_cluster": [{"role_id": "c"}]}`)},
		{Token: "b", Email: "alice@example.com", RoleAssignments: roles(`{"connected_cluster": [{"role_id": "c"}], "deployment": [{"role_id": "deployment-editor", "organization_id": "1", "all": true, "until": "noon"}]}`)},
	}}
	mappings := []cloud.RoleMapping{{Name: "owners", RoleAssignments: roles(inPart)}}
	rows, said := accessRows(map[string]organization.Person{"alice@example.com": alice}, mappings, "1")
	var got []string
	for _, row := range rows {
		got = append(got, strings.Join([]string{row.kind, row.status, row.grant, row.scope, row.role, row.assignment}, "|"))
	}
	want(t, got, []string{
		"invitation|invited|deployment-editor:*|deployment|deployment-editor|",
		`invitation|invited||connected_cluster|c|{"role_id":"c"}`,
		`invitation|invited||deployment|deployment-editor|{"all":true,"organization_id":"1","role_id":"deployment-editor","until":"noon"}`,
		`invitation|expired||platform|p|{"role_id":"p"}`,
		"role_mapping|disabled|deployment-viewer:a|deployment|deployment-viewer|",
		`role_mapping|disabled||deployment|deployment-viewer|{"deployment_ids":["a","no ID"],"organization_id":"1","role_id":"deployment-viewer"}`,
	})
	if len(said) != 4 {
		t.Errorf("the warning says %q", said)
	}
}

// The example does not take access that is not a grant for a grant.
func TestExampleAccess(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	seedOrganization(srv)
	srv.AddUnknownAssignment("bob@example.com", "connected_cluster", `[{"role_id":"deployment-admin"},{"all":true}]`)
	out := example(t, srv, "data-sources/elasticcloud_access").must("apply", "-auto-approve")
	wantText(t, out, `editors_of_all_deployments = [ + "alice@example.com", ]`,
		`other_access = [ + "bob@example.com: connected_cluster {\"all\":true}", + "bob@example.com: connected_cluster {\"role_id\":\"deployment-admin\"}", ]`,
		`owners = [ + "owner@example.com", ]`)
}

func BenchmarkAccessDataSource(b *testing.B) {
	srv := cloudtest.New(b, cloudtest.Unchecked(), cloudtest.Plain())
	for i := range 1000 {
		srv.AddMember(fmt.Sprintf("member-%04d@example.com", i), "deployment-editor:*", "elasticsearch-viewer:*+analyst")
	}
	for b.Loop() {
		attributes, _ := readData(b, srv, "elasticcloud_access", nil)
		if grants, _ := attributes["grants"].(jsonArray); len(grants) != 2000 {
			b.Fatalf("there are %d rows", len(grants))
		}
	}
}
