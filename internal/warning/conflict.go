// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package warning

// Two resources of a configuration that are for the same. Some of these are
// errors, whose summaries are details to this package: no warning begins with them.

// One object has two resources.
var (
	GrantedTwice       = summary("{person} is granted {grant} twice")
	GrantedTwiceDetail = text("Two elasticcloud_role_assignment resources grant the same to the same person. Destroying one of them revokes the grant until the next apply of the other. Keep one of them.")

	GrantOfTwo              = phrase("Two resources grant {grant} to {person}")
	GrantGoes               = phrase("The plan destroys an elasticcloud_role_assignment for this grant. The {resource} does not change and grants it too. Apply would revoke the grant, and only the next apply would grant it again.")
	GrantChanges            = phrase("An elasticcloud_role_assignment for this grant changes to another one. The {resource} does not change and grants the old one too. Apply would revoke the grant, and only the next apply would grant it again.")
	GrantChangesTo          = text("An elasticcloud_role_assignment changes to this grant, and another one that does not change grants it already. Destroying one of them would revoke the grant. Keep one of them.")
	MayLoseForAMoment       = summary("{person} may lose {grant} for a moment")
	MayLoseForAMomentDetail = text("The plan takes this grant away from an elasticcloud_role_assignment, and another resource grants it. Apply waits for the other resource where it can. With -parallelism=1, or if the other resource refers to this one, apply revokes the grant and grants it again right after.")

	GrantedLate       = phrase("{person} would lose {grant} before it is granted again")
	GrantedLateDetail = text("The plan takes this grant away from an elasticcloud_role_assignment, and another resource grants it. Terraform planned the other resource right after that assignment, so it most likely refers to it. Apply would revoke the grant first.")

	TwoListsOfMembers        = text("Two resources list the members of the organization")
	TwoListsOfMembersDetail  = phrase("The configuration has two {resource} resources. Each would remove the people that only the other one lists. Keep one of them.")
	TwoListsOfMappings       = text("Two resources list the role mappings")
	TwoListsOfMappingsDetail = phrase("The configuration has two {resource} resources. Each would remove the role mappings that only the other one lists. Keep one of them.")

	Twice           = phrase("{object} is configured twice")
	TwicePerson     = phrase("Two {resource} resources have the e-mail address {person}. Each would undo the changes of the other. Keep one of them.")
	TwicePersonCase = phrase("Two {resource} resources are for the same person: {person} and {person} differ only by case. Keep one of them.")
	TwiceDetail     = phrase("Two {resource} resources manage the same object. {why} Keep one of them.")
	TwiceDestroys   = text("Destroying one of them would also destroy the object of the other.")
	TwiceAsks       = text("Each would request a code, which invalidates the code of the other.")
)

