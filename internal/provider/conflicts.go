// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
)

// report says what each conflict is and how to solve it.
func (found conflicts) report(diags *diag.Diagnostics) {
	for _, c := range found {
		switch c.clash {
		case clashTwice:
			c.reportTwice(diags)
		case clashMove:
			c.reportMove(diags)
		case clashBothWays:
			c.reportBothWays(diags)
		case clashUnlisted:
			c.reportUnlisted(diags)
		case clashBeside:
			c.reportBeside(diags)
		case clashLeaves:
			diags.AddError(some(c.names)+" would be removed and brought in again",
				"This plan destroys an elasticcloud_member for somebody whom the elasticcloud_members lists. Apply might do the one after the other in either order, so that the person loses access. "+
					"Take the elasticcloud_member out of the configuration with a removed block that has destroy = false: that leaves the person where they are.")
		case clashOwnerMove:
			// No error: apply may do the one before the other.
			email := cloud.Fold(c.entry.name)
			diags.AddWarning(fmt.Sprintf("Two resources have %s of %s", cloud.RoleOrganizationAdmin, email),
				fmt.Sprintf("This person is the only owner of the organization. This plan destroys an elasticcloud_role_assignment that gives %s to them, and another resource gives it too. "+
					"Apply refuses to take it away where that comes first, as nobody would be an owner then. %s", cloud.RoleOrganizationAdmin, howOwnerMoves))
		}
	}
}

// words name the object of an entry in a sentence.
func (e entry) words() string {
	switch {
	case e.object == organization.IdPObject:
		return "The SAML IdP"
	case e.object == organization.EnforcementObject:
		return "The enforcement of SSO"
	case e.object.Among() == organization.RoleMappingsObject:
		return "The role mapping " + strconv.Quote(e.name)
	}
	return e.name
}

func (c conflict) reportTwice(diags *diag.Diagnostics) {
	e := c.entry
	switch {
	case e.isGrant():
		diags.AddAttributeWarning(rolePath, fmt.Sprintf("%s is given %s twice", e.name, e.grants[0]),
			"Two elasticcloud_role_assignment resources of this configuration give the same grant to the same person. "+
				"When one of them is destroyed the grant goes, and only the next apply of the other one brings it back.")
	case e.object == organization.EverybodyObject:
		diags.AddError("Two lists say who may be in the organization",
			"There are two "+e.resource+" resources in this configuration. Each would remove whom only the other one lists. Keep one of them.")
	case e.object == organization.RoleMappingsObject:
		diags.AddError("Two lists say which role mappings there may be",
			"There are two "+e.resource+" resources in this configuration. Each would remove what only the other one lists. Keep one of them.")
	case e.object.Among() == organization.EverybodyObject && e.name != c.other.name:
		diags.AddAttributeError(e.at, e.name+" is in the configuration twice",
			fmt.Sprintf("Two %s resources of this configuration are for the same person: %s and %s differ only by case. Keep one of them.", e.resource, c.other.name, e.name))
	case e.object.Among() == organization.EverybodyObject:
		diags.AddAttributeError(e.at, e.name+" is in the configuration twice",
			fmt.Sprintf("Two %s resources of this configuration have the e-mail address %s. Keep one of them.", e.resource, e.name))
	default:
		why := "To destroy one would take it from the other."
		if e.object == organization.DomainObject(e.name) {
			why = "Each would ask for a code, which makes that of the other one worthless."
		}
		diags.AddError(e.words()+" is in the configuration twice",
			fmt.Sprintf("Two %[1]s resources of this configuration are for the same. %[2]s Keep one of them. If both are in the state, take the other one out with a removed block that has destroy = false.", e.resource, why))
	}
}

