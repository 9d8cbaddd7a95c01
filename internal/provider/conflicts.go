// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/organization"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/warning"
)

// ofPlan are the conflicts with a resource that is destroyed or does not change. An apply
// does not plan such resources again, so only a plan finds these conflicts.
var ofPlan = []clash{clashTaken, clashOrphan, clashKept, clashGrantOfTwo, clashTwin, clashTwinAndNew, clashManyMove, clashForsaken}

// report adds a warning or an error for each conflict, with the way to solve it.
func (found conflicts) report(run *run, diags *diag.Diagnostics) {
	for _, c := range found {
		isUnderWay := (c.clash == clashTaken || c.clash == clashKept) && c.changes && run.mayApply()
		if slices.Contains(ofPlan, c.clash) && run.traffic.applies() || isUnderWay {
			continue
		}
		switch c.clash {
		case clashKept:
			later := ""
			switch {
			case c.changes && c.unseen:
				later = warning.KeepsGrantUnseen
			case c.changes:
				later = warning.KeepsGrantLater
			}
			diags.AddWarning(warning.KeepsGrant.With(c.entry.name, c.entry.grants[0].String()), paragraph(warning.KeepsGrantDetail, later, warning.MovedBlock, warning.RemovedBlock.With(c.entry.resource)))
		case clashManyMove:
			diags.AddWarning(warning.ManyMove.With(), warning.ManyMoveDetail)
		case clashForsaken:
			diags.AddWarning(warning.PlaceholderNeeded.With(), warning.PlaceholderNeededDetail)
		case clashGrantOfTwo:
			c.reportGrantOfTwo(diags)
		case clashTwin:
			diags.AddWarning(warning.NotRemoved.With(c.entry.words()), warning.NotRemovedDetail.With(c.entry.resource))
		case clashTwinAndNew:
			diags.AddError(warning.NotRemovedAndNew.With(c.entry.resource), paragraph(warning.NotRemovedAndNewWhy.With(c.entry.resource, c.entry.words(), c.entry.resource),
				warning.NotRemovedAndNewFirst, warning.RemovedBlock.With(c.entry.resource)))
		case clashTaken:
			c.reportTaken(diags)
		case clashOrphan:
			c.reportOrphan(diags)
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
			summary := warning.ManyRemovedAndInvited.With(len(c.names))
			if len(c.names) == 1 {
				summary = warning.RemovedAndInvited.With(c.names[0])
			}
			diags.AddError(summary, paragraph(warning.ManyDestroyed.With(some(c.names)), warning.RemovedBlock.With("elasticcloud_member")))
		case clashDisabled:
			detail := paragraph(warning.NotDisabledBeside, warning.NotDisabledDetail)
			if c.entry.disabled {
				diags.AddAttributeError(enabledPath, warning.NotDisabled, detail)
			} else {
				diags.AddError(warning.NotDisabled, detail)
			}
		case clashOwnerMove:
			// A warning only: apply may grant the role before it revokes the other.
			diags.AddWarning(warning.OwnerMoves.With(cloud.Fold(c.entry.name)), paragraph(warning.OwnerMovesDetail, warning.HowOwnerMoves))
		}
	}
}

// words names the object of an entry in a sentence. An object that an organization has
// only once has its name in the entry.
func (e entry) words() string {
	if e.object.Among() == organization.RoleMappingsObject {
		return "The role mapping " + strconv.Quote(e.name)
	}
	return e.name
}

func (c conflict) reportTwice(diags *diag.Diagnostics) {
	e := c.entry
	switch {
	case e.isGrant() && (e.moves() && !c.other.comes() || c.other.moves() && !e.comes()):
		diags.AddAttributeError(rolePath, warning.GrantOfTwo.With(e.grants[0].String(), e.name), warning.GrantChangesTo)
	case e.isGrant():
		diags.AddAttributeWarning(rolePath, warning.GrantedTwice.With(e.name, e.grants[0]), warning.GrantedTwiceDetail)
	case e.object == organization.EverybodyObject:
		diags.AddError(warning.TwoListsOfMembers, warning.TwoListsOfMembersDetail.With(e.resource))
	case e.object == organization.RoleMappingsObject:
		diags.AddError(warning.TwoListsOfMappings, warning.TwoListsOfMappingsDetail.With(e.resource))
	case e.object.Among() == organization.EverybodyObject && e.name != c.other.name:
		diags.AddAttributeError(e.at, warning.Twice.With(e.name), warning.TwicePersonCase.With(e.resource, c.other.name, e.name))
	case e.object.Among() == organization.EverybodyObject:
		diags.AddAttributeError(e.at, warning.Twice.With(e.name), warning.TwicePerson.With(e.resource, e.name))
	default:
		why := warning.TwiceDestroys
		if e.object == organization.DomainObject(e.name) {
			why = warning.TwiceAsks
		}
		diags.AddError(warning.Twice.With(e.words()), paragraph(warning.TwiceDetail.With(e.resource, why), warning.RemovedBlock.With(e.resource)))
	}
}

