// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
)

// actionEmail is the attribute for the person that an action changes.
var actionEmail = schema.StringAttribute{
	MarkdownDescription: "E-mail address of the person. Compared without regard to case.",
	Required:            true,
	CustomType:          emailType{},
}

// progress reports how far an action has come for one person.
func progress(resp *action.InvokeResponse, email, what string) {
	resp.SendProgress(action.InvokeProgressEvent{Message: email + ": " + what})
}
