// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// within are made-up results of all scenarios, within every limit.
func within() []row {
	var rows []row
	for _, j := range jobs(fullSizes, 3) {
		for _, latency := range j.latencies {
			r := row{scenario: j.scenario, throughCLI: j.cli}
			r.latency = latency
			r.cli = cliRun{wall: time.Second, memory: 300e6, traffic: traffic{requests: map[string]int{listMembers: 1, listInvitations: 1, listOrganizations: 1, sendInvitations: 12}}}
			r.floor = cliRun{wall: 800 * time.Millisecond}
			r.alone = aloneRun{wall: time.Second, traffic: traffic{requests: map[string]int{listMembers: 2}}}
			if r.limit != "" {
				r.alone.traffic = traffic{requests: map[string]int{"GET": 100}, refused: 5}
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// TestVerdict makes one result worse at a time.
func TestVerdict(t *testing.T) {
	t.Parallel()
	if err := verdict(required(within(), fullSizes), false); err != nil {
		t.Fatalf("everything is within its limit: %v", err)
	}
	memberPlan := scenario{resource: member, operation: noChange, people: 1000}
	manyPlan := scenario{resource: members, operation: noChange, people: 1000}
	mostPlan := scenario{resource: members, operation: noChange, people: 10000}
	writing := func(resource string, o operation, limit string) scenario {
		return scenario{resource, o, 100, fullSizes.slow, limit}
	}
	for name, test := range map[string]struct {
		scenario
		worsen func(*row)
		want   string
	}{
		"member beside its floor":  {memberPlan, func(r *row) { r.cli.wall = 1001 * time.Millisecond }, "× 1000, no change: compared with its floor: 1.25 times"},
		"a list twice":             {memberPlan, func(r *row) { r.cli.requests[listMembers] = 2 }, "lists of people: 3 requests"},
		"organization twice":       {memberPlan, func(r *row) { r.cli.requests[listOrganizations] = 2 }, "for the organization: 2 requests"},
		"members beside its floor": {manyPlan, func(r *row) { r.floor.wall = 600 * time.Millisecond }, "of 1000, no change: compared with its floor: 1.67 times"},
		"ten thousand":             {mostPlan, func(r *row) { r.cli.wall = 13 * time.Second }, "its own time at 1000: 13 times"},
		"memory":                   {mostPlan, func(r *row) { r.cli.memory = 301e6 }, "memory of the provider: 301 MB"},
		"invite":                   {writing(members, invite, ""), func(r *row) { r.alone.wall = 1600 * time.Millisecond }, "the same roles: 1.6 s"},
		"invite in eight":          {writing(members, invite, ""), func(r *row) { r.alone.requests[listMembers] = 8 }, "the same roles: 8 requests"},
		"different roles":          {writing(members, inviteDifferent, ""), func(r *row) { r.alone.wall = 3 * time.Second }, "different roles: 3 s"},
		"change":                   {writing(members, change, ""), func(r *row) { r.alone.wall = 4 * time.Second }, "change the roles of 100: 4 s"},
		"remove":                   {writing(members, remove, ""), func(r *row) { r.alone.wall = 2 * time.Second }, "remove 100: 2 s"},
		"remove in six":            {writing(members, remove, ""), func(r *row) { r.alone.requests[listMembers] = 6 }, "remove 100: 6 requests"},
		"confirmed one by one":     {writing(members, change, ""), func(r *row) { r.alone.requests[listMembers] = 3 }, "change the roles of 100: lists of members: 3 requests"},
		"members, each wave twice": {writing(member, invite, ""), func(r *row) { r.cli.requests[listMembers] = 15 }, "lists of members: 15 requests"},
		"invitations, too":         {writing(member, invite, ""), func(r *row) { r.cli.requests[listInvitations] = 15 }, "lists of invitations: 15 requests"},
		"one request each":         {writing(member, invite, ""), func(r *row) { r.cli.requests[sendInvitations] = 100 }, "requests to invite: 100 requests"},
		"too many refused":         {writing(members, change, announced), func(r *row) { r.alone.refused = 6 }, "10 requests a second: refused requests, at worst: 6 %"},
		"refused without headers":  {writing(member, invite, unannounced), func(r *row) { r.alone.refused = 7 }, "no headers: refused requests, at worst: 7 %"},
		"refused for good":         {writing(members, remove, announced), func(r *row) { r.err = errors.New("429") }, "10 requests a second: refused requests, at worst: failed"},
		"failed":                   {memberPlan, func(r *row) { r.err = errors.New("exit status 1") }, "compared with its floor: failed"},
		"not run":                  {mostPlan, func(r *row) { r.people = 9999 }, "memory of the provider: failed, or not run"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := within()
			for i := range rows {
				if rows[i].scenario == test.scenario {
					test.worsen(&rows[i])
				}
			}
			limits := required(rows, fullSizes)
			if err := verdict(limits, false); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error: %v", err)
			}
			if err := verdict(limits, true); err != nil {
				t.Errorf("of a quick run: %v", err)
			}
			if report := write("Terraform v0", time.Time{}, rows, limits); !strings.Contains(report, "NOT MET") {
				t.Error("the report does not say so")
			}
		})
	}
}