// reportMove reports an object that would be removed although a resource manages it.
func (c conflict) reportMove(diags *diag.Diagnostics) {
	e := c.entry
	switch {
	case e.object.Among() == organization.EverybodyObject && e.isNew:
		diags.AddError(warning.RemovedAndInvited.With(e.name), paragraph(warning.RemovedAndInvitedDetail.With(e.name), warning.HowMembersMove.With(e.name)))
	case e.object.Among() == organization.RoleMappingsObject && e.isNew:
		// A warning only: if the old mapping is removed first, its name is free.
		diags.AddWarning(warning.MappingRecreated.With(e.name), paragraph(warning.MappingRecreatedDetail, warning.MovedBlock, warning.ApplyRemovalFirst))
	default:
		diags.AddError(warning.RemovedButConfigured.With(e.words()),
			paragraph(warning.RemovedButConfiguredDetail.With(e.resource), warning.MovedBlock, warning.RemovedBlock.With(e.resource), c.ifDeposed()))
	}
}

// reportTaken reports an assignment that revokes a grant which another resource grants.
// The other resource was planned too late to wait for it. Apply grants it in any case, if
// only after it was revoked.
func (c conflict) reportTaken(diags *diag.Diagnostics) {
	if c.late {
		diags.AddError(warning.GrantedLate.With(c.entry.name, c.other.grants[0].String()), paragraph(warning.GrantedLateDetail, warning.MovedBlock, warning.RemovedBlock.With(c.other.resource)))
		return
	}
	diags.AddWarning(warning.MayLoseForAMoment.With(c.entry.name, c.other.grants[0].String()), paragraph(warning.MayLoseForAMomentDetail, warning.MovedBlock))
}

// reportGrantOfTwo reports an assignment that revokes a grant which another resource
// grants. Apply does not see the other resource, because it does not change.
func (c conflict) reportGrantOfTwo(diags *diag.Diagnostics) {
	why := warning.GrantGoes
	if c.changes {
		why = warning.GrantChanges
	}
	diags.AddError(warning.GrantOfTwo.With(c.entry.grants[0].String(), c.entry.name), paragraph(why.With(c.other.resource), warning.MovedBlock, warning.RemovedBlock.With(c.entry.resource), c.ifDeposed()))
}

// ifDeposed returns the remedy for a destroyed object that may be deposed. With one call
// at a time, the other resource was not yet known when this one was planned.
func (c conflict) ifDeposed() string {
	if c.entry.resource != c.other.resource || c.entry.isNew || c.changes {
		return ""
	}
	return warning.DeposedObject
}

// reportOrphan reports a removed person for whom an assignment exists.
func (c conflict) reportOrphan(diags *diag.Diagnostics) {
	e := c.entry
	if e.isNew {
		diags.AddError(warning.AssignedAndRemoved.With(e.name), paragraph(warning.AssignedAndRemovedDetail.With(e.name), warning.RemovedBlock.With("elasticcloud_member")))
		return
	}
	diags.AddWarning(warning.AssignmentLeft.With(e.name), paragraph(warning.AssignmentLeftDetail.With(e.name), warning.RemovedBlock.With("elasticcloud_member")))
}

func (c conflict) reportBothWays(diags *diag.Diagnostics) {
	member, at := c.entry, rolesPath
	if c.entry.isGrant() {
		member, at = c.other, emailPath
	}
	if c.setsAll() == maybe {
		diags.AddAttributeWarning(at, warning.MayTwoWays.With(member.name), paragraph(warning.MayTwoWaysDetail.With(member.name), warning.OneWay))
		return
	}
	diags.AddAttributeError(at, warning.TwoWays.With(member.name), paragraph(warning.TwoWaysDetail.With(member.name), warning.OneWay))
}

func (c conflict) reportUnlisted(diags *diag.Diagnostics) {
	e, at := c.entry, c.entry.at
	if c.list {
		at = c.other.at
	}
	if e.object.Among() == organization.RoleMappingsObject {
		diags.AddAttributeError(at, warning.CreatedAndRemoved.With(e.name), warning.CreatedAndRemovedDetail.With(e.resource, e.name, c.other.resource))
		return
	}
	if e.isGrant() {
		diags.AddAttributeError(at, warning.GrantedAndRemoved.With(e.name), warning.InvitedAndRemovedDetail.With(e.resource, e.name, c.other.resource))
		return
	}
	diags.AddAttributeError(at, warning.InvitedAndRemoved.With(e.name), warning.InvitedAndRemovedDetail.With(e.resource, e.name, c.other.resource))
}

func (c conflict) reportBeside(diags *diag.Diagnostics) {
	kind := c.entry.resource
	remedy := warning.RemoveNobody.With(kind)
	if len(c.names) > 0 {
		remedy = paragraph(warning.SamePeopleOf.With(kind, some(c.names)), warning.RemovedBlock.With(kind))
	}
	diags.AddError(warning.SamePeople.With(kind), paragraph(warning.SamePeopleDetail.With(kind), remedy))
}
