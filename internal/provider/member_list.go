// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

var _ list.ListResourceWithConfigure = (*memberResource)(nil)

func newMemberList() list.ListResource {
	return &memberResource{baseResource{typeName: memberType}}
}

type memberListModel struct {
	Status types.String `tfsdk:"status"`
	Email  types.String `tfsdk:"email"`
}

// ListResourceConfigSchema implements list.ListResource.
func (r *memberResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Everybody in the organization: members, and those who are invited and have not joined. Each can be managed as an `elasticcloud_member`, which sets all roles of the person. " +
			"Do not adopt the same people as `elasticcloud_role_assignment` too: the two would undo each other. " +
			"Somebody whose invitation has expired is sent a new one by the first apply; with `status` they can be left out. " + listNeeds,
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Only those who stand so: `invited`, `expired` (the invitation ended unaccepted) or `active`. Default: all.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(statusInvited, statusExpired, statusActive)},
			},
			"email": schema.StringAttribute{
				MarkdownDescription: "Only those with this e-mail address, in which `*` stands for zero or more characters, such as `*@example.com`. Compared without regard to case. Default: all.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

// List implements list.ListResource.
func (r *memberResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config memberListModel
	diags := req.Config.Get(ctx, &config)
	people, emails, organizationID := r.everybody(ctx, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	pattern := cloud.Fold(config.Email.ValueString())
	stream.Results = r.results(ctx, req, diags, func(yield func(listItem) bool) {
		for _, email := range emails {
			model := adoptedMember(email, people[email], organizationID)
			status := model.Status.ValueString()
			if !config.Email.IsNull() && !matches(pattern, email) || !config.Status.IsNull() && config.Status.ValueString() != status {
				continue
			}
			if !yield(listItem{name: fmt.Sprintf("%s (%s)", email, status), model: model}) {
				return
			}
		}
	})
}

// adoptedMember is the state of somebody who is taken over with the roles that
// they hold.
func adoptedMember(email string, p organization.Person, organizationID string) memberModel {
	m := memberModel{Email: newEmail(email), Roles: types.SetNull(grantType{})}
	if grants := p.Grants(organizationID); len(grants) > 0 {
		m.Roles = grantSet(grants, types.SetNull(grantType{}))
	}
	m.fromPerson(p)
	return m
}
