// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// membersWork is what an apply has to do.
type membersWork struct {
	tasks []task   // sorted by address
	gone  []string // people to remove: lower-case addresses, sorted
}

// task is the change of one person's access.
type task struct {
	listed
	late   bool          // some of the grants are still unknown
	before []cloud.Grant // what the state shows
	wanted organization.Wanted
}

func (w membersWork) isSomething() bool { return len(w.tasks)+len(w.gone) > 0 }

func (m membersModel) task(person listed) task {
	grants, known := grantsOf(person.grants)
	return task{listed: person, late: !known, wanted: organization.Wanted{
		Email:                 person.email,
		Grants:                grants,
		ExpiresIn:             m.InvitationExpiresIn.ValueString(),
		AllowLastOwnerRemoval: m.AllowLastOwnerRemoval.ValueBool(),
	}}
}

// creation returns the work of a creation. It has a task for every listed person, even
// without a change: resources that the same apply destroys must not revoke their grants.
func (m membersModel) creation(wanted listing, o everybody) membersWork {
	var w membersWork
	for _, person := range wanted {
		w.tasks = append(w.tasks, m.task(person))
	}
	for email := range o.people {
		if _, found := wanted[email]; !found && isAddress(email) {
			w.gone = append(w.gone, email)
		}
	}
	w.sort()
	return w
}

// changes returns the difference from the state. It depends on nothing else, so that apply
// finds the same changes as the plan.
func (m membersModel) changes(wanted listing, state membersModel) membersWork {
	var w membersWork
	before, _ := listingOf(state.Members)
	pending, _ := stringsOf(state.Pending)
	waits := folded(pending)
	for key, person := range wanted {
		held, found := before[key]
		if found && person.same(held) {
			continue
		}
		t := m.task(person)
		t.before, _ = grantsOf(held.grants)
		t.wanted.Known = t.before
		// The plan has announced all e-mails, and a member gets none.
		t.wanted.NoInvitation = found && !waits[key]
		w.tasks = append(w.tasks, t)
	}
	for key := range before {
		if _, found := wanted[key]; !found {
			w.gone = append(w.gone, key)
		}
	}
	for _, key := range pending { // with an invitation that expired
		_, listed := wanted[key]
		if _, found := before[key]; !found && !listed {
			w.gone = append(w.gone, key)
		}
	}
	w.sort()
	return w
}

// pendingAfter returns the listed people who have not joined after the changes, as far as
// the state knows. Like changes, it depends on nothing else: Terraform refuses a second
// plan or a new state with another value than the first plan. So a person who accepts the
// invitation meanwhile stays in the list until the next refresh.
func (m membersModel) pendingAfter(wanted listing, state membersModel) types.List {
	before, _ := listingOf(state.Members)
	waiting, _ := stringsOf(state.Pending)
	waits := folded(waiting)
	var pending []string
	for key := range wanted {
		if _, found := before[key]; !found || waits[key] {
			pending = append(pending, key)
		}
	}
	slices.Sort(pending)
	return stringList(pending)
}

func (w membersWork) sort() {
	slices.SortFunc(w.tasks, func(a, b task) int { return cmp.Compare(a.email, b.email) })
	slices.Sort(w.gone)
}

func (m membersModel) removals(gone []string) removals {
	return removals{what: "people", gone: gone, most: m.MaxRemovals, allowLastOwner: m.AllowLastOwnerRemoval.ValueBool()}
}

// refused reports whether the apply must not change anything, and adds the error.
func (r *membersResource) refused(ctx context.Context, m membersModel, wanted listing, w membersWork, o everybody, diags *diag.Diagnostics) bool {
	owners, err := r.run.organization.People.Owners(ctx)
	if err != nil {
		addError(diags, "Could not find the owners of the organization", err)
		return true
	}
	gone := m.removals(w.gone).among(o.people)
	least, after := r.run.organization.Limits().LeastOwners(), w.ownersAfter(o, owners)
	tooFew := after < min(least, len(owners)) && !m.AllowLastOwnerRemoval.ValueBool()
	switch {
	case r.run.organization.People.Partial() && !m.AllowLastOwnerRemoval.ValueBool():
		diags.AddError("Refused to change members while no owner is visible", paragraph(whoWouldGo(w.gone), noOwnerVisible, "Nothing was changed."))
	case gone.tooMany():
		diags.AddAttributeError(maxRemovalsPath, "Refused to remove so many people", paragraph(gone.explainMost(), whoWouldGo(gone.gone), "Nobody was invited or changed either."))
	case m.removesEveryMember(wanted, w, o):
		diags.AddError("Refused to remove every member of the organization", paragraph(warning.NoListedMember, whoWouldGo(w.gone), "Nothing was changed."))
	case tooFew && least > 1:
		diags.AddError("Refused to leave too few owners", fmt.Sprintf("min_owners of the provider block is %d, and the number of owners after this apply would be %d. Present owners: %s. Nothing was changed. List more members who have joined with organization-admin.",
			least, after, some(ownersAmong(o.people, o.id))))
	case tooFew:
		diags.AddError("Refused to leave the organization without an owner", fmt.Sprintf(noOwner, some(ownersAmong(o.people, o.id)), cloud.RoleOrganizationAdmin))
	default:
		if email, demoted := r.demotesRequired(w, o); demoted {
			addError(diags, "Refused to demote "+email, &organization.RequiredOwnerError{Email: cloud.Fold(email)})
			return true
		}
		return r.run.refusesRemovals(w.gone, o.people, diags)
	}
	return true
}

