// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// takesFromOnlyOwner notes that an elasticcloud_role_assignment is destroyed which
// makes somebody the only owner.
func (c *claims) takesFromOnlyOwner(email string, diags *diag.Diagnostics) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(email).ownerGoes = true
	c.warnOfOwnerMove(email, diags)
}

// gives notes what a resource gives somebody.
func (c *claims) gives(email string, grants []cloud.Grant, diags *diag.Diagnostics) {
	if !cloud.MakeOwner(grants) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(email).ownerComes = true
	c.warnOfOwnerMove(email, diags)
}

// warnOfOwnerMove is no error: apply may do the one before the other. The lock is
// held.
func (c *claims) warnOfOwnerMove(email string, diags *diag.Diagnostics) {
	noted, email := c.of(email), cloud.Fold(email) // whichever resource is planned first
	listed, _ := grantsOf(c.listing[email].grants)
	if !noted.ownerGoes || !noted.ownerComes && !cloud.MakeOwner(listed) {
		return
	}
	diags.AddWarning(fmt.Sprintf("Two resources have %s of %s", cloud.RoleOrganizationAdmin, email),
		fmt.Sprintf("This person is the only owner of the organization. This plan destroys an elasticcloud_role_assignment that gives %s to them, and another resource gives it too. "+
			"Apply refuses to take it away where that comes first, as nobody would be an owner then. %s", cloud.RoleOrganizationAdmin, howOwnerMoves))
}

// howOwnerMoves is what helps where an elasticcloud_role_assignment goes and the
// person keeps the grant.
const howOwnerMoves = "If the assignment has only got another name or key, say so with a moved block. " +
	"If another resource gives the grant from now on, take the assignment out of the configuration with a removed block that has destroy = false. Both leave the grant where it is. " +
	"If the role of the assignment changes, set create_before_destroy = true."
