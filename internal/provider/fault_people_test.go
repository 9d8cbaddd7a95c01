// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The people whom the operations of the fault matrix are about.
const (
	aliceEmail = "alice@example.com"
	bobEmail   = "bob@example.com"
	carolEmail = "carol@example.com"
)

// it is the configuration of the one resource that an operation is about.
func it(b block) map[string]block { return map[string]block{"it": b} }

func seedAlice(grants ...string) func(*cloudtest.Server) {
	return func(srv *cloudtest.Server) { srv.AddMember(aliceEmail, grants...) }
}

func seedInvitation(email string, grants ...string) func(*cloudtest.Server) {
	return func(srv *cloudtest.Server) { srv.AddInvitation(email, grants...) }
}

// seedUnknown adds something to what somebody has that the provider does not know.
func seedUnknown(email string, seed func(*cloudtest.Server)) func(*cloudtest.Server) {
	return func(srv *cloudtest.Server) {
		seed(srv)
		srv.AddUnknownAssignment(email, "connected_cluster", `[{"role_id":"y"}]`)
	}
}

// expiration lets an invitation expire, long enough ago that a list shows it.
func expiration(email string) func(*cloudtest.Server) {
	return func(srv *cloudtest.Server) {
		srv.Expire(email)
		srv.Advance(2 * wholeRun)
	}
}

func acceptance(email string) func(*cloudtest.Server) {
	return func(srv *cloudtest.Server) { srv.Accept(email) }
}

func memberOperations() []operation {
	ab := it(memberBlock(aliceEmail, "deployment-viewer:a", "deployment-viewer:b"))
	bc := it(memberBlock(aliceEmail, "deployment-viewer:b", "deployment-viewer:c"))
	owner := it(memberBlock(aliceEmail, "organization-admin", "deployment-viewer:b"))
	is := func(words string) map[string]string { return map[string]string{aliceEmail: words} }
	invitedAB, invitedBC := is("invited deployment-viewer:a deployment-viewer:b"), is("invited deployment-viewer:b deployment-viewer:c")
	activeAB, activeBC := is("active deployment-viewer:a deployment-viewer:b"), is("active deployment-viewer:b deployment-viewer:c")
	invited := seedInvitation(aliceEmail, "deployment-viewer:a", "deployment-viewer:b")
	active := seedAlice("deployment-viewer:a", "deployment-viewer:b")
	joins := acceptance(aliceEmail)
	kept := map[string][]string{aliceEmail: {"active", "deployment-viewer:b"}}
	imports := map[string]string{"it": aliceEmail}
	all := []operation{
		{name: "create", after: ab, want: invitedAB},
		{name: "create, invited already", seed: invited, after: ab, want: invitedAB},
		{name: "create, invited to something else", seed: seedUnknown(aliceEmail, invited), after: bc,
			want: is(invitedBC[aliceEmail] + " connected_cluster"), forgets: invitedBC},
		{name: "create, active", seed: seedUnknown(aliceEmail, active), after: bc, want: is(activeBC[aliceEmail] + " connected_cluster"), keeps: kept},
		{name: "read, invited", before: ab, after: ab, want: invitedAB},
		{name: "read, active", before: ab, between: joins, after: ab, want: activeAB, keeps: kept},
		{name: "update, invited", before: ab, after: bc, want: invitedBC},
		{name: "update, joined since", before: ab, between: joins, after: bc, want: activeBC, keeps: kept},
		{name: "update, active", seed: active, before: ab, after: bc, want: activeBC, keeps: kept},
		{name: "update, expired", before: ab, between: expiration(aliceEmail), after: ab, want: invitedAB},
		{name: "update, an owner", seed: seedAlice("organization-admin"), before: owner, after: bc, want: activeBC, keeps: kept},
		{name: "delete, invited", before: ab, want: is("")},
		{name: "delete, active", before: ab, between: joins, want: is("")},
		{name: "delete, active and invited", before: ab, between: func(srv *cloudtest.Server) { srv.SSOLogin(aliceEmail) }, want: is("")},
		{name: "import, invited", seed: invited, after: ab, want: invitedAB, imports: imports},
		{name: "import, active", seed: active, after: ab, want: activeAB, keeps: kept, imports: imports},
	}
	for i := range all {
		all[i].names = []string{aliceEmail}
	}
	return all
}

func assignmentBlock(grant string) block {
	return block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": aliceEmail, "role": grant}}
}

func assignmentOperations() []operation {
	a, b := it(assignmentBlock("deployment-viewer:a")), it(assignmentBlock("deployment-viewer:b"))
	member, waits := seedAlice("billing-admin"), seedInvitation(aliceEmail, "billing-admin")
	alone := map[string]string{aliceEmail: "active billing-admin"}
	withA := map[string]string{aliceEmail: "active billing-admin deployment-viewer:a"}
	waiting := map[string]string{aliceEmail: "invited billing-admin"}
	all := []operation{
		{name: "create", seed: member, after: a, want: withA},
		{name: "create, invited", seed: waits, after: a, want: waiting},
		{name: "read", seed: member, before: a, after: a, want: withA},
		{name: "read, invited", seed: waits, before: a, after: a, want: waiting},
		{name: "update, joined since", seed: waits, before: a, between: acceptance(aliceEmail), after: a, want: withA},
		{name: "update, another grant", seed: member, before: a, after: b, want: map[string]string{aliceEmail: "active billing-admin deployment-viewer:b"}},
		{name: "delete", seed: member, before: a, want: alone},
		{name: "delete, invited", seed: waits, before: a, want: waiting},
		{name: "import", seed: seedAlice("billing-admin", "deployment-viewer:a"), after: a, imports: map[string]string{"it": aliceEmail + "/deployment-viewer:a"}, want: withA},
	}
	for i, o := range all {
		all[i].names = []string{aliceEmail}
		all[i].keeps = map[string][]string{aliceEmail: {"billing-admin"}}
		if o.want[aliceEmail] == waiting[aliceEmail] {
			all[i].keeps[aliceEmail] = []string{"invited", "billing-admin"}
		}
	}
	return all
}

