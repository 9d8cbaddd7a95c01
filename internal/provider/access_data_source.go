// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

var _ datasource.DataSourceWithConfigure = (*accessDataSource)(nil)

type accessDataSource struct {
	baseDataSource
}

func newAccessDataSource() plainDataSource {
	return &accessDataSource{baseDataSource{baseResource{typeName: "elasticcloud_access"}}}
}

type accessModel struct {
	Grants  types.List `tfsdk:"grants"`
	Owners  types.List `tfsdk:"owners"`
	Partial types.Bool `tfsdk:"partial"`
}

// reportRow is one grant of a holder, or what they hold and is not a grant.
type reportRow struct {
	holder
	name, status, source string

	role, scope, resource, applicationRoles, grant, assignment string
}

var accessColumns = columnsOf[reportRow]{
	{"principal_type", "`member`, `invitation` (what somebody gets who accepts it) or `role_mapping` (what somebody gets at a sign-in through SSO).", func(r reportRow) string { return r.kind }},
	{"principal", "The e-mail address in lower case, or the name of the role mapping. The user ID of a member whose address the service does not give.", func(r reportRow) string { return r.key }},
	{"name", "The member's name. Null for others, and where they gave none.", func(r reportRow) string { return r.name }},
	{"status", "`active` for a member, `invited` or `expired` for an invitation, `enabled` or `disabled` for a role mapping.", func(r reportRow) string { return r.status }},
	{"role", "The role ID, such as `deployment-editor`. Null where the service gives none for what is no grant.", func(r reportRow) string { return r.role }},
	{"scope", "What the role is given on: `organization`, `deployment`, or a project type such as `elasticsearch`. For what is no grant, it can also be the service's name for something newer, such as `connected_cluster`.", func(r reportRow) string { return r.scope }},
	{"resource_id", "ID of the one deployment or project. Null for a grant on all of them, for one on the organization, and for what is no grant.", func(r reportRow) string { return r.resource }},
	{"application_roles", "Roles inside the deployment or project, joined with `+`. Null where there are none, and for what is no grant.", func(r reportRow) string { return r.applicationRoles }},
	{"grant", "All of it as a grant, such as `deployment-editor:*`. See [Grants](../index.md#grants). Null for what this version of the provider cannot write as one; `assignment` shows that.", func(r reportRow) string { return r.grant }},
	{"source", "Where the grant comes from: `assigned` for a member, `invitation` for an invitation, and the rule in words for a role mapping, such as `any of: email \"*@example.com\", group \"owners\"`.", func(r reportRow) string { return r.source }},
	{"assignment", "What is no grant, as the service says it: JSON on one line. Where it is long, it is shortened, with a checksum behind it. Null for a grant.", func(r reportRow) string { return r.assignment }},
}

func (d *accessDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who has access to what, flat: one row for each grant of a member, an invitation or a role mapping, and for whatever else they hold. " +
			"Made for reviews and reports: the function [`csv`](../functions/csv.md) writes it as a table, [`compare_access`](../functions/compare_access.md) says what changed since last time.\n\n" +
			"Somebody who holds nothing has no row; `elasticcloud_members` has them all.\n\n" +
			"What somebody holds and this version of the provider cannot write as a grant, such as a role on something newer, is a row whose `grant` is null and whose `assignment` shows what the service says. " +
			"A warning names it as well: look at it in the console, or with a later version. Where some of it can be written as grants, those have their rows too. " + ownKeyOnly,
		Attributes: map[string]schema.Attribute{
			"grants": schema.ListNestedAttribute{
				MarkdownDescription: "The rows: those of members first, then of invitations, then of role mappings, each sorted by principal and grant. What is no grant comes after the grants of its holder.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: accessColumns.attributes()},
			},
			"owners": schema.ListAttribute{
				MarkdownDescription: "E-mail addresses of the active members who hold `organization-admin`, in lower case, sorted. The user ID of one whose address the service does not give.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"partial": schema.BoolAttribute{
				MarkdownDescription: "Whether the API key sees no owner. Every organization has one, so the rows may not be complete then.",
				Computed:            true,
			},
		},
	}
}

