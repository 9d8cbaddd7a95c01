// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"slices"
	"strings"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// The roles that the probe promises. They are only viewer roles, because everyone who
// reads the mailbox could accept the invitation.
var (
	withoutList = cloud.NewGrant("elasticsearch-viewer", cloud.AllResources, nil)
	withEmpty   = cloud.NewGrant("observability-viewer", cloud.AllResources, []string{})
	withList    = cloud.NewGrant("security-viewer", cloud.AllResources, []string{"viewer"})
	withAnother = cloud.NewGrant("security-viewer", cloud.AllResources, []string{"t1_analyst"})
	onAll       = cloud.NewGrant("deployment-viewer", cloud.AllResources, nil)
)

// promise invites the first address with roles, and returns the roles that the list
// shows.
func (p *probe) promise(ctx context.Context, grants ...cloud.Grant) ([]cloud.Grant, error) {
	listed, _, err := p.inviteAndSee(ctx, "", grants...)
	return listed.RoleAssignments.Grants(p.organizationID), err
}

func (p *probe) tryApplicationRoles(ctx context.Context) error {
	held, err := p.promise(ctx, withoutList, withEmpty, withList)
	if err != nil {
		return err
	}
	p.findStates("application-roles", held)
	if slices.Contains(held, withList) {
		p.find("application-list", "as sent", "")
	} else {
		p.find("application-list", "otherwise", "sent %s; %s", withList, showOf(held, withList.Role))
	}
	return nil
}

// findStates notes how a reply shows a missing list of application roles and an empty
// one.
func (p *probe) findStates(id string, held []cloud.Grant) {
	asEmpty, _ := withoutList.Alike()
	asAbsent, _ := withEmpty.Alike()
	switch {
	case slices.Contains(held, withoutList) && slices.Contains(held, withEmpty):
		p.find(id, apart, "")
	case slices.Contains(held, asEmpty) && slices.Contains(held, withEmpty):
		p.find(id, "both as []", "")
	case slices.Contains(held, withoutList) && slices.Contains(held, asAbsent):
		p.find(id, "both left out", "")
	default:
		p.find(id, "otherwise", "sent %s and %s; %s and %s", withoutList, withEmpty, showOf(held, withoutList.Role), showOf(held, withEmpty.Role))
	}
}

// showOf describes how a reply shows a role that the probe sent. It prints nothing
// else, because that could name something of the organization.
func showOf(held []cloud.Grant, role string) string {
	var shown []string
	for _, g := range held {
		if g.Role == role && len(g.ApplicationRoles) < 80 {
			shown = append(shown, g.String())
		}
	}
	if len(shown) == 0 {
		return "no " + role + " was shown"
	}
	return "shown " + strings.Join(shown, ", ")
}

func (p *probe) tryTwoLists(ctx context.Context) error {
	held, err := p.promise(ctx, withList, withAnother)
	if err != nil {
		return err
	}
	merged := cloud.NewGrant(withList.Role, withList.Resource, []string{"t1_analyst", "viewer"})
	first, last := slices.Contains(held, withAnother), slices.Contains(held, withList) // in the order in which they are sent
	switch {
	case first && last:
		p.find("two-lists", apart, "")
	case first:
		p.find("two-lists", "the first one counts", "")
	case last:
		p.find("two-lists", "the last one counts", "")
	case slices.Contains(held, merged):
		p.find("two-lists", "merged", "")
	default:
		p.find("two-lists", "otherwise", "%s", showOf(held, withList.Role))
	}
	return nil
}

func (p *probe) tryAllBesideOne(ctx context.Context) error {
	id := p.deploymentID()
	onOne := cloud.NewGrant(onAll.Role, id, nil)
	held, err := p.promise(ctx, onAll, onOne)
	if err != nil && p.deployment == "" && refused(err) {
		p.notKnown("all-beside-one", "%s for a deployment that does not exist: set PROBE_DEPLOYMENT to the ID of one of yours", p.gate.last().answer())
		return nil
	}
	if err != nil {
		return err
	}
	all, one := cloud.Holds(held, onAll), cloud.Holds(held, onOne)
	switch {
	case all && one:
		p.find("all-beside-one", apart, "")
	case all:
		p.find("all-beside-one", "absorbed", "")
	case one:
		p.find("all-beside-one", "all is gone", "")
	default:
		p.find("all-beside-one", "both are gone", "")
	}
	return nil
}
