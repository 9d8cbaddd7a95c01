// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// mappingInWords is a role mapping as a reviewer reads it.
type mappingInWords struct {
	name    string
	enabled bool
	rule    cloud.RoleMappingRule
	grants  []cloud.Grant
}

// mappingToWords is for one that the service has.
func mappingToWords(m cloud.RoleMapping, organizationID string) mappingInWords {
	return mappingInWords{name: m.Name, enabled: m.Enabled, rule: m.Rule, grants: m.RoleAssignments.Grants(organizationID)}
}

func (m mappingInWords) makesOwners() bool {
	return m.enabled && slices.ContainsFunc(m.grants, func(g cloud.Grant) bool { return g.Role == cloud.RoleOrganizationAdmin })
}

// effective are the grants that the mapping gives: none while it is disabled.
func (m mappingInWords) effective() []cloud.Grant {
	if m.enabled {
		return m.grants
	}
	return nil
}

// who says whom the rule is for.
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
		return "whoever is " + strings.ReplaceAll(strings.Join(parts, word), "is with", "with")
	}
	if len(m.rule.All) > 0 {
		return words(m.rule.All, " and ")
	}
	return words(m.rule.Any, " or ")
}

// ruleInWords is a rule on one line of a table.
func ruleInWords(rule cloud.RoleMappingRule) string {
	conditions, word := rule.Any, "any of: "
	if len(rule.All) > 0 {
		conditions, word = rule.All, "all of: "
	}
	var parts []string
	for _, c := range conditions {
		switch {
		case c.Group != "":
			parts = append(parts, fmt.Sprintf("group %q", c.Group))
		case c.Email != "":
			parts = append(parts, fmt.Sprintf("email %q", c.Email))
		}
	}
	if len(parts) == 0 {
		return "a rule that this version of the provider does not know"
	}
	slices.Sort(parts)
	return word + strings.Join(parts, ", ")
}

// differenceTo says whose access changes at the next sign-in, or nothing.
func (m mappingInWords) differenceTo(after mappingInWords) string {
	gets, loses := cloud.DiffGrants(m.effective(), after.effective())
	if sameRule(m.rule, after.rule) {
		var parts []string
		if len(gets) > 0 {
			parts = append(parts, "gets "+join(gets))
		}
		if len(loses) > 0 {
			parts = append(parts, "loses "+join(loses)+" (unless another mapping gives it)")
		}
		if len(parts) == 0 {
			return ""
		}
		return sentence("at the next sign-in " + m.who() + " " + strings.Join(parts, ", and ") + ".")
	}
	var parts []string
	if len(m.effective()) > 0 {
		parts = append(parts, sentence(m.who()+" does not get "+join(m.grants)+" by it any more (others may still give it)."))
	}
	if len(after.effective()) > 0 {
		parts = append(parts, sentence("from the next sign-in on "+after.who()+" gets "+join(after.grants)+"."))
	}
	return strings.Join(parts, " ")
}

// loss says who loses what where the mapping is removed.
func (m mappingInWords) loss() string {
	switch text := m.differenceTo(mappingInWords{rule: m.rule}); {
	case text != "":
		return text
	case m.enabled:
		return sentence(m.who() + " loses what it gives, which this version of the provider does not know.")
	case len(m.grants) > 0:
		return "It is disabled, so nobody loses anything. Enabled it would give " + m.who() + " " + join(m.grants) + "."
	}
	return "It is disabled, so nobody loses anything."
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// sameRule tells that two rules are for the same people; the service does not
// keep the order of conditions.
func sameRule(a, b cloud.RoleMappingRule) bool {
	sorted := func(conditions []cloud.RoleMappingCondition) []cloud.RoleMappingCondition {
		return slices.SortedFunc(slices.Values(conditions), func(a, b cloud.RoleMappingCondition) int {
			return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Email, b.Email))
		})
	}
	return slices.Equal(sorted(a.Any), sorted(b.Any)) && slices.Equal(sorted(a.All), sorted(b.All))
}

func sameMapping(a, b cloud.RoleMapping, organizationID string) bool {
	add, remove := cloud.DiffGrants(a.RoleAssignments.Grants(organizationID), b.RoleAssignments.Grants(organizationID))
	return a.Enabled == b.Enabled && sameRule(a.Rule, b.Rule) && len(add)+len(remove) == 0
}

// mayApplyTo tells whether the mapping can concern somebody at a sign-in: which
// groups they are in only the IdP knows.
func (m mappingInWords) mayApplyTo(email string) bool {
	met := func(c cloud.RoleMappingCondition) bool {
		return c.Group != "" || matches(cloud.Fold(c.Email), cloud.Fold(email))
	}
	if len(m.rule.All) > 0 {
		return m.enabled && !slices.ContainsFunc(m.rule.All, func(c cloud.RoleMappingCondition) bool { return !met(c) })
	}
	return m.enabled && slices.ContainsFunc(m.rule.Any, met)
}

