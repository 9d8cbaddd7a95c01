// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import "time"

// settings are what options set. They do not change afterwards, except for lag.
type settings struct {
	seed         int64
	plain        bool
	lag          time.Duration
	latency      time.Duration
	listen       string
	offline      bool
	listenDNS    string
	askDNS       string // "" for the fake's own DNS server
	control      bool
	clock        func() time.Time
	readOnlyKey  bool
	keyExpires   time.Time
	rateLimit    int
	ratePer      time.Duration
	rateSilent   bool
	unchecked    bool
	pendingLimit int

	absentAsEmpty bool
	emptyAsAbsent bool

	deletesFirst  bool
	deletesInPart bool
	refusesLists  int // the status
	deniesMembers int // times for each member

	grantRules

	emptyListsLeftOut bool
	emptyListsNull    bool
	noMembersList     bool
	seesNobody        bool

	pageSize        int
	ignoresNextPage bool

	neverExpired     bool
	hidesExpired     bool
	expiredConflicts bool
	refreshesExpired bool

	certificateForm       CertificateForm
	addressForm           AddressForm
	renewsServiceProvider bool

	strictGrants  bool
	invitesInPart bool
	sameCode      bool

	lowerPatterns         bool
	refuseUnknownMappings bool

	omitEnforcement   bool
	omitNoEnforcement bool
	keyMayNotEnforce  bool
	wantsSignIn       bool
}

func defaultSettings() settings {
	return settings{seed: 1, listen: "127.0.0.1:0", listenDNS: "127.0.0.1:0", clock: time.Now}
}

// Option changes how a server behaves.
type Option func(*settings)

// Seed makes the server choose differently among equivalent forms of a reply.
func Seed(n int64) Option {
	return func(s *settings) { s.seed = n }
}

// Plain makes replies the same each time: in the order of creation, in lower case, with
// merged grants, and without empty fields.
func Plain() Option {
	return func(s *settings) { s.plain = true }
}

// Lag makes lists show the state of some time ago. Writes always use the present state.
// What exists before the first request is shown at once.
func Lag(d time.Duration) Option {
	return func(s *settings) { s.lag = d }
}

// Latency delays every reply.
func Latency(d time.Duration) Option {
	return func(s *settings) { s.latency = d }
}

// Listen sets the address to listen on, which must be a loopback address.
func Listen(address string) Option {
	return func(s *settings) { s.listen = address }
}

// ListenDNS sets the address of the DNS server, which must be a loopback address. The
// server listens when it is first used.
func ListenDNS(address string) Option {
	return func(s *settings) { s.listenDNS = address }
}

// AskDNS makes the service ask another DNS server for the challenge of a domain, such
// as 127.0.0.1:53. PublishTXT has no effect then.
func AskDNS(address string) Option {
	return func(s *settings) { s.askDNS = address }
}

// InProcess opens no socket: requests reach the server through its Transport, which
// calls the handler in the same process. URL names a host that does not exist, and the
// service reads its own TXT records instead of asking the DNS server.
//
// Such a server works in a testing/synctest bubble, where waiting takes no time. Create
// the server inside the bubble.
func InProcess() Option {
	return func(s *settings) { s.offline = true }
}

// Control serves the verbs of the service's side at /_fake/.
func Control() Option {
	return func(s *settings) { s.control = true }
}

// Clock sets the function that returns the time. See also Advance.
func Clock(now func() time.Time) Option {
	return func(s *settings) { s.clock = now }
}

// ReadOnlyKey removes organization-admin from the key: writes answer 403.
func ReadOnlyKey() Option {
	return func(s *settings) { s.readOnlyKey = true }
}

// KeyExpires makes the key expire at a time, which every reply announces.
func KeyExpires(t time.Time) Option {
	return func(s *settings) { s.keyExpires = t }
}

// RateLimit answers 429 to more than n requests in a window of time.
func RateLimit(n int, per time.Duration) Option {
	return func(s *settings) { s.rateLimit, s.ratePer = n, per }
}

// RateLimitSilent hides the rate limit except for the status 429: no reply has
// x-ratelimit headers or Retry-After.
func RateLimitSilent() Option {
	return func(s *settings) { s.rateSilent = true }
}

// Unchecked does not check requests and replies against the contract. It is for
// benchmarks, whose results the checks would distort.
func Unchecked() Option {
	return func(s *settings) { s.unchecked = true }
}

// PendingLimit allows no more than n pending invitations at a time.
func PendingLimit(n int) Option {
	return func(s *settings) { s.pendingLimit = n }
}

// AbsentAsEmpty shows a missing list of application roles as an empty one. The
// documentation does not say how the service shows the two.
func AbsentAsEmpty() Option {
	return func(s *settings) { s.absentAsEmpty = true }
}

// EmptyAsAbsent omits an empty list of application roles from every reply.
func EmptyAsAbsent() Option {
	return func(s *settings) { s.emptyAsAbsent = true }
}

// DeletesFirst does only the first entry of a DELETE with a comma-separated list of
// members, invitations or role mappings, and answers 200 as if all were done.
func DeletesFirst() Option {
	return func(s *settings) { s.deletesFirst = true }
}

// DeletesInPart does only the first half of a DELETE with more than one entry, and
// answers 400. Of three entries it does one.
func DeletesInPart() Option {
	return func(s *settings) { s.deletesInPart = true }
}

// RefusesLists refuses a DELETE with more than one entry and does nothing. The status
// is 400, or 404 with the code for an entry that does not exist.
func RefusesLists(status int) Option {
	return func(s *settings) { s.refusesLists = status }
}

// DeniesMembers answers a DELETE of a present member, alone or in a list, as if they
// were not a member, and does nothing. It does so this many times for each member, or
// always for -1.
func DeniesMembers(times int) Option {
	return func(s *settings) { s.deniesMembers = times }
}

