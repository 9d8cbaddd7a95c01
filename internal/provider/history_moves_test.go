// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// TestHistoriesOfMovingGrants are histories of assignments with count: whatever is taken
// out of the list, put into it or swapped moves the grants of all others. What the
// configuration before and the one after both give is there at every moment, whatever
// fails. An apply that nothing disturbs gives what the configuration says, and leaves
// alone what somebody gave by hand.
func TestHistoriesOfMovingGrants(t *testing.T) {
	t.Parallel()
	var done atomic.Int64
	rapidly(t, func(t *rapid.T) {
		srv := cloudtest.Start(cloudtest.InProcess(), cloudtest.Seed(rapid.Int64().Draw(t, "seed")))
		defer srv.Close()
		srv.AddMember("owner@example.com", "organization-admin")
		for _, email := range movedPeople {
			srv.AddMember(email, "billing-admin")
		}
		ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
		defer cancel()
		c, err := newCore(srv)
		if err != nil {
			t.Fatal(err)
		}
		h := &history{t: t, ctx: ctx, srv: srv, core: c, seen: &seen{}, ownerOK: true, published: map[string]string{}}
		srv.Observe(h.observe)
		m := &movingGrants{history: h, strays: map[givenGrant]bool{}}
		for range rapid.IntRange(2, 7).Draw(t, "steps") {
			m.step()
		}
		m.healthy()
		m.given = nil
		m.healthy()
		done.Add(1)
	})
	t.Logf("%d histories", done.Load())
}

// movingGrants is a history of assignments with count.
type movingGrants struct {
	*history
	given []givenGrant // what the assignments give, by their index
	// strays are what an apply has given whose creation failed all the same: nothing is in
	// the state then, and who takes it out of the configuration keeps it.
	strays map[givenGrant]bool
}

// givenGrant is a grant of a person, as an assignment gives it.
type givenGrant struct{ email, grant string }

// grantsThatMove are those of the assignments. None absorbs another one.
var grantsThatMove = []string{"deployment-viewer:a", "deployment-viewer:b", "deployment-editor:*", "security-viewer:*+t1_analyst"}

func (m *movingGrants) step() {
	t := m.t
	g := givenGrant{rapid.SampledFrom(movedPeople).Draw(t, "email"), rapid.SampledFrom(grantsThatMove).Draw(t, "grant")}
	at := rapid.IntRange(0, len(m.given)).Draw(t, "at")
	switch held := slices.Index(m.given, g); {
	case held >= 0 && rapid.Bool().Draw(t, "goes"):
		m.given = slices.Delete(slices.Clone(m.given), held, held+1)
	case held >= 0:
		m.given = slices.Clone(m.given)
		other := at % len(m.given)
		m.given[held], m.given[other] = m.given[other], m.given[held]
	default:
		m.given = slices.Insert(slices.Clone(m.given), at, g)
	}
	switch rapid.SampledFrom([]string{"apply", "apply", "fault", "fault", "stopped", "by hand", "nothing"}).Draw(t, "then") {
	case "apply":
		m.healthy()
	case "fault":
		f := historyFault{
			fault: rapid.SampledFrom(allFaults()).Draw(t, "fault"),
			route: rapid.SampledFrom([]string{"", getMem, getInv, postRoles, dropRoles}).Draw(t, "route"),
			skip:  rapid.IntRange(0, 3).Draw(t, "skip"),
		}
		_ = m.run("apply, while the service fails: "+f.String(), func() error { return m.failing(f) })
	case "stopped":
		after := rapid.IntRange(1, 12).Draw(t, "calls")
		_ = m.run(fmt.Sprintf("apply, stopped after %d calls", after), func() error { return m.stopped(after) })
	case "by hand":
		m.say("%s loses %s in the console", g.email, g.grant)
		m.srv.Ungrant(g.email, g.grant)
	}
}

// run is an apply, however it ends.
func (m *movingGrants) run(what string, apply func() error) error {
	m.config = map[string]block{}
	for i, g := range m.given {
		m.config[fmt.Sprintf("%s.a[%d]", roleAssignmentType, i)] = block{Type: roleAssignmentType, Attributes: map[string]any{"email": g.email, "role": g.grant}}
	}
	time.Sleep(time.Minute)
	m.begin()
	err := apply()
	m.end()
	m.say("%s, of %v: %s", what, m.given, inShort(err))
	m.noBug(err)
	m.afterStep()
	held := map[givenGrant]bool{}
	for _, o := range m.core.State {
		held[givenGrant{textIn(o, "email"), textIn(o, "role")}] = true
	}
	for _, g := range m.given {
		m.strays[g] = err != nil && !held[g]
	}
	return err
}

// healthy is an apply that nothing disturbs.
func (m *movingGrants) healthy() {
	if err := m.run("apply", func() error { return m.core.apply(m.ctx, m.config) }); err != nil {
		m.t.Fatal(err)
	}
	want := map[string][]string{}
	for _, email := range movedPeople {
		want[email] = []string{"billing-admin"}
	}
	for _, g := range m.given {
		want[g.email] = append(want[g.email], g.grant)
	}
	for email, grants := range want {
		slices.Sort(grants)
		held := slices.DeleteFunc(m.srv.Grants(email), func(grant string) bool {
			return m.strays[givenGrant{email, grant}] && !slices.Contains(grants, grant)
		})
		if !slices.Equal(held, grants) {
			m.t.Fatalf("%s holds %v, and should hold %v", email, held, grants)
		}
	}
	changes, err := m.core.plan(m.ctx, m.config)
	if err != nil || len(changes) > 0 {
		m.t.Fatalf("the next plan is not empty: %v, %v", addresses(changes), err)
	}
	if got, configured := slices.Sorted(maps.Keys(m.core.State)), slices.Sorted(maps.Keys(m.config)); !slices.Equal(got, configured) {
		m.t.Fatalf("the state has %s, and should have %s", strings.Join(got, ", "), strings.Join(configured, ", "))
	}
}
