// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// claims notes what the resources of one run say of each person, so that two
// that would fight are told before anything is written, whichever of them is
// planned first.
type claims struct {
	mu        sync.Mutex
	people    map[string]*claim         // by lower-case e-mail
	exclusive map[string]bool           // lower-case addresses of an elasticcloud_members_exclusive
	leaving   map[string]bool           // owners who lose organization-admin by this plan
	mapped    map[string]mappingInWords // role mappings that are new or change, by name
	everybody map[string]bool           // lower-case addresses of an elasticcloud_members
	listing   listing                   // and what it gives them
	refused   map[string]bool           // what was said to fight with that

	mappingNames map[string]bool // of elasticcloud_role_mapping resources
	mappingsGone map[string]bool // names that an elasticcloud_role_mapping gives up
	onlyNames    []string        // of an elasticcloud_role_mappings_exclusive

	settings map[organization.Object]*settingClaim
	ends     ssoEnds
}

type claim struct {
	spelling string // of the elasticcloud_member; empty while there is none
	leaves   bool   // an elasticcloud_member for them is removed
	roles    bool   // that member sets roles
	assigned map[cloud.Grant]bool
	warned   bool // that a role mapping may change the roles

	ownerGoes  bool // they are the only owner, and an assignment that makes them one is removed
	ownerComes bool // another resource makes them one
}

// claimedKey marks in the private data of a planned resource that it was noted.
// A replacement is planned twice, the second time as a creation with the private
// data of the first.
const claimedKey = "claimed"

// firstPlan tells whether a resource was not noted yet, and marks that it is.
func firstPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) bool {
	marked, diags := req.Private.GetKey(ctx, claimedKey)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, claimedKey, []byte("true"))...)
	return !req.State.Raw.IsNull() || len(marked) == 0
}

// planAnew takes the mark away that a resource was noted: one that is not takes
// its place, and is planned next.
func planAnew(ctx context.Context, resp *resource.ModifyPlanResponse) {
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, claimedKey, nil)...)
}

func (c *claims) of(email string) *claim {
	if c.people == nil {
		c.people = map[string]*claim{}
	}
	key := cloud.Fold(email)
	if c.people[key] == nil {
		c.people[key] = &claim{assigned: map[cloud.Grant]bool{}}
	}
	return c.people[key]
}

// member notes an elasticcloud_member.
func (c *claims) member(email string, setsRoles bool, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	noted := c.of(email)
	if noted.spelling != "" {
		detail := "Two elasticcloud_member resources of this configuration have the e-mail address " + email + ". Keep one of them."
		if noted.spelling != email {
			detail = "Two elasticcloud_member resources of this configuration are for the same person: " + noted.spelling + " and " + email +
				" differ only by case. Keep one of them."
		}
		diags.AddAttributeError(emailPath, email+" is in the configuration twice", detail)
		return
	}
	noted.spelling, noted.roles = email, setsRoles
	if noted.leaves {
		refuseMove(email, diags)
	}
	if setsRoles && len(noted.assigned) > 0 {
		refuseBothWays(email, rolesPath, diags)
	}
	if c.exclusive != nil && !c.exclusive[cloud.Fold(email)] {
		refuseStranger(email, emailPath, diags)
	}
	c.refuseBeside("elasticcloud_member", []string{email}, diags)
}

// leave notes that an elasticcloud_member is removed.
func (c *claims) leave(email string, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	noted := c.of(email)
	noted.leaves = true
	if noted.spelling != "" {
		refuseMove(email, diags)
	}
	if c.everybody[cloud.Fold(email)] {
		c.refuseLeaving([]string{email}, diags)
	}
}

// hasMember tells that the run plans an elasticcloud_member for somebody.
func (c *claims) hasMember(email string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(email).spelling != ""
}

// assignment notes an elasticcloud_role_assignment.
func (c *claims) assignment(email string, g cloud.Grant, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	noted := c.of(email)
	if noted.roles {
		refuseBothWays(email, emailPath, diags)
	}
	if noted.assigned[g] {
		diags.AddAttributeWarning(rolePath, fmt.Sprintf("%s is given %s twice", email, g),
			"Two elasticcloud_role_assignment resources of this configuration give the same grant to the same person. "+
				"When one of them is destroyed the grant goes, and only the next apply of the other one brings it back.")
	}
	noted.assigned[g] = true
	c.refuseBeside("elasticcloud_role_assignment", []string{email}, diags)
}

// sayOfMapping tells, once for each person, that there is a mapping to be
// warned of.
func (c *claims) sayOfMapping(email string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	noted := c.of(email)
	said := noted.warned
	noted.warned = true
	return !said
}

