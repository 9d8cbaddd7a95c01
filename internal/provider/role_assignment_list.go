// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ list.ListResourceWithConfigure = (*roleAssignmentResource)(nil)

func newRoleAssignmentList() list.ListResource {
	return &roleAssignmentResource{baseResource{typeName: roleAssignmentType}}
}

type roleAssignmentListModel struct {
	Email emailValue `tfsdk:"email"`
}

// ListResourceConfigSchema implements list.ListResource.
func (r *roleAssignmentResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Every grant of every person, one result for each: those that members hold, and as `pending` those that an invitation promises. " +
			"What a role mapping gives at a sign-in through SSO is held, too, and listed. " +
			"Do not adopt the same people as `elasticcloud_member` with `roles` too: the two would undo each other. " + listNeeds,
		Attributes: map[string]schema.Attribute{
			"email": schema.StringAttribute{
				MarkdownDescription: "Only the grants of the person with this e-mail address. Compared without regard to case. Default: everybody's.",
				Optional:            true,
				CustomType:          emailType{},
			},
		},
	}
}

// List implements list.ListResource.
func (r *roleAssignmentResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config roleAssignmentListModel
	diags := req.Config.Get(ctx, &config)
	people, emails, organizationID := r.everybody(ctx, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = r.results(ctx, req, diags, func(yield func(listItem) bool) {
		for _, email := range emails {
			if !config.Email.IsNull() && config.Email.key() != email {
				continue
			}
			status := statusPending
			if people[email].Member != nil {
				status = statusAssigned
			}
			for _, g := range people[email].Grants(organizationID) {
				model := roleAssignmentModel{Email: newEmail(email), Role: newGrantValue(g.String()), Status: types.StringValue(status)}
				model.ID = model.id()
				if !yield(listItem{name: fmt.Sprintf("%s: %s (%s)", email, g, status), model: model}) {
					return
				}
			}
		}
	})
}
