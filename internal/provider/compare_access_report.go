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

// access is what a report says of one principal.
type access struct {
	grants map[given]bool
	status string // empty where the report does not say
	source string // of a role mapping; empty where the report does not say
	listed bool   // in a row that says no more than that they are there
}

// given is a grant, or what this version of the provider cannot write as one.
type given struct {
	grant                   string // in canonical form; empty for what is no grant
	scope, role, assignment string // of what is no grant
}

// report is one list of rows.
type report map[holder]access

// hasEverybody tells that whoever is not in the report was not there, and not
// only without a grant. Rows of elasticcloud_access alone leave that open.
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
		return nil, fmt.Errorf("%s must be a list of rows such as data.elasticcloud_access.now.grants", name)
	}
	read := report{}
	for i, row := range rows {
		fields, ok := fieldsOf(row)
		if !ok || row.IsNull() {
			return nil, fmt.Errorf("%s[%d] is no row: it has to be an object with principal_type, principal and grant", name, i)
		}
		texts := map[string]string{}
		for field, value := range fields {
			texts[field], _ = text(value) // of what is no text, and not needed, nothing is said
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
				return nil, fmt.Errorf("%s[%d] has no grant, nor scope and assignment in its place", name, i)
			}
		}
		h := holder{kind: texts["principal_type"], key: texts["principal"]}
		switch h.kind {
		case principalMember, principalInvitation:
			h.key = newEmail(h.key).key()
			texts["source"] = "" // says nothing that the kind does not
		case principalMapping:
		default:
			return nil, fmt.Errorf("%s[%d] has the principal_type %q; there are %s, %s and %s", name, i, h.kind, principalMember, principalInvitation, principalMapping)
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

// isListing tells that a row says no more than that somebody is there. A row
// without the field grant is more likely to be of something else.
func isListing(row map[string]attr.Value) bool {
	for _, field := range []string{"grant", "role", "scope", "assignment"} {
		if value, there := row[field]; there && !value.IsNull() || !there && field == "grant" {
			return false
		}
	}
	return true
}

// canonicalGrant leaves what is no grant to this version as it is.
func canonicalGrant(text string) string {
	if g, err := cloud.ParseGrant(text); err == nil {
		return g.String()
	}
	return text
}

// compareGiven puts grants before what is none.
func compareGiven(a, b given) int {
	return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.role, b.role), cmp.Compare(a.assignment, b.assignment), cmp.Compare(a.grant, b.grant))
}

// compareHolders is the order of elasticcloud_access.
func compareHolders(a, b holder) int {
	order := []string{principalMember, principalInvitation, principalMapping}
	return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(a.key, b.key))
}
