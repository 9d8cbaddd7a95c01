// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

var _ datasource.DataSourceWithConfigure = (*accessDataSource)(nil)

// The kinds of principals, in the order in which they are listed.
const (
	principalMember     = "member"
	principalInvitation = "invitation"
	principalMapping    = "role_mapping"
)

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
}}

// holder is who or what has grants.
type holder struct {
	kind string
	key  string // lower-case address, or the name of a mapping
}

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
		MarkdownDescription: "Who has access to what, flat: one row for each grant of a member, an invitation or a role mapping. " +
			"Made for reviews and reports: the function [`csv`](../functions/csv.md) writes it as a table, [`compare_access`](../functions/compare_access.md) says what changed since last time.\n\n" +
			"Somebody without a grant has no row; `elasticcloud_members` has them all. What somebody holds and this version of the provider cannot write as a grant has no row either: a warning names it. " + ownKeyOnly,
		Attributes: map[string]schema.Attribute{
			"grants": schema.ListNestedAttribute{
				MarkdownDescription: "The rows: those of members first, then of invitations, then of role mappings, each sorted by principal and grant.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"principal_type":    text("`member`, `invitation` (what somebody gets who accepts it) or `role_mapping` (what somebody gets at a sign-in through SSO)."),
						"principal":         text("The e-mail address in lower case, or the name of the role mapping. The user ID of a member whose address the service does not give."),
						"name":              text("The member's name. Null for others, and where they gave none."),
						"status":            text("`active` for a member, `invited` or `expired` for an invitation, `enabled` or `disabled` for a role mapping."),
						"role":              text("The role ID, such as `deployment-editor`."),
						"scope":             text("What the role is given on: `organization`, `deployment`, or a project type such as `elasticsearch`."),
						"resource_id":       text("ID of the one deployment or project. Null for a grant on all of them, and for one on the organization."),
						"application_roles": text("Roles inside the deployment or project, joined with `+`. Null where there are none."),
						"grant":             text("All of it as a grant, such as `deployment-editor:*`. See [Grants](../index.md#grants)."),
						"source":            text("Where the grant comes from: `assigned` for a member, `invitation` for an invitation, and the rule in words for a role mapping, such as `any of: email \"*@example.com\", group \"owners\"`."),
					},
				},
			},
		},
	}
}

func (d *accessDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	people, err := d.run.client.Directory().People(ctx)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the organization's people", err)
	}
	mappings, err := d.run.client.Settings().RoleMappings(ctx)
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
		resp.Diagnostics.AddWarning("Some access is not in elasticcloud_access",
			"The service has it in a form that this version of the provider cannot write as a grant. Look at it in the console, or with a later version.\n"+strings.Join(beyond, "\n"))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, accessModel{Grants: types.ListValueMust(accessRowType, rows)})...)
}

// accessRows are the rows in their order, and a line for whatever cannot be one.
func accessRows(people map[string]cloud.Person, mappings []cloud.RoleMapping, organizationID string) (rows []attr.Value, beyond []string) {
	rows = []attr.Value{}
	hold := func(p principal, roles cloud.RoleAssignments, grants []cloud.Grant) {
		for _, g := range grants {
			rows = append(rows, p.row(g))
		}
		for _, text := range roles.Beyond(organizationID) {
			beyond = append(beyond, p.words()+": "+text)
		}
	}
	emails := slices.Sorted(maps.Keys(people))
	for _, email := range emails {
		if m := people[email].Member; m != nil {
			hold(principal{holder{principalMember, email}, m.Name, statusActive, "assigned"}, m.RoleAssignments, m.RoleAssignments.Grants(organizationID))
		}
	}
	for _, email := range emails {
		promised := map[cloud.Grant]bool{}
		for _, i := range openFirst(people[email].Invitations) {
			status := statusInvited
			if i.Expired {
				status = statusExpired
			}
			grants := i.RoleAssignments.Grants(organizationID)
			fresh := slices.DeleteFunc(grants, func(g cloud.Grant) bool { return promised[g] })
			hold(principal{holder{principalInvitation, email}, "", status, "invitation"}, i.RoleAssignments, fresh)
			for _, g := range fresh {
				promised[g] = true
			}
		}
	}
	for _, m := range mappings {
		status := "disabled"
		if m.Enabled {
			status = "enabled"
		}
		hold(principal{holder{principalMapping, m.Name}, "", status, ruleInWords(m.Rule)}, m.RoleAssignments, m.RoleAssignments.Grants(organizationID))
	}
	return rows, beyond
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
	return types.ObjectValueMust(accessRowType.AttrTypes, map[string]attr.Value{
		"principal_type":    types.StringValue(p.kind),
		"principal":         types.StringValue(p.key),
		"name":              textOrNull(p.name),
		"status":            types.StringValue(p.status),
		"role":              types.StringValue(g.Role),
		"scope":             types.StringValue(scope),
		"resource_id":       textOrNull(resource),
		"application_roles": textOrNull(g.ApplicationRoles),
		"grant":             types.StringValue(g.String()),
		"source":            types.StringValue(p.source),
	})
}

// words name the holder in a sentence.
func (h holder) words() string {
	switch h.kind {
	case principalInvitation:
		return onOneLine(h.key) + " (invitation)"
	case principalMapping:
		return fmt.Sprintf("role mapping %q", h.key)
	}
	return onOneLine(h.key)
}
