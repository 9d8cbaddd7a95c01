// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// The resources that are measured: one for all people, or one for each person.
const (
	members = "elasticcloud_members"
	member  = "elasticcloud_member"
)

// The operations.
const (
	noChange        = "plan, no change"
	someChange      = "plan, 1 % changed"
	invite          = "invite, same roles"
	inviteDifferent = "invite, different roles"
	change          = "change roles"
	remove          = "remove"
)

// The rate limits of some scenarios.
const (
	announced   = "10 requests a second"
	unannounced = "10 requests a second, no headers"
)

// scenario is one thing that is measured.
type scenario struct {
	resource string
	operation
	people  int
	latency time.Duration
	limit   string // rate limit; empty for none
}

type operation string

func (o operation) isPlan() bool { return o == noChange || o == someChange }

// job is a scenario at several latencies, compared with one floor. The latency of the
// scenario itself is not used.
type job struct {
	scenario
	latencies []time.Duration
	runs      int
	cli       bool // also run through the CLI
}

// sizes are the numbers of people, and the latency of a distant service.
type sizes struct {
	few, some, many, most int
	slow                  time.Duration
}

var (
	fullSizes  = sizes{10, 100, 1000, 10000, 100 * time.Millisecond}
	quickSizes = sizes{1, 2, 3, 4, 20 * time.Millisecond}
)

// jobs lists everything that is measured. It omits what would take minutes:
// elasticcloud_member for more than a thousand people, because the CLI's own time grows
// with the square of their number, and the CLI for thousands of writes, which take long
// with the provider alone.
func jobs(z sizes, runs int) []job {
	var all []job
	add := func(resource string, o operation, people, runs int, cli bool, latencies ...time.Duration) {
		all = append(all, job{scenario: scenario{resource: resource, operation: o, people: people}, latencies: latencies, runs: runs, cli: cli})
	}
	for _, o := range []operation{noChange, someChange} {
		heavy := runs
		if o == someChange {
			heavy = 1 // no limit depends on it
		}
		for _, people := range []int{z.few, z.some} {
			add(members, o, people, heavy, true, 0, z.slow)
			add(member, o, people, heavy, true, 0, z.slow)
		}
		add(members, o, z.many, 2*heavy+1, true, 0, z.slow) // under a tight limit, each takes a second
		add(members, o, z.most, heavy, true, 0)
		add(member, o, z.many, heavy, true, 0)
	}
	for _, o := range []operation{invite, inviteDifferent, change, remove} {
		add(members, o, z.few, 1, true, 0, z.slow)
		add(members, o, z.some, runs, true, 0, z.slow)
		add(members, o, z.many, 1, o != inviteDifferent, 0, z.slow)
		add(members, o, z.most, 1, false, 0)
	}
	for _, o := range []operation{invite, change, remove} {
		add(member, o, z.few, 1, true, 0, z.slow)
		add(member, o, z.some, runs, true, 0, z.slow)
		add(member, o, z.many, 1, false, 0, z.slow)
	}
	for _, limited := range append(limitedScenarios(z, announced), limitedScenarios(z, unannounced)...) {
		all = append(all, job{scenario: limited, latencies: []time.Duration{z.slow}, runs: 1})
	}
	return all
}

// limitedScenarios are scenarios that have to finish in spite of a rate limit.
func limitedScenarios(z sizes, rate string) []scenario {
	return []scenario{
		{member, noChange, z.many, z.slow, rate},
		{members, noChange, z.many, z.slow, rate},
		{members, noChange, z.most, z.slow, rate},
		{members, invite, z.some, z.slow, rate},
		{members, inviteDifferent, z.some, z.slow, rate},
		{members, change, z.some, z.slow, rate},
		{members, remove, z.some, z.slow, rate},
		{member, invite, z.some, z.slow, rate},
	}
}

// people are the grants of each person, by e-mail address.
type people map[string][]string

const owner = "owner@example.com"