// reportMove says that an object would go although a resource is for it.
func (c conflict) reportMove(diags *diag.Diagnostics) {
	e := c.entry
	switch {
	case e.object.Among() == organization.EverybodyObject:
		diags.AddError(e.name+" would be removed and brought in again",
			fmt.Sprintf("This plan removes an elasticcloud_member for %[1]s and creates another one for the same person. Apply might do the one after the other in either order, so that %[1]s loses access. "+
				"If the resource has only got another name or key, say so with a moved block, so that it stays one resource. If not, apply the removal first.", e.name))
	case e.object.Among() == organization.RoleMappingsObject && e.isNew:
		// No error: what is removed first leaves the name to the other one.
		diags.AddWarning(fmt.Sprintf("The role mapping %q would be removed and made again", e.name),
			"This plan removes an elasticcloud_role_mapping of this name, and has another one of the same name. Apply might do the one after the other in either order: what is to be made may meet the old mapping, and then fails, or takes it over where it is the same. "+
				"If the resource has only got another name or key, say so with a moved block, so that it stays one resource. If not, apply the removal first.")
	default:
		diags.AddError(e.words()+" would be removed although it is in the configuration",
			fmt.Sprintf("This plan destroys an %[1]s, and has another one for the same, which would be gone with it. "+
				"If the resource has only got another name or key, say so with a moved block, so that it stays one resource. "+
				"If not, take the one that goes out of the configuration with a removed block that has destroy = false.", e.resource))
	}
}

func (c conflict) reportBothWays(diags *diag.Diagnostics) {
	member, at := c.entry, rolesPath
	if c.entry.isGrant() {
		member, at = c.other, emailPath
	}
	if c.setsAll() == maybe {
		diags.AddAttributeWarning(at, member.name+" may be given roles in two ways",
			fmt.Sprintf("Whether the elasticcloud_member for %[1]s sets roles is known only after apply, and an elasticcloud_role_assignment gives %[1]s a grant. If roles turns out to be set, the two resources would undo each other, and the apply or the next plan fails. "+
				"Either leave roles out of the elasticcloud_member, or put all grants into roles and remove the assignments.", member.name))
		return
	}
	diags.AddAttributeError(at, member.name+" is given roles in two ways",
		fmt.Sprintf("The elasticcloud_member for %[1]s sets roles, which means these and no others, and an elasticcloud_role_assignment gives %[1]s one more. They would undo each other. "+
			"Either leave roles out of the elasticcloud_member and give every grant with elasticcloud_role_assignment, or put all grants into roles and remove the assignments.", member.name))
}

func (c conflict) reportUnlisted(diags *diag.Diagnostics) {
	e, at := c.entry, c.entry.at
	if c.list {
		at = c.other.at
	}
	if e.object.Among() == organization.RoleMappingsObject {
		diags.AddAttributeError(at, fmt.Sprintf("The role mapping %q is made and removed", e.name),
			fmt.Sprintf("There is an %s of the name %q, and the names of %s do not list it. Each apply would undo the other. Add the name to names.", e.resource, e.name, c.other.resource))
		return
	}
	diags.AddAttributeError(at, e.name+" is brought in and removed",
		fmt.Sprintf("There is an %s for %s, and the emails of %s do not list them. Each apply would undo the other. Add the address to emails.", e.resource, e.name, c.other.resource))
}

func (c conflict) reportBeside(diags *diag.Diagnostics) {
	kind := c.entry.resource
	whom, wayOut := "", "An elasticcloud_members needs none: remove the "+kind+", which removes nobody."
	if len(c.names) > 0 {
		whom = " for " + some(c.names)
		wayOut = "Write all that these people hold into members, and take the " + kind + " out of the configuration with a removed block that has destroy = false, so that nobody loses anything on the way."
	}
	diags.AddError("elasticcloud_members and "+kind+" are for the same people",
		fmt.Sprintf("There is an %s%s beside an elasticcloud_members, which is for everybody in the organization: it sets the roles of those whom it lists, and removes the others. Each would undo the other. %s", kind, whom, wayOut))
}

// howOwnerMoves is what helps where an elasticcloud_role_assignment goes and the
// person keeps the grant.
const howOwnerMoves = "If the assignment has only got another name or key, say so with a moved block. " +
	"If another resource gives the grant from now on, take the assignment out of the configuration with a removed block that has destroy = false. Both leave the grant where it is. " +
	"If the role of the assignment changes, set create_before_destroy = true."
