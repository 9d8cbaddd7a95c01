// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/net/idna"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

type (
	domainType  = spelledType[domainNotation]
	domainValue = spelled[domainNotation]
)

func newDomain(s string) domainValue { return spell[domainNotation](s) }

// domainNotation compares domain names without regard to case and to a dot at
// the end. The key of a domain is also what is sent.
type domainNotation struct{}

func (domainNotation) key(s string) string { return strings.TrimSuffix(cloud.Fold(s), ".") }

func (domainNotation) check(s string, at path.Path, diags *diag.Diagnostics) {
	if problem := domainProblem(s); problem != "" {
		diags.AddAttributeError(at, "Invalid domain", fmt.Sprintf("%q %s.", s, problem))
	}
}

// domainLabel is what stands between two dots.
var domainLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// domainProblem says what is wrong with a domain name, or nothing.
func domainProblem(s string) string {
	name := newDomain(s).key()
	switch {
	case strings.Contains(s, "/"):
		return "is an address on the web or part of one: write the domain alone, such as example.com"
	case strings.Contains(s, "@"):
		return "is an e-mail address: write what stands after the @"
	case strings.Contains(s, "*"):
		return "has a wildcard in it: the service claims one domain at a time, and a sub-domain by itself"
	case strings.ContainsFunc(s, func(r rune) bool { return r > 127 }):
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			return "is not in the form that DNS uses: write " + ascii
		}
		return "has a character in it that no domain has"
	case net.ParseIP(name) != nil:
		return "is an IP address"
	case !strings.Contains(name, "."):
		return "has no dot in it: write the whole domain, such as example.com"
	case len(name) > 253:
		return "is longer than the 253 characters that a domain may have"
	}
	for label := range strings.SplitSeq(name, ".") {
		if !domainLabel.MatchString(label) {
			return fmt.Sprintf("has the part %q, which is not made of letters, digits and hyphens, 1 to 63 of them with no hyphen at either end", label)
		}
	}
	return ""
}
