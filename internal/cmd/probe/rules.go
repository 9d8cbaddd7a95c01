// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// rule is something that the provider assumes about the service.
type rule struct {
	id   string
	text string
	// assumed are the readings with which the provider works. For any other reading, it
	// should notice a mistake. If assumed is empty, the provider works with each
	// reading.
	assumed []string
	// why, if set, is why the probe cannot find it out.
	why string
}

// Readings that several rules have.
const (
	apart    = "kept apart"
	shown    = "shown"
	notShown = "not shown"
)

// rules are all rows of the table, in its order.
var rules = []rule{
	{id: "pages", text: "Lists of members, invitations, domains and role mappings are not paged", assumed: []string{"not paged"}},
	{id: "empty", text: "An empty list is `[]`", assumed: []string{"[]"}},
	{id: "date", text: "Replies carry `Date`", assumed: []string{shown}},
	{id: "rate", text: "Replies carry `x-ratelimit-*`"},
	{id: "retry-after", text: "A 429 carries `Retry-After`"},
	{id: "key-expiration", text: "Replies carry `X-Elastic-Api-Key-Expiration`"},
	{id: "enforcement", text: "GET of the organization shows `enforce_authentication_method`", assumed: []string{shown}},
	{id: "certificates", text: "The IdP's certificates are returned as PEM, or as the base64 of the PEM", assumed: []string{"PEM", "base64 of PEM", "PEM, base64 of PEM"}},
	{id: "addresses", text: "The IdP's `issuer` and `sso_url` are returned as they were sent", assumed: []string{"case kept"}},

	{id: "email-case", text: "Case of the address in an invitation"},
	{id: "email-compared", text: "Addresses compare without regard to case", assumed: []string{"without case"}},
	{id: "expiry", text: "An invitation shows `expires_at` and `expired`", assumed: []string{"both"}},
	{id: "listed", text: "An invitation is listed after its POST", assumed: []string{"at once", "later"}},
	{id: "gone", text: "An invitation is not listed after its DELETE", assumed: []string{"at once", "later"}},
	{id: "second-post", text: "A second invitation to an invited address", assumed: []string{"refused"}},
	{id: "all-or-nothing", text: "A POST of several addresses of which one is refused invites nobody", assumed: []string{"invites nobody"}},
	{id: "delete-list", text: "DELETE of a list of invitations", assumed: []string{"deletes all"}},
	{id: "delete-unknown", text: "DELETE of an invitation that is gone", assumed: []string{"404 with its code"}},
	{id: "expired-listed", text: "An invitation that has expired", assumed: []string{"listed with expired: true"}},
	{id: "expired-post", text: "An invitation to an address whose invitation has expired", assumed: []string{"replaces it", "refreshes it"}},

	{id: "application-roles", text: "No `application_roles` and `[]` in an invitation", assumed: []string{apart}},
	{id: "application-list", text: "A list of `application_roles` in an invitation", assumed: []string{"as sent"}},
	{id: "two-lists", text: "Two lists of `application_roles` on one role and scope in an invitation", assumed: []string{apart}},
	{id: "all-beside-one", text: "`all: true` beside a single ID in an invitation", assumed: []string{apart}},

	{id: "mapping-listed", text: "A role mapping is listed after its POST", assumed: []string{"at once", "later"}},
	{id: "mapping-pattern", text: "Case of an e-mail pattern in a role mapping"},
	{id: "mapping-roles", text: "No `application_roles` and `[]` in a role mapping", assumed: []string{apart}},
	{id: "mapping-unknown", text: "DELETE of a role mapping that is gone", assumed: []string{"left out of the reply"}},

	{id: "keys", text: "API keys: `expiration` left out, lists, an expired key", why: "this version makes no keys"},
	{id: "member-lists", text: "Application roles of a member: another list beside the first, and one taken away", why: "needs a member"},
	{id: "member-all", text: "`all: true` beside a single ID of a member", why: "needs a member"},
	{id: "member-twice", text: "Adding a grant that is held and removing one that is not succeed", why: "needs a member"},
	{id: "member-delete", text: "DELETE of a list of members, and 404 for a member who is listed", why: "needs members to remove"},
	{id: "former-owner", text: "A key whose creator has left may still invite", why: "needs a person to leave"},
	{id: "domain-code", text: "Asking for a domain's code again makes the first one worthless", why: "could make a code worthless that is published"},
	{id: "domain-claimed", text: "`already_exists` means that this organization has claimed the domain", why: "needs a domain to claim"},
	{id: "idp-put", text: "Addresses of the service provider stay the same after PUT of the IdP, unless the prefix changes", why: "could end every sign-in through SSO"},
	{id: "enforce", text: "Whether a key may turn SSO enforcement on", why: "could lock people out"},
	{id: "concurrent", text: "Changes of role mappings that meet answer 409", why: "needs several changes of role mappings at once"},
	{id: "sign-in", text: "What a sign-in without `groups` does to roles", why: "needs a sign-in through SSO"},
}

func ruleOf(id string) rule {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.id == id })
	if i < 0 {
		panic("no rule " + id)
	}
	return rules[i]
}

// finding is what the probe found out about one rule.
type finding struct {
	reading string // empty if it is not known
	seen    string // what was seen or, without a reading, why it is not known
}

// find notes the reading of a rule, and what was seen.
func (p *probe) find(id, reading, format string, args ...any) {
	p.findings[ruleOf(id).id] = finding{reading, fmt.Sprintf(format, args...)}
}

// notKnown notes why the reading of a rule is not known.
func (p *probe) notKnown(id, format string, args ...any) {
	p.find(id, "", format, args...)
}

// unfound notes a reason for each of the rules that has no finding yet.
func (p *probe) unfound(ids []string, format string, args ...any) {
	for _, id := range ids {
		if _, found := p.findings[id]; !found {
			p.notKnown(id, format, args...)
		}
	}
}

// table returns the findings as Markdown.
func (p *probe) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Probe of the provider, version %s, %s\n\n", cell(version), p.began.UTC().Format(time.DateOnly))
	b.WriteString("| Rule | Reading that holds | As assumed | Seen |\n|---|---|---|---|\n")
	for _, r := range rules {
		f, found := p.findings[r.id]
		switch {
		case r.why != "":
			f = finding{seen: r.why}
		case !found:
			f = finding{seen: "the probe ended before this rule"}
		}
		reading, as := f.reading, "no"
		switch {
		case f.reading == "":
			reading, as, f.seen = "not known: "+f.seen, "", ""
		case len(r.assumed) == 0 || slices.Contains(r.assumed, f.reading):
			as = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(r.text), cell(reading), as, cell(f.seen))
	}
	fmt.Fprintf(&b, "\nThe organization before and after: %s.\n", p.compared)
	return b.String()
}

var cellEscapes = strings.NewReplacer("|", `\|`, "\n", " ")

// cell escapes a text for a cell of the table.
func cell(text string) string { return cellEscapes.Replace(text) }
