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

// emailList is who is listed by address, or by a pattern such as *@example.com.
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

// has reports whether somebody is listed, by an address in lower case.
func (l emailList) has(email string) bool { return l.addresses[email] || l.hasDomainOf(email) }

// hasDomainOf reports whether a pattern lists somebody. The domain of a pattern is that
// of the address: example.com is not a.example.com.
func (l emailList) hasDomainOf(email string) bool {
	return l.domains[email[strings.LastIndex(email, "@")+1:]]
}

// emailOrPatternCheck takes an address, or a pattern for everybody of a domain.
var emailOrPatternCheck = textCheck{"an e-mail address, or *@ and a domain for everybody there", func(text string, at path.Path, diags *diag.Diagnostics) {
	domain, isPattern := strings.CutPrefix(text, anyoneAt)
	switch {
	case isPattern && isAddress("anyone@"+domain) && !strings.Contains(domain, "*"):
		return
	case strings.HasPrefix(text, "*") || strings.Contains(text[strings.LastIndex(text, "@")+1:], "*"):
		diags.AddAttributeError(at, "Invalid pattern",
			fmt.Sprintf("%q is no pattern. Write *@ and a domain, such as *@example.com, for everybody with an address there. Other patterns are not possible.", text))
	default:
		emailNotation{}.check(text, at, diags)
	}
}}
