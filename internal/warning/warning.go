// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package warning knows how the provider words its warnings, and how to read
// them.
//
// The provider writes them with Phrase.With. The summary of a plan reads them with
// Read, and asks the Text with Is, Says and Find: much of what a plan does to people is
// in its warnings and not in its data.
//
// Below are the warnings by what they are about: of each the summary, and then the
// sentences of its detail. A detail has a fact, a consequence, and what to do.
package warning

// What to do, where several messages say it.
var (
	ApplyRemovalFirst = text("Otherwise apply the removal first.")
	LeaveRolesOut     = text("Leave roles out for people who sign in through SSO.")
	CreateFirst       = text("If only the name changes, set lifecycle { create_before_destroy = true } in the elasticcloud_role_mapping. Terraform then creates the new mapping first.")
	MovedBlock        = text("If only the name or key of the resource changes, add a moved block.")

	DependsOn     = phrase("Add depends_on = [{resource}.<name>] to the {other resource}.")
	FirstApply    = phrase("To see that in a plan, apply what {attribute} depends on first.")
	ImportBlock   = phrase("To manage the existing {object}, import it. Replace \"this\" with the name of your resource:\n\nimport {\n  to = {resource}.this\n  id = {\"id\"}\n}\n\nThe plan then shows what would change.")
	DeposedObject = text("If Terraform shows the object that is destroyed as deposed, plan with a higher -parallelism, such as 50.")
	RemovedBlock  = phrase("To stop managing the {resource} without destroying anything, use a removed block with lifecycle { destroy = false }. For one instance of count or for_each, first give it a separate name with a moved block.")
)

// Grants, in many details.
var (
	RolesUnknown = phrase("Some of the roles are known only after apply.")
	ApplyGrants  = phrase("Apply grants {grants}.")
	ApplyRevokes = phrase("Apply revokes {grants}.")
	ApplyKeeps   = text("Apply changes no grants.")
	MayRevoke    = phrase("If the roles do not contain these grants, apply revokes them: {grants}.")
	AddToRoles   = text("To keep a grant, add it to roles.")
	AddToMembers = text("To keep a grant, add it to members.")
)

// A list in a detail has a line for each person.
var (
	Line       = phrase("- {person}: {grants}")            // gets or loses them
	StatusLine = phrase("- {person} ({status}): {grants}") // holds them

	// How the grants of a person change.
	GetsLine         = phrase("- {person} ({status}): gets {grants}")
	LosesLine        = phrase("- {person} ({status}): loses {grants}")
	GetsAndLosesLine = phrase("- {person} ({status}): gets {grants}; loses {grants}")
	SameLine         = phrase("- {person} ({status}): same grants")
)

// The status of a person in such a line.
const (
	Member  = "member"
	Invited = "invited"
	Expired = "invitation expired"
)

// An elasticcloud_member adopts a person. The first sentence says who that is.
var (
	Adopted = summary("{person} is adopted")

	AdoptedUnchanged       = summary("{n person is|people are} adopted with the same grants")
	AdoptedUnchangedDetail = text("Destroying this resource later removes the person.")

	IsMember          = phrase("This person is already a member.")
	IsInvited         = phrase("This person is already invited, and the invitation expires at {time}.")
	InvitationExpired = phrase("This person was invited, but the invitation expired.")
	IsNobody          = text("This person is neither a member nor invited.")

	RolesNotSet = phrase("Apply changes no grants, because roles is not set.")
)

// An invitation is sent.
var (
	NewInvitation      = summary("{person} gets a new invitation by e-mail")
	MayNewInvitation   = summary("{person} may get a new invitation by e-mail")
	ManyInvitations    = summary("{n person gets|people get} an invitation by e-mail")
	ManyNewInvitations = summary("{n person gets|people get} a new invitation by e-mail")

	SendsNewInvitation  = text("Elastic Cloud cannot change an invitation, so apply sends a new one by e-mail and revokes the old one.")
	SendsAgain          = phrase("The action sends a new invitation with the same grants and revokes the old one: {grants}.")
	DifferentInvitation = text("If they differ from the grants of the pending invitation, apply sends a new one by e-mail and revokes the pending one.")
)

