// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// snapshot is the organization as the key sees it.
type snapshot struct {
	members                                                          []cloud.Member
	invitations                                                      []cloud.Invitation
	mappings                                                         []cloud.RoleMapping
	domains                                                          []string
	idp                                                              cloud.IdP
	organization                                                     cloud.Organization
	membersErr, invitationsErr, mappingsErr, domainsErr, idpErr, err error
}

// take reads everything in the organization, and continues after an error.
func (p *probe) take(ctx context.Context) snapshot {
	var s snapshot
	s.organization, s.err = p.client.GetOrganization(ctx, p.organizationID)
	s.members, s.membersErr = p.client.ListMembers(ctx, p.organizationID)
	s.invitations, s.invitationsErr = p.client.ListInvitations(ctx, p.organizationID)
	s.mappings, s.mappingsErr = p.client.ListRoleMappings(ctx, p.organizationID)
	s.domains, s.domainsErr = p.client.ListDomains(ctx, p.organizationID)
	s.idp, s.idpErr = p.client.GetIdP(ctx, p.organizationID)
	if cloud.HasCode(s.idpErr, cloud.CodeIdPNotConfigured) {
		s.idpErr = nil // in this case the zero value of the IdP is correct
	}
	return s
}

// part is one part of a snapshot, in a form that compares.
type part struct {
	name  string
	lines []string
	err   error
}

// parts splits a snapshot. It omits what may differ from one reply to the next.
func (s snapshot) parts(organizationID string) []part {
	roles := func(r cloud.RoleAssignments) string {
		return fmt.Sprint(cloud.JoinGrants(r.Grants(organizationID)), r.Beyond(organizationID))
	}
	all := []part{{name: "members", err: s.membersErr}, {name: "invitations", err: s.invitationsErr}, {name: "role mappings", err: s.mappingsErr},
		{name: "domains", err: s.domainsErr}, {name: "IdP", err: s.idpErr}, {name: "SSO enforcement", err: s.err}}
	for _, m := range s.members {
		all[0].lines = append(all[0].lines, m.UserID+" "+roles(m.RoleAssignments))
	}
	for _, i := range s.invitations {
		all[1].lines = append(all[1].lines, i.Token+" "+roles(i.RoleAssignments))
	}
	for _, m := range s.mappings {
		all[2].lines = append(all[2].lines, fmt.Sprint(m.Name, m.Enabled, m.Rule, roles(m.RoleAssignments)))
	}
	for _, domain := range s.domains {
		all[3].lines = append(all[3].lines, cloud.Fold(domain))
	}
	certificates := slices.Sorted(slices.Values(s.idp.Certificates))
	all[4].lines = []string{fmt.Sprint(s.idp.Enabled, s.idp.LoginIdentifierPrefix, s.idp.Issuer, s.idp.SSOURL, certificates)}
	all[5].lines = []string{fmt.Sprint(s.organization.Enforcement)}
	for i := range all {
		slices.Sort(all[i].lines)
	}
	return all
}

// compare reads the organization again, and reports whether it is as before.
func (p *probe) compare(ctx context.Context) bool {
	ctx, cancel := undoing(ctx)
	defer cancel()
	say(p.progress, "Reading the organization again\n")
	var differ, unread []string
	after := p.take(ctx).parts(p.organizationID)
	for i, before := range p.before.parts(p.organizationID) {
		switch {
		case before.err != nil || after[i].err != nil:
			unread = append(unread, before.name)
		case !slices.Equal(before.lines, after[i].lines):
			differ = append(differ, before.name)
		}
	}
	p.compared = "all the same"
	if len(unread) > 0 {
		p.compared = "all the same, except for lists that could not be read: " + strings.Join(unread, ", ")
	}
	if len(differ) > 0 {
		p.compared = "different in " + strings.Join(differ, ", ")
		say(p.progress, "\nprobe: the organization differs from before in %s. Somebody else may have changed it, "+
			"or accepted an invitation of the probe. Check it in the console.\n", strings.Join(differ, ", "))
	}
	return len(differ)+len(unread) == 0
}
