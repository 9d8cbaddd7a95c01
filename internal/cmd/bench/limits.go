// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Routes whose requests a limit counts.
const (
	listOrganizations = "GET /organizations"
	listMembers       = "GET /organizations/{organization_id}/members"
	listInvitations   = "GET /organizations/{organization_id}/invitations"
	sendInvitations   = "POST /organizations/{organization_id}/invitations"
)

// limit is a number that must not be exceeded. The value of a scenario that was not
// measured is not a number, which exceeds every limit.
type limit struct {
	what     string
	measured float64
	allowed  float64
	unit     string
}

func (l limit) met() bool { return l.measured <= l.allowed }

// required compares the measured values with the required limits.
func required(rows []row, z sizes) []limit {
	// value returns the value of a scenario. It is not a number if the scenario failed
	// or was not run.
	value := func(s scenario, of func(row) float64) float64 {
		i := slices.IndexFunc(rows, func(r row) bool { return r.scenario == s })
		if i < 0 || rows[i].err != nil {
			return math.NaN()
		}
		return of(rows[i])
	}
	plan := func(resource string, people int) scenario {
		return scenario{resource: resource, operation: noChange, people: people}
	}
	write := func(resource string, o operation) scenario {
		return scenario{resource: resource, operation: o, people: z.some, latency: z.slow}
	}
	memberPlan, manyPlan, mostPlan := plan(member, z.many), plan(members, z.many), plan(members, z.most)
	limits := []limit{
		{fmt.Sprintf("`%s` × %d, no change: compared with its floor", member, z.many), value(memberPlan, ratio), 1.25, "times"},
		{fmt.Sprintf("`%s` × %d, no change: lists of people", member, z.many), value(memberPlan, cliRequests(listMembers, listInvitations)), 2, "requests"},
		{fmt.Sprintf("`%s` × %d, no change: requests for the organization", member, z.many), value(memberPlan, cliRequests(listOrganizations)), 1, "requests"},
		{fmt.Sprintf("`%s` of %d, no change: compared with its floor", members, z.many), value(manyPlan, ratio), 1.5, "times"},
		{fmt.Sprintf("`%s` of %d, no change: compared with its own time at %d", members, z.most, z.many), value(mostPlan, wall) / value(manyPlan, wall), 12, "times"},
		{fmt.Sprintf("`%s` of %d, no change: memory of the provider", members, z.most), value(mostPlan, memory), 300, "MB"},
		{fmt.Sprintf("`%s`, invite %d with the same roles", members, z.some), value(write(members, invite), aloneSeconds), 1.5, "s"},
		{fmt.Sprintf("`%s`, invite %d with the same roles", members, z.some), value(write(members, invite), aloneRequests), 7, "requests"},
		{fmt.Sprintf("`%s`, invite %d with different roles", members, z.some), value(write(members, inviteDifferent), aloneSeconds), 2, "s"},
		{fmt.Sprintf("`%s`, change the roles of %d", members, z.some), value(write(members, change), aloneSeconds), 3, "s"},
		{fmt.Sprintf("`%s`, remove %d", members, z.some), value(write(members, remove), aloneSeconds), 1, "s"},
		{fmt.Sprintf("`%s`, remove %d", members, z.some), value(write(members, remove), aloneRequests), 5, "requests"},
		{fmt.Sprintf("`%s`, change the roles of %d: lists of members", members, z.some), value(write(members, change), aloneCount(listMembers)), 2, "requests"},
		{fmt.Sprintf("`%s` × %d new, ten at a time: requests to invite", member, z.some), value(write(member, invite), cliRequests(sendInvitations)), 12, "requests"},
		{fmt.Sprintf("`%s` × %d new, ten at a time: lists of members", member, z.some), value(write(member, invite), cliRequests(listMembers)), 14, "requests"},
		{fmt.Sprintf("`%s` × %d new, ten at a time: lists of invitations", member, z.some), value(write(member, invite), cliRequests(listInvitations)), 14, "requests"},
	}
	for _, rate := range []string{announced, unannounced} {
		worst := 0.0
		for _, s := range limitedScenarios(z, rate) {
			worst = math.Max(worst, value(s, refusedShare)) // not a number if one of them is not
		}
		limits = append(limits, limit{"All of that at " + rate + ": refused requests, at worst", worst, 5, "%"})
	}
	return limits
}

func ratio(r row) float64        { return r.cli.wall.Seconds() / r.floor.wall.Seconds() }
func wall(r row) float64         { return r.cli.wall.Seconds() }
func memory(r row) float64       { return float64(r.cli.memory) / 1e6 }
func aloneSeconds(r row) float64 { return r.alone.wall.Seconds() }

func aloneRequests(r row) float64 { return float64(r.alone.count()) }

func aloneCount(route string) func(row) float64 {
	return func(r row) float64 { return float64(r.alone.requests[route]) }
}

func refusedShare(r row) float64 {
	return 100 * float64(r.alone.refused) / float64(max(1, r.alone.count()))
}

func cliRequests(routes ...string) func(row) float64 {
	return func(r row) float64 {
		count := 0
		for _, route := range routes {
			count += r.cli.requests[route]
		}
		return float64(count)
	}
}

// verdict returns an error that names the limits that are not met. It returns nil for a
// quick run, whose few people say nothing about the limits.
func verdict(limits []limit, quick bool) error {
	var missed []string
	for _, l := range limits {
		if !l.met() {
			missed = append(missed, l.what+": "+l.value())
		}
	}
	if len(missed) == 0 || quick {
		return nil
	}
	return fmt.Errorf("%d of %d limits are not met:\n  %s", len(missed), len(limits), strings.Join(missed, "\n  "))
}

// value returns what was measured, in words.
func (l limit) value() string {
	if math.IsNaN(l.measured) {
		return "failed, or not run"
	}
	return number(l.measured) + " " + l.unit
}
