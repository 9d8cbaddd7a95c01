// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// mapping notes an elasticcloud_role_mapping that is new or changes. It returns
// the elasticcloud_member that set roles, and who is in an elasticcloud_members.
func (c *claims) mapping(m mappingInWords) (emails, everybody []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mapped == nil {
		c.mapped = map[string]mappingInWords{}
	}
	c.mapped[m.name] = m
	for _, key := range slices.Sorted(maps.Keys(c.people)) {
		if c.people[key].roles {
			emails = append(emails, c.people[key].spelling)
		}
	}
	return emails, slices.Sorted(maps.Keys(c.everybody))
}

// mappings are those that were noted as new or changing.
func (c *claims) mappings() map[string]mappingInWords {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.mapped)
}

// mappingNamed notes the name of an elasticcloud_role_mapping that stays or comes.
// It tells whether another one gives it up.
func (c *claims) mappingNamed(name string, diags *diag.Diagnostics) (givenUp bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mappingNames == nil {
		c.mappingNames = map[string]bool{}
	}
	c.mappingNames[name] = true
	if c.onlyNames != nil && !slices.Contains(c.onlyNames, name) {
		refuseUnlisted(name, namePath, diags)
	}
	if c.mappingsGone[name] && !c.settingOf(mappingSetting(name)).stays {
		warnOfMove(name, diags)
	}
	return c.mappingsGone[name]
}

// mappingGoes notes the name of an elasticcloud_role_mapping that is removed.
func (c *claims) mappingGoes(name string, diags *diag.Diagnostics) {
	c.letsGo(mappingSetting(name), diags)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mappingsGone == nil {
		c.mappingsGone = map[string]bool{}
	}
	c.mappingsGone[name] = true
	if c.mappingNames[name] && !c.settingOf(mappingSetting(name)).stays {
		warnOfMove(name, diags)
	}
}

// warnOfMove is no error: what is removed first leaves the name to the other one.
func warnOfMove(name string, diags *diag.Diagnostics) {
	diags.AddWarning(fmt.Sprintf("The role mapping %q would be removed and made again", name),
		"This plan removes an elasticcloud_role_mapping of this name, and has another one of the same name. Apply might do the one after the other in either order: what is to be made may meet the old mapping, and then fails, or takes it over where it is the same. "+
			"If the resource has only got another name or key, say so with a moved block, so that it stays one resource. If not, apply the removal first.")
}

// onlyMappings notes an elasticcloud_role_mappings_exclusive.
func (c *claims) onlyMappings(names []string, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.onlyNames != nil {
		diags.AddError("Two lists say which role mappings there may be",
			"There are two elasticcloud_role_mappings_exclusive resources in this configuration. Each would remove what only the other one lists. Keep one of them.")
		return
	}
	c.onlyNames = names
	for _, name := range slices.Sorted(maps.Keys(c.mappingNames)) {
		if !slices.Contains(names, name) {
			refuseUnlisted(name, namesPath, diags)
		}
	}
}

func refuseUnlisted(name string, at path.Path, diags *diag.Diagnostics) {
	diags.AddAttributeError(at, fmt.Sprintf("The role mapping %q is made and removed", name),
		fmt.Sprintf("There is an elasticcloud_role_mapping of the name %q, and the names of elasticcloud_role_mappings_exclusive do not list it. Each apply would undo the other. Add the name to names.", name))
}
