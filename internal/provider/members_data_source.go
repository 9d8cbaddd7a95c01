// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var _ datasource.DataSourceWithConfigure = (*membersDataSource)(nil)

type membersDataSource struct {
	baseDataSource
}

func newMembersDataSource() datasource.DataSource { return &membersDataSource{} }

type membersDataModel struct {
	Email   emailValue `tfsdk:"email"`
	Members types.List `tfsdk:"members"`
}

// listedMemberType has plain strings as roles: a type of their own is slow at
// thousands.
var listedMemberType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"id":                    types.StringType,
	"email":                 types.StringType,
	"status":                types.StringType,
	"roles":                 grantSetType,
	"user_id":               types.StringType,
	"name":                  types.StringType,
	"member_since":          types.StringType,
	"invitation_expires_at": types.StringType,
}}

func (d *membersDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "elasticcloud_members"
}

func (d *membersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Everybody in the organization: members, and those whose invitation is open or expired. " + ownKeyOnly,
		Attributes: map[string]schema.Attribute{
			"email": schema.StringAttribute{
				MarkdownDescription: "Gives this person alone, compared without regard to case. Where nobody has that address, `members` is empty. Default: everybody.",
				Optional:            true,
				CustomType:          emailType{},
			},
			"members": schema.ListNestedAttribute{
				MarkdownDescription: "The people, sorted by their address in lower case.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"id":     text("The e-mail address in lower case, as in `elasticcloud_member`: take this as a key. The user ID of a member whose address the service does not give."),
						"email":  text("E-mail address of the person, as the service spells it. Null where it does not give one."),
						"status": text("`invited`, `expired` (the invitation ended unaccepted) or `active`."),
						"roles": schema.SetAttribute{
							MarkdownDescription: "The grants that the person holds or, while they are not active, that the invitation promises. See [Grants](../index.md#grants).",
							Computed:            true,
							ElementType:         types.StringType,
						},
						"user_id":               text("The service's ID of the person. Null until they have joined."),
						"name":                  text("The person's name. Null until they have joined, and where they gave none."),
						"member_since":          text("When the person joined, in RFC 3339. Null until then."),
						"invitation_expires_at": text("When the invitation ends or ended, in RFC 3339. Null once the person has joined."),
					},
				},
			},
		},
	}
}

func (d *membersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model membersDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	people, err := d.people(ctx, model.Email)
	if err != nil {
		addError(&resp.Diagnostics, "Could not list the organization's people", err)
		return
	}
	d.run.checkKey(&resp.Diagnostics)
	organizationID := d.organizationID(ctx, &resp.Diagnostics)
	members := make([]attr.Value, 0, len(people))
	for _, key := range slices.Sorted(maps.Keys(people)) {
		members = append(members, listedMember(key, people[key], organizationID))
	}
	model.Members = types.ListValueMust(listedMemberType, members)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// people is everybody, or who has the address, by lower-case address.
func (d *membersDataSource) people(ctx context.Context, email emailValue) (map[string]organization.Person, error) {
	if email.IsNull() {
		return d.run.organization.People.All(ctx)
	}
	person, err := d.run.organization.People.Find(ctx, email.ValueString())
	if err != nil || !person.Exists() {
		return nil, err
	}
	return map[string]organization.Person{email.key(): person}, nil
}

func listedMember(key string, p organization.Person, organizationID string) attr.Value {
	var m memberModel
	m.fromPerson(p)
	return types.ObjectValueMust(listedMemberType.AttrTypes, map[string]attr.Value{
		"id":                    types.StringValue(key),
		"email":                 textOrNull(addressOf(p)),
		"status":                m.Status,
		"roles":                 grantSet(p.Grants(organizationID), types.SetNull(types.StringType)),
		"user_id":               m.UserID,
		"name":                  m.Name,
		"member_since":          m.MemberSince,
		"invitation_expires_at": m.InvitationExpiresAt,
	})
}

// addressOf is somebody's address as the service spells it.
func addressOf(p organization.Person) string {
	if p.Member != nil {
		return p.Member.Email
	}
	invitation, _ := p.Invitation()
	return invitation.Email
}
