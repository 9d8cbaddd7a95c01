// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// ModifyPlan shows nothing where only the spelling differs, and warns of what
// the attributes do not show. Each warning is one for everybody.
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
		resp.Diagnostics.AddWarning("Who comes, changes and goes is known only after apply",
			"The map of members is not known yet, so this plan cannot say who is invited, changed or removed.")
	case s.kind == toCreate:
		r.warnOfWork(ctx, plan, wanted, nil, &resp.Diagnostics)
	default:
		work := plan.changes(wanted, s.state)
		plan.Pending = s.state.Pending
		if work.changesPending {
			plan.Pending = types.ListUnknown(types.StringType)
		}
		if work.isSomething() {
			r.warnOfWork(ctx, plan, wanted, &work, &resp.Diagnostics)
			break
		}
		if !s.plan.isAsInState() {
			respelled := plan
			respelled.Members = s.state.Members
			s.setRespelled(ctx, plan, respelled)
		}
		return
	}
	s.set(ctx, plan)
}

// isAsInState reports whether nothing differs from the state: the framework
// leaves what is computed unknown wherever anything does.
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
	diags.AddWarning("The organization stays as it is",
		"Destroying elasticcloud_members removes nobody and takes no grants away: it only ends their management by this resource.")
}

// announcement gathers what a plan says of single people.
type announcement struct {
	invited, anew, taken, hidden, changed []string
	late, mayLose                         []string
	owners                                []goingOwner
	unsure                                []string // owners of whom it is not known whether they stay it
	unchanged                             int
}

// warnOfWork says what an apply will do. Without work it is a creation, and says
// all of it.
func (r *membersResource) warnOfWork(ctx context.Context, plan membersModel, wanted listing, work *membersWork, diags *diag.Diagnostics) {
	o, ok := r.everybody(ctx, diags)
	if !ok {
		return
	}
	creates := work == nil
	if creates {
		created := plan.creation(wanted, o)
		work = &created
		o.warnOfNameless(diags)
	}
	var says announcement
	for _, t := range work.tasks {
		says.add(t, o.people[cloud.Fold(t.email)], o.id, creates)
	}
	says.warn(diags)
	r.run.warnAllOfMappings(ctx, says.changed, diags)

	work.gone = o.among(work.gone)
	gone := plan.removals(work.gone)
	removed := warnOfRemovals(gone, o.people, o.id, diags)
	// All at once, so that none of them is named as one who stays.
	r.run.loseOwners(ctx, append(says.owners, removed...), gone.allowLastOwner, diags)
	r.run.mayLoseOwners(ctx, says.unsure, gone.allowLastOwner, diags)
	if plan.removesEveryMember(wanted, *work, o) {
		if creates {
			diags.AddError("This would remove every member of the organization", everyMember)
		} else { // an error here would also stop terraform destroy
			diags.AddWarning("Apply will refuse to remove every member of the organization", everyMember)
		}
	}
}

// add says what a task does to a person as they stand.
func (a *announcement) add(t task, p organization.Person, organizationID string, creates bool) {
	change := p.Change(organizationID, t.wanted)
	changes := len(change.Add)+len(change.Remove) > 0
	hidden, _ := cloud.DiffGrants(t.before, change.Remove) // what the attribute does not show
	if t.late {
		a.late = append(a.late, t.email)
		if len(hidden) > 0 {
			a.mayLose = append(a.mayLose, t.email+": "+join(hidden))
		}
		if p.LosesOwner(organizationID, change) {
			a.unsure = append(a.unsure, t.email)
		}
		return
	}
	switch {
	case change.Invite && t.wanted.NoInvitation:
		// They left since the state was read: apply says so.
	case change.Invite && !p.Exists():
		a.invited = append(a.invited, t.email+": "+cmp.Or(join(change.Add), "no roles"))
	case change.Invite:
		a.anew = append(a.anew, t.email+", "+statusOf(p)+": "+inWords(change))
	case creates && changes:
		a.taken = append(a.taken, t.email+", "+statusOf(p)+": "+inWords(change))
	case creates:
		a.unchanged++
	case len(hidden) > 0:
		a.hidden = append(a.hidden, t.email+": "+join(hidden))
	}
	if p.LosesOwner(organizationID, change) {
		a.owners = append(a.owners, goingOwner{t.email, isDemoted})
	}
	if change.Invite || changes {
		a.changed = append(a.changed, t.email)
	}
}

func (a *announcement) warn(diags *diag.Diagnostics) {
	warn := func(lines []string, summary, after string) {
		if len(lines) > 0 {
			diags.AddWarning(fmt.Sprintf(summary, len(lines)), strings.TrimSpace(strings.Join(lines, "\n")+"\n"+after))
		}
	}
	warn(a.invited, "%d get an invitation by e-mail", "")
	warn(a.anew, "%d get a new invitation by e-mail", "An invitation cannot be changed: it is revoked, and a new one goes out.")
	others := ""
	if a.unchanged > 0 {
		others = fmt.Sprintf("Others who are there already and keep what they hold: %d.", a.unchanged)
	}
	warn(a.taken, "%d are there already and taken over with other grants", others)
	warn(a.hidden, "%d lose more than the plan shows", "The state does not show all that they hold. As members is all that they should hold, apply takes it away.")
	if len(a.late) > 0 {
		detail := fmt.Sprintf("Some of the grants of %s are not known yet. Whoever of them has not joined may get a new invitation by e-mail.", some(a.late))
		if len(a.mayLose) > 0 {
			detail += " Apply takes away whatever is not among the grants. What they hold, and may lose:\n" + strings.Join(a.mayLose, "\n")
		}
		diags.AddWarning(fmt.Sprintf("What changes for %d is known only after apply", len(a.late)), detail)
	}
}

// inWords says what a change does to grants.
func inWords(c organization.Change) string {
	var parts []string
	if len(c.Add) > 0 {
		parts = append(parts, "gets "+join(c.Add))
	}
	if len(c.Remove) > 0 {
		parts = append(parts, "loses "+join(c.Remove))
	}
	return cmp.Or(strings.Join(parts, "; "), "the same grants")
}

// warnOfNameless says whom this resource cannot manage.
func (o everybody) warnOfNameless(diags *diag.Diagnostics) {
	var nameless []string
	for key := range o.people {
		if !isAddress(key) {
			nameless = append(nameless, key)
		}
	}
	if slices.Sort(nameless); len(nameless) > 0 {
		diags.AddWarning(fmt.Sprintf("%d have no e-mail address that can be listed", len(nameless)),
			fmt.Sprintf("The service shows them without one, or with one that is none, so this resource leaves them alone: it neither changes nor removes them. Their user IDs, or what they have as an address: %s.", some(nameless)))
	}
}
