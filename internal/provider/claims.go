// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// claims notes who is planned in one run, so that two resources for the same
// person, in whatever spelling, are told before they fight.
type claims struct {
	mu    sync.Mutex
	first map[string]string // spelling by lower-case e-mail
}

// claimedKey marks in the private data of a planned resource that its person
// was noted. A replacement is planned twice, the second time as a creation with
// the private data of the first.
const claimedKey = "claimed"

// claim notes a person for the resource that is being planned, and adds an
// error where another resource of the run has the same one.
func (c *claims) claim(ctx context.Context, email string, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	marked, diags := req.Private.GetKey(ctx, claimedKey)
	resp.Diagnostics.Append(diags...)
	if req.State.Raw.IsNull() && len(marked) > 0 {
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, claimedKey, []byte("true"))...)

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		c.first = map[string]string{}
	}
	key := strings.ToLower(email)
	spelling, taken := c.first[key]
	if !taken {
		c.first[key] = email
		return
	}
	detail := "Two elasticcloud_member resources of this configuration have the e-mail address " + email + ". Keep one of them."
	if spelling != email {
		detail = "Two elasticcloud_member resources of this configuration are for the same person: " + spelling + " and " + email +
			" differ only by case. Keep one of them."
	}
	resp.Diagnostics.Append(diag.NewAttributeErrorDiagnostic(path.Root("email"), email+" is in the configuration twice", detail))
}
