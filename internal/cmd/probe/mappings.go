// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// mostConflicts is how often a change of role mappings is repeated if another change
// was under way.
const mostConflicts = 5

// tryMapping tries everything with a disabled role mapping, from its POST to a second
// DELETE.
func (p *probe) tryMapping(ctx context.Context) error {
	m := p.newMapping()
	if why := p.mayNotMap(m.Name); why != "" {
		p.unfound([]string{"mapping-listed", "mapping-pattern", "mapping-roles", "mapping-unknown"}, "%s", why)
		return nil
	}
	p.gate.mapping, p.owed.mapping = m.Name, m.Name
	if err := p.whileChanging(ctx, func() error { return p.client.AddRoleMapping(ctx, p.organizationID, m) }); err != nil {
		if cloud.Unsure(err) {
			p.mayAppear()
		}
		return err
	}
	listed, err := p.seeMapping(ctx, m)
	if err != nil {
		return err
	}
	p.findPattern(m, listed)
	p.findStates("mapping-roles", listed.RoleAssignments.Grants(p.organizationID))
	return p.tryDeleteMapping(ctx, m.Name)
}

// mayNotMap returns why no role mapping can be made, or "".
func (p *probe) mayNotMap(name string) string {
	hasName := func(m cloud.RoleMapping) bool { return m.Name == name }
	makesOwners := func(m cloud.RoleMapping) bool { return m.GivesOrganizationAdmin(p.organizationID) }
	switch {
	case p.before.idpErr != nil || p.before.mappingsErr != nil:
		return "the IdP or the role mappings could not be read"
	case !p.before.idp.Enabled:
		return "needs a SAML IdP that is enabled"
	case !slices.ContainsFunc(p.before.mappings, makesOwners):
		return "needs an enabled role mapping that gives organization-admin"
	case slices.ContainsFunc(p.before.mappings, hasName):
		return "its name is taken"
	}
	return ""
}

// newMapping returns a role mapping that gives nothing to anybody: it is disabled, its
// group has no people, and its domain has no addresses.
func (p *probe) newMapping() cloud.RoleMapping {
	name := randomName()
	return cloud.RoleMapping{
		Name: name,
		Rule: cloud.RoleMappingRule{Any: []cloud.RoleMappingCondition{
			{Group: name},
			{Email: "Nobody@" + name + ".invalid"},
		}},
		RoleAssignments: cloud.NewRoleAssignments(p.organizationID, []cloud.Grant{withoutList, withEmpty}),
	}
}

// whileChanging makes a change of role mappings. It repeats it while other changes are
// under way.
func (p *probe) whileChanging(ctx context.Context, change func() error) error {
	for try := 0; ; try++ {
		err := change()
		if !cloud.HasCode(err, cloud.CodeDomainsChanging) || try == mostConflicts {
			return err
		}
		if err := p.client.Pause(ctx, try); err != nil {
			return err
		}
	}
}

// seeMapping waits until a role mapping is listed.
func (p *probe) seeMapping(ctx context.Context, m cloud.RoleMapping) (listed cloud.RoleMapping, err error) {
	took, err := p.until(ctx, "the role mapping was not listed", func() (bool, error) {
		var found bool
		listed, found, err = p.listedMapping(ctx, m.Name)
		return found, err
	})
	if err == nil {
		p.findLag("mapping-listed", took)
	}
	return listed, err
}

func (p *probe) listedMapping(ctx context.Context, name string) (cloud.RoleMapping, bool, error) {
	mappings, err := p.client.ListRoleMappings(ctx, p.organizationID)
	if i := slices.IndexFunc(mappings, func(m cloud.RoleMapping) bool { return m.Name == name }); i >= 0 {
		return mappings[i], true, err
	}
	return cloud.RoleMapping{}, false, err
}

func (p *probe) findPattern(sent, listed cloud.RoleMapping) {
	pattern := sent.Rule.Any[1].Email
	has := func(email string) bool {
		return slices.ContainsFunc(listed.Rule.Any, func(c cloud.RoleMappingCondition) bool { return c.Email == email })
	}
	switch {
	case has(pattern):
		p.find("mapping-pattern", "kept", "")
	case has(strings.ToLower(pattern)):
		p.find("mapping-pattern", "in lower case", "")
	default:
		p.find("mapping-pattern", "otherwise", "")
	}
}

// tryDeleteMapping deletes a role mapping, and deletes it again.
func (p *probe) tryDeleteMapping(ctx context.Context, name string) error {
	remove := func() error {
		return p.whileChanging(ctx, func() error { return p.client.DeleteRoleMapping(ctx, p.organizationID, name) })
	}
	if err := remove(); err != nil {
		return err
	}
	_, err := p.until(ctx, "the role mapping was still listed", func() (bool, error) {
		_, found, err := p.listedMapping(ctx, name)
		return !found, err
	})
	if err != nil {
		return err
	}
	err = remove()
	e := p.gate.last()
	switch {
	case e.status == http.StatusOK && err == nil:
		p.find("mapping-unknown", "success", "%s", e.answer())
	case e.status == http.StatusOK:
		p.find("mapping-unknown", "left out of the reply", "%s", e.answer())
	case refused(err):
		p.find("mapping-unknown", "refused", "%s", e.answer())
	default:
		return err
	}
	return nil
}