// What happens to one person, beside that.
var (
	RolesLeft       = summary("The roles of {person} are no longer managed")
	RolesLeftDetail = text("This resource no longer sets roles. The person keeps the current grants. To manage them again, set roles.")

	LosesHidden     = summary("{person} loses grants that the diff does not show")
	MayLoseHidden   = summary("{person} may lose grants that the diff does not show")
	RolesIncomplete = text("The state does not contain all grants of this person, and roles is the complete list.")
	RolesNowManaged = text("So far this resource did not manage the roles of this person. Now roles is the complete list.")

	HasJoined             = summary("{person} has joined")
	HasJoinedDetail       = phrase("The state shows an invitation, but this person is now a member. Apply removes the member, who holds {grants}. To see the current status first, plan with a refresh.")
	JoinedSincePlan       = summary("{person} has joined since the plan was made")
	JoinedSincePlanDetail = text("Apply sent no invitation. The state shows this person as invited, as the plan did. The next refresh shows the membership.")

	HadJoined       = summary("{person} had joined before the removal")
	HadJoinedDetail = phrase("The state showed an invitation, but this person had become a member. Apply removed the member, who held {grants}. If this person should stay, send a new invitation.")

	AddressChanged       = summary("{person} has another e-mail address now")
	AddressChangedDetail = phrase(`The member with the user ID {id} now has the e-mail address {"email"}. With the old address, the plan invites another person. Set email to the new address to adopt the member.`)

	AddressReplaced       = summary("{person} is removed, and another address is invited")
	AddressReplacedDetail = phrase("Another email is another person for Elastic Cloud. Apply removes {person} and sends an invitation to {person}. The new address has access once the invitation is accepted. With create_before_destroy, the invitation is sent first.")

	HeldMore       = summary("{person} held more grants than the state showed")
	HeldMoreDetail = phrase("Someone granted them after the state was read. Apply revoked {grants}, because roles is the complete list. To restore a grant, add it to roles.")

	AccessEnds        = summary("{person} loses access to the organization")
	MemberHolds       = phrase("This person is a member and holds {grants}.")
	InvitationOffers  = phrase("The invitation of this person offers {grants}.")
	InvitedAgainLater = text("This configuration has an elasticcloud_member for this person, so the next apply sends an invitation. Remove that resource as well.")

	KeepsGrant       = summary("{person} keeps {grant}")
	KeepsGrantLater  = text("With create_before_destroy and -parallelism=1, apply may revoke the grant and grant it again right after.")
	KeepsGrantUnseen = text("With create_before_destroy and another e-mail address, apply revokes the grant, and only the next apply grants it again.")
	KeepsGrantDetail = text("This plan takes the grant away from an elasticcloud_role_assignment, and another resource of the configuration grants it too. Apply does not revoke it.")

	HeldAlready       = summary("{n grant is|grants are} adopted")
	HeldAlreadyDetail = text("The person already holds this grant, so apply changes nothing in Elastic Cloud. Destroying this resource later revokes the grant.")

	StillHolds       = summary("{person} still holds {grants}")
	StillHoldsDetail = text("An earlier apply changed this assignment to another grant and could not revoke the old one. This apply tries again.")

	NotThere        = summary("{person} is neither a member nor invited")
	ApplyFails      = text("Apply fails unless it also invites this person.")
	InviteFirst     = text("Invite this person first, with an elasticcloud_member to which this resource refers. Or wait for the person's first sign-in through SSO.")
	ActionFails     = text("The action fails unless this person is invited before it runs.")
	InviteAlso      = text("Invite this person with an elasticcloud_member.")
	NotJoined       = summary("{person} has not joined yet")
	NotJoinedDetail = phrase("The assignment of {grant} stays pending, and apply sends no e-mail for it. Once the person has joined, the next plan shows pending -> assigned. Apply that plan.")
)

