// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

const defaultMaxRemovals = 5

// removals are the people whom a resource takes out of the organization since
// it does not list them. What is said of them names no attribute: Terraform
// would print all lines of one that lists thousands, each time.
type removals struct {
	gone           []string // lower-case addresses, sorted
	most           types.Int64
	allowLastOwner bool
}

// warnOfRemovals says who goes, with what they hold.
func (r *run) warnOfRemovals(ctx context.Context, gone removals, people map[string]cloud.Person, organizationID string, diags *diag.Diagnostics) {
	if len(gone.gone) == 0 {
		return
	}
	lines := make([]string, len(gone.gone))
	var owners []string
	for i, email := range gone.gone {
		p := people[email]
		grants := p.Grants(organizationID)
		lines[i] = email + ", " + statusOf(p)
		if len(grants) > 0 {
			lines[i] += ", holds " + join(grants)
		}
		if p.LosesOwner(organizationID, cloud.Change{Remove: grants}) {
			owners = append(owners, email)
		}
	}
	diags.AddWarning(fmt.Sprintf("%d not listed: removed from the organization", len(gone.gone)), strings.Join(lines, "\n"))
	r.loseOwners(ctx, owners, "is removed from the organization", gone.allowLastOwner, diags)
	if gone.tooMany() {
		diags.AddAttributeWarning(maxRemovalsPath, "Apply will refuse to remove so many people", gone.explainMost())
	}
}

// statusOf says in a word where somebody in the organization stands.
func statusOf(p cloud.Person) string {
	invitation, _ := p.Invitation()
	switch {
	case p.Member != nil:
		return "member"
	case invitation.Expired:
		return "invited (expired)"
	}
	return "invited"
}

func (g removals) tooMany() bool {
	return !g.most.IsUnknown() && int64(len(g.gone)) > g.most.ValueInt64()
}

func (g removals) explainMost() string {
	return fmt.Sprintf("%d people are not listed, and max_removals is %d. Nobody is removed. List those who shall stay, or raise max_removals if they shall all go.", len(g.gone), g.most.ValueInt64())
}

// dismiss removes people from the organization, all at the same time, and
// returns whom it could not remove.
func (r *run) dismiss(ctx context.Context, gone removals, diags *diag.Diagnostics) (left []string) {
	errs := make([]error, len(gone.gone))
	var group sync.WaitGroup
	for i, email := range gone.gone {
		group.Go(func() {
			errs[i] = r.client.Directory().Dismiss(ctx, email, gone.allowLastOwner)
		})
	}
	group.Wait()
	var stopped []string
	for i, email := range gone.gone {
		switch {
		case errs[i] == nil:
			continue
		case errors.Is(errs[i], context.Canceled):
			stopped = append(stopped, email)
		default:
			addError(diags, "Could not remove "+email+" from the organization", errs[i])
		}
		left = append(left, email)
	}
	addStopped(diags, "removed", stopped)
	return left
}
