// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// interruption is a run that is stopped by Ctrl-C.
type interruption struct {
	before  string // is applied to begin with
	hcl     string
	command string          // is stopped: apply, or plan
	fault   cloudtest.Fault // always there, until the next apply
	when    func(srv *cloudtest.Server) bool
	group   bool   // the provider gets the signal too, as from a terminal
	done    string // who and what is in the state then
	partly  bool   // in place of done: the service has some of the invitations
	heal    func(srv *cloudtest.Server)
	mails   int // that went out when the next apply has ended
}

// underWay is how long a request takes that ends in the time that a write has
// left.
const underWay = 600 * time.Millisecond

// invitees is the HCL of people who are invited: one resource each, and all in
// one.
func invitees(names string, grant func(i int) string) (each, all string) {
	lines := []string{ownerListed}
	for i, name := range strings.Fields(names) {
		each += member(name, name+"@example.com", roles(grant(i)))
		lines = append(lines, name+"@example.com: "+grant(i))
	}
	return each, people(lines...)
}

func numbered(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("p%d", i))
	}
	return names
}

func same(int) string        { return "billing-admin" }
func different(i int) string { return fmt.Sprintf("deployment-viewer:%d", i) }

// asked tells that a route was called so often.
func asked(route string, n int) func(*cloudtest.Server) bool {
	return func(srv *cloudtest.Server) bool { return srv.Count(route) >= n }
}

// sent tells that so many got an e-mail.
func sent(n int) func(*cloudtest.Server) bool {
	return func(srv *cloudtest.Server) bool { return len(srv.Mails()) >= n }
}

