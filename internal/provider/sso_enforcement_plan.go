// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan warns of the consequences of the enforcement: who can no longer sign in, and
// who does not stay an owner.
func (r *ssoEnforcementResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[ssoEnforcementModel](ctx, &r.baseResource, req, resp)
	if !ok || s.kind != toCreate {
		return
	}
	plan := ssoEnforcementModel{ID: types.StringValue(r.organizationID(ctx, s.diags()))}
	isApply := r.run.appliesSaved || r.run.traffic.applies() // then the plan has warned
	if s.first && !isApply && !s.diags().HasError() {
		r.foresee(ctx, plan.ID.ValueString(), s.diags())
	}
	if !s.diags().HasError() {
		s.set(ctx, plan)
	}
}

// foresee warns of people who are locked out, and of missing prerequisites.
func (r *ssoEnforcementResource) foresee(ctx context.Context, organizationID string, diags *diag.Diagnostics) {
	there, err := r.run.organization.Get(ctx)
	if err != nil {
		addError(diags, "Could not find out whether SSO is enforced", err)
		return
	}
	if there.Enforcement == cloud.EnforcementOn {
		return // apply changes nothing
	}
	domains, err := r.run.organization.Domains.List(ctx)
	if err != nil {
		addError(diags, "Could not list the claimed domains", err)
	}
	people, err := r.run.organization.People.All(ctx)
	if err != nil {
		addError(diags, "Could not list the organization's people", err)
	}
	listed, err := r.run.organization.RoleMappings.List(ctx)
	if err != nil {
		addError(diags, "Could not list the role mappings", err)
	}
	idp, err := r.run.organization.IdP.Get(ctx)
	hasIdP := !cloud.HasCode(err, cloud.CodeIdPNotConfigured)
	if err != nil && hasIdP {
		addError(diags, "Could not read the SAML IdP", err)
	}
	hasIdP = hasIdP && !organization.IsPlaceholder(idp)
	if diags.HasError() {
		return
	}
	// Changes of these may be planned after this resource.
	seesAll := r.run.traffic.await(ctx, inPlan, func() bool { return false }) == sure
	after := prospect{
		domains: r.run.ledger.accepted(domains), partial: r.run.organization.People.Partial(),
		untried: r.run.ledger.changesHolder(organization.IdPObject),
	}
	for _, m := range r.run.mappingsAfter(listed, organizationID) {
		if m.makesOwners() {
			after.mappings = append(after.mappings, m)
		}
	}
	slices.SortFunc(after.mappings, func(a, b mappingInWords) int { return strings.Compare(a.name, b.name) })
	if r.run.ledger.isOpen() {
		after.caveats = append(after.caveats, warning.NotYetKnown)
	}
	if !seesAll {
		after.caveats = append(after.caveats, warning.PlanSeesNotAll)
	}
	for _, key := range slices.Sorted(maps.Keys(people)) {
		if people[key].Member != nil && !r.run.ledger.removes(key) && !r.run.ledger.departs(organization.PersonObject(key)) {
			after.add(key, isOwner(people[key], organizationID))
		}
	}
	missing := r.missingIdP(hasIdP, idp.Enabled)
	if len(after.mappings) == 0 && !r.run.ledger.isOpen() {
		missing = append(missing, warning.NoOwnersByRules)
	}
	switch {
	case len(missing) == 0:
	case seesAll && !r.run.mayApply() && !r.run.enforcementLost.Load() && !r.run.destroys:
		diags.AddError(warning.CannotEnforce, strings.Join(missing, "\n\n"))
	default:
		diags.AddWarning(warning.MayNotEnforce.With(), paragraph(append(missing, after.caveats...)...))
	}
	after.warn(diags)
}

// missingIdP returns why nobody could sign in through the IdP after this plan, if so. If the
// plan disables the IdP, the ledger reports that.
func (r *ssoEnforcementResource) missingIdP(configured, enabled bool) []string {
	switch {
	case r.run.ledger.isHeld(organization.IdPObject):
		return nil
	case r.run.ledger.isGone(organization.IdPObject):
		return []string{warning.IdPIsDestroyed}
	case !configured:
		return []string{warning.NoIdP}
	case !enabled:
		return []string{warning.IdPNotEnabled}
	}
	return nil
}

