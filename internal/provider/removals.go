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

// removals is what a resource takes out of the organization since it does not
// list it. What is said of that names no attribute: Terraform would print all
// lines of one that lists thousands, each time.
type removals struct {
	what           string   // people, or role mappings
	gone           []string // sorted: lower-case addresses, or names
	expired        int      // of these, invitations by which nobody has access
	most           types.Int64
	allowLastOwner bool // where it is people
}

// warnOfRemovals says who goes, with what they hold. It returns the owners among
// them.
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

// planRemovals notes who goes by a plan, and warns where these are more than the
// provider block allows for one run.
func (r *run) planRemovals(gone []string, people map[string]organization.Person, organizationID string, diags *diag.Diagnostics) {
	here := whoIsHere(gone, people)
	if len(here) == 0 {
		return
	}
	r.warnOfRequired(slices.DeleteFunc(slices.Clone(here), func(email string) bool {
		return isOwner(people[email], organizationID) // of whom loseOwners says so
	}), diags)
	most := r.organization.Limits().MaxRemovals
	if total := r.ledger.remove(here...); most != nil && total > *most {
		diags.AddWarning(warning.RunRemoves.With(*most), warning.RunRemovesDetail.With(total, some(here), *most))
	}
}

// statusOf says in a word where somebody in the organization stands.
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

// among counts those of the people who have no access as it is.
func (g removals) among(people map[string]organization.Person) removals {
	g.expired = len(g.gone) - len(whoIsHere(g.gone, people))
	return g
}

// whoIsHere are those of the people who have access.
func whoIsHere(emails []string, people map[string]organization.Person) []string {
	return slices.DeleteFunc(slices.Clone(emails), func(email string) bool { return !people[email].IsHere() })
}

// anyHasJoined tells that one of them has joined.
func anyHasJoined(emails []string, people map[string]organization.Person) bool {
	return slices.ContainsFunc(emails, func(email string) bool { return people[email].Member != nil })
}

// lose is how many lose something, which is what is bounded.
func (g removals) lose() int { return len(g.gone) - g.expired }

func (g removals) tooMany() bool {
	return !g.most.IsUnknown() && int64(g.lose()) > g.most.ValueInt64()
}

// warnIfTooMany is for a plan: an error there would stop terraform destroy too.
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

// whoWouldGo names them in a refusal.
func whoWouldGo(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "Apply would remove " + some(names) + "."
}

// refusesRemovals tells that the limits of the run keep one of the people, or let fewer
// go, and says so. If not, their places are reserved.
func (r *run) refusesRemovals(emails []string, people map[string]organization.Person, diags *diag.Diagnostics) bool {
	here := whoIsHere(emails, people)
	err := r.organization.People.ReserveRemovals(here)
	if err != nil {
		addError(diags, "Refused to remove "+some(here), err)
	}
	return err != nil
}

// dismiss removes people from the organization, and returns whom it could not
// remove.
func (r *run) dismiss(ctx context.Context, gone removals, diags *diag.Diagnostics) (left []string) {
	return gone.each("Could not remove %s from the organization", func(email string) error {
		return r.organization.People.Dismiss(ctx, email, gone.allowLastOwner)
	}, diags)
}

// each removes all at the same time, and returns what it could not remove. Each
// failure is an error of its own, under a summary that takes the name.
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
