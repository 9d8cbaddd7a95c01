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
		MarkdownDescription: "Lists every grant of every person, with one result for each grant. Grants of members are `assigned`, and grants that an invitation offers are `pending`. " +
			"The list includes grants from role mappings at a sign-in through SSO. " +
			"Do not manage the same people with an `elasticcloud_member` with `roles` too: each would undo the changes of the other. " + listNeeds,
		Attributes: map[string]schema.Attribute{
			"email": schema.StringAttribute{
				MarkdownDescription: "Only the grants of the person with this e-mail address. Compared without regard to case. Default: all.",
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