// before returns the people in the organization before the operation, without the
// owner.
func (s scenario) before() people {
	if s.operation == invite || s.operation == inviteDifferent {
		return people{}
	}
	return s.crowd(func(int) string { return "deployment-viewer:*" })
}

// after returns the people that the configuration wants, without the owner.
func (s scenario) after() people {
	switch s.operation {
	case remove:
		return people{}
	case change:
		return s.crowd(func(int) string { return "deployment-editor:*" })
	case inviteDifferent:
		return s.crowd(func(i int) string { return fmt.Sprintf("deployment-viewer:%032x", i) })
	case someChange:
		return s.crowd(func(i int) string {
			if i%100 == 0 {
				return "deployment-editor:*"
			}
			return "deployment-viewer:*"
		})
	}
	return s.crowd(func(int) string { return "deployment-viewer:*" })
}

func (s scenario) crowd(grant func(i int) string) people {
	all := people{}
	for i := range s.people {
		all[fmt.Sprintf("person%d@example.com", i)] = []string{"billing-admin", grant(i)}
	}
	return all
}

// withOwner returns the people and the owner, for the resource that is exclusive.
func (p people) withOwner() people {
	all := maps.Clone(p)
	all[owner] = []string{"organization-admin"}
	return all
}

// open starts an organization in its state before the operation.
func (s scenario) open() (*cloudtest.Server, error) {
	options := []cloudtest.Option{cloudtest.Plain(), cloudtest.Unchecked(), cloudtest.Latency(s.latency)}
	switch s.limit {
	case announced:
		options = append(options, cloudtest.RateLimit(10, time.Second))
	case unannounced:
		options = append(options, cloudtest.RateLimit(10, time.Second), cloudtest.RateLimitSilent())
	}
	srv, err := cloudtest.Open(options...)
	if err != nil {
		return nil, err
	}
	for email, grants := range s.before().withOwner() {
		srv.AddMember(email, grants...)
	}
	return srv, nil
}

// check returns an error unless the operation has had its effect on the organization.
// The time of an operation without effect is not worth measuring.
func (s scenario) check(srv *cloudtest.Server) error {
	want := s.after().withOwner()
	if s.isPlan() {
		want = s.before().withOwner()
	}
	if got := srv.Emails(); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		return fmt.Errorf("the number of people in the organization is %d instead of %d", len(got), len(want))
	}
	for email, grants := range want {
		if got := srv.Grants(email); !slices.Equal(got, grants) {
			return fmt.Errorf("%s holds %v instead of %v", email, got, grants)
		}
	}
	return nil
}

// organizationID returns the ID to configure. It is set if the number of requests
// matters, because it saves the request that finds the organization.
func (s scenario) organizationID(srv *cloudtest.Server) string {
	if s.operation == remove {
		return srv.OrganizationID
	}
	return ""
}

// everybody is the address of the resource with all people. A resource for one person
// has their e-mail address.
const everybody = "everybody"

// blocks returns the resources for the people.
func (s scenario) blocks(p people) terraformtest.Config {
	if s.resource == members {
		return terraformtest.Config{everybody: {Type: members, Attributes: map[string]any{"members": map[string][]string(p.withOwner()), "max_removals": s.people}}}
	}
	blocks := terraformtest.Config{}
	for email, grants := range p {
		blocks[email] = terraformtest.Block{Type: member, Attributes: map[string]any{"email": email, "roles": grants}}
	}
	return blocks
}

// configuration returns blocks(s.after()) in HCL, and the people for its variable.
func (s scenario) configuration() (hcl string, variable people) {
	const head = "terraform {\n  required_providers {\n    elasticcloud = { source = \"elasticcloud-access/elasticcloud\" }\n  }\n}\n" +
		"variable \"people\" {\n  type = map(set(string))\n}\n"
	if s.resource == members {
		return head + fmt.Sprintf("resource %q \"people\" {\n  members      = var.people\n  max_removals = %d\n}\n", members, s.people), s.after().withOwner()
	}
	return head + fmt.Sprintf("resource %q \"people\" {\n  for_each = var.people\n  email    = each.key\n  roles    = each.value\n}\n", member), s.after()
}
