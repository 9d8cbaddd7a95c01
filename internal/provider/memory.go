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

// privateData is what the framework keeps for a resource beside its state.
type privateData interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// privateText is a text as private data has it: JSON, which a string never fails at.
func privateText(text string) []byte {
	data, _ := json.Marshal(text)
	return data
}

// textInPrivate is the text that privateText wrote, or empty.
func textInPrivate(data []byte) (text string) {
	_ = json.Unmarshal(data, &text) // nothing is there, or nothing of ours
	return text
}

// What a plan notes, in the private data of what goes. A destruction gets the data that
// the plan has left, but for what create_before_destroy has replaced: an apply plans
// that once more. The first holds the ID of the object, as the new half of a
// replacement takes over the data of the old one.
const (
	keptKey      = "kept"       // another resource is for it, so that it stays
	plannedInKey = "planned_in" // the run that has planned to destroy it
	halfKey      = "half"       // what takes its place right after, where it is replaced
)

// isMarked reports whether the private data is marked for the object of a state.
func isMarked(ctx context.Context, key string, state tfsdk.State, private privateData, diags *diag.Diagnostics) bool {
	mark, more := private.GetKey(ctx, key)
	diags.Append(more...)
	return len(mark) > 0 && textInPrivate(mark) == idOf(ctx, state, diags)
}

// idOf is the ID in a state or a plan, which each resource has; empty where it is unknown.
func idOf(ctx context.Context, of interface {
	GetAttribute(ctx context.Context, at path.Path, target any) diag.Diagnostics
}, diags *diag.Diagnostics,
) string {
	var id types.String
	diags.Append(of.GetAttribute(ctx, path.Root("id"), &id)...)
	return id.ValueString()
}

// madeKey is where a resource remembers when the run began that has created it. What was
// imported has none.
const madeKey = "made"

// givenKey is where an assignment remembers when the run began that changed it to its grant.
const givenKey = "given"

// rememberRun notes when a run began that did what the key says.
func rememberRun(ctx context.Context, key string, began time.Time, private privateData, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, key, privateText(began.UTC().Format(time.RFC3339Nano)))...)
}

// madeAt is when the runs began that created a resource and that gave its grant last. They
// are zero where that is not known.
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

// organizationKey is where a resource remembers, in its private data, which organization
// its state is of: older CLIs keep no identity.
const organizationKey = "organization_id"

var organizationIDPath = path.Root("organization_id")

// organizationOfState returns the ID of the organization that a state is of. It is empty
// where there is no state, and in a state that an earlier version has written with an
// older CLI.
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

// isOnlyOne reports whether an organization has one of what this identifies. The ID of
// such a resource is the organization's.
func isOnlyOne(identity *tfsdk.ResourceIdentity) bool {
	return len(identity.Schema.GetAttributes()) == 1
}

// keepIdentity keeps an identity that names no organization as it is: an identity may
// not change. A refresh that looked nothing up has made it, of a state of an earlier
// version.
func keepIdentity(ctx context.Context, before, after *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if before.Raw.IsNull() {
		return
	}
	var id types.String
	if diags.Append(before.GetAttribute(ctx, organizationIDPath, &id)...); id.IsNull() {
		after.Raw = before.Raw
	}
}
