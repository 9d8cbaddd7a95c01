// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ModifyPlan shows no diff for another spelling, and warns of what the attributes do not
// show. Each warning appears once, for all people.
func (r *membersResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	s, ok := planned[membersModel](ctx, &r.baseResource, req, resp)
	if !ok {
		return
	}
	if s.kind == toRemove {
		warnOfDestroy(&resp.Diagnostics)
		return
	}
	plan := s.plan
	plan.ID = types.StringValue(r.organizationID(ctx, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, known := listingOf(plan.Members)
	switch {
	case !known:
		resp.Diagnostics.AddWarning(warning.MembersUnknown.With(), paragraph(warning.MembersUnknownDetail, warning.FirstApply.With("members")))
	case s.kind == toCreate:
		r.warnOfWork(ctx, plan, wanted, nil, &resp.Diagnostics)
	default:
		work := plan.changes(wanted, s.state)
		plan.Pending = s.state.Pending
		if work.isSomething() {
			plan.Pending = plan.pendingAfter(wanted, s.state)
			r.warnOfWork(ctx, plan, wanted, &work, &resp.Diagnostics)
			break
		}
		if !s.plan.isAsInState() {
			s.setRespelled(ctx, plan, true, func(m *membersModel) { m.Members = s.state.Members })
		}
		return
	}
	s.set(ctx, plan)
}

// isAsInState reports whether the plan equals the state: otherwise the framework makes
// computed attributes unknown.
func (m membersModel) isAsInState() bool { return !m.Pending.IsUnknown() }

func (m membersModel) object() (organization.Object, bool) {
	return organization.EverybodyObject, true
}

func (m membersModel) entry() entry {
	e := entry{object: organization.EverybodyObject, only: yes, listed: map[string][]cloud.Grant{}}
	people, _ := listingOf(m.Members)
	for email, person := range people {
		e.listed[email], _ = grantsOf(person.grants)
	}
	return e
}

func warnOfDestroy(diags *diag.Diagnostics) {
	diags.AddWarning(warning.MembersLeft.With(), warning.MembersLeftDetail)
}

// announcement gathers the messages about single people.
type announcement struct {
	invited, anew, taken, hidden, changed []string
	late, mayLose                         []string
	owners                                []goingOwner
	unsure                                []string // owners who may lose organization-admin
	unchanged                             int
}

// warnOfWork warns of what an apply will do. Without work, it is for a creation, of which
// it announces everything.
func (r *membersResource) warnOfWork(ctx context.Context, plan membersModel, wanted listing, work *membersWork, diags *diag.Diagnostics) {
	o, ok := r.everybody(ctx, diags)
	if !ok {
		return
	}
	creates := work == nil
	if creates {
		created := plan.creation(wanted, o)
		work = &created
		r.warnOfNameless(ctx, diags)
	}
	var says announcement
	for _, t := range work.tasks {
		says.add(t, o.people[cloud.Fold(t.email)], o.id, creates)
	}
	says.warn(diags)
	r.run.warnAllOfMappings(ctx, says.changed, diags)

	work.gone = o.among(work.gone)
	gone := plan.removals(work.gone)
	removed := r.run.warnOfRemovals(gone, o.people, o.id, diags)
	// All at once, so that none of them is named as an owner who stays.
	r.run.loseOwners(ctx, append(says.owners, removed...), gone.allowLastOwner, diags)
	r.run.mayLoseOwners(ctx, says.unsure, gone.allowLastOwner, diags)
	if plan.removesEveryMember(wanted, *work, o) && !r.run.organization.People.Partial() {
		if creates {
			diags.AddError("This would remove every member of the organization", warning.NoListedMember)
		} else { // an error would also stop terraform destroy
			diags.AddWarning(warning.EveryMember.With(), warning.NoListedMember)
		}
	}
}

// add notes what a task changes for a person.
func (a *announcement) add(t task, p organization.Person, organizationID string, creates bool) {
	change := p.Change(organizationID, t.wanted)
	changes := len(change.Add)+len(change.Remove) > 0
	hidden, _ := cloud.DiffGrants(t.before, change.Remove) // what the diff does not show
	if t.late {
		a.late = append(a.late, t.email)
		if len(hidden) > 0 {
			a.mayLose = append(a.mayLose, warning.Line.With(t.email, hidden))
		}
		if p.LosesOwner(organizationID, change) {
			a.unsure = append(a.unsure, t.email)
		}
		return
	}
	switch {
	case change.Invite && t.wanted.NoInvitation:
		// The person left since the state was read: apply reports that.
	case change.Invite && !p.Exists():
		a.invited = append(a.invited, warning.Line.With(t.email, change.Add))
	case change.Invite:
		a.anew = append(a.anew, changeLine(t.email, statusOf(p), change))
	case creates && changes:
		a.taken = append(a.taken, changeLine(t.email, statusOf(p), change))
	case creates:
		a.unchanged++
	case len(hidden) > 0:
		a.hidden = append(a.hidden, warning.Line.With(t.email, hidden))
	}
	if p.LosesOwner(organizationID, change) {
		a.owners = append(a.owners, goingOwner{t.email, warning.OwnerDemoted})
	}
	if change.Invite || changes {
		a.changed = append(a.changed, t.email)
	}
}

func (a *announcement) warn(diags *diag.Diagnostics) {
	warn := func(lines []string, summary warning.Phrase, before ...string) {
		if len(lines) > 0 {
			diags.AddWarning(summary.With(len(lines)), withLines(paragraph(before...), lines))
		}
	}
	warn(a.invited, warning.ManyInvitations)
	warn(a.anew, warning.ManyNewInvitations, warning.SendsNewInvitation)
	others := ""
	if a.unchanged > 0 {
		others = warning.OthersKeep.With(a.unchanged)
	}
	warn(a.taken, warning.AdoptedPeople, warning.AdoptedPeopleDetail, warning.AddToMembers, others)
	warn(a.hidden, warning.PeopleLoseHidden, warning.PeopleLoseHiddenDetail, warning.AddToMembers)
	if len(a.late) > 0 {
		detail := warning.ChangesUnknownDetail.With(some(a.late))
		if len(a.mayLose) > 0 {
			detail = withLines(paragraph(detail, warning.MayLoseLines), a.mayLose)
		}
		diags.AddWarning(warning.ChangesUnknown.With(len(a.late)), detail)
	}
}

// changeLine is the line about a person in a warning: how the grants change.
func changeLine(email, status string, c organization.Change) string {
	switch {
	case len(c.Add) > 0 && len(c.Remove) > 0:
		return warning.GetsAndLosesLine.With(email, status, c.Add, c.Remove)
	case len(c.Add) > 0:
		return warning.GetsLine.With(email, status, c.Add)
	case len(c.Remove) > 0:
		return warning.LosesLine.With(email, status, c.Remove)
	}
	return warning.SameLine.With(email, status)
}