// exclusively notes an elasticcloud_members_exclusive.
func (c *claims) exclusively(emails []string, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.exclusive != nil {
		diags.AddError("Two lists say who may be in the organization",
			"There are two elasticcloud_members_exclusive resources in this configuration. Each would remove whom only the other one lists. Keep one of them.")
		return
	}
	c.exclusive = make(map[string]bool, len(emails))
	for _, email := range emails {
		c.exclusive[cloud.Fold(email)] = true
	}
	for key, noted := range c.people {
		if noted.spelling != "" && !c.exclusive[key] {
			refuseStranger(noted.spelling, emailsPath, diags)
		}
	}
	c.refuseBeside("elasticcloud_members_exclusive", nil, diags)
}

// all notes an elasticcloud_members.
func (c *claims) all(people listing, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.everybody != nil {
		diags.AddError("Two lists say who may be in the organization",
			"There are two elasticcloud_members resources in this configuration. Each would remove whom only the other one lists. Keep one of them.")
		return
	}
	c.everybody, c.listing = make(map[string]bool, len(people)), people
	for email := range people {
		c.everybody[email] = true
	}
	var members, assigned, leaving []string
	for _, email := range slices.Sorted(maps.Keys(c.people)) {
		noted := c.people[email]
		if noted.spelling != "" {
			members = append(members, noted.spelling)
		}
		if len(noted.assigned) > 0 {
			assigned = append(assigned, email)
		}
		if noted.leaves && c.everybody[email] {
			leaving = append(leaving, email)
		}
		c.warnOfOwnerMove(email, diags)
	}
	if len(members) > 0 {
		c.refuseBeside("elasticcloud_member", members, diags)
	}
	if len(assigned) > 0 {
		c.refuseBeside("elasticcloud_role_assignment", assigned, diags)
	}
	if c.exclusive != nil {
		c.refuseBeside("elasticcloud_members_exclusive", nil, diags)
	}
	if len(leaving) > 0 {
		c.refuseLeaving(leaving, diags)
	}
}

// refuseBeside says, once for each kind, that a resource would fight with the
// elasticcloud_members, if there is one.
func (c *claims) refuseBeside(kind string, emails []string, diags *diag.Diagnostics) {
	if c.everybody == nil || !c.refuseOnce(kind) {
		return
	}
	whom, wayOut := "", "An elasticcloud_members needs none: remove the "+kind+", which removes nobody."
	if len(emails) > 0 {
		whom = " for " + some(emails)
		wayOut = "Write all that these people hold into members, and take the " + kind + " out of the configuration with a removed block that has destroy = false, so that nobody loses anything on the way."
	}
	diags.AddError("elasticcloud_members and "+kind+" are for the same people",
		fmt.Sprintf("There is an %s%s beside an elasticcloud_members, which is for everybody in the organization: it sets the roles of those whom it lists, and removes the others. Each would undo the other. %s", kind, whom, wayOut))
}

// refuseLeaving says, once, that people whom an elasticcloud_members lists are
// removed by another resource.
func (c *claims) refuseLeaving(emails []string, diags *diag.Diagnostics) {
	if c.refuseOnce("leaving") {
		diags.AddError(some(emails)+" would be removed and brought in again",
			"This plan destroys an elasticcloud_member for somebody whom the elasticcloud_members lists. Apply might do the one after the other in either order, so that the person loses access. "+
				"Take the elasticcloud_member out of the configuration with a removed block that has destroy = false: that leaves the person where they are.")
	}
}

func (c *claims) refuseOnce(what string) bool {
	if c.refused == nil {
		c.refused = map[string]bool{}
	}
	said := c.refused[what]
	c.refused[what] = true
	return !said
}

func refuseBothWays(email string, at path.Path, diags *diag.Diagnostics) {
	diags.AddAttributeError(at, email+" is given roles in two ways",
		fmt.Sprintf("The elasticcloud_member for %[1]s sets roles, which means these and no others, and an elasticcloud_role_assignment gives %[1]s one more. They would undo each other. "+
			"Either leave roles out of the elasticcloud_member and give every grant with elasticcloud_role_assignment, or put all grants into roles and remove the assignments.", email))
}

func refuseMove(email string, diags *diag.Diagnostics) {
	diags.AddError(email+" would be removed and brought in again",
		fmt.Sprintf("This plan removes an elasticcloud_member for %[1]s and creates another one for the same person. Apply might do the one after the other in either order, so that %[1]s loses access. "+
			"If the resource has only got another name or key, say so with a moved block, so that it stays one resource. If not, apply the removal first.", email))
}

func refuseStranger(email string, at path.Path, diags *diag.Diagnostics) {
	diags.AddAttributeError(at, email+" is brought in and removed",
		fmt.Sprintf("There is an elasticcloud_member for %s, and the emails of elasticcloud_members_exclusive do not list them. Each apply would undo the other. Add the address to emails.", email))
}

// some lists names, and counts those that would be too many.
func some(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