// Several people, in an elasticcloud_members or an elasticcloud_members_exclusive.
var (
	Removed       = summary("{n unlisted person is|unlisted people are} removed from the organization")
	RemovedDetail = text("People who are not listed lose all access to the organization. To keep someone, add the address to the list.")

	AdoptedPeople       = summary("{n person is|people are} adopted with different grants")
	AdoptedPeopleDetail = text("Listed people who are already members or invited get exactly the listed grants.")
	OthersKeep          = phrase("Nothing changes for {n other person|other people} in the organization.")

	PeopleLoseHidden       = summary("{n person loses|people lose} grants that the diff does not show")
	PeopleLoseHiddenDetail = text("The state does not contain these grants, and members is the complete list, so apply revokes them.")

	PeopleHeldMore       = summary("{n person|people} held more grants than the state showed")
	PeopleHeldMoreDetail = text("Someone granted them after the state was read. Apply revoked them, because members is the complete list. To restore a grant, add it to members.")

	ChangesUnknown       = summary("Changes to {n person|people} are known only after apply")
	ChangesUnknownDetail = phrase("Some of the grants are known only after apply, for {names}. People who have not joined may get a new invitation by e-mail.")
	MayLoseLines         = text("Apply revokes these grants unless members turns out to contain them:")

	MembersUnknown       = summary("Changes to members are known only after apply")
	MembersUnknownDetail = text("The map of members is known only after apply. The plan cannot show who is invited, changed or removed.")
	PeopleUnknown        = summary("Removals of people are known only after apply")
	PeopleUnknownDetail  = text("Some of the listed addresses are known only after apply. The plan cannot show who is removed.")

	TooManyRemovals   = summary("Apply will refuse to remove so many {people or role mappings}")
	AboveMaxRemovals  = phrase("Unlisted {people or role mappings}: {number}. max_removals is {number}, so apply removes none of them. Add what should stay to the list, or raise max_removals.")
	ExpiredDoNotCount = phrase("This does not count {n expired invitation|expired invitations}.")
	RunRemoves        = summary("Apply will refuse to remove more than {n person|people}")
	RunRemovesDetail  = phrase("This plan removes {n person|people} so far, among them {names}. max_removals of the provider block is {number}. Apply stops at that limit. If all of them should lose access, raise max_removals.")
	EveryMember       = summary("Apply will refuse to remove every member of the organization")
	NoListedMember    = text("None of the listed people has joined the organization. List the people who should stay, including yourself.")
	MembersLeft       = summary("Members are no longer managed")
	MembersLeftDetail = text("Destroying elasticcloud_members removes nobody and revokes no grants. To remove people, apply a shorter list before you destroy the resource.")

	NoAddress         = summary("{n person has|people have} no usable e-mail address")
	NoAddressDetail   = phrase("This resource neither changes nor removes people without a valid e-mail address. Manage them in the console. User IDs or addresses: {names}.")
	PartialView       = summary("This API key may not see everyone")
	PartialViewDetail = text("Every organization has an owner, and this API key sees no active member with organization-admin. So it may not see other people either. The state keeps people whom it does not see, and apply refuses to remove anyone who is not listed. Use an API key with the role Organization owner.")

	NotListed       = summary("Some people are missing from the list")
	NotListedDetail = phrase("Elastic Cloud returns no valid e-mail address for {n member or invitation|members or invitations}. Resources cannot manage people without one. Manage them in the console.")
)

