// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var _ datasource.DataSourceWithConfigure = (*accessDataSource)(nil)

type accessDataSource struct {
	baseDataSource
}

func newAccessDataSource() datasource.DataSource { return &accessDataSource{} }

type accessModel struct {
	Grants types.List `tfsdk:"grants"`
}

var accessRowType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"principal_type":    types.StringType,
	"principal":         types.StringType,
	"name":              types.StringType,
	"status":            types.StringType,
	"role":              types.StringType,
	"scope":             types.StringType,
	"resource_id":       types.StringType,
	"application_roles": types.StringType,
	"grant":             types.StringType,
	"source":            types.StringType,
	"assignment":        types.StringType,
}}

// principal is a holder, with what its rows have in common.
type principal struct {
	holder
	name, status, source string
}

func (d *accessDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "elasticcloud_access"
}

func (d *accessDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
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
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"principal_type":    text("`member`, `invitation` (what somebody gets who accepts it) or `role_mapping` (what somebody gets at a sign-in through SSO)."),
						"principal":         text("The e-mail address in lower case, or the name of the role mapping. The user ID of a member whose address the service does not give."),
						"name":              text("The member's name. Null for others, and where they gave none."),
						"status":            text("`active` for a member, `invited` or `expired` for an invitation, `enabled` or `disabled` for a role mapping."),
						"role":              text("The role ID, such as `deployment-editor`. Null where the service gives none for what is no grant."),
						"scope":             text("What the role is given on: `organization`, `deployment`, or a project type such as `elasticsearch`. For what is no grant, it can also be the service's name for something newer, such as `connected_cluster`."),
						"resource_id":       text("ID of the one deployment or project. Null for a grant on all of them, for one on the organization, and for what is no grant."),
						"application_roles": text("Roles inside the deployment or project, joined with `+`. Null where there are none, and for what is no grant."),
						"grant":             text("All of it as a grant, such as `deployment-editor:*`. See [Grants](../index.md#grants). Null for what this version of the provider cannot write as one; `assignment` shows that."),
						"source":            text("Where the grant comes from: `assigned` for a member, `invitation` for an invitation, and the rule in words for a role mapping, such as `any of: email \"*@example.com\", group \"owners\"`."),
						"assignment":        text("What is no grant, as the service says it: JSON on one line. Where it is long, it is shortened, with a checksum behind it. Null for a grant."),
					},
				},
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
	d.run.checkKey(&resp.Diagnostics)
	rows, beyond := accessRows(people, mappings, organizationID)
	if len(beyond) > 0 {
		resp.Diagnostics.AddWarning("Some access is not a grant",
			"The service has it in a form that this version of the provider cannot write as a grant. It is in elasticcloud_access in rows without a grant. Look at it in the console, or with a later version.\n"+strings.Join(beyond, "\n"))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, accessModel{Grants: types.ListValueMust(accessRowType, rows)})...)
}

// accessRows are the rows in their order, and a line for each without a grant.
func accessRows(people map[string]organization.Person, mappings []cloud.RoleMapping, organizationID string) (rows []attr.Value, beyond []string) {
	rows = []attr.Value{}
	hold := func(p principal, grants []cloud.Grant, others []cloud.NoGrant) {
		for _, g := range grants {
			rows = append(rows, p.row(g))
		}
		for _, o := range others {
			rows = append(rows, p.rowWithoutGrant(o))
			beyond = append(beyond, p.words()+": "+o.Scope+" "+o.Assignment)
		}
	}
	emails := slices.Sorted(maps.Keys(people))
	for _, email := range emails {
		if m := people[email].Member; m != nil {
			hold(principal{holder{principalMember, email}, m.Name, statusActive, "assigned"}, m.RoleAssignments.Grants(organizationID), m.RoleAssignments.Beyond(organizationID))
		}
	}
	for _, email := range emails {
		promised, promisedBeyond := map[cloud.Grant]bool{}, map[cloud.NoGrant]bool{}
		for _, i := range openFirst(people[email].Invitations) {
			status := statusInvited
			if i.Expired {
				status = statusExpired
			}
			hold(principal{holder{principalInvitation, email}, "", status, "invitation"},
				firstTime(promised, i.RoleAssignments.Grants(organizationID)), firstTime(promisedBeyond, i.RoleAssignments.Beyond(organizationID)))
		}
	}
	for _, m := range mappings {
		status := "disabled"
		if m.Enabled {
			status = "enabled"
		}
		hold(principal{holder{principalMapping, m.Name}, "", status, ruleInWords(m.Rule)}, m.RoleAssignments.Grants(organizationID), m.RoleAssignments.Beyond(organizationID))
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

func (p principal) row(g cloud.Grant) attr.Value {
	scope, resource := g.Kind(), g.Resource
	if scope == "" {
		scope = "organization"
	}
	if resource == cloud.AllResources {
		resource = ""
	}
	return p.rowOf(map[string]attr.Value{
		"role":              types.StringValue(g.Role),
		"scope":             types.StringValue(scope),
		"resource_id":       textOrNull(resource),
		"application_roles": textOrNull(g.ApplicationRoles),
		"grant":             types.StringValue(g.String()),
		"assignment":        types.StringNull(),
	})
}

func (p principal) rowWithoutGrant(n cloud.NoGrant) attr.Value {
	return p.rowOf(map[string]attr.Value{
		"role":              textOrNull(n.Role),
		"scope":             types.StringValue(n.Scope),
		"resource_id":       types.StringNull(),
		"application_roles": types.StringNull(),
		"grant":             types.StringNull(),
		"assignment":        types.StringValue(n.Assignment),
	})
}

// rowOf is a row with what all rows of the principal have in common.
func (p principal) rowOf(values map[string]attr.Value) attr.Value {
	values["principal_type"] = types.StringValue(p.kind)
	values["principal"] = types.StringValue(p.key)
	values["name"] = textOrNull(p.name)
	values["status"] = types.StringValue(p.status)
	values["source"] = types.StringValue(p.source)
	return types.ObjectValueMust(accessRowType.AttrTypes, values)
}
