// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import "time"

// settings are what options set; they do not change afterwards, but for lag.
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

// Seed sets off another run of choices among equal forms of a reply.
func Seed(n int64) Option {
	return func(s *settings) { s.seed = n }
}

// Plain makes replies the same each time: in the order of making, in lower
// case, grants merged, empty fields left out.
func Plain() Option {
	return func(s *settings) { s.plain = true }
}

// Lag lets lists show the state as it was a while ago; writes always decide on
// the state as it is. What is there before the first request shows at once.
func Lag(d time.Duration) Option {
	return func(s *settings) { s.lag = d }
}

// Latency lets every reply take a while.
func Latency(d time.Duration) Option {
	return func(s *settings) { s.latency = d }
}

// Listen sets the address to listen on, which must be a loopback address.
func Listen(address string) Option {
	return func(s *settings) { s.listen = address }
}

// ListenDNS sets the address that the DNS server listens on once it is used. It must
// be a loopback address.
func ListenDNS(address string) Option {
	return func(s *settings) { s.listenDNS = address }
}

// AskDNS lets the service look for the challenge of a domain at another DNS server, such
// as 127.0.0.1:53. PublishTXT is of no use then.
func AskDNS(address string) Option {
	return func(s *settings) { s.askDNS = address }
}

// InProcess opens no socket: requests reach the server through its Transport,
// which calls the handler in the same process. URL names a host that does not
// exist, and the service reads its own TXT records instead of asking the DNS
// server.
//
// Such a server works in a testing/synctest bubble, where waiting takes no
// time. The server has to be made inside the bubble.
func InProcess() Option {
	return func(s *settings) { s.offline = true }
}

// Control serves the verbs of the service's side at /_fake/.
func Control() Option {
	return func(s *settings) { s.control = true }
}

// Clock sets where the time comes from. See also Advance.
func Clock(now func() time.Time) Option {
	return func(s *settings) { s.clock = now }
}

// ReadOnlyKey takes organization-admin away from the key: writes answer 403.
func ReadOnlyKey() Option {
	return func(s *settings) { s.readOnlyKey = true }
}

// KeyExpires lets the key end at a time, and announces it in every reply.
func KeyExpires(t time.Time) Option {
	return func(s *settings) { s.keyExpires = t }
}

// RateLimit answers 429 to more than n requests in a window of time.
func RateLimit(n int, per time.Duration) Option {
	return func(s *settings) { s.rateLimit, s.ratePer = n, per }
}

// RateLimitSilent makes 429 all that a client learns of the rate limit: no reply
// has x-ratelimit headers or Retry-After.
func RateLimitSilent() Option {
	return func(s *settings) { s.rateSilent = true }
}

// Unchecked does not hold requests and replies against the contract: for
// benchmarks, where the checking would take time from what is measured.
func Unchecked() Option {
	return func(s *settings) { s.unchecked = true }
}

// PendingLimit allows no more than n invitations that are open at a time.
func PendingLimit(n int) Option {
	return func(s *settings) { s.pendingLimit = n }
}

// AbsentAsEmpty shows no list of application roles as an empty one: how the
// service shows the two is not published.
func AbsentAsEmpty() Option {
	return func(s *settings) { s.absentAsEmpty = true }
}

// EmptyAsAbsent leaves an empty list of application roles out of every reply.
func EmptyAsAbsent() Option {
	return func(s *settings) { s.emptyAsAbsent = true }
}

// DeletesFirst does only the first entry of a DELETE with a comma-separated list of
// members, invitations or role mappings, and answers 200 as if all were done.
func DeletesFirst() Option {
	return func(s *settings) { s.deletesFirst = true }
}

// DeletesInPart does the first half of a DELETE with more than one entry, one of
// three, and answers 400.
func DeletesInPart() Option {
	return func(s *settings) { s.deletesInPart = true }
}

// RefusesLists refuses a DELETE with more than one entry and does nothing. The
// status is 400, or 404 with the code for one thing that is not there.
func RefusesLists(status int) Option {
	return func(s *settings) { s.refusesLists = status }
}

// DeniesMembers answers a DELETE of a member who is there, alone or in a list, as if
// they were not, and does nothing: so many times for each member, with -1 always.
func DeniesMembers(times int) Option {
	return func(s *settings) { s.deniesMembers = times }
}

// OneSetPerRole makes a role on a scope one assignment whatever its application
// roles: another list of them takes the place of the one held, and taking the role
// away with any list takes it away. Of two lists in one request the last one counts.
func OneSetPerRole() Option {
	return func(s *settings) { s.oneSetPerRole = true }
}

// AllAbsorbs makes a role on all resources absorb the same role, with the same
// application roles, on single ones: those are gone, also once it is taken away.
func AllAbsorbs() Option {
	return func(s *settings) { s.allAbsorbs = true }
}

// StrictGrants answers 400 to a request that adds a grant that is held or takes one
// away that is not, and does nothing.
func StrictGrants() Option {
	return func(s *settings) { s.strictGrants = true }
}