// listOf lists the people who are in each organization, and more.
func listOf(more map[string][]string) map[string]block {
	people := map[string][]string{"owner@example.com": {"organization-admin"}, "dora@example.com": {"billing-admin"},
		"erin@example.com": {"deployment-viewer:e"}, "frank@example.com": {"deployment-viewer:f"}}
	maps.Copy(people, more)
	return it(block{Type: "elasticcloud_members", Attributes: map[string]any{"members": people}})
}

func membersOperations() []operation {
	ab, bc := []string{"deployment-viewer:a", "deployment-viewer:b"}, []string{"deployment-viewer:b", "deployment-viewer:c"}
	billing := []string{"billing-admin"}
	seed := func(srv *cloudtest.Server) {
		srv.AddMember(aliceEmail, ab...)
		seedUnknown(bobEmail, seedInvitation(bobEmail, ab...))(srv)
		srv.AddMember("mallory@example.com", billing...)
		srv.AddMember("nina@example.com", billing...)
		srv.AddInvitation("oscar@example.com", billing...)
	}
	everybody := map[string][]string{aliceEmail: ab, bobEmail: ab, "mallory@example.com": billing, "nina@example.com": billing, "oscar@example.com": billing}
	one := listOf(everybody)
	other := listOf(map[string][]string{aliceEmail: bc, bobEmail: bc, carolEmail: ab})
	const bobAB, bobBC = "invited deployment-viewer:a deployment-viewer:b", "invited deployment-viewer:b deployment-viewer:c"
	isOne := map[string]string{aliceEmail: "active deployment-viewer:a deployment-viewer:b", bobEmail: bobAB + " connected_cluster",
		"mallory@example.com": "active billing-admin", "nina@example.com": "active billing-admin", "oscar@example.com": "invited billing-admin"}
	isOther := map[string]string{aliceEmail: "active deployment-viewer:b deployment-viewer:c", bobEmail: bobBC + " connected_cluster",
		carolEmail: "invited deployment-viewer:a deployment-viewer:b", "mallory@example.com": "", "nina@example.com": "", "oscar@example.com": ""}
	forgetsAB, forgetsBC := map[string]string{bobEmail: bobAB}, map[string]string{bobEmail: bobBC}
	all := []operation{
		{name: "create", after: other, want: isOther, forgets: forgetsBC},
		{name: "create, as it is", after: one, want: isOne},
		{name: "read", before: one, after: one, want: isOne},
		{name: "update", before: one, after: other, want: isOther, forgets: forgetsBC},
		{name: "update, expired", before: one, between: expiration(bobEmail), after: listOf(with(everybody, carolEmail, ab)),
			want: with(isOne, carolEmail, bobAB), forgets: forgetsAB},
		{name: "delete", before: one, want: isOne},
		{name: "import", after: one, want: isOne, imports: map[string]string{"it": ""}},
	}
	for i := range all {
		all[i].alone, all[i].seed = "members", seed
		all[i].keeps = map[string][]string{aliceEmail: {"active", "deployment-viewer:b"}}
		all[i].names = []string{"organization's people", aliceEmail, bobEmail, carolEmail, "mallory@example.com", "nina@example.com", "oscar@example.com"}
	}
	return all
}

// with is a map with one entry more.
func with[T any](before map[string]T, key string, value T) map[string]T {
	after := maps.Clone(before)
	after[key] = value
	return after
}

func exclusiveOperations() []operation {
	block := func(more ...string) map[string]block {
		emails := append([]string{"owner@example.com", "dora@example.com", "erin@example.com", "frank@example.com"}, more...)
		return it(block{Type: "elasticcloud_members_exclusive", Attributes: map[string]any{"emails": emails}})
	}
	seed := func(srv *cloudtest.Server) {
		srv.AddMember(aliceEmail, "billing-admin")
		srv.AddMember(bobEmail, "billing-admin")
		srv.AddInvitation(carolEmail, "billing-admin")
	}
	there := map[string]string{aliceEmail: "active billing-admin", bobEmail: "active billing-admin", carolEmail: "invited billing-admin"}
	gone := map[string]string{aliceEmail: "active billing-admin", bobEmail: "", carolEmail: ""}
	everybody, fewer := block(aliceEmail, bobEmail, carolEmail), block(aliceEmail)
	all := []operation{
		{name: "create", after: fewer, want: gone},
		{name: "read", before: everybody, after: everybody, want: there},
		{name: "update", before: everybody, after: fewer, want: gone},
		{name: "update, a stranger came", before: fewer, between: seedInvitation("mallory@example.com", "billing-admin"), after: fewer,
			want: with(gone, "mallory@example.com", "")},
		{name: "delete", before: everybody, want: there},
		{name: "import", after: everybody, want: there, imports: map[string]string{"it": ""}},
	}
	for i := range all {
		all[i].seed = seed
		all[i].keeps = map[string][]string{aliceEmail: {"active", "billing-admin"}}
		all[i].names = []string{"organization's people", bobEmail, carolEmail, "mallory@example.com"}
	}
	return all
}
