// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
)

// actionEmail says for whom an action is.
var actionEmail = schema.StringAttribute{
	MarkdownDescription: "E-mail address of the person. Compared without regard to case.",
	Required:            true,
	CustomType:          emailType{},
}

// progress tells how far an action for one person is.
func progress(resp *action.InvokeResponse, email, what string) {
	resp.SendProgress(action.InvokeProgressEvent{Message: email + ": " + what})
}
