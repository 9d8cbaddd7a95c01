// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"iter"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
)

// The last sentence in the description of an action or a list. Without it, a reader could
// take a part of the organization for the whole.
const (
	needsTerraform = "Needs Terraform 1.14 or later."
	listNeeds      = "Needs Terraform 1.14 or later. Terraform stops after 100 results unless you set `limit`."
)

// listItem is one object that a list found.
type listItem struct {
	name  string // the display name
	model any    // the state after an import and a refresh
}

// results returns the objects of a list, up to the limit, after the diagnostics. Lists
// have no guard, so it adds the warnings that concern the whole run.
func (b *baseResource) results(ctx context.Context, req list.ListRequest, said diag.Diagnostics, objects iter.Seq[listItem]) iter.Seq[list.ListResult] {
	var first diag.Diagnostics
	b.run.check(ctx, &first)
	said = append(first, said...)
	return func(push func(list.ListResult) bool) {
		if len(said) > 0 && !push(list.ListResult{Diagnostics: said}) || said.HasError() {
			return
		}
		var count int64
		for object := range objects {
			result := req.NewListResult(ctx)
			result.DisplayName = displayable(object.name)
			result.Diagnostics.Append(b.setIdentity(ctx, result.Identity, object.model)...)
			if req.IncludeResource {
				result.Diagnostics.Append(result.Resource.Set(ctx, object.model)...)
			}
			if count++; !push(result) || count == req.Limit {
				return
			}
		}
	}
}

// displayable returns a name without control characters for a terminal: Terraform prints
// it unchanged.
func displayable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, name)
}
