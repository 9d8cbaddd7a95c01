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

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var _ datasource.DataSourceWithConfigure = (*membersDataSource)(nil)

type membersDataSource struct {
	baseDataSource
}

func newMembersDataSource() plainDataSource {
	return &membersDataSource{baseDataSource{baseResource{typeName: "elasticcloud_members"}}}
}

type membersDataModel struct {
	Email   emailValue     `tfsdk:"email"`
	Members []listedMember `tfsdk:"members"`
}

// listedMember has plain strings as roles: a custom type is slow for thousands of people.
type listedMember struct {
	ID    types.String `tfsdk:"id"`
	Email types.String `tfsdk:"email"`
	Roles types.Set    `tfsdk:"roles"`
	personModel
}

func (d *membersDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	// elasticcloud_member has the same computed attributes.
	attributes := reported(attributesOf(ctx, newMemberResource()))
	for _, configured := range []string{"roles", "email", "invitation_expires_in", "allow_last_owner_removal"} {
		delete(attributes, configured)
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"id": schema.StringAttribute{
			MarkdownDescription: "The e-mail address in lower case, as in `elasticcloud_member`. Use it as a key. For a member without an e-mail address, the user ID.",
			Computed:            true,
		},
		"email": schema.StringAttribute{
			MarkdownDescription: "E-mail address of the person, in Elastic Cloud's spelling. Null if Elastic Cloud returns none.",
			Computed:            true,
		},
		"roles": schema.SetAttribute{
			MarkdownDescription: "The grants of an active member. For other people, the grants that the invitation offers. See [Grants](../index.md#grants).",
			Computed:            true,
			ElementType:         types.StringType,
		},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists everyone in the organization: members, and people with a pending or expired invitation. " + ownKeyOnly,
		Attributes: map[string]schema.Attribute{
			"email": schema.StringAttribute{
				MarkdownDescription: "Returns only the person with this e-mail address. Compared without regard to case. If nobody has the address, `members` is empty. Default: everyone.",
				Optional:            true,
				CustomType:          emailType{},
			},
			"members": schema.ListNestedAttribute{
				MarkdownDescription: "The people, sorted by their address in lower case.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
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
	organizationID := d.organizationID(ctx, &resp.Diagnostics)
	model.Members = make([]listedMember, 0, len(people)) // not nil, which would be null
	for _, key := range slices.Sorted(maps.Keys(people)) {
		p := people[key]
		model.Members = append(model.Members, listedMember{
			ID:          types.StringValue(key),
			Email:       textOrNull(addressOf(p)),
			Roles:       grantSet(p.Grants(organizationID), types.SetNull(types.StringType)),
			personModel: newPersonModel(p),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// people returns everyone, or only the person with the address, by lower-case address.
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

// addressOf returns the address of a person in Elastic Cloud's spelling.
func addressOf(p organization.Person) string {
	if p.Member != nil {
		return p.Member.Email
	}
	invitation, _ := p.Invitation()
	return invitation.Email
}
