// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// emailList is a list of addresses and of patterns such as *@example.com.
type emailList struct {
	addresses, domains map[string]bool
}

const anyoneAt = "*@"

func newEmailList(entries []string) emailList {
	l := emailList{map[string]bool{}, map[string]bool{}}
	for _, entry := range entries {
		if domain, isPattern := strings.CutPrefix(cloud.Fold(entry), anyoneAt); isPattern {
			l.domains[domain] = true
		} else {
			l.addresses[cloud.Fold(entry)] = true
		}
	}
	return l
}

// has reports whether the list contains an address, which is in lower case.
func (l emailList) has(email string) bool { return l.addresses[email] || l.hasDomainOf(email) }

// hasDomainOf reports whether a pattern matches an address. Subdomains do not match:
// *@example.com does not list alice@a.example.com.
func (l emailList) hasDomainOf(email string) bool {
	return l.domains[email[strings.LastIndex(email, "@")+1:]]
}

// emailOrPatternCheck accepts an address, or a pattern for all addresses of a domain.
var emailOrPatternCheck = textCheck{"an e-mail address, or *@ and a domain for all its addresses", func(text string, at path.Path, diags *diag.Diagnostics) {
	domain, isPattern := strings.CutPrefix(text, anyoneAt)
	switch {
	case isPattern && isAddress("anyone@"+domain) && !strings.Contains(domain, "*"):
		return
	case strings.HasPrefix(text, "*") || strings.Contains(text[strings.LastIndex(text, "@")+1:], "*"):
		diags.AddAttributeError(at, "Invalid pattern",
			fmt.Sprintf("%q is not a supported pattern. Write *@ and a domain, such as *@example.com, for all addresses of that domain.", text))
	default:
		emailNotation{}.check(text, at, diags)
	}
}}