// An object is removed although a resource is for it.
var (
	RemovedAndInvited       = phrase("{person} would be removed and invited again")
	ManyRemovedAndInvited   = phrase("{n listed person|listed people} would be removed and invited again")
	RemovedAndInvitedDetail = phrase("The plan destroys the elasticcloud_member for {person} and creates another one. Apply may do this in either order, so that this person may lose access.")
	HowMembersMove          = phrase("If only the name of the resource changes, add a moved block. With count, removing one person changes the resource address of everyone after that person. Use for_each with the e-mail addresses as keys instead, and add a block for each person:\n\nmoved {\n  from = elasticcloud_member.NAME[INDEX]\n  to   = elasticcloud_member.NAME[{\"person\"}]\n}")
	ManyDestroyed           = phrase("The plan destroys an elasticcloud_member for {names}, and elasticcloud_members lists the same. Apply may do this in either order, so that people may lose access.")

	MappingRecreated       = summary(`The role mapping {"mapping"} is removed and created again`)
	MappingRecreatedDetail = text("The plan destroys an elasticcloud_role_mapping, and another one has the same name. Apply may do this in either order. A creation that finds the old mapping adopts it if it is equal, and fails otherwise.")

	ManyMove              = summary("Many assignments change at once")
	ManyMoveDetail        = text("More grants move between assignments than Terraform changes in parallel. Apply may revoke a grant and grant it again right after. To avoid that, use moved blocks, or for_each with the grants as keys.")
	NotRemoved            = summary("{object} is managed twice")
	NotRemovedDetail      = phrase("The plan destroys one {resource} for this object, and another one that does not change manages it too. Apply removes the first one from the state only, and nothing changes in the organization. The destroyed object may also be an old one that create_before_destroy could not destroy. Terraform calls it deposed. To end the access, remove the other resource.")
	NotRemovedAndNew      = phrase("Could not plan the end of a second {resource}")
	NotRemovedAndNewWhy   = phrase("The plan destroys one {resource}, and another one manages the same object: {object}. Another {resource} is created. If the first one is a deposed object, apply could not tell it from one that was replaced, and would remove it.")
	NotRemovedAndNewFirst = text("Apply the end of the deposed object alone first, with -target and the address of its resource.")
	LeftOver              = summary(`The {resource} {"id"} was removed from the state only`)
	LeftOverDetail        = text("An earlier apply replaced this object with create_before_destroy and could not destroy it. Apply cannot see whether another resource manages the same object by now, so it changed nothing in the organization. Access that this object grants stays. To end it where no other resource manages the object, import the object and destroy it, or revoke the access in the Elastic Cloud console.")

	RemovedButConfigured       = phrase("{object} would be removed although it is configured")
	RemovedButConfiguredDetail = phrase("The plan destroys the {resource}, and another one manages the same object, which would then be gone.")

	AssignedAndRemoved       = phrase("{person} would be removed although an assignment grants a role")
	AssignedAndRemovedDetail = phrase("The plan destroys the elasticcloud_member for {person}, which removes the person, and creates an elasticcloud_role_assignment for the same person.")
	AssignmentLeft           = summary("{person} is removed, but an assignment stays")
	AssignmentLeftDetail     = phrase("The plan destroys the elasticcloud_member for {person}, which removes the person. An elasticcloud_role_assignment for the same person is left, and the next plan wants to create it.")

	OwnerMoves       = summary("Two resources grant organization-admin to {person}")
	OwnerMovesDetail = text("This person is the only owner. The plan destroys an elasticcloud_role_assignment with organization-admin, and another resource grants it too. If apply revokes it first, nobody would be an owner, so that apply fails.")

	// HowOwnerMoves is what to do where such an assignment is destroyed and the person
	// is to keep the grant.
	HowOwnerMoves = text(MovedBlock + " If another resource now grants the role, keep the assignment until the next apply, or drop it from the state. " + RemovedBlock.With("elasticcloud_role_assignment") +
		" Or change role of the assignment: apply then grants the new role before it revokes the old one.")
)

// Two kinds of resource undo the changes of each other.
var (
	TwoWays          = phrase("{person} is granted roles in two ways")
	TwoWaysDetail    = phrase("The elasticcloud_member for {person} has the complete list of roles, and an elasticcloud_role_assignment grants another one. Each would undo the changes of the other.")
	MayTwoWays       = summary("{person} may be granted roles in two ways")
	MayTwoWaysDetail = phrase("An elasticcloud_role_assignment grants a role to {person}. Whether the elasticcloud_member sets roles is known only after apply. If it does, each would undo the changes of the other, and the apply or the next plan fails.")
	OneWay           = text("Either remove roles from the elasticcloud_member, or list all grants in roles and remove the assignments.")

	InvitedAndRemoved       = phrase("{person} is invited and removed")
	InvitedAndRemovedDetail = phrase("The {resource} is for {person}, but the emails of {exclusive} do not contain the address. Each apply would undo the other. Add the address to emails.")
	GrantedAndRemoved       = phrase("{person} is granted a role and removed")
	CreatedAndRemoved       = phrase(`The role mapping {"mapping"} is created and removed`)
	CreatedAndRemovedDetail = phrase(`The {resource} has the name {"mapping"}, but the names of {exclusive} do not contain it. Each apply would undo the other. Add the name to names.`)

	SamePeople       = phrase("elasticcloud_members and {resource} manage the same people")
	SamePeopleDetail = phrase("elasticcloud_members manages everyone in the organization: it sets the roles of listed people and removes all others. The {resource} would undo its changes.")
	SamePeopleOf     = phrase("The {resource} is for {names}. List all their grants in members.")
	RemoveNobody     = phrase("Remove the {resource} from the configuration. That removes nobody.")
)