// demotesRequired returns a required owner who would no longer be an owner.
func (r *membersResource) demotesRequired(w membersWork, o everybody) (email string, demotes bool) {
	for _, t := range w.tasks {
		if p := o.people[cloud.Fold(t.email)]; r.run.organization.Limits().Requires(t.email) && cloud.MakeOwner(p.Grants(o.id)) && !cloud.MakeOwner(t.wanted.Grants) {
			return t.email, true
		}
	}
	return "", false
}

// removesEveryMember reports whether members are removed and none would stay.
func (m membersModel) removesEveryMember(wanted listing, w membersWork, o everybody) bool {
	if m.AllowLastOwnerRemoval.ValueBool() || !w.removesMembers(o) {
		return false
	}
	for email := range wanted {
		if o.people[email].Member != nil {
			return false
		}
	}
	return true
}

const noOwnerVisible = "Every organization has an owner, and this API key sees no active member with " + cloud.RoleOrganizationAdmin +
	". So it may not see everyone. Use an API key with the role Organization owner. If the organization really has no owner, set allow_last_owner_removal = true."

// removesMembers reports whether one of the removed people has joined.
func (w membersWork) removesMembers(o everybody) bool {
	return anyHasJoined(w.gone, o.people)
}

const noOwner = "Present owners: %[1]s. None of them would stay an owner, and no other member is listed with %[2]s. A pending invitation does not count, because it may never be accepted. " +
	"Nothing was changed. List a member who has joined with %[2]s. If the organization should really have no owner, set allow_last_owner_removal = true."

// ownersAfter returns the number of owners who stay, plus the members who become owners.
// No other resource of a run can add an owner, so there is nothing to wait for.
func (w membersWork) ownersAfter(o everybody, owners []cloud.Member) (after int) {
	loses := map[string]bool{}
	for _, email := range w.gone {
		loses[email] = true
	}
	for _, t := range w.tasks {
		key, makes := cloud.Fold(t.email), cloud.MakeOwner(t.wanted.Grants)
		loses[key] = !makes
		if p := o.people[key]; makes && p.Member != nil && !p.Member.RoleAssignments.MakesOwner(o.id) {
			after++
		}
	}
	for _, owner := range owners {
		key := cloud.Fold(owner.Email)
		listed := o.people[key].Member
		if !loses[key] || listed == nil || listed.UserID != owner.UserID { // two members may have one address, and only one of them can be listed
			after++
		}
	}
	return after
}

// outcome is the result of a task.
type outcome struct {
	task
	person organization.Person
	change organization.Change
	err    error
}

// bring runs all tasks at the same time: the client gathers them into few requests. It
// returns the tasks that failed.
func (r *membersResource) bring(ctx context.Context, tasks []task, diags *diag.Diagnostics) (failed []outcome) {
	outcomes := make([]outcome, len(tasks))
	var group sync.WaitGroup
	for i, t := range tasks {
		group.Go(func() {
			o := outcome{task: t}
			o.person, o.change, o.err = r.run.organization.People.Ensure(ctx, t.wanted)
			outcomes[i] = o
		})
	}
	group.Wait()
	var unplanned, stopped []string
	for _, o := range outcomes {
		var revoked *organization.RevokedError
		switch {
		case o.err == nil && o.before != nil:
			if more, _ := cloud.DiffGrants(o.before, o.change.Remove); len(more) > 0 {
				unplanned = append(unplanned, warning.Line.With(o.email, more))
			}
		case o.err == nil:
		case errors.Is(o.err, context.Canceled) && !errors.As(o.err, &revoked):
			stopped = append(stopped, o.email)
		case o.change.Invite:
			addError(diags, "Could not invite "+o.email, o.err)
		default:
			addError(diags, "Could not change "+o.email, o.err)
		}
		if o.err != nil {
			failed = append(failed, o)
		}
	}
	addStopped(diags, "changed", stopped)
	if len(unplanned) > 0 {
		diags.AddWarning(warning.PeopleHeldMore.With(len(unplanned)), withLines(warning.PeopleHeldMoreDetail, unplanned))
	}
	return failed
}
