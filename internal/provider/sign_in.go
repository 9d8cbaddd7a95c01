// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// warnOfMapping notes a mapping that is new or changes, and warns if it may change roles
// that this run sets.
func (r *run) warnOfMapping(ctx context.Context, m mappingInWords, diags *diag.Diagnostics) {
	domains, err := r.organization.Domains.List(ctx)
	if err != nil {
		addError(diags, "Could not list the claimed domains", err)
		return
	}
	r.ledger.changes(m)
	emails, everybody := r.ledger.set()
	for _, email := range emails {
		r.warnOfSignIn(email, m, domains, diags)
	}
	warnAllOfSignIn(everybody, map[string]mappingInWords{m.name: m}, domains, diags)
}

// warnOfMappings warns if a mapping may change the roles of a person. It is for people
// whose roles change: a plan without a change does not list the mappings. If the API key
// may not read them, there is no warning, and members can still be managed.
func (r *run) warnOfMappings(ctx context.Context, email string, diags *diag.Diagnostics) {
	byName, domains := r.knownMappings(ctx)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		r.warnOfSignIn(email, byName[name], domains, diags)
	}
}

// warnOfNewMappings is warnOfMappings for people whose roles do not change: it warns only of
// mappings that are new or change. Mappings that are planned later add their own warnings.
func (r *run) warnOfNewMappings(ctx context.Context, email string, diags *diag.Diagnostics) {
	changed := r.ledger.changed()
	if len(changed) == 0 {
		return
	}
	domains, err := r.organization.Domains.List(ctx)
	if err != nil {
		tflog.Debug(ctx, "No warning of role mappings: the domains cannot be listed", map[string]any{"error": err.Error()})
		return
	}
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		r.warnOfSignIn(email, changed[name], domains, diags)
	}
}

// warnAllOfMappings is warnOfMappings for people in an elasticcloud_members.
func (r *run) warnAllOfMappings(ctx context.Context, emails []string, diags *diag.Diagnostics) {
	if len(emails) > 0 {
		byName, domains := r.knownMappings(ctx)
		warnAllOfSignIn(emails, byName, domains, diags)
	}
}

// knownMappings returns the existing mappings and those that this run plans, and the domains
// whose people sign in through SSO. It returns none if they cannot be listed.
func (r *run) knownMappings(ctx context.Context) (byName map[string]mappingInWords, domains []string) {
	mappings, err := r.organization.RoleMappings.List(ctx)
	if err != nil {
		tflog.Debug(ctx, "No warning of role mappings: they cannot be listed", map[string]any{"error": err.Error()})
		return nil, nil
	}
	organizationID, err := r.organization.ID(ctx)
	if err != nil {
		tflog.Debug(ctx, "No warning of role mappings: the organization cannot be found", map[string]any{"error": err.Error()})
		return nil, nil
	}
	byName = r.mappingsAfter(mappings, organizationID)
	if len(byName) == 0 {
		return nil, nil
	}
	if domains, err = r.organization.Domains.List(ctx); err != nil {
		tflog.Debug(ctx, "No warning of role mappings: the domains cannot be listed", map[string]any{"error": err.Error()})
		return nil, nil
	}
	return byName, domains
}

// mappingsAfter returns the role mappings after this plan by name, as far as it is planned.
func (r *run) mappingsAfter(mappings []cloud.RoleMapping, organizationID string) map[string]mappingInWords {
	byName := map[string]mappingInWords{}
	for _, m := range mappings {
		if !r.ledger.departs(organization.RoleMappingObject(m.Name)) {
			byName[m.Name] = mappingToWords(m, organizationID)
		}
	}
	maps.Copy(byName, r.ledger.changed())
	return byName
}

// warnOfSignIn warns, once for each person, that a mapping may change the person's roles.
// Only people with an address in a claimed domain sign in through SSO. If no domain is
// claimed yet, it assumes that their domain will be.
func (r *run) warnOfSignIn(email string, m mappingInWords, domains []string, diags *diag.Diagnostics) {
	if !m.changesSignIn(email, domains) || !r.ledger.warnsOfMapping(email) {
		return
	}
	diags.AddWarning(warning.MappingSetsRoles.With(), paragraph(warning.MappingSetsRolesDetail.With(email, m.name), warning.LeaveRolesOut))
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
			lines = append(lines, warning.MappingMayApplyLine.With(name, some(concerned)))
		}
	}
	if len(lines) > 0 {
		diags.AddWarning(warning.MappingsSetRoles.With(), withLines(warning.MappingsSetRolesDetail, lines))
	}
}