// Owners.
var (
	LosesOwner    = summary("{person} loses organization-admin")
	OwnersLose    = summary("{n owner loses|owners lose} organization-admin")
	LastOwner     = summary("{person} is the last owner")
	LastOwners    = summary("The last owners of the organization lose organization-admin")
	Ownerless     = summary("The organization is left without an owner")
	MayLoseOwner  = summary("{person} may lose organization-admin")
	OwnersMayLose = summary("{n owner|owners} may lose organization-admin")

	// What the plan does to an owner.
	OwnerDemoted      = phrase("{person} is no longer an owner of the organization.")
	OwnerRemoved      = phrase("{person} is removed from the organization.")
	OwnerReplaced     = phrase("{person} is removed from the organization, because email changes.")
	OwnerIfNotInRoles = phrase("If the roles do not contain organization-admin, these people are no longer owners: {names}.")

	OtherOwners         = phrase("Other owners before this plan: {names}. Other resources of the plan may change that.")
	TooFewOwners        = summary("Apply will refuse to leave fewer than {n owner|owners}")
	TooFewOwnersRefused = phrase("min_owners of the provider block is {number}. Apply refuses this unless the same apply grants organization-admin to other active members.")

	RequiredOwnerGoes   = summary("{person} is a required owner")
	RequiredOwnerStays  = text("required_owners of the provider block contains this address, so apply refuses the change. To change this person's access, first apply a provider block without the address.")
	RequiredOwners      = summary("{n required owner is not an active owner|required owners are not active owners}")
	RequiredOwnersThere = phrase("required_owners of the provider block contains {names}. None of them is an active member with organization-admin now.")

	NoOtherOwner     = text("No other member holds organization-admin.")
	OthersLoseToo    = text("All other owners lose organization-admin in this plan too.")
	OwnerlessRefused = text("Apply refuses this unless the same apply grants organization-admin to another active member.")
	OwnerlessAllowed = text("allow_last_owner_removal allows this.")
)

// Owners returns who loses organization-admin, as such a warning says.
func (t Text) Owners() (people []string) {
	for _, p := range []Phrase{OwnerDemoted, OwnerRemoved, OwnerReplaced} {
		for _, values := range t.Find(p) {
			people = append(people, values[0])
		}
	}
	return people
}

// Role mappings.
var (
	MappingChanges        = summary(`Access by the role mapping {"mapping"} changes`)
	MappingChangesUnknown = text("The new settings are known only after apply. The plan cannot show whose access changes.")
	MappingGrants         = phrase("At the next sign-in, {people} get {grants}.")
	MappingRevokes        = phrase("At the next sign-in, {people} lose {grants}, unless a role mapping still grants it.")

	MappingReplaced   = summary(`The role mapping {"mapping"} is replaced by {"another"}`)
	MappingRenamed    = summary(`The role mapping {"mapping"} gets another name`)
	NewNameUnknown    = text("The new name is known only after apply.")
	NewGrantsUnknown  = text("The settings of the new mapping are known only after apply.")
	NewMappingIsEqual = text("The new mapping grants the same to the same people.")
	MappingGap        = text("Between the two steps, neither mapping grants anything at a sign-in. Apply when few people sign in.")

	MappingAdopted       = summary(`The role mapping {"mapping"} is adopted`)
	MappingAdoptedDetail = text("A role mapping with this name and configuration already exists. Apply does not change it. Destroying this resource later deletes it.")

	MappingExists      = summary(`The role mapping {"mapping"} already exists`)
	ItGrants           = phrase("It grants {grants} to {people}.")
	ItWouldGrant       = phrase("It is disabled, and would grant {grants} to {people}.")
	MappingDiffers     = text("It differs from this configuration. Apply fails unless the same run deletes it first.")
	MappingMayDiffer   = text("Apply adopts it if it is equal to this configuration, which is known only then. Otherwise apply fails, unless the same run deletes it first.")
	LastOwnersMapping  = summary(`{"mapping"} is the last role mapping that grants organization-admin`)
	LastMappingRenamed = text("SSO is enforced: without this mapping, everyone loses organization-admin at the next sign-in. Apply refuses to delete it before another mapping grants organization-admin.")
	LastMappingRefused = text("SSO is enforced: without this mapping, everyone loses organization-admin at the next sign-in. Apply refuses this. In the same apply, let another mapping grant organization-admin, or end the enforcement.")

	MappingsRemoved      = summary("{n unlisted role mapping is|unlisted role mappings are} removed")
	MappingsRemovedHint  = text("To keep a mapping, add its name to names.")
	MappingLine          = phrase(`- {"mapping"}: {change}`)
	DisabledMapping      = text("It is disabled, so nobody loses access.")
	DisabledWouldGrant   = phrase("It is disabled, so nobody loses access. Enabled, it would grant {grants} to {people}.")
	MappingsUnknown      = summary("Removals of role mappings are known only after apply")
	MappingsUnknownHint  = text("Some of the listed names are known only after apply. The plan cannot show which role mappings are removed.")
	EveryMapping         = summary("This would remove every role mapping")
	EveryMappingRefused  = text("Apply refuses to remove any until one of the listed mappings exists.")
	NoListedMapping      = text("None of the listed role mappings exists. List those that should stay. If this configuration creates one of them, refer to it, so that Terraform creates it first: names = [elasticcloud_role_mapping.<name>.name].")
	NoOwnersMapping      = summary("No listed role mapping grants organization-admin")
	OwnersMappingRemoved = phrase("Apply would remove the mappings that grant it: {names}.")
	OwnersMappingNeeded  = text("Elastic Cloud requires such a mapping as long as there are others. Apply refuses to remove the last one. Let a listed mapping grant organization-admin in the same apply.")
	OwnersMappingLocks   = text("SSO is enforced: without such a mapping, everyone loses organization-admin at the next sign-in. Apply refuses to remove the last one. In the same apply, let a listed mapping grant organization-admin, or end the enforcement.")

	MappingSetsRoles       = summary("A role mapping may change roles that are set here")
	MappingSetsRolesDetail = phrase(`elasticcloud_member sets the roles of {person}, and the role mapping {"mapping"} may apply to this person. At each sign-in through SSO, role mappings replace all roles. A sign-in without the attribute groups can take roles away. The next plan reverts that.`)
	MappingsSetRoles       = summary("Role mappings may change roles that are set here")
	MappingsSetRolesDetail = text("elasticcloud_members sets the roles of people to whom role mappings may apply. At each sign-in through SSO, role mappings replace all roles. A sign-in without the attribute groups can take roles away. The next plan reverts that.")
	MappingMayApplyLine    = phrase(`- {"mapping"} may apply to {names}`)
)