// matches tells whether a pattern, in which * stands for zero or more
// characters, fits a text.
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

// warnOfMapping notes a mapping that is new or changes, and warns where it may
// change what an elasticcloud_member of this run says.
func (r *run) warnOfMapping(ctx context.Context, m mappingInWords, diags *diag.Diagnostics) {
	domains, err := r.organization.Domains.List(ctx)
	if err != nil {
		addError(diags, "Could not list the claimed domains", err)
		return
	}
	emails, everybody := r.claimed.mapping(m)
	for _, email := range emails {
		r.warnOfSignIn(email, m, domains, diags)
	}
	warnAllOfSignIn(everybody, map[string]mappingInWords{m.name: m}, domains, diags)
}

// warnOfMappings warns where a mapping may change the roles that are being
// given to somebody. It is for people whose roles change: a plan without a
// change does not ask for the mappings. A key that may not read them is not in
// the way of members.
func (r *run) warnOfMappings(ctx context.Context, email string, diags *diag.Diagnostics) {
	byName, domains := r.knownMappings(ctx)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		r.warnOfSignIn(email, byName[name], domains, diags)
	}
}

// warnAllOfMappings is warnOfMappings for people in an elasticcloud_members.
func (r *run) warnAllOfMappings(ctx context.Context, emails []string, diags *diag.Diagnostics) {
	if len(emails) > 0 {
		byName, domains := r.knownMappings(ctx)
		warnAllOfSignIn(emails, byName, domains, diags)
	}
}

// knownMappings are the mappings that are there, and those that this run plans,
// with the domains whose people sign in through SSO. There are none where they
// cannot be listed.
func (r *run) knownMappings(ctx context.Context) (byName map[string]mappingInWords, domains []string) {
	mappings, err := r.organization.RoleMappings.List(ctx)
	if err != nil {
		tflog.Debug(ctx, "No warning of role mappings: they cannot be listed", map[string]any{"error": err.Error()})
		return nil, nil
	}
	byName = map[string]mappingInWords{}
	for _, m := range mappings {
		byName[m.Name] = mappingInWords{name: m.Name, enabled: m.Enabled, rule: m.Rule}
	}
	maps.Copy(byName, r.claimed.mappings())
	if len(byName) == 0 {
		return nil, nil
	}
	if domains, err = r.organization.Domains.List(ctx); err != nil {
		tflog.Debug(ctx, "No warning of role mappings: the domains cannot be listed", map[string]any{"error": err.Error()})
		return nil, nil
	}
	return byName, domains
}

// warnOfSignIn says what a mapping may do to somebody's roles, once for each
// person. Only those with an address in a claimed domain sign in through SSO;
// where none is claimed yet, that may be about to change.
func (r *run) warnOfSignIn(email string, m mappingInWords, domains []string, diags *diag.Diagnostics) {
	if !m.changesSignIn(email, domains) || !r.claimed.sayOfMapping(email) {
		return
	}
	diags.AddWarning("A role mapping may change roles that are set here",
		fmt.Sprintf("elasticcloud_member sets the roles of %s, and the role mapping %q may apply to this person. At each sign-in through SSO the mappings that apply replace all roles, and the next plan takes that back. "+
			"Leave roles out of the elasticcloud_member of people who sign in through SSO.", email, m.name))
}

// warnAllOfSignIn is warnOfSignIn for people in an elasticcloud_members, in one
// warning.
func warnAllOfSignIn(emails []string, mappings map[string]mappingInWords, domains []string, diags *diag.Diagnostics) {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(mappings)) {
		var concerned []string
		for _, email := range emails {
			if mappings[name].changesSignIn(email, domains) {
				concerned = append(concerned, email)
			}
		}
		if len(concerned) > 0 {
			lines = append(lines, fmt.Sprintf("The role mapping %q may apply to %s.", name, some(concerned)))
		}
	}
	if len(lines) > 0 {
		diags.AddWarning("Role mappings may change roles that are set here",
			"elasticcloud_members sets the roles of people to whom role mappings may apply. At each sign-in through SSO the mappings that apply replace all roles, and the next plan takes that back.\n"+strings.Join(lines, "\n"))
	}
}

// changesSignIn tells that the mapping may set somebody's roles at a sign-in.
func (m mappingInWords) changesSignIn(email string, domains []string) bool {
	_, domain, _ := strings.Cut(cloud.Fold(email), "@")
	return m.mayApplyTo(email) && (len(domains) == 0 || slices.Contains(domains, domain))
}
