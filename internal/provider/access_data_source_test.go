// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func TestAccessDataSource(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	row := func(kind, key string, name any, status, role, scope string, resourceID, applicationRoles any, grant, source string) jsonObject {
		return jsonObject{
			"principal_type": kind, "principal": key, "name": name, "status": status, "role": role, "scope": scope,
			"resource_id": resourceID, "application_roles": applicationRoles, "grant": grant, "source": source,
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
			parsed = append(parsed, newGrantValue(grant).grant())
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
		var alice cloud.Person
		for _, i := range order {
			alice.Invitations = append(alice.Invitations, invitations[i])
		}
		rows, _ := accessRows(map[string]cloud.Person{"alice@example.com": alice}, nil, "1")
		var got []string
		for _, row := range rows {
			attributes, _ := fieldsOf(row)
			status, _ := text(attributes["status"])
			grant, _ := text(attributes["grant"])
			got = append(got, status+" "+grant)
		}
		want(t, got, []string{"invited deployment-viewer:*", "invited billing-admin", "expired deployment-admin:*"})
	}
}

// What is newer than this version is no row, and must not be missed.
func TestAccessDataSourceNamesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	srv := newReadOnly(t)
	srv.AddUnknownAssignment("bob@example.com", "connected_cluster", `[{"role_id":"connected-cluster-admin"}]`)
	srv.AddUnknownAssignment("carol@example.com", "project.newtype", `[{"role_id":"newtype-viewer","all":true}]`)
	attributes, diagnostics := readData(t, srv, "elasticcloud_access", nil)
	if grants, _ := attributes["grants"].(jsonArray); len(grants) != 10 {
		t.Errorf("there are %d rows", len(grants))
	}
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning {
		t.Fatalf("said %v", diagnostics)
	}
	wantText(t, diagnostics[0].Detail, `bob@example.com: connected_cluster [{"role_id":"connected-cluster-admin"}]`,
		`carol@example.com (invitation): project.newtype [{"role_id":"newtype-viewer","all":true}]`)
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
