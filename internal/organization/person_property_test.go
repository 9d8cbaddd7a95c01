// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// genSomeGrants draws grants out of few, so that held and wanted often share some.
func genSomeGrants() *rapid.Generator[[]string] {
	return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
		"billing-admin", "deployment-viewer:*", "deployment-viewer:x", "deployment-viewer:y", "deployment-editor:x",
		"deployment-viewer:x+reader", "elasticsearch-developer:p", "security-viewer:*+analyst+reader", "security-viewer:*",
		"vectordb-newrole:q+with space",
	}), 0, 6, rapid.ID)
}

func genFault() *rapid.Generator[cloudtest.Fault] {
	return rapid.Custom(func(t *rapid.T) cloudtest.Fault {
		f := rapid.SampledFrom([]cloudtest.Fault{
			{Drop: true}, {Cut: true}, {Status: 400}, {Status: 403}, {Status: 429}, {Status: 500}, {Status: 503}, {Body: "<html>"},
			{Status: 307, Header: map[string][]string{"Location": {"/"}}},
		}).Draw(t, "fault")
		f.Route = rapid.SampledFrom([]string{getMembers, getInvitations, postInvitations, deleteInvitations, deleteMembers, postRoles, deleteRoles}).Draw(t, "route")
		f.After = rapid.Bool().Draw(t, "after the write")
		return f
	})
}

// bubbled replaces a *rapid.T for a property in a synctest bubble. The draws are made
// before the bubble.
type bubbled struct{ ctx context.Context }

type failure string

func (*bubbled) Helper()                           {}
func (*bubbled) Fatal(args ...any)                 { panic(failure(fmt.Sprint(args...))) }
func (*bubbled) Fatalf(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

// inBubble runs a property in a bubble. A failure inside fails rt outside, where rapid
// looks for a simpler case.
func inBubble(t *testing.T, rt *rapid.T, property func(t *bubbled)) {
	rt.Helper()
	var failed failure
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			v := recover()
			if text, ok := v.(failure); ok {
				failed = text
			} else if v != nil {
				panic(v)
			}
		}()
		property(&bubbled{t.Context()})
	})
	if failed != "" {
		rt.Fatal(failed)
	}
}

// After any single fault in an Ensure, the next one finishes the job, from the same run
// or from another. No e-mail is sent twice, unknown access is not lost, and no member
// is ever without a grant that stays.
func TestEnsureFinishesWhatAFaultBroke(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		lag := rapid.SampledFrom([]time.Duration{0, 0, 5 * time.Second}).Draw(rt, "lag")
		seed := rapid.Int64().Draw(rt, "seed")
		start := rapid.SampledFrom(slices.Sorted(maps.Keys(starts))).Draw(rt, "start")
		held := genSomeGrants().Draw(rt, "held")
		unknown := rapid.SampledFrom([]string{"", "connected_cluster", "platform", "project.newtype"}).Draw(rt, "unknown")
		wanted := Wanted{Email: alice, KeepGrants: rapid.IntRange(0, 3).Draw(rt, "keep") == 0}
		final := held
		if !wanted.KeepGrants {
			final = genSomeGrants().Draw(rt, "wanted")
			wanted.Grants = parse(rt, final...)
		} else if start == "nobody" {
			final = nil
		}
		retries := rapid.IntRange(0, 1).Draw(rt, "retries")
		fault := genFault().Draw(rt, "fault")
		anotherRun := rapid.Bool().Draw(rt, "another run")

		wantStatus, wantMails := "active", 0
		if start != "member" && start != "member invited" {
			wantStatus = "invited"
			if start != "invited" || !maps.Equal(set(parse(rt, held...)), set(parse(rt, final...))) {
				wantMails = 1
			}
		}

		inBubble(t, rt, func(t *bubbled) {
			srv := cloudtest.Start(cloudtest.Seed(seed), cloudtest.Lag(lag), cloudtest.InProcess())
			defer srv.Close()
			starts[start](srv, held)
			if unknown != "" && start != "nobody" {
				srv.AddUnknownAssignment(alice, unknown, `[{"role_id":"x"}]`)
			}
			before := fmt.Sprint(srv.UnknownAssignments(alice))
			c := config(srv)
			c.MaxRetries = retries
			d := newBubbledClient(t, c).People
			srv.Fail(fault)
			p, _, err := d.Ensure(t.ctx, wanted)
			if err == nil {
				wantSettled(t, srv, p, wantStatus, final)
			}
			srv.ClearFaults()
			if anotherRun {
				d = newBubbledClient(t, c).People
			}
			// If the old invitation was revoked and no new one sent, only the first run
			// knows what it promised.
			forgotten := srv.Status(alice) == "none"
			if p, _, err = d.Ensure(t.ctx, wanted); err != nil {
				t.Fatalf("the next one fails too: %v", err)
			}
			if forgotten && wanted.KeepGrants && len(srv.Grants(alice)) == 0 {
				final = nil
			}
			wantSettled(t, srv, p, wantStatus, final)
			if n := len(srv.Mails()); n != wantMails {
				t.Fatalf("%d e-mails went out, want %d", n, wantMails)
			}
			if after := fmt.Sprint(srv.UnknownAssignments(alice)); after != before && !forgotten {
				t.Fatalf("what is not known became %s, want %s", after, before)
			}
			for _, r := range srv.Requests() {
				switch {
				case r.Route == deleteMembers:
					t.Fatal("she was removed in between")
				case r.Route != deleteRoles:
					continue
				}
				for _, g := range grantsIn(t, srv, r) {
					if slices.Contains(final, g.String()) {
						t.Fatalf("%s stays, and was taken away", g)
					}
				}
			}

			srv.ResetLedger()
			if _, _, err := d.Ensure(t.ctx, wanted); err != nil || len(srv.Writes()) > 0 {
				t.Fatalf("once more: %v, sent %v", err, routes(srv.Writes()))
			}
			if violations := srv.Violations(); len(violations) > 0 {
				t.Fatal(violations)
			}
		})
	})
}