// Domains.
var (
	ClaimStays       = summary("The claim of {domain} cannot be given up yet")
	ClaimStaysDetail = phrase("The plan gives up the claim while a SAML IdP is configured. Elastic Cloud refuses that, but Terraform may carry out the rest of the plan. Keep the claim, or destroy the {resource} in the same run.")

	ClaimAdopted       = summary("The claim of {domain} is adopted")
	ClaimAdoptedDetail = text("The organization has already claimed this domain. Apply leaves the claim unchanged, but requests a code, which a DNS record may refer to. Destroying this resource later gives up the claim.")

	NoRoomForDomain   = summary("The organization has no room for {domain}")
	TooManyDomains    = phrase("An organization can claim at most {n domain|domains}, including subdomains. This organization has claimed {names}.")
	VerificationFails = text("The verification fails unless the same apply gives up another domain first.")

	ClaimLost       = summary("The claim of {domain} is lost")
	ClaimLostDetail = text("The organization no longer has a claim of this domain: someone gave it up, or Elastic Cloud withdrew it. Apply requests a new code. Publish it in the TXT record in place of the old one. An elasticcloud_domain_verification then claims the domain again.")
)

// Single sign-on.
var (
	IdPDisabled       = summary("The SAML IdP is disabled while SSO is enforced")
	IdPDisabledDetail = text("Apply refuses this unless the same apply ends the SSO enforcement. Terraform may make the two changes in either order, so apply waits up to 15 seconds for the end of the enforcement. If that is too short, apply again.")

	// NotDisabled is the summary of an error.
	NotDisabled       = text("Cannot disable the SAML IdP while SSO is enforced")
	NotDisabledShown  = text("SSO is enforced in the organization.")
	NotDisabledBeside = text("The configuration has an elasticcloud_sso_enforcement.")
	NotDisabledDetail = text("Nobody could sign in. Keep the IdP enabled. Or apply the end of the SSO enforcement first: destroy the elasticcloud_sso_enforcement, or use the console (Organization > Security).")

	IdPChanges       = summary("The SAML IdP changes while SSO is enforced")
	IdPChangesDetail = text("Members can sign in through this IdP only, unless the same run ends the enforcement. These changes can keep them from signing in:")
	IdPChangesHint   = text("If nobody can sign in afterwards, end the enforcement with an API key that has organization-admin. The page of elasticcloud_sso_enforcement has the call.")

	IdPIsDeleted       = text("The IdP is deleted, which Elastic Cloud refuses. " + EndEnforcement)
	PrefixChanges      = text("login_identifier_prefix changes, and with it login_identifier and sso_login_url. Members need the new values to sign in.")
	IssuerChanges      = text("issuer changes. Elastic Cloud refuses responses from another issuer.")
	SSOURLChanges      = text("sso_url changes. Elastic Cloud sends members there to sign in.")
	CertificateRemoved = text("A certificate is removed. Elastic Cloud refuses responses that are signed with its key.")

	EndEnforcement = text("End the SSO enforcement first: destroy the elasticcloud_sso_enforcement, or use the console (Organization > Security). In one run, Terraform destroys it first if it depends on the elasticcloud_saml_idp.")

	NewAddresses       = summary("Elastic Cloud has other addresses now")
	NewAddressesDetail = phrase("Elastic Cloud changed {attributes} when it configured the IdP. The application at the IdP still has the old values, so nobody can sign in. Apply again: the next apply updates the application.")
	SincePlanned       = phrase("Elastic Cloud changed {attributes} since the plan was made, or because of this change. The application at the IdP still has the old values. Apply again: the next plan shows the new ones.")

	PlaceholderNeeded       = summary("The plan leaves no SAML service provider")
	PlaceholderNeededDetail = text("The plan deletes the SAML IdP and keeps the elasticcloud_saml_service_provider. The addresses of Elastic Cloud end with the IdP. The next apply registers a placeholder, and its addresses may be different. To avoid that, keep or destroy both.")

	OtherPrefix       = summary("The SAML IdP has another login_identifier_prefix")
	OtherPrefixDetail = phrase(`An IdP is configured already, with the prefix {"prefix"}. elasticcloud_saml_service_provider never changes an IdP, so apply only reads. Change the prefix with elasticcloud_saml_idp, or use the prefix of the IdP here.`)

	AllExpired         = summary("All certificates of the SAML IdP have expired")
	AllExpiredDetail   = text("Nobody can sign in with these certificates. They expired at:")
	AllExpiredHint     = text("Add the current certificate of the IdP, for example from its metadata.")
	OneExpired         = summary("A certificate of the SAML IdP has expired")
	OneExpiredDetail   = text("Sign-ins fail if the IdP signs with its key. It expired at:")
	OneExpiredHint     = text("Remove it as soon as the IdP signs with another certificate of the list.")
	ExpiresSoon        = summary("A certificate of the SAML IdP expires soon")
	ExpiresSoonDetail  = text("After that, sign-ins fail if the IdP signs with its key. It expires at:")
	ExpiresSoonHint    = text("Add the next certificate of the IdP to the list, switch the IdP to it, and then remove this one.")
	NotValidYet        = summary("A certificate of the SAML IdP is not valid yet")
	NoneValidYet       = summary("No certificate of the SAML IdP is valid yet")
	NotValidYetDetail  = text("Until then, sign-ins fail if the IdP signs with its key. It becomes valid at:")
	NotValidYetHint    = text("Keep the certificate that the IdP signs with now in the list until the IdP has switched.")
	EnforcementUnknown = summary("Elastic Cloud does not tell whether SSO is enforced")
	EnforcementMissing = text("The list therefore contains no enforcement. If SSO is enforced, adopt it with an import block that has the ID of the organization.")
)

