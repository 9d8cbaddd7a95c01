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

// reportRow is one grant of a holder, or access that is not a grant.
type reportRow struct {
	holder
	name, status, source string

	role, scope, resource, applicationRoles, grant, assignment string
}

var accessColumns = columnsOf[reportRow]{
	{"principal_type", "`member`, `invitation` (what the person gets on acceptance) or `role_mapping` (what people get at a sign-in through SSO).", func(r reportRow) string { return r.kind }},
	{"principal", "The e-mail address in lower case, or the name of the role mapping. For a member without an e-mail address, the user ID.", func(r reportRow) string { return r.key }},
	{"name", "The member's name. Null for invitations, role mappings, and members without a name.", func(r reportRow) string { return r.name }},
	{"status", "`active` for a member, `invited` or `expired` for an invitation, `enabled` or `disabled` for a role mapping.", func(r reportRow) string { return r.status }},
	{"role", "The role ID, such as `deployment-editor`. Null if Elastic Cloud returns no role for access that is not a grant.", func(r reportRow) string { return r.role }},
	{"scope", "Where the role applies: `organization`, `deployment`, or a project type such as `elasticsearch`. For access that is not a grant, this can also be Elastic Cloud's name for a newer kind of resource, such as `connected_cluster`.", func(r reportRow) string { return r.scope }},
	{"resource_id", "ID of the deployment or project. Null for a grant on all of them, for a grant on the organization, and for access that is not a grant.", func(r reportRow) string { return r.resource }},
	{"application_roles", "Roles inside the deployment or project, joined with `+`. Null if there are none, and for access that is not a grant.", func(r reportRow) string { return r.applicationRoles }},
	{"grant", "The whole grant, such as `deployment-editor:*`. See [Grants](../index.md#grants). Null for access that this version of the provider cannot write as a grant: `assignment` shows it.", func(r reportRow) string { return r.grant }},
	{"source", "The origin of the grant: `assigned` for a member, and `invitation` for an invitation. For a role mapping, the rule in words, such as `any of: email \"*@example.com\", group \"owners\"`.", func(r reportRow) string { return r.source }},
	{"assignment", "Access that is not a grant, as Elastic Cloud returns it: JSON on one line. A long value is shortened and ends with a checksum. Null for a grant.", func(r reportRow) string { return r.assignment }},
}

func (d *accessDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists who has access to what: one row for each grant of a member, an invitation or a role mapping.\n\n" +
			"Use it for reviews and reports. The function [`csv`](../functions/csv.md) writes the rows as a table. [`compare_access`](../functions/compare_access.md) lists what changed since an earlier report.\n\n" +
			"A person without any access has no row. `elasticcloud_members` lists everyone.\n\n" +
			"Some access cannot be written as a grant by this version of the provider, such as a role on a newer kind of resource. It has a row with a null `grant`, and `assignment` shows what Elastic Cloud returned. " +
			"A warning names it too: check it in the console, or use a later version of the provider. If parts of it can be written as grants, those grants have their own rows.\n\n" + ownKeyOnly,
		Attributes: map[string]schema.Attribute{
			"grants": schema.ListNestedAttribute{
				MarkdownDescription: "The rows: members first, then invitations, then role mappings, each sorted by principal and grant. For each principal, access that is not a grant follows the grants.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: accessColumns.attributes()},
			},
			"owners": schema.ListAttribute{
				MarkdownDescription: "E-mail addresses of the active members with `organization-admin`, in lower case and sorted. For a member without an e-mail address, the user ID.",
				Computed:            true,
				ElementType:         types.StringType,
			},
			"partial": schema.BoolAttribute{
				MarkdownDescription: "`true` if the API key sees no owner. Every organization has one, so the rows may then be incomplete.",
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

// accessRows returns the sorted rows, and a line for each row without a grant.
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

// firstTime returns the elements of now that are not in before, and adds them to before.
func firstTime[T comparable](before map[T]bool, now []T) []T {
	fresh := slices.DeleteFunc(now, func(one T) bool { return before[one] })
	for _, one := range fresh {
		before[one] = true
	}
	return fresh
}

// openFirst sorts the invitations of a person: pending before expired, the latest expiry
// first. A grant that two of them offer is then reported with the one that counts.
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

// of returns the row of a grant.
func (r reportRow) of(g cloud.Grant) reportRow {
	r.role, r.scope, r.resource, r.applicationRoles, r.grant = g.Role, scopeOf(g), resourceOf(g), g.ApplicationRoles, g.String()
	return r
}

// ofOther returns the row of access that is not a grant.
func (r reportRow) ofOther(n cloud.NoGrant) reportRow {
	r.role, r.scope, r.assignment = n.Role, n.Scope, n.Assignment
	return r
}
