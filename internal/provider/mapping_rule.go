// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// groups reports whether a person is in a group that a pattern matches.
type groups func(pattern string) bool

// inGroups is for a person in the named groups. Group names compare with regard to case.
func inGroups(names []string) groups {
	return func(pattern string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return matches(pattern, name) })
	}
}

// inSomeGroups is for a person whose groups only the IdP knows, and so may be in any.
func inSomeGroups(string) bool { return true }

// inNoGroup is for a person to whom only conditions on the address can apply.
func inNoGroup(string) bool { return false }

// ruleAppliesTo reports whether a role mapping with this rule applies to a person who
// signs in.
func ruleAppliesTo(rule cloud.RoleMappingRule, email string, in groups) bool {
	unmet := func(c cloud.RoleMappingCondition) bool {
		if c.Group != "" {
			return !in(c.Group)
		}
		return !matches(cloud.Fold(c.Email), cloud.Fold(email))
	}
	if len(rule.All) > 0 {
		return !slices.ContainsFunc(rule.All, unmet)
	}
	return slices.ContainsFunc(rule.Any, func(c cloud.RoleMappingCondition) bool { return !unmet(c) })
}

// matches reports whether a text matches a pattern, in which * is zero or more characters.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) || len(text) < len(first)+len(last) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return true
}