// SSO is enforced.
var (
	SSOBegins         = summary("SSO becomes the only way to sign in")
	SSOBeginsDetail   = text("Before you apply, somebody must sign in through SSO with the present configuration of the IdP. Elastic Cloud may refuse to enforce SSO until then.")
	SSOUntried        = text("This plan also creates or changes the SAML IdP, so nobody has signed in with that configuration. If it is wrong, everyone is locked out. Apply the IdP first, sign in once, and enforce SSO in a later apply.")
	SSODecidesOwners  = text("At each sign-in through SSO, role mappings replace all roles.")
	OwnersIfInGroup   = phrase("These owners stay owners only if the IdP sends the right group: {names}.")
	OwnersLoseBySSO   = phrase("These owners lose organization-admin at the next sign-in: {names}.")
	OwnersMapping     = phrase(`The role mapping {"mapping"} makes owners of {people}.`)
	OwnersNotSeen     = text("This API key sees no owner, so the plan cannot say whether an owner is locked out.")
	NotYetKnown       = text("Some role mappings or domains are known only after apply.")
	PlanSeesNotAll    = text("Terraform may plan more resources after this one, for example with -parallelism=1. This check does not see them.")
	NoOwnerStays      = summary("No present owner stays an owner under SSO")
	NoOwnerStaysFact  = text("No mapping that grants organization-admin applies to an owner who can sign in.")
	NoOwnerStaysHint  = text("Change the rule of such a mapping so that it applies to an owner.")
	OwnersLockedOut   = summary("{n owner|owners} cannot sign in once SSO is enforced")
	OwnersOutside     = phrase("These owners can no longer sign in: {names}.")
	LockedOut         = summary("Members outside the claimed domains can no longer sign in")
	MembersOutside    = phrase("These members can no longer sign in: {names}.")
	AcceptedDomains   = phrase("SSO accepts only addresses in {domains}.")
	NoAcceptedDomain  = text("The organization has no claimed domain, and this plan verifies none, so SSO accepts no address.")
	ClaimDomainsFirst = text("Claim their domains before you enforce SSO, or invite them with addresses in the claimed domains.")

	// CannotEnforce is the summary of an error; MayNotEnforce is that of a warning, where
	// the plan is not sure.
	CannotEnforce   = text("Cannot enforce SSO")
	MayNotEnforce   = summary("Apply may refuse to enforce SSO")
	NoIdP           = text("No SAML IdP is configured, and this plan creates none, so nobody could sign in. Configure one with elasticcloud_saml_idp, and let this resource depend on it.")
	IdPNotEnabled   = text("The SAML IdP is disabled, so nobody could sign in. Enable it (enabled in elasticcloud_saml_idp), and let this resource depend on it.")
	IdPIsDestroyed  = text("This plan destroys the SAML IdP, so nobody could sign in. Keep the elasticcloud_saml_idp, or remove this resource too.")
	NoOwnersByRules = text("No enabled role mapping grants organization-admin, and this plan creates none. Nobody would stay an owner after the next sign-in. Add one with elasticcloud_role_mapping, and let this resource depend on it.")
)

