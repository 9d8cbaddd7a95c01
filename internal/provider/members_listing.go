// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// listed is one person in the value of members.
type listed struct {
	email  string // in the spelling of the configuration
	grants types.Set
}

// same reports whether the grants are known and give the same access as in the state.
func (l listed) same(state listed) bool {
	return l.grants.Equal(state.grants) || sameGrants(l.grants, state.grants)
}

// listing is the value of members, by lower-case address.
type listing map[string]listed

// listingOf reads a value of members. It is false if the value is unknown. The grants of a
// single person may be unknown even if it is true.
func listingOf(members membersValue) (listing, bool) {
	elements := members.Elements()
	people := make(listing, len(elements))
	for email, element := range elements {
		grants, _ := element.(types.Set)
		people[cloud.Fold(email)] = listed{email: email, grants: grants}
	}
	return people, !members.IsUnknown()
}

// membersValidator refuses invalid e-mail addresses and grants. It validates the whole
// map: a validator for each element is slow for thousands of people, and a mistake that
// many people share needs only one message.
type membersValidator struct{}

func (membersValidator) Description(context.Context) string {
	return "e-mail addresses, each once, with a set of grants"
}

func (v membersValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (membersValidator) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := req.ConfigValue.Elements()
	if len(elements) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Nobody is listed",
			"With an empty map, everyone would be removed from the organization. List the people who should stay. To stop managing members, remove the resource, which removes nobody.")
	}
	spelling := make(map[string]string, len(elements)) // by lower-case address
	mistakes := newMistakes()
	for _, email := range slices.Sorted(maps.Keys(elements)) {
		at := req.Path.AtMapKey(email)
		emailNotation{}.check(email, at, &resp.Diagnostics)
		if other, twice := spelling[cloud.Fold(email)]; twice {
			resp.Diagnostics.AddAttributeError(at, email+" is listed twice",
				fmt.Sprintf("%s and %s differ only by case and are the same person. Keep one of them.", other, email))
		}
		spelling[cloud.Fold(email)] = email
		mistakes.note(email, elements[email], at, &resp.Diagnostics)
	}
	for _, grant := range slices.Sorted(maps.Keys(mistakes.who)) {
		explainMistake(grant, mistakes.who[grant], req.Path, &resp.Diagnostics)
	}
}

// mistakes are the invalid and the questionable grants.
type mistakes struct {
	is  map[string]bool // the result for each checked grant: many people hold the same
	who map[string][]string
}

func newMistakes() mistakes { return mistakes{is: map[string]bool{}, who: map[string][]string{}} }

// note refuses null, and notes the mistakes.
func (m mistakes) note(email string, value attr.Value, at path.Path, diags *diag.Diagnostics) {
	if value.IsNull() {
		diags.AddAttributeError(at, "The grants of "+email+" are null", "Write [] for a person without roles. To remove the person from the organization, remove the address from the map.")
		return
	}
	grants, _ := value.(types.Set)
	for _, element := range grants.Elements() {
		grant, _ := element.(types.String)
		if grant.IsNull() {
			diags.AddAttributeError(at, "A grant of "+email+" is null", "Remove it, or write a grant such as deployment-viewer:*.")
		}
		if grant.IsNull() || grant.IsUnknown() {
			continue
		}
		text := grant.ValueString()
		isMistake, seen := m.is[text]
		if !seen {
			isMistake = len(grantProblems(text)) > 0
			m.is[text] = isMistake
		}
		if isMistake {
			m.who[text] = append(m.who[text], email)
		}
	}
}

// explainMistake reports a mistake at the first person who has it, and names the others.
func explainMistake(grant string, emails []string, members path.Path, diags *diag.Diagnostics) {
	for _, problem := range grantProblems(grant) {
		detail := paragraph(problem.Detail(), warning.ListedFor.With(some(emails)))
		if problem.Severity() == diag.SeverityError {
			diags.AddAttributeError(members.AtMapKey(emails[0]), problem.Summary(), detail)
		} else {
			diags.AddAttributeWarning(members.AtMapKey(emails[0]), problem.Summary(), detail)
		}
	}
}

func grantProblems(grant string) (problems diag.Diagnostics) {
	grantNotation{}.check(grant, path.Empty(), &problems)
	return problems
}
