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

// domainNotation compares domain names without regard to case and to a dot at the end. The
// provider sends the key of a domain.
type domainNotation struct{}

func (domainNotation) key(s string) string { return strings.TrimSuffix(cloud.Fold(s), ".") }

func (domainNotation) check(s string, at path.Path, diags *diag.Diagnostics) {
	if problem := domainProblem(s); problem != "" {
		diags.AddAttributeError(at, "Invalid domain", fmt.Sprintf("%q %s.", s, problem))
	}
}

// domainLabel matches the part of a domain between two dots.
var domainLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// domainProblem returns what is wrong with a domain name, or an empty string.
func domainProblem(s string) string {
	name := newDomain(s).key()
	switch {
	case strings.Contains(s, "/"):
		return "is a URL or part of one. Write the domain alone, such as example.com"
	case strings.Contains(s, "@"):
		return "is an e-mail address. Write the part after the @"
	case strings.Contains(s, "*"):
		return "contains a wildcard. Elastic Cloud claims one domain at a time. Claim each subdomain separately"
	case strings.ContainsFunc(s, func(r rune) bool { return r > 127 }):
		if ascii, err := idna.Lookup.ToASCII(name); err == nil {
			return "is not in the form that DNS uses. Write " + ascii
		}
		return "contains a character that is not allowed in a domain. Write the domain alone, such as example.com"
	case net.ParseIP(name) != nil:
		return "is an IP address. Write a domain, such as example.com"
	case !strings.Contains(name, "."):
		return "has no dot. Write the whole domain, such as example.com"
	case len(name) > 253:
		return "is longer than a domain can be, which is 253 characters"
	}
	for label := range strings.SplitSeq(name, ".") {
		if !domainLabel.MatchString(label) {
			return fmt.Sprintf("has the invalid part %q. A part has 1 to 63 letters, digits and hyphens, and no hyphen at either end", label)
		}
	}
	return ""
}
