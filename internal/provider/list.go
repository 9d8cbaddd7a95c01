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

// What the description of an action or a list ends with. Who does not know the
// limit takes a part of the organization for the whole.
const (
	needsTerraform = "Needs Terraform 1.14 or later."
	listNeeds      = "Needs Terraform 1.14 or later, which stops after 100 results unless `limit` says otherwise."
)

// listItem is one object that a list found.
type listItem struct {
	name  string // what a person knows it by
	model any    // the state that an import and a refresh give
}

// results writes what a list found, up to the limit, with what there is to say
// before it. Lists have no guard: it warns of what everything in a run suffers from.
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

// displayable is a name without the characters that would steer a terminal:
// Terraform prints it as it is.
func displayable(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, name)
}
