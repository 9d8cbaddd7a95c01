// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// For any list, and with any changes outside Terraform in between: each apply gives exactly
// the listed organization, and a second plan is empty.
func TestMembersConverge(t *testing.T) {
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
		for step := range rapid.IntRange(1, 5).Draw(t, "applies") {
			byHand(t, srv)
			people, wanted := genPeople(t)
			config := membersBlock(people)
			if rapid.Bool().Draw(t, "planned before") { // and the refreshed state is kept
				if _, err := c.plan(ctx, config); err != nil {
					t.Fatalf("plan %d: %v", step, err)
				}
				byHand(t, srv)
			}
			if err := c.apply(ctx, config); err != nil {
				t.Fatalf("apply %d: %v", step, err)
			}
			if got, want := srv.Emails(), slices.Sorted(maps.Keys(wanted)); !slices.Equal(got, want) {
				t.Fatalf("after apply %d there are %v, and should be %v", step, got, want)
			}
			for email, grants := range wanted {
				if got := srv.Grants(email); !slices.Equal(got, grants) || srv.Status(email) == "expired" {
					t.Fatalf("after apply %d, %s (%s) holds %v, and should hold %v", step, email, srv.Status(email), got, grants)
				}
			}
			changes, err := c.plan(ctx, config)
			if err != nil || len(changes) > 0 {
				t.Fatalf("after apply %d the plan is not empty: %v, %v", step, addresses(changes), err)
			}
		}
		before := srv.Emails()
		if err := c.apply(ctx, nil); err != nil {
			t.Fatalf("destroy: %v", err)
		}
		if got := srv.Emails(); !slices.Equal(got, before) {
			t.Fatalf("destroy left %v of %v", got, before)
		}
		if v := srv.Violations(); len(v) > 0 {
			t.Fatalf("not in the contract: %v", v)
		}
	})

}

// genPeople lists some people, in any spelling, and what the service then shows.
func genPeople(t *rapid.T) (people, wanted map[string][]string) {
	people = map[string][]string{"owner@example.com": {"organization-admin"}}
	wanted = map[string][]string{"owner@example.com": {"organization-admin"}}
	for _, email := range somePeople {
		if !rapid.Bool().Draw(t, email) {
			continue
		}
		spelled := rapid.SampledFrom([]string{email, strings.ToLower(email), strings.ToUpper(email)}).Draw(t, "spelling")
		grants := rapid.SliceOfDistinct(rapid.SampledFrom(someGrants), rapid.ID[string]).Draw(t, "grants of "+email)
		wanted[strings.ToLower(email)] = slices.Sorted(slices.Values(grants))
		people[spelled] = slices.Clone(grants)
		for i, grant := range people[spelled] {
			if rapid.Bool().Draw(t, "respell") {
				people[spelled][i] = strings.Replace(grant, "+x+y", "+y+x", 1)
			}
		}
	}
	return people, wanted
}

func membersBlock(people map[string][]string) map[string]block {
	return map[string]block{"all": {Type: "elasticcloud_members", Attributes: map[string]any{"members": people}}}
}

// manyPeople fills an organization, and lists everybody.
func manyPeople(srv *cloudtest.Server, n int) map[string][]string {
	people := map[string][]string{"owner@example.com": {"organization-admin"}}
	for i := range n - 1 {
		email := fmt.Sprintf("person%d@example.com", i)
		people[email] = []string{"deployment-viewer:*", fmt.Sprintf("elasticsearch-viewer:%d", i%50), "security-t1-analyst:*+team" + fmt.Sprint(i%7)}
		srv.AddMember(email, people[email]...)
	}
	return people
}

// Two thousand people are planned with the two lists and the organization's ID.
func TestMembersOfThousands(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		srv := newFake(t)
		people := manyPeople(srv, 2000)
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
		c.mustApply(t, membersBlock(people))
		wantWrites(t, srv)
		srv.ResetLedger()
		changes, err := c.plan(t.Context(), membersBlock(people))
		if err != nil || len(changes) > 0 {
			t.Fatalf("the plan has %d changes, %v", len(changes), err)
		}
		if n := len(srv.Requests()); n != 3 {
			t.Errorf("a plan makes %d requests", n)
		}
	})
}

// BenchmarkMembersPlan is a plan without a change: refresh and plan, in the
// provider alone.
func BenchmarkMembersPlan(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			srv := cloudtest.Start(cloudtest.InProcess(), cloudtest.Plain())
			defer srv.Close()
			srv.AddMember("owner@example.com", "organization-admin")
			config := membersBlock(manyPeople(srv, n))
			c, err := newCore(srv)
			if err != nil {
				b.Fatal(err)
			}
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
		})
	}
}

// The Kelvin sign looks like a k and is another letter: with it the address is
// another person's, to the provider as to the client.
func TestAddressThatLooksLikeAnother(t *testing.T) {
	t.Parallel()
	const kelvin, look = "kelvin@example.com", "\u212Aelvin@example.com"
	grants := types.SetValueMust(types.StringType, []attr.Value{})
	people, _ := listingOf(newMembers(map[string]attr.Value{kelvin: grants, look: grants}))
	if len(people) != 2 || newEmail(look).key() == newEmail(kelvin).key() || folded([]string{look})[kelvin] {
		t.Errorf("%s and %s are taken for one: %v", kelvin, look, people)
	}
}
