// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// privateData is what the framework keeps for a resource in addition to its state.
type privateData interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// privateText encodes a text for private data, which is JSON. A string cannot fail.
func privateText(text string) []byte {
	data, _ := json.Marshal(text)
	return data
}

// textInPrivate returns the text that privateText encoded, or an empty string.
func textInPrivate(data []byte) (text string) {
	_ = json.Unmarshal(data, &text) // fails if the data is empty or not ours
	return text
}

// Keys of what a plan notes in the private data of a resource that is destroyed. The
// destruction gets this data. After create_before_destroy, apply plans the destruction once
// more. The value of kept is the ID of the object, because the new half of a replacement
// gets the data of the old half.
const (
	keptKey      = "kept"       // the object stays, because another resource manages it
	plannedInKey = "planned_in" // the run that has planned to destroy it
	halfKey      = "half"       // of a replacement: the object that is created right after
)

// isMarked reports whether the private data is marked for the object of a state.
func isMarked(ctx context.Context, key string, state tfsdk.State, private privateData, diags *diag.Diagnostics) bool {
	mark, more := private.GetKey(ctx, key)
	diags.Append(more...)
	return len(mark) > 0 && textInPrivate(mark) == idOf(ctx, state, diags)
}

// idOf returns the ID in a state or a plan, or an empty string if it is unknown. Each
// resource has an ID.
func idOf(ctx context.Context, of interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}, diags *diag.Diagnostics,
) string {
	var id types.String
	diags.Append(of.GetAttribute(ctx, path.Root("id"), &id)...)
	return id.ValueString()
}

// madeKey is where a resource remembers when the run began that created it. An imported
// resource has none.
const madeKey = "made"

// givenKey is where an assignment remembers when the run began that changed it to its grant.
const givenKey = "given"

// rememberRun notes under a key when a run began.
func rememberRun(ctx context.Context, key string, began time.Time, private privateData, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, key, privateText(began.UTC().Format(time.RFC3339Nano)))...)
}

// madeAt returns when the run began that created a resource, and when the run began that
// last granted its grant. Unknown times are zero.
func madeAt(ctx context.Context, private privateData, diags *diag.Diagnostics) (made, given time.Time) {
	read := func(key string) time.Time {
		text, more := private.GetKey(ctx, key)
		diags.Append(more...)
		at, _ := time.Parse(time.RFC3339Nano, textInPrivate(text))
		return at
	}
	if made, given = read(madeKey), read(givenKey); given.IsZero() {
		given = made
	}
	return made, given
}

// organizationKey is where a resource remembers the organization of its state, in its
// private data: older CLIs keep no identity.
const organizationKey = "organization_id"

var organizationIDPath = path.Root("organization_id")

// organizationOfState returns the ID of the organization to which a state belongs. It is
// empty without a state, and for a state that an earlier version wrote with an older CLI.
func organizationOfState(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity, private privateData, diags *diag.Diagnostics) string {
	if state.Raw.IsNull() {
		return ""
	}
	if isOnlyOne(identity) {
		return idOf(ctx, state, diags)
	}
	kept, more := private.GetKey(ctx, organizationKey)
	diags.Append(more...)
	if text := textInPrivate(kept); text != "" {
		return text
	}
	var id types.String
	if !identity.Raw.IsNull() {
		diags.Append(identity.GetAttribute(ctx, organizationIDPath, &id)...)
	}
	return id.ValueString()
}

// isOnlyOne reports whether this identifies a resource that an organization has only once.
// The ID of such a resource is that of the organization.
func isOnlyOne(identity *tfsdk.ResourceIdentity) bool {
	return len(identity.Schema.GetAttributes()) == 1
}

// keepIdentity keeps an identity without an organization, because an identity must not
// change. A refresh that looked nothing up has created it for a state of an earlier version.
func keepIdentity(ctx context.Context, before, after *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if before.Raw.IsNull() {
		return
	}
	var id types.String
	if diags.Append(before.GetAttribute(ctx, organizationIDPath, &id)...); id.IsNull() {
		after.Raw = before.Raw
	}
}
