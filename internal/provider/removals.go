// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// removals is what a resource removes from the organization because it is not listed. The
// messages name no attribute: Terraform would print all lines of a list of thousands, each
// time.
type removals struct {
	what           string   // people, or role mappings
	gone           []string // sorted: lower-case addresses, or names
	expired        int      // how many of these are expired invitations, which give no access
	most           types.Int64
	allowLastOwner bool // for people only
}

// warnOfRemovals warns of the people who are removed, with their grants. It returns the
// owners among them.
func (r *run) warnOfRemovals(gone removals, people map[string]organization.Person, organizationID string, diags *diag.Diagnostics) (owners []goingOwner) {
	if len(gone.gone) == 0 {
		return nil
	}
	r.planRemovals(gone.gone, people, organizationID, diags)
	lines := make([]string, len(gone.gone))
	for i, email := range gone.gone {
		p := people[email]
		lines[i] = warning.StatusLine.With(email, statusOf(p), p.Grants(organizationID))
		if isOwner(p, organizationID) {
			owners = append(owners, goingOwner{email, warning.OwnerRemoved})
		}
	}
	diags.AddWarning(warning.Removed.With(len(lines)), withLines(warning.RemovedDetail, lines))
	gone.among(people).warnIfTooMany(diags)
	return owners
}

// planRemovals notes the people whom a plan removes, and warns if they are more than the
// provider block allows for one run.
func (r *run) planRemovals(gone []string, people map[string]organization.Person, organizationID string, diags *diag.Diagnostics) {
	here := whoIsHere(gone, people)
	if len(here) == 0 {
		return
	}
	r.warnOfRequired(slices.DeleteFunc(slices.Clone(here), func(email string) bool {
		return isOwner(people[email], organizationID) // loseOwners warns of these
	}), diags)
	most := r.organization.Limits().MaxRemovals
	if total := r.ledger.remove(here...); most != nil && total > *most {
		diags.AddWarning(warning.RunRemoves.With(*most), warning.RunRemovesDetail.With(total, some(here), *most))
	}
}

// statusOf returns the status of a person in the organization, in one word.
func statusOf(p organization.Person) string {
	invitation, _ := p.Invitation()
	switch {
	case p.Member != nil:
		return warning.Member
	case invitation.Expired:
		return warning.Expired
	}
	return warning.Invited
}

// among counts the people who already have no access.
func (g removals) among(people map[string]organization.Person) removals {
	g.expired = len(g.gone) - len(whoIsHere(g.gone, people))
	return g
}

// whoIsHere returns the people who have access.
func whoIsHere(emails []string, people map[string]organization.Person) []string {
	return slices.DeleteFunc(slices.Clone(emails), func(email string) bool { return !people[email].IsHere() })
}

// anyHasJoined reports whether one of the people has joined.
func anyHasJoined(emails []string, people map[string]organization.Person) bool {
	return slices.ContainsFunc(emails, func(email string) bool { return people[email].Member != nil })
}

// lose returns how many lose access: max_removals limits this number.
func (g removals) lose() int { return len(g.gone) - g.expired }

func (g removals) tooMany() bool {
	return !g.most.IsUnknown() && int64(g.lose()) > g.most.ValueInt64()
}

// warnIfTooMany is for a plan, in which an error would also stop terraform destroy.
func (g removals) warnIfTooMany(diags *diag.Diagnostics) {
	if g.tooMany() {
		diags.AddAttributeWarning(maxRemovalsPath, warning.TooManyRemovals.With(g.what), g.explainMost())
	}
}

func (g removals) explainMost() string {
	expired := ""
	if g.expired > 0 {
		expired = warning.ExpiredDoNotCount.With(g.expired)
	}
	return paragraph(warning.AboveMaxRemovals.With(g.what, g.lose(), g.most.ValueInt64()), expired)
}

// whoWouldGo returns a sentence for a refusal that names the people or mappings.
func whoWouldGo(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "Apply would remove " + some(names) + "."
}

// refusesRemovals reports whether the limits of the run forbid these removals, and adds the
// error. If not, it reserves them.
func (r *run) refusesRemovals(emails []string, people map[string]organization.Person, diags *diag.Diagnostics) bool {
	here := whoIsHere(emails, people)
	err := r.organization.People.ReserveRemovals(here)
	if err != nil {
		addError(diags, "Refused to remove "+some(here), err)
	}
	return err != nil
}

// dismiss removes people from the organization, and returns those it could not remove.
func (r *run) dismiss(ctx context.Context, gone removals, diags *diag.Diagnostics) (left []string) {
	return gone.each("Could not remove %s from the organization", func(email string) error {
		return r.organization.People.Dismiss(ctx, email, gone.allowLastOwner)
	}, diags)
}

// each removes all at the same time, and returns those it could not remove. It adds an
// error for each failure, with a summary that takes the name.
func (g removals) each(summary string, remove func(name string) error, diags *diag.Diagnostics) (left []string) {
	errs := make([]error, len(g.gone))
	var group sync.WaitGroup
	for i, name := range g.gone {
		group.Go(func() { errs[i] = remove(name) })
	}
	group.Wait()
	var stopped []string
	for i, name := range g.gone {
		switch {
		case errs[i] == nil:
			continue
		case errors.Is(errs[i], context.Canceled):
			stopped = append(stopped, name)
		default:
			addError(diags, fmt.Sprintf(summary, name), errs[i])
		}
		left = append(left, name)
	}
	addStopped(diags, "removed", stopped)
	return left
}