func interruptions() map[string]interruption {
	inAnHour := http.Header{"Retry-After": {"3600"}}
	noneLeft := http.Header{"X-Ratelimit-Limit": {"10"}, "X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Interval": {"60"}}
	each, all := invitees("a b c d e", same)
	eachOwn, allOwn := invitees("a b c d e f", different)
	_, manyOwn := invitees(strings.Join(numbered(60), " "), different)
	_, manySame := invitees(strings.Join(numbered(60), " "), same)
	bob := func(grant string) string { return member("bob", "bob@example.com", roles(grant)) }
	owner := func(grant string) string {
		return member("owner", "owner@example.com", roles(grant)) + member("other", "other@example.com", roles("organization-admin"))
	}
	otherJoins := func(srv *cloudtest.Server) { srv.Accept("other@example.com") }

	return map[string]interruption{
		"waits for a domain": {
			hcl:  claimOf("example.com") + "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = elasticcloud_domain_claim.d.domain\n}\n",
			when: asked(verifyDomain, 1), done: "domain example.com", heal: publishCode,
		},
		"come back in an hour": {
			before: bob("deployment-viewer:a"), hcl: bob("deployment-viewer:b"),
			fault: cloudtest.Fault{Route: postRoles, Status: 503, Header: inAnHour}, when: asked(postRoles, 1), group: true, done: "bob@example.com: deployment-viewer:a",
		},
		"come back in an hour, members": {
			before: people(ownerListed, "bob@example.com: deployment-viewer:a"), hcl: people(ownerListed, "bob@example.com: deployment-viewer:b", "carol@example.com: billing-admin"),
			fault: cloudtest.Fault{Route: postRoles, Status: 503, Header: inAnHour}, when: func(srv *cloudtest.Server) bool { return asked(postRoles, 1)(srv) && sent(1)(srv) },
			done: "bob@example.com: deployment-viewer:a, carol@example.com: billing-admin, owner@example.com: organization-admin", mails: 1,
		},
		"too many requests": {
			hcl: each, fault: cloudtest.Fault{Route: postInv, Status: 429, Header: inAnHour}, when: asked(postInv, 1), mails: 5,
		},
		"too many requests, members": {
			hcl: all, fault: cloudtest.Fault{Route: postInv, Status: 429, Header: inAnHour}, when: asked(postInv, 1), mails: 5,
		},
		"pauses for the rate": {
			hcl: eachOwn, fault: cloudtest.Fault{Route: postInv, Header: noneLeft}, when: asked(postInv, 1), partly: true, mails: 6,
		},
		"pauses for the rate, members": {
			before: people(ownerListed), hcl: allOwn, fault: cloudtest.Fault{Route: postInv, Header: noneLeft}, when: asked(postInv, 1), partly: true, mails: 6,
		},
		"invitations hang": {
			hcl: each, fault: cloudtest.Fault{Route: postInv, Hang: time.Minute}, when: asked(postInv, 1), mails: 5,
		},
		"invitations hang, members": {
			before: people(ownerListed), hcl: all, fault: cloudtest.Fault{Route: postInv, Hang: time.Minute}, when: asked(postInv, 1), mails: 5,
			done: "owner@example.com: organization-admin",
		},
		"invitations are out and hang": {
			hcl: each, fault: cloudtest.Fault{Route: postInv, After: true, Hang: time.Minute}, when: sent(5), group: true, mails: 5,
			done: "a@example.com: billing-admin, b@example.com: billing-admin, c@example.com: billing-admin, d@example.com: billing-admin, e@example.com: billing-admin",
		},
		"invitations are out and hang, members": {
			before: people(ownerListed), hcl: all, fault: cloudtest.Fault{Route: postInv, After: true, Hang: time.Minute}, when: sent(5), mails: 5,
			done: "a@example.com: billing-admin, b@example.com: billing-admin, c@example.com: billing-admin, d@example.com: billing-admin, e@example.com: billing-admin, owner@example.com: organization-admin",
		},
		"invitations are under way": {
			hcl: each, fault: cloudtest.Fault{Route: postInv, Hang: underWay}, when: asked(postInv, 1), mails: 5,
			done: "a@example.com: billing-admin, b@example.com: billing-admin, c@example.com: billing-admin, d@example.com: billing-admin, e@example.com: billing-admin",
		},
		"invitations are under way, members": {
			before: people(ownerListed), hcl: all, fault: cloudtest.Fault{Route: postInv, Hang: underWay}, when: asked(postInv, 1), group: true, mails: 5,
			done: "a@example.com: billing-admin, b@example.com: billing-admin, c@example.com: billing-admin, d@example.com: billing-admin, e@example.com: billing-admin, owner@example.com: organization-admin",
		},
		"many are under way": {
			hcl:   strings.Replace(member("p", "p${count.index}@example.com", roles("deployment-viewer:${count.index}")), "{", "{\n  count = 60", 1),
			fault: cloudtest.Fault{Route: postInv, Hang: 200 * time.Millisecond}, when: sent(8), partly: true, mails: 60,
		},
		"many are under way, members": {
			before: people(ownerListed), hcl: manyOwn, fault: cloudtest.Fault{Route: postInv, Hang: 200 * time.Millisecond}, when: sent(8), partly: true, mails: 60,
		},
		"many are invited anew, members": {
			before: manySame, hcl: manyOwn, fault: cloudtest.Fault{Route: postInv, Hang: 200 * time.Millisecond}, when: sent(68), partly: true, mails: 120,
		},
		// The plan lists once, apply does, and once more before it would take the
		// role away.
		"waits for another owner": {
			before: owner("organization-admin"), hcl: owner("billing-admin"), when: asked(getMem, 3), heal: otherJoins, mails: 1,
			done: "other@example.com: organization-admin, owner@example.com: organization-admin",
		},
		"waits for another owner, members": {
			before: people(ownerListed, "bob@example.com: deployment-viewer:a"), hcl: people("owner@example.com: ", "bob@example.com: deployment-viewer:a organization-admin"),
			fault: cloudtest.Fault{Route: postRoles, Hang: time.Minute}, when: asked(getMem, 3),
			done: "bob@example.com: deployment-viewer:a, owner@example.com: organization-admin",
		},
		"a list hangs": {
			command: "plan", hcl: each, fault: cloudtest.Fault{Route: getMem, Hang: time.Minute}, when: asked(getMem, 1), mails: 5,
		},
		"a list hangs, members": {
			command: "plan", hcl: all, fault: cloudtest.Fault{Route: getInv, Hang: time.Minute}, when: asked(getInv, 1), group: true, mails: 5,
		},
	}
}