// Everything else.
var (
	KeyExpires       = summary("The API key expires on {date}")
	KeyExpiresDetail = phrase("The API key expires at {time}. After that, every plan fails. Create a new key in the Elastic Cloud console and replace this one.")

	NothingLookedUp       = summary("The plan does not look up anything in Elastic Cloud")
	NothingLookedUpDetail = phrase("The provider block depends on values that are known only after apply: {names}. Resources keep their state, so the plan shows no drift and warns of nobody. Apply looks everything up, and refuses what the plan could not. For a complete plan, apply what the provider block depends on first, with -target.")

	IncompleteAddress       = summary("Incomplete e-mail address {person}")
	IncompleteAddressDetail = phrase(`The domain {"domain"} has no dot. The provider sends the address unchanged, but Elastic Cloud may refuse to invite it. Check the address.`)

	UnknownRole       = summary("Unknown role {role}")
	UnknownRoleDetail = phrase("This version of the provider does not know the role {role}. It is sent unchanged, because Elastic Cloud adds roles from time to time.")
	DidYouMean        = phrase("Did you mean {role}?")
	ListedFor         = phrase("It is listed for {names}.")

	NoGrant       = summary("Some access cannot be written as a grant")
	NoGrantDetail = text("This version of the provider does not know its form. elasticcloud_access has it in rows without a grant. Check it in the console, or use a later version of the provider:")
)