// InvitesInPart invites those of several addresses that may be invited, and answers 400
// because of the others.
func InvitesInPart() Option {
	return func(s *settings) { s.invitesInPart = true }
}

// NeverExpired shows no invitation as expired: expires_at alone tells.
func NeverExpired() Option {
	return func(s *settings) { s.neverExpired = true }
}

// HidesExpired leaves an expired invitation out of the list, and yet refuses another
// one for the address until it is deleted.
func HidesExpired() Option {
	return func(s *settings) { s.hidesExpired, s.expiredConflicts = true, true }
}

// ExpiredConflicts refuses an invitation for an address whose last one has expired,
// until that one is deleted. It stays in the list.
func ExpiredConflicts() Option {
	return func(s *settings) { s.expiredConflicts = true }
}

// RefreshesExpired makes an expired invitation good again where its address is invited:
// with another token and the roles of the request, and with its old created_at.
// HidesExpired and ExpiredConflicts then refuse nothing.
func RefreshesExpired() Option {
	return func(s *settings) { s.refreshesExpired = true }
}

// Pages returns lists in pages of n, each but the last with a next_page: nothing is
// published of pages for most of them.
func Pages(n int) Option {
	return func(s *settings) { s.pageSize = n }
}

// IgnoresNextPage returns the first page of a list whatever next_page asks for, with
// Pages; organizations come as usual.
func IgnoresNextPage() Option {
	return func(s *settings) { s.ignoresNextPage = true }
}

// EmptyListsLeftOut leaves an empty list of members, invitations, domains or role
// mappings out of the reply.
func EmptyListsLeftOut() Option {
	return func(s *settings) { s.emptyListsLeftOut = true }
}

// EmptyListsNull returns null for an empty list of members, invitations, domains or
// role mappings.
func EmptyListsNull() Option {
	return func(s *settings) { s.emptyListsNull = true }
}

// NoMembersList leaves the list of members out of the reply although there are some.
func NoMembersList() Option {
	return func(s *settings) { s.noMembersList = true }
}

// SeesNobody shows the key no member and no invitation, as somebody sees it whose
// scope nobody else is in.
func SeesNobody() Option {
	return func(s *settings) { s.seesNobody = true }
}

// CertificateForm is a form in which the IdP's certificates come back.
type CertificateForm int

// Without one of these, they come back in any order, each as PEM or encoded once.
const (
	CertificatesJoined   CertificateForm = iota + 1 // all of them in one entry
	CertificatesUnpadded                            // in base64 without padding
	CertificatesTwice                               // encoded, and encoded once more
	CertificatesLeftOut                             // not at all
)

// Certificates returns public_certificate of the IdP in a form. A request takes what it
// takes without.
func Certificates(form CertificateForm) Option {
	return func(s *settings) { s.certificateForm = form }
}

// AddressForm is a form in which the IdP's addresses come back.
type AddressForm int

// Both have scheme and host in lower case.
const (
	AddressesWithSlash    AddressForm = iota + 1 // an address without a path gets a slash
	AddressesWithoutSlash                        // an address loses the slash at its end
)

// NormalisesAddresses returns issuer and sso_url of the IdP in a form, where they are
// URLs with a host. They are held as they were handed over.
func NormalisesAddresses(form AddressForm) Option {
	return func(s *settings) { s.addressForm = form }
}

// RenewsServiceProvider gives the service other addresses with each PUT of the IdP: acs
// and sp_entity_id change.
func RenewsServiceProvider() Option {
	return func(s *settings) { s.renewsServiceProvider = true }
}

// SameCode returns the code of a domain again where it is asked for once more, until
// the domain is claimed.
func SameCode() Option {
	return func(s *settings) { s.sameCode = true }
}

// LowerPatterns returns the e-mail patterns of role mappings in lower case.
func LowerPatterns() Option {
	return func(s *settings) { s.lowerPatterns = true }
}

// RefuseUnknownMappings refuses to delete a role mapping that is not there. Without
// it, its name is left out of the reply.
func RefuseUnknownMappings() Option {
	return func(s *settings) { s.refuseUnknownMappings = true }
}

// OmitEnforcement leaves enforce_authentication_method out of every reply.
func OmitEnforcement() Option {
	return func(s *settings) { s.omitEnforcement = true }
}

// OmitNoEnforcement leaves enforce_authentication_method out of replies while SSO
// is not enforced.
func OmitNoEnforcement() Option {
	return func(s *settings) { s.omitNoEnforcement = true }
}

// KeyMayNotEnforce refuses to turn SSO enforcement on, as the service does for
// somebody who has not signed in through SSO. Turning it off works.
func KeyMayNotEnforce() Option {
	return func(s *settings) { s.keyMayNotEnforce = true }
}

// WantsSignIn refuses to turn SSO enforcement on until somebody has signed in with the
// present configuration of the SAML IdP: with SignIn, in a browser, or at /_fake/.
func WantsSignIn() Option {
	return func(s *settings) { s.wantsSignIn = true }
}