// OneSetPerRole makes a role on a scope one assignment, with any application roles.
// Another list of application roles replaces the one held, and removing the role with
// any list removes it. If a request has two lists, the last one counts.
func OneSetPerRole() Option {
	return func(s *settings) { s.oneSetPerRole = true }
}

// AllAbsorbs makes a role on all resources absorb the same role, with the same
// application roles, on single resources. These do not return when the role on all
// resources is removed.
func AllAbsorbs() Option {
	return func(s *settings) { s.allAbsorbs = true }
}

// StrictGrants answers 400, and does nothing, if a request adds a grant that is held or
// removes one that is not.
func StrictGrants() Option {
	return func(s *settings) { s.strictGrants = true }
}

// InvitesInPart invites those addresses of a request that may be invited, and answers
// 400 because of the others.
func InvitesInPart() Option {
	return func(s *settings) { s.invitesInPart = true }
}

// NeverExpired shows no invitation as expired. Only expires_at shows it.
func NeverExpired() Option {
	return func(s *settings) { s.neverExpired = true }
}

// HidesExpired omits an expired invitation from the list, but refuses another one for
// the address until the expired one is deleted.
func HidesExpired() Option {
	return func(s *settings) { s.hidesExpired, s.expiredConflicts = true, true }
}

// ExpiredConflicts refuses an invitation for an address whose last one has expired,
// until that one is deleted. It stays in the list.
func ExpiredConflicts() Option {
	return func(s *settings) { s.expiredConflicts = true }
}

// RefreshesExpired renews an expired invitation when its address is invited: with a new
// token and the roles of the request, but with its old created_at. HidesExpired and
// ExpiredConflicts refuse nothing then.
func RefreshesExpired() Option {
	return func(s *settings) { s.refreshesExpired = true }
}

// Pages returns lists in pages of n items. Each page but the last has a next_page. For
// most lists, nothing is documented about pages.
func Pages(n int) Option {
	return func(s *settings) { s.pageSize = n }
}

// IgnoresNextPage, with Pages, returns the first page of a list for every next_page.
// The list of organizations works as usual.
func IgnoresNextPage() Option {
	return func(s *settings) { s.ignoresNextPage = true }
}

// EmptyListsLeftOut omits an empty list of members, invitations, domains or role
// mappings from the reply.
func EmptyListsLeftOut() Option {
	return func(s *settings) { s.emptyListsLeftOut = true }
}

// EmptyListsNull returns null for an empty list of members, invitations, domains or
// role mappings.
func EmptyListsNull() Option {
	return func(s *settings) { s.emptyListsNull = true }
}

// NoMembersList omits the list of members from the reply, although there are members.
func NoMembersList() Option {
	return func(s *settings) { s.noMembersList = true }
}

// SeesNobody shows no members and no invitations to the key, like to somebody whose
// scope has no other people.
func SeesNobody() Option {
	return func(s *settings) { s.seesNobody = true }
}

// CertificateForm is a form in which the service returns the IdP's certificates.
type CertificateForm int

// Without one of these forms, the service returns them in any order, each as PEM or
// encoded once.
const (
	CertificatesJoined   CertificateForm = iota + 1 // all certificates in one entry
	CertificatesUnpadded                            // in base64 without padding
	CertificatesTwice                               // encoded, and encoded once more
	CertificatesLeftOut                             // not at all
)

// Certificates sets the form of public_certificate in replies about the IdP. Requests
// are accepted as usual.
func Certificates(form CertificateForm) Option {
	return func(s *settings) { s.certificateForm = form }
}

// AddressForm is a form in which the service returns the IdP's addresses.
type AddressForm int

// Both have scheme and host in lower case.
const (
	AddressesWithSlash    AddressForm = iota + 1 // an address without a path gets a slash
	AddressesWithoutSlash                        // an address loses the slash at its end
)

// NormalisesAddresses sets the form of issuer and sso_url in replies about the IdP, if
// they are URLs with a host. They are stored as they were sent.
func NormalisesAddresses(form AddressForm) Option {
	return func(s *settings) { s.addressForm = form }
}

// RenewsServiceProvider gives the service new addresses with each PUT of the IdP: acs
// and sp_entity_id change.
func RenewsServiceProvider() Option {
	return func(s *settings) { s.renewsServiceProvider = true }
}

// SameCode returns the same code of a domain at each request, until the domain is
// claimed.
func SameCode() Option {
	return func(s *settings) { s.sameCode = true }
}

// LowerPatterns returns the e-mail patterns of role mappings in lower case.
func LowerPatterns() Option {
	return func(s *settings) { s.lowerPatterns = true }
}

// RefuseUnknownMappings refuses to delete a role mapping that does not exist. Without
// it, the reply only omits its name.
func RefuseUnknownMappings() Option {
	return func(s *settings) { s.refuseUnknownMappings = true }
}

// OmitEnforcement omits enforce_authentication_method from every reply.
func OmitEnforcement() Option {
	return func(s *settings) { s.omitEnforcement = true }
}

// OmitNoEnforcement omits enforce_authentication_method from replies while SSO is not
// enforced.
func OmitNoEnforcement() Option {
	return func(s *settings) { s.omitNoEnforcement = true }
}

// KeyMayNotEnforce refuses to turn SSO enforcement on, as the service does for a person
// who has not signed in through SSO. Turning it off works.
func KeyMayNotEnforce() Option {
	return func(s *settings) { s.keyMayNotEnforce = true }
}

// WantsSignIn refuses to turn SSO enforcement on until somebody has signed in with the
// present configuration of the SAML IdP: with SignIn, in a browser, or at /_fake/.
func WantsSignIn() Option {
	return func(s *settings) { s.wantsSignIn = true }
}
