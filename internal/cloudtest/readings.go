// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"net/http"
	"time"
)

// Reading is a behaviour of the service that the documentation leaves open. A client
// has to work correctly with each Variant, or return an error that says why it cannot.
type Reading struct {
	Text     string // what the service does
	Variants []Variant
}

// Variant is one way in which the service may behave as a reading says.
type Variant struct {
	Name    string // unique among all variants
	Options []Option
}

// Readings returns the readings that the fake can play.
func Readings() []Reading {
	return []Reading{
		{"A role on a scope is one assignment, whatever its application roles: another set of them replaces the one held, and taking the role away with any set takes it.", []Variant{
			{"one set per role", []Option{OneSetPerRole()}},
		}},
		{"A role on all resources absorbs the same role on single ones.", []Variant{
			{"all absorbs", []Option{AllAbsorbs()}},
		}},
		{"A DELETE with a list does only its first entry and answers 200.", []Variant{
			{"deletes the first", []Option{DeletesFirst()}},
		}},
		{"A DELETE of a member answers 404 while the member is still listed.", []Variant{
			{"denies members once", []Option{DeniesMembers(1)}},
			{"denies members", []Option{DeniesMembers(-1)}},
		}},
		{"A DELETE with a list is refused, or done in part and answered with an error.", []Variant{
			{"refuses lists with 400", []Option{RefusesLists(http.StatusBadRequest)}},
			{"refuses lists with 404", []Option{RefusesLists(http.StatusNotFound)}},
			{"deletes in part", []Option{DeletesInPart()}},
		}},
		{"Lists come in pages, and the next one may not be had.", []Variant{
			{"pages of one", []Option{Pages(1)}},
			{"pages of two", []Option{Pages(2)}},
			{"only the first page", []Option{Pages(1), IgnoresNextPage()}},
		}},
		{"An empty list is left out or null. The same happens to a list of members that is not empty, or it comes empty.", []Variant{
			{"empty lists left out", []Option{EmptyListsLeftOut()}},
			{"empty lists null", []Option{EmptyListsNull()}},
			{"no list of members", []Option{NoMembersList()}},
			{"sees nobody", []Option{SeesNobody()}},
			{"sees nobody, null", []Option{SeesNobody(), EmptyListsNull()}},
		}},
		{"An expired invitation is not listed, and its address may be in the way of another one.", []Variant{
			{"expired are hidden and conflict", []Option{HidesExpired()}},
			{"expired are hidden and refreshed", []Option{HidesExpired(), RefreshesExpired()}},
		}},
		{"No invitation is marked as expired: expires_at alone tells.", []Variant{
			{"never expired", []Option{NeverExpired()}},
			{"never expired, yet conflicts", []Option{NeverExpired(), ExpiredConflicts()}},
		}},
		{"The IdP's certificates come back joined, without padding, encoded twice, or not at all.", []Variant{
			{"certificates joined", []Option{Certificates(CertificatesJoined)}},
			{"certificates unpadded", []Option{Certificates(CertificatesUnpadded)}},
			{"certificates twice", []Option{Certificates(CertificatesTwice)}},
			{"certificates left out", []Option{Certificates(CertificatesLeftOut)}},
		}},
		{"Issuer and sso_url come back with the host in lower case, and with or without a slash at the end.", []Variant{
			{"addresses with a slash", []Option{NormalisesAddresses(AddressesWithSlash)}},
			{"addresses without a slash", []Option{NormalisesAddresses(AddressesWithoutSlash)}},
		}},
		{"E-mail patterns of role mappings come back in lower case.", []Variant{
			{"patterns in lower case", []Option{LowerPatterns()}},
		}},
		{"No list of application roles and an empty one come back alike.", []Variant{
			{"absent as empty", []Option{AbsentAsEmpty()}},
			{"empty as absent", []Option{EmptyAsAbsent()}},
		}},
		{"Lists lag a write.", []Variant{
			{"lags a second", []Option{Lag(time.Second)}},
			{"lags thirty seconds", []Option{Lag(30 * time.Second)}},
		}},

		{"Adding a grant that is held, and taking one away that is not, is refused.", []Variant{
			{"strict grants", []Option{StrictGrants()}},
		}},
		{"Of several addresses those are invited that may be, and the reply is an error.", []Variant{
			{"invites in part", []Option{InvitesInPart()}},
		}},
		{"An expired invitation is listed and in the way of another one, or made good again by it.", []Variant{
			{"expired conflict", []Option{ExpiredConflicts()}},
			{"expired are refreshed", []Option{RefreshesExpired()}},
		}},
		{"Asking for a domain's code again returns the same one.", []Variant{
			{"same code", []Option{SameCode()}},
		}},
		{"The service provider has other addresses after each PUT of the IdP.", []Variant{
			{"renews the service provider", []Option{RenewsServiceProvider()}},
		}},
		{"Deleting a role mapping that is not there is refused.", []Variant{
			{"unknown mappings refused", []Option{RefuseUnknownMappings()}},
		}},
		{"A reply does not say whether SSO is enforced, or does not while it is not.", []Variant{
			{"enforcement left out", []Option{OmitEnforcement()}},
			{"no enforcement left out", []Option{OmitNoEnforcement()}},
		}},
		{"The key may not turn SSO enforcement on.", []Variant{
			{"key may not enforce", []Option{KeyMayNotEnforce()}},
		}},
		{"The rate limit shows in nothing but 429.", []Variant{
			{"silent rate limit", []Option{RateLimit(10, time.Second), RateLimitSilent()}},
		}},
	}
}
