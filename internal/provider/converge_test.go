// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// People, roles and assignments are added, changed and removed in any order, with changes
// outside Terraform in between. Each apply gives what is configured, a second plan is empty,
// and other people do not change.
func TestMembersAndAssignmentsConverge(t *testing.T) {
	t.Parallel()

	rapidly(t, func(t *rapid.T) {
		srv := cloudtest.Start(cloudtest.InProcess(), cloudtest.Seed(rapid.Int64().Draw(t, "seed")))
		defer srv.Close()
		srv.AddMember("owner@example.com", "organization-admin", "deployment-viewer:other")
		ctx, cancel := timeout()
		defer cancel()
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
		for step := range rapid.IntRange(1, 4).Draw(t, "applies") {
			byHand(t, srv)
			config, wanted := genConfig(t)
			if err := c.apply(ctx, config); err != nil {
				t.Fatalf("apply %d: %v", step, err)
			}
			for email, grants := range wanted {
				if srv.Status(email) != "active" && grants.assigned {
					continue // the assignments wait
				}
				if got := srv.Grants(email); grants.managed && !slices.Equal(got, grants.grants) || !containsAll(got, grants.grants) {
					t.Fatalf("after apply %d, %s (%s) holds %v, and should hold %v", step, email, srv.Status(email), got, grants.grants)
				}
			}
			changes, err := c.plan(ctx, config)
			if err != nil || len(changes) > 0 {
				t.Fatalf("after apply %d the plan is not empty: %v, %v", step, addresses(changes), err)
			}
		}
		if err := c.apply(ctx, nil); err != nil {
			t.Fatalf("destroy: %v", err)
		}
		if got := srv.Grants("owner@example.com"); !slices.Equal(got, []string{"deployment-viewer:other", "organization-admin"}) {
			t.Fatalf("the owner holds %v", got)
		}
		if v := srv.Violations(); len(v) > 0 {
			t.Fatalf("not in the contract: %v", v)
		}
	})

}

var (
	somePeople = []string{"alice@example.com", "Bob@example.com", "carol@Example.com"}
	someGrants = []string{"billing-admin", "deployment-editor:*", "deployment-viewer:a", "deployment-viewer:b", "elasticsearch-viewer:*+x", "elasticsearch-viewer:*+x+y", "organization-admin"}
)

// byHand is what people do in the console, or in their mailbox.
func byHand(t *rapid.T, srv *cloudtest.Server) {
	for range rapid.IntRange(0, 3).Draw(t, "done by hand") {
		email := rapid.SampledFrom(somePeople).Draw(t, "by hand")
		grant := rapid.SampledFrom(someGrants).Draw(t, "grant")
		switch srv.Status(email) {
		case "none":
			rapid.SampledFrom([]func(){func() { srv.AddMember(email, grant) }, func() { srv.AddInvitation(email, grant) }}).Draw(t, "come")()
		case "invited":
			rapid.SampledFrom([]func(){func() { srv.Accept(email) }, func() { srv.Expire(email) }, func() { srv.Remove(email) }}).Draw(t, "invited")()
		case "active":
			rapid.SampledFrom([]func(){func() { srv.Grant(email, grant) }, func() { srv.Ungrant(email, grant) }, func() { srv.Remove(email) }}).Draw(t, "active")()
		}
	}
}

// holding is what a person should hold.
type holding struct {
	grants   []string // canonical, sorted
	managed  bool     // these and no others
	assigned bool     // by assignments, which wait for the person to join
}

func genConfig(t *rapid.T) (map[string]block, map[string]holding) {
	config, wanted := map[string]block{}, map[string]holding{}
	for i, email := range somePeople {
		grants := rapid.SliceOfDistinct(rapid.SampledFrom(someGrants), rapid.ID[string]).Draw(t, "grants of "+email)
		address := fmt.Sprintf("member.%d", i)
		switch rapid.SampledFrom([]string{"absent", "roles", "assignments", "alone"}).Draw(t, email) {
		case "roles":
			config[address] = block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email, "roles": grants}}
			wanted[email] = holding{grants: slices.Sorted(slices.Values(grants)), managed: true}
		case "assignments":
			config[address] = block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email}}
			for _, grant := range grants {
				config["assignment."+email+"/"+grant] = block{Type: "elasticcloud_role_assignment", Attributes: map[string]any{"email": strings.ToUpper(email[:1]) + email[1:], "role": grant}, After: address}
			}
			wanted[email] = holding{grants: grants, assigned: true}
		case "alone":
			config[address] = block{Type: "elasticcloud_member", Attributes: map[string]any{"email": email}}
		}
	}
	return config, wanted
}

func containsAll(held, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(grant string) bool { return !slices.Contains(held, grant) })
}

func addresses(changes []change) (names []string) {
	for _, ch := range changes {
		names = append(names, fmt.Sprintf("%s from %s", ch.Address, ch.Prior.Value))
	}
	return names
}

// Two thousand listed addresses are planned in one run, with the two lists.
func TestMembersExclusiveOfThousands(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		emails := []string{"owner@example.com"}
		for i := range 2000 {
			emails = append(emails, fmt.Sprintf("person%d@example.com", i))
		}
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
		config := map[string]block{"exclusive": {Type: "elasticcloud_members_exclusive", Attributes: map[string]any{"emails": emails}}}
		c.mustApply(t, config)
		srv.ResetLedger()
		changes, err := c.plan(t.Context(), config)
		if err != nil || len(changes) > 0 {
			t.Fatalf("the plan has %d changes, %v", len(changes), err)
		}
		if n := len(srv.Requests()); n != 3 {
			t.Errorf("a plan makes %d requests", n)
		}
	})
}

// BenchmarkMembersExclusivePlan is a plan without a change of two thousand
// addresses: refresh and plan, in the provider alone.
func BenchmarkMembersExclusivePlan(b *testing.B) {
	srv := cloudtest.Start(cloudtest.InProcess(), cloudtest.Plain())
	defer srv.Close()
	srv.AddMember("owner@example.com", "organization-admin")
	emails := []string{"owner@example.com"}
	for i := range 2000 {
		email := fmt.Sprintf("person%d@example.com", i)
		srv.AddMember(email, "deployment-viewer:*")
		emails = append(emails, email)
	}
	c, err := newCore(srv)
	if err != nil {
		b.Fatal(err)
	}
	config := map[string]block{"exclusive": {Type: "elasticcloud_members_exclusive", Attributes: map[string]any{"emails": emails}}}
	if err := c.apply(b.Context(), config); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		srv.ResetLedger()
		changes, err := c.plan(b.Context(), config)
		if err != nil || len(changes) > 0 {
			b.Fatalf("the plan has %d changes, %v", len(changes), err)
		}
		b.ReportMetric(float64(len(srv.Requests())), "requests/op")
	}
}
