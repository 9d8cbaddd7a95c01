// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// access is what a report has about one principal.
type access struct {
	grants map[given]bool
	status string // empty if the report has none
	source string // of a role mapping; empty if the report has none
	listed bool   // in a row that only states that the principal exists
}

// given is a grant, or access that this version of the provider cannot write as one.
type given struct {
	grant                   string // in canonical form; empty for access that is not a grant
	scope, role, assignment string // of access that is not a grant
}

// report is one list of rows.
type report map[holder]access

// hasEverybody reports whether the report is complete: it has principals without a grant
// too. Rows of elasticcloud_access alone do not have them.
func (r report) hasEverybody() bool {
	for _, a := range r {
		if a.listed {
			return true
		}
	}
	return false
}

// readReport reads the rows of an argument.
func readReport(name string, value attr.Value) (report, error) {
	rows, ok := elementsOf(value)
	if !ok {
		return nil, fmt.Errorf("%s must be a list of rows, such as data.elasticcloud_access.now.grants", name)
	}
	read := report{}
	for i, row := range rows {
		fields, ok := fieldsOf(row)
		if !ok || row.IsNull() {
			return nil, fmt.Errorf("%s[%d] must be an object with principal_type, principal and grant", name, i)
		}
		texts := map[string]string{}
		for field, value := range fields {
			texts[field], _ = text(value) // fields that are not needed may have another type
		}
		for _, field := range []string{"principal_type", "principal"} {
			if texts[field] == "" {
				return nil, fmt.Errorf("%s[%d] has no %s", name, i, field)
			}
		}
		listing := isListing(fields)
		g := given{grant: canonicalGrant(texts["grant"])}
		if g.grant == "" && !listing {
			g = given{scope: texts["scope"], role: texts["role"], assignment: texts["assignment"]}
			if g.scope == "" || g.assignment == "" {
				return nil, fmt.Errorf("%s[%d] has neither a grant, nor scope and assignment in its place", name, i)
			}
		}
		h := holder{kind: texts["principal_type"], key: texts["principal"]}
		switch h.kind {
		case principalMember, principalInvitation:
			h.key = newEmail(h.key).key()
			texts["source"] = "" // follows from the kind
		case principalMapping:
		default:
			return nil, fmt.Errorf("%s[%d] has the unknown principal_type %q. Write %s, %s or %s", name, i, h.kind, principalMember, principalInvitation, principalMapping)
		}
		a, known := read[h]
		if !known {
			a.grants = map[given]bool{}
		}
		a.status, a.source = cmp.Or(a.status, texts["status"]), cmp.Or(a.source, texts["source"])
		if listing {
			a.listed = true
		} else {
			a.grants[g] = true
		}
		read[h] = a
	}
	return read, nil
}

// isListing reports whether a row only states that a principal exists. A row without the
// field grant is more likely to be something else.
func isListing(row map[string]attr.Value) bool {
	for _, field := range []string{"grant", "role", "scope", "assignment"} {
		if value, there := row[field]; there && !value.IsNull() || !there && field == "grant" {
			return false
		}
	}
	return true
}

// canonicalGrant returns a grant in canonical form, and any other text unchanged.
func canonicalGrant(text string) string {
	if g, err := cloud.ParseGrant(text); err == nil {
		return g.String()
	}
	return text
}

// compareGiven sorts grants before access that is not a grant.
func compareGiven(a, b given) int {
	return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.role, b.role), cmp.Compare(a.assignment, b.assignment), cmp.Compare(a.grant, b.grant))
}

// compareHolders sorts as elasticcloud_access does.
func compareHolders(a, b holder) int {
	order := []string{principalMember, principalInvitation, principalMapping}
	return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(a.key, b.key))
}