func wantSettled(t *bubbled, srv *cloudtest.Server, p Person, status string, grants []string) {
	t.Helper()
	if got := srv.Status(alice); got != status {
		t.Fatalf("she is %s, want %s", got, status)
	}
	want := slices.Sorted(slices.Values(grants))
	if got := srv.Grants(alice); !slices.Equal(got, want) {
		t.Fatalf("the service has %q, want %q", got, want)
	}
	if got := p.Grants(srv.OrganizationID); !maps.Equal(set(got), set(parse(t, grants...))) || (p.Member != nil) != (status == "active") {
		t.Fatalf("returned is %q with %v, want %s with %v", standing(p), got, status, grants)
	}
}

// The same for the way out.
func TestDismissFinishesWhatAFaultBroke(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Int64().Draw(rt, "seed")
		start := rapid.SampledFrom(slices.Sorted(maps.Keys(starts))).Draw(rt, "start")
		retries := rapid.IntRange(0, 1).Draw(rt, "retries")
		fault := genFault().Draw(rt, "fault")
		anotherRun := rapid.Bool().Draw(rt, "another run")
		inBubble(t, rt, func(t *bubbled) {
			srv := cloudtest.Start(cloudtest.Seed(seed), cloudtest.InProcess())
			defer srv.Close()
			starts[start](srv, heldGrants)
			c := config(srv)
			c.MaxRetries = retries
			d := newBubbledClient(t, c).People
			srv.Fail(fault)
			if err := d.Dismiss(t.ctx, alice, false); err == nil && srv.Status(alice) != "none" {
				t.Fatalf("done, and she is %s", srv.Status(alice))
			}
			srv.ClearFaults()
			if anotherRun {
				d = newBubbledClient(t, c).People
			}
			if err := d.Dismiss(t.ctx, alice, false); err != nil || srv.Status(alice) != "none" {
				t.Fatalf("the next one: %v, and she is %s", err, srv.Status(alice))
			}
			if n := len(srv.Mails()); n > 0 {
				t.Fatalf("%d e-mails went out", n)
			}
			if violations := srv.Violations(); len(violations) > 0 {
				t.Fatal(violations)
			}
		})
	})
}

func newBubbledClient(t *bubbled, c setup) *Organization {
	o, err := c.organization()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func set(grants []cloud.Grant) map[cloud.Grant]bool {
	m := map[cloud.Grant]bool{}
	for _, g := range grants {
		m[g] = true
	}
	return m
}