func (d *accessDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	people, err := d.run.organization.People.All(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the organization's people", err)
	}
	mappings, err := d.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the role mappings", err)
	}
	organizationID := d.organizationID(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	rows, beyond := accessRows(people, mappings, organizationID)
	if len(beyond) > 0 {
		resp.Diagnostics.AddWarning(warning.NoGrant.With(), withLines(warning.NoGrantDetail, beyond))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, accessModel{
		Grants:  accessColumns.rows(rows),
		Owners:  stringList(ownersAmong(people, organizationID)),
		Partial: types.BoolValue(d.run.organization.People.Partial()),
	})...)
}

// accessRows are the rows in their order, and a line for each without a grant.
func accessRows(people map[string]organization.Person, mappings []cloud.RoleMapping, organizationID string) (rows []reportRow, beyond []string) {
	hold := func(r reportRow, grants []cloud.Grant, others []cloud.NoGrant) {
		for _, g := range grants {
			rows = append(rows, r.of(g))
		}
		for _, o := range others {
			rows = append(rows, r.ofOther(o))
			beyond = append(beyond, r.words()+": "+o.Scope+" "+o.Assignment)
		}
	}
	emails := slices.Sorted(maps.Keys(people))
	for _, email := range emails {
		if m := people[email].Member; m != nil {
			hold(reportRow{holder: holder{principalMember, email}, name: m.Name, status: statusActive, source: "assigned"}, m.RoleAssignments.Grants(organizationID), m.RoleAssignments.Beyond(organizationID))
		}
	}
	for _, email := range emails {
		promised, promisedBeyond := map[cloud.Grant]bool{}, map[cloud.NoGrant]bool{}
		for _, i := range openFirst(people[email].Invitations) {
			status := statusInvited
			if i.Expired {
				status = statusExpired
			}
			hold(reportRow{holder: holder{principalInvitation, email}, status: status, source: "invitation"},
				firstTime(promised, i.RoleAssignments.Grants(organizationID)), firstTime(promisedBeyond, i.RoleAssignments.Beyond(organizationID)))
		}
	}
	for _, m := range mappings {
		status := "disabled"
		if m.Enabled {
			status = "enabled"
		}
		hold(reportRow{holder: holder{principalMapping, m.Name}, status: status, source: m.Rule.String()}, m.RoleAssignments.Grants(organizationID), m.RoleAssignments.Beyond(organizationID))
	}
	return rows, beyond
}

// firstTime are those that were not there before. It takes note of them.
func firstTime[T comparable](before map[T]bool, now []T) []T {
	fresh := slices.DeleteFunc(now, func(one T) bool { return before[one] })
	for _, one := range fresh {
		before[one] = true
	}
	return fresh
}

// openFirst is an order of somebody's invitations in which what two of them
// promise is found in the one that counts.
func openFirst(invitations []cloud.Invitation) []cloud.Invitation {
	return slices.SortedStableFunc(slices.Values(invitations), func(a, b cloud.Invitation) int {
		switch {
		case a.Expired == b.Expired:
			return b.ExpiresAt.Compare(a.ExpiresAt)
		case a.Expired:
			return 1
		}
		return -1
	})
}

// of is the row of a grant.
func (r reportRow) of(g cloud.Grant) reportRow {
	r.role, r.scope, r.resource, r.applicationRoles, r.grant = g.Role, scopeOf(g), resourceOf(g), g.ApplicationRoles, g.String()
	return r
}

// ofOther is the row of what is not a grant.
func (r reportRow) ofOther(n cloud.NoGrant) reportRow {
	r.role, r.scope, r.assignment = n.Role, n.Scope, n.Assignment
	return r
}