// prospect is the access of people once SSO is enforced, as far as the plan knows.
type prospect struct {
	domains  []string         // domains whose people can sign in
	mappings []mappingInWords // mappings that make owners
	partial  bool             // the key sees no owner
	untried  bool             // the plan changes the IdP, so nobody has signed in with it yet
	caveats  []string         // what the plan does not know

	ownersOut, membersOut           []string // cannot sign in
	staysOwner, mayStay, losesOwner []string // owners who can sign in
}

// add notes a member.
func (e *prospect) add(key string, isOwner bool) {
	_, domain, found := strings.Cut(key, "@")
	if !found { // the address is unknown
		return
	}
	applies := func(in groups) bool {
		return slices.ContainsFunc(e.mappings, func(m mappingInWords) bool { return ruleAppliesTo(m.rule, key, in) })
	}
	list := &e.losesOwner
	switch canSignIn := slices.Contains(e.domains, domain); {
	case !canSignIn && isOwner:
		list = &e.ownersOut
	case !canSignIn:
		list = &e.membersOut
	case !isOwner:
		return
	case applies(inNoGroup):
		list = &e.staysOwner
	case applies(inSomeGroups):
		list = &e.mayStay
	}
	*list = append(*list, key)
}

// warn adds the warnings, the most serious first.
func (e *prospect) warn(diags *diag.Diagnostics) {
	accepted := warning.NoAcceptedDomain
	if len(e.domains) > 0 {
		accepted = warning.AcceptedDomains.With(strings.Join(e.domains, ", "))
	}
	caveats := paragraph(e.caveats...)
	if len(e.ownersOut) > 0 {
		diags.AddWarning(warning.OwnersLockedOut.With(len(e.ownersOut)), paragraph(accepted, warning.OwnersOutside.With(some(e.ownersOut)), warning.ClaimDomainsFirst, caveats))
	}
	var rules []string
	for _, m := range e.mappings {
		rules = append(rules, warning.OwnersMapping.With(m.name, m.who()))
	}
	nobodyStays := len(e.staysOwner)+len(e.mayStay) == 0
	if nobodyStays && !e.partial && len(rules) > 0 {
		diags.AddWarning(warning.NoOwnerStays.With(), paragraph(warning.SSODecidesOwners, warning.NoOwnerStaysFact, paragraph(rules...), warning.NoOwnerStaysHint, caveats))
	}
	if len(e.membersOut) > 0 {
		diags.AddWarning(warning.LockedOut.With(), paragraph(accepted, warning.MembersOutside.With(some(e.membersOut)), warning.ClaimDomainsFirst, caveats))
	}
	detail := []string{warning.SSOBeginsDetail}
	if e.untried {
		detail = []string{warning.SSOUntried}
	}
	switch {
	case e.partial:
		detail = append(detail, warning.OwnersNotSeen)
	case len(rules) == 0:
		detail = append(detail, caveats) // such as that a mapping is known only after apply
	case !nobodyStays && len(e.mayStay)+len(e.losesOwner) > 0:
		detail = append(detail, warning.SSODecidesOwners)
		detail = append(detail, rules...)
		if len(e.mayStay) > 0 {
			detail = append(detail, warning.OwnersIfInGroup.With(some(e.mayStay)))
		}
		if len(e.losesOwner) > 0 {
			detail = append(detail, warning.OwnersLoseBySSO.With(some(e.losesOwner)))
		}
	}
	diags.AddWarning(warning.SSOBegins.With(), paragraph(detail...))
}

func (m ssoEnforcementModel) object() (organization.Object, bool) {
	return organization.EnforcementObject, true
}

func (m ssoEnforcementModel) entry() entry {
	return entry{object: organization.EnforcementObject, name: "The enforcement of SSO"}
}
