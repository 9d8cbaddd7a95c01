// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// actionEmail says for whom an action is.
var actionEmail = schema.StringAttribute{
	MarkdownDescription: "E-mail address of the person. Compared without regard to case.",
	Required:            true,
	CustomType:          emailType{},
}

// baseAction is what all actions share.
type baseAction struct {
	baseResource
}

// Configure implements action.ActionWithConfigure.
func (a *baseAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// lookNow is lookUp by what the service says at this moment: much may have
// happened in the run since the lists were read.
func (a *baseAction) lookNow(ctx context.Context, email string, diags *diag.Diagnostics) (organization.Person, string, bool) {
	if _, err := a.run.organization.People.FindAnew(ctx, email); err != nil {
		addError(diags, "Could not look "+email+" up", err)
		return organization.Person{}, "", false
	}
	return a.lookUp(ctx, email, diags)
}

// progress tells how far an action for one person is.
func progress(resp *action.InvokeResponse, email, what string) {
	resp.SendProgress(action.InvokeProgressEvent{Message: email + ": " + what})
}

// orNoRoles writes grants for a sentence, also where there are none.
func orNoRoles(grants []cloud.Grant) string {
	if len(grants) == 0 {
		return "no roles"
	}
	return join(grants)
}
