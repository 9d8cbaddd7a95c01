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
		MarkdownDescription: "Lists everyone in the organization: members, and invited people who have not joined. Each person can be managed with an `elasticcloud_member`, which sets all roles of the person. " +
			"Do not manage the same people with `elasticcloud_role_assignment` too: each would undo the changes of the other. " +
			"If the invitation of an imported person has expired, the first apply sends a new one. Use `status` to exclude these people. " + listNeeds,
		Attributes: map[string]schema.Attribute{
			"status": schema.StringAttribute{
				MarkdownDescription: "Only people with this status: `invited`, `expired` (the invitation was not accepted in time) or `active`. Default: all.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(statusInvited, statusExpired, statusActive)},
			},
			"email": schema.StringAttribute{
				MarkdownDescription: "Only people whose e-mail address matches this pattern. `*` matches zero or more characters, as in `*@example.com`. Compared without regard to case. Default: all.",
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

// adoptedMember returns the state of a person who is imported with the present roles.
func adoptedMember(email string, p organization.Person, organizationID string) memberModel {
	m := memberModel{Email: newEmail(email), Roles: types.SetNull(grantType{})}
	if grants := p.Grants(organizationID); len(grants) > 0 {
		m.Roles = grantSet(grants, types.SetNull(grantType{}))
	}
	m.fromPerson(p)
	return m
}
