// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// mappingInWords is a role mapping as a reviewer reads it.
type mappingInWords struct {
	name    string
	enabled bool
	rule    cloud.RoleMappingRule
	grants  []cloud.Grant
}

// mappingToWords returns the words for a mapping that Elastic Cloud returned.
func mappingToWords(m cloud.RoleMapping, organizationID string) mappingInWords {
	return mappingInWords{name: m.Name, enabled: m.Enabled, rule: m.Rule, grants: m.RoleAssignments.Grants(organizationID)}
}

func (m mappingInWords) makesOwners() bool {
	return m.enabled && cloud.MakeOwner(m.grants)
}

// effective returns what the mapping grants: nothing while it is disabled.
func (m mappingInWords) effective() []cloud.Grant {
	if m.enabled {
		return m.grants
	}
	return nil
}

// who returns the people to whom the rule applies, in words.
func (m mappingInWords) who() string {
	words := func(conditions []cloud.RoleMappingCondition, word string) string {
		var parts []string
		for _, c := range conditions {
			switch {
			case c.Group != "":
				parts = append(parts, fmt.Sprintf("in the group %q", c.Group))
			default:
				parts = append(parts, fmt.Sprintf("with the e-mail address %q", c.Email))
			}
		}
		slices.Sort(parts)
		return "people " + strings.Join(parts, word)
	}
	if len(m.rule.All) > 0 {
		return words(m.rule.All, " and ")
	}
	return words(m.rule.Any, " or ")
}

// differenceTo returns how access changes at the next sign-in, or an empty string.
func (m mappingInWords) differenceTo(after mappingInWords) string {
	gets, loses := after.effective(), m.effective()
	if m.rule.Equal(after.rule) {
		gets, loses = cloud.DiffGrants(loses, gets)
	}
	var parts []string
	if len(gets) > 0 {
		parts = append(parts, warning.MappingGrants.With(after.who(), gets))
	}
	if len(loses) > 0 {
		parts = append(parts, warning.MappingRevokes.With(m.who(), loses))
	}
	return paragraph(parts...)
}

// loss returns who loses which grants if the mapping is removed.
func (m mappingInWords) loss() string {
	switch text := m.differenceTo(mappingInWords{rule: m.rule}); {
	case text != "":
		return text
	case m.enabled:
		return warning.MappingRevokes.With(m.who(), warning.UnknownAccess)
	case len(m.grants) > 0:
		return warning.DisabledWouldGrant.With(m.grants, m.who())
	}
	return warning.DisabledMapping
}

// sameMapping reports whether two mappings are the same. The grants of a mapping that was
// read count as Elastic Cloud shows them.
func sameMapping(a, b cloud.RoleMapping, organizationID string) bool {
	add, remove := cloud.DiffGrants(a.RoleAssignments.Grants(organizationID), b.RoleAssignments.Grants(organizationID))
	return a.Enabled == b.Enabled && a.Rule.Equal(b.Rule) && len(add)+len(remove) == 0
}

// mayApplyTo reports whether the mapping can apply to a person at a sign-in.
func (m mappingInWords) mayApplyTo(email string) bool {
	return m.enabled && ruleAppliesTo(m.rule, email, inSomeGroups)
}

// changesSignIn reports whether the mapping may set the roles of a person at a sign-in.
func (m mappingInWords) changesSignIn(email string, domains []string) bool {
	_, domain, _ := strings.Cut(cloud.Fold(email), "@")
	return m.mayApplyTo(email) && (len(domains) == 0 || slices.Contains(domains, domain))
}
