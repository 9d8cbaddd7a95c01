// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const alice = "alice@example.com"

// The grants that people in these tests hold at first, and the wanted ones. They have
// one in common.
var (
	heldGrants  = []string{"deployment-viewer:x", "deployment-viewer:y"}
	otherGrants = []string{"deployment-viewer:y", "security-viewer:*+analyst"}
)

// starts are all states of a person in the organization.
var starts = map[string]func(srv *cloudtest.Server, grants []string){
	"nobody":  func(*cloudtest.Server, []string) {},
	"invited": func(srv *cloudtest.Server, grants []string) { srv.AddInvitation(alice, grants...) },
	"expired": func(srv *cloudtest.Server, grants []string) {
		srv.AddInvitation(alice, grants...)
		srv.Expire(alice)
		srv.Advance(time.Hour) // so that lists that lag show it too
	},
	"member": func(srv *cloudtest.Server, grants []string) { srv.AddMember(alice, grants...) },
	"member invited": func(srv *cloudtest.Server, grants []string) {
		srv.AddInvitation(alice, "billing-admin")
		srv.SSOLogin(alice, grants...)
	},
}

// grantsIn are the grants that a request names.
func grantsIn(t interface {
	Helper()
	Fatal(...any)
}, srv *cloudtest.Server, r cloudtest.Request) []cloud.Grant {
	t.Helper()
	if r.Route == postInvitations {
		var invitation struct {
			RoleAssignments cloud.RoleAssignments `json:"role_assignments"`
		}
		if err := json.Unmarshal(r.Body, &invitation); err != nil {
			t.Fatal(err)
		}
		return invitation.RoleAssignments.Grants(srv.OrganizationID)
	}
	var roles cloud.RoleAssignments
	if len(r.Body) > 0 {
		if err := json.Unmarshal(r.Body, &roles); err != nil {
			t.Fatal(err)
		}
	}
	return roles.Grants(srv.OrganizationID)
}

// writes are the requests that changed something, with the grants in them.
func writes(t *testing.T, srv *cloudtest.Server) []string {
	t.Helper()
	short := map[string]string{
		postInvitations: "invite", deleteInvitations: "revoke", deleteMembers: "remove", postRoles: "add", deleteRoles: "take",
	}
	var writes []string
	for _, r := range srv.Writes() {
		write := short[r.Route]
		if grants := grantsIn(t, srv, r); len(grants) > 0 {
			write += fmt.Sprint(" ", grants)
		}
		writes = append(writes, write)
	}
	return writes
}

// wantPerson checks alice's access in the service, and that p has the same.
func wantPerson(t *testing.T, srv *cloudtest.Server, p Person, status string, grants []string) {
	t.Helper()
	if got := srv.Status(alice); got != status {
		t.Errorf("the service has her %s, want %s", got, status)
	}
	if got := srv.Grants(alice); !slices.Equal(got, slices.Sorted(slices.Values(grants))) {
		t.Errorf("the service has %v, want %v", got, grants)
	}
	for what, p := range map[string]Person{"what was returned": p, "a new list": look(t, newOrganization(t, config(srv)).People, alice)} {
		want := map[string]string{"active": "member", "invited": "invited", "expired": "expired", "none": ""}[status]
		if got := standing(p); got != want && got != want+" invited" {
			t.Errorf("%s has her %q, want %q", what, got, want)
		}
		if got := p.Grants(srv.OrganizationID); fmt.Sprint(got) != fmt.Sprint(cloud.Without(parse(t, grants...), nil)) {
			t.Errorf("%s has %v, want %v", what, got, grants)
		}
	}
}

func wantMails(t *testing.T, srv *cloudtest.Server, n int) {
	t.Helper()
	if got := srv.Mails(); len(got) != n {
		t.Errorf("%d e-mails went out, want %d", len(got), n)
	}
}

func TestEnsureFromEveryStart(t *testing.T) {
	t.Parallel()
	type outcome struct {
		writes []string
		status string
		grants []string
	}
	invite := func(grants ...string) string { return with("invite", grants) }
	reinvite := func(grants ...string) []string { return []string{"revoke", with("invite", grants)} }
	x, y, analyst := "deployment-viewer:x", "deployment-viewer:y", "security-viewer:*+analyst"
	for wantedName, test := range map[string]struct {
		wanted Wanted
		from   map[string]outcome
	}{
		"same": {Wanted{Grants: parse(t, heldGrants...)}, map[string]outcome{
			"nobody":  {[]string{invite(x, y)}, "invited", heldGrants},
			"invited": {nil, "invited", heldGrants},
			"expired": {reinvite(x, y), "invited", heldGrants},
			"member":  {nil, "active", heldGrants},
		}},
		"other": {Wanted{Grants: parse(t, otherGrants...)}, map[string]outcome{
			"nobody":  {[]string{invite(y, analyst)}, "invited", otherGrants},
			"invited": {reinvite(y, analyst), "invited", otherGrants},
			"expired": {reinvite(y, analyst), "invited", otherGrants},
			"member":  {[]string{with("add", []string{analyst}), with("take", []string{x})}, "active", otherGrants},
		}},
		"more": {Wanted{Grants: parse(t, x, y, analyst)}, map[string]outcome{
			"nobody":  {[]string{invite(x, y, analyst)}, "invited", []string{x, y, analyst}},
			"invited": {reinvite(x, y, analyst), "invited", []string{x, y, analyst}},
			"expired": {reinvite(x, y, analyst), "invited", []string{x, y, analyst}},
			"member":  {[]string{with("add", []string{analyst})}, "active", []string{x, y, analyst}},
		}},
		"keep": {Wanted{KeepGrants: true, Grants: parse(t, "billing-admin")}, map[string]outcome{
			"nobody":  {[]string{"invite"}, "invited", nil},
			"invited": {nil, "invited", heldGrants},
			"expired": {reinvite(x, y), "invited", heldGrants},
			"member":  {nil, "active", heldGrants},
		}},
		"none": {Wanted{}, map[string]outcome{
			"nobody":  {[]string{"invite"}, "invited", nil},
			"invited": {reinvite(), "invited", nil},
			"expired": {reinvite(), "invited", nil},
			"member":  {[]string{with("take", heldGrants)}, "active", nil},
		}},
	} {
		test.from["member invited"] = test.from["member"]
		for start, want := range test.from {
			for seed := range int64(2) {
				t.Run(fmt.Sprint(start, "/", wantedName, "/", seed), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						srv := newServer(t, cloudtest.Seed(seed))
						starts[start](srv, heldGrants)
						d := newOrganization(t, config(srv)).People
						wanted := test.wanted
						wanted.Email = "Alice@Example.com"
						planned := look(t, d, alice).Change(srv.OrganizationID, wanted)
						p, change, err := d.Ensure(t.Context(), wanted)
						if err != nil {
							t.Fatal(err)
						}
						if fmt.Sprint(change) != fmt.Sprint(planned) {
							t.Errorf("did %+v, and announced %+v", change, planned)
						}
						if got := writes(t, srv); !slices.Equal(got, want.writes) {
							t.Errorf("sent %v, want %v", got, want.writes)
						}
						mails := len(slices.DeleteFunc(slices.Clone(want.writes), func(w string) bool { return !strings.HasPrefix(w, "invite") }))
						wantMails(t, srv, mails)
						wantLists(t, srv, 1+min(1, len(want.writes))) // one of them confirms what was sent
						wantPerson(t, srv, p, want.status, want.grants)

						srv.ResetLedger()
						if _, change, err := d.Ensure(t.Context(), wanted); err != nil || len(change.Add)+len(change.Remove) > 0 || change.Invite {
							t.Errorf("once more: %+v, %v", change, err)
						}
						if sent := srv.Requests(); len(sent) > 0 {
							t.Errorf("once more: sent %v", routes(sent))
						}
					})
				})
			}
		}
	}
}

// with writes a request as writes does.
func with(write string, grants []string) string {
	if len(grants) == 0 {
		return write
	}
	return write + " [" + strings.Join(grants, " ") + "]"
}

func TestDismissFromEveryStart(t *testing.T) {
	t.Parallel()
	for start, want := range map[string][]string{
		"nobody":         nil,
		"invited":        {"revoke"},
		"expired":        {"revoke"},
		"member":         {"remove"},
		"member invited": {"remove", "revoke"},
	} {
		t.Run(start, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				starts[start](srv, heldGrants)
				srv.AddMember("bob@example.com")
				d := newOrganization(t, config(srv)).People
				if err := d.Dismiss(t.Context(), "ALICE@example.com", false); err != nil {
					t.Fatal(err)
				}
				if got := writes(t, srv); !slices.Equal(got, want) {
					t.Errorf("sent %v, want %v", got, want)
				}
				wantLists(t, srv, 1+min(1, len(want))) // one of them confirms what was sent
				wantPerson(t, srv, look(t, d, alice), "none", nil)
				if got := srv.Emails(); !slices.Equal(got, []string{"bob@example.com"}) {
					t.Errorf("left are %v", got)
				}
				srv.ResetLedger()
				if err := d.Dismiss(t.Context(), alice, false); err != nil || len(srv.Requests()) > 0 {
					t.Errorf("once more: %v, sent %v", err, routes(srv.Requests()))
				}
			})
		})
	}
}

// Unknown access stays, even if an invitation is replaced.
func TestUnknownAssignmentsAreKept(t *testing.T) {
	t.Parallel()
	unknown := map[string]string{
		"connected_cluster": `[{"ids":["c1"],"role_id":"cluster-viewer"}]`,
		"platform":          `[{"role_id":"platform-viewer"}]`,
		"project.newtype":   `[{"role_id":"newtype-admin","all":true}]`,
	}
	for start, begin := range starts {
		if start == "nobody" {
			continue
		}
		t.Run(start, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t)
				begin(srv, heldGrants)
				for branch, raw := range unknown {
					srv.AddUnknownAssignment(alice, branch, raw)
				}
				p := ensure(t, newOrganization(t, config(srv)).People, alice, otherGrants...)
				wantPerson(t, srv, p, map[bool]string{true: "active", false: "invited"}[p.Member != nil], otherGrants)
				for branch, raw := range unknown {
					var got, want any
					if err := errors.Join(json.Unmarshal([]byte(srv.UnknownAssignments(alice)[branch]), &got), json.Unmarshal([]byte(raw), &want)); err != nil {
						t.Errorf("%s: %v", branch, err)
					}
					if fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%s became %v, want %v", branch, got, want)
					}
				}
			})
		})
	}
}

// An expired invitation is sent again, even if the service never marks it as expired.
func TestExpiredWhereTheServiceNeverSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.NeverExpired())
		srv.AddInvitation(alice, "billing-admin")
		wanted := Wanted{Email: alice, Grants: parse(t, "billing-admin")}
		for n := range 2 {
			for range 2 { // once is enough
				if _, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), wanted); err != nil {
					t.Error(err)
				}
				wantMails(t, srv, n)
			}
			srv.Advance(73 * time.Hour)
		}
	})
}

func TestExpiresInIsPassedOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		for _, expiresIn := range []string{"7d", ""} {
			if _, _, err := d.Ensure(t.Context(), Wanted{Email: "a" + expiresIn + "@example.com", ExpiresIn: expiresIn}); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(srv.Writes()[0].Body); got != `{"emails":["a7d@example.com"],"expires_in":"7d"}` {
			t.Errorf("sent %s", got)
		}
		if got := string(srv.Writes()[1].Body); got != `{"emails":["a@example.com"]}` {
			t.Errorf("sent %s", got)
		}
	})
}

func TestNoInvitation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for start, test := range map[string]struct {
			grants []string
			err    error
		}{
			"nobody":  {otherGrants, ErrNotThere},
			"expired": {heldGrants, ErrNotThere},
			"invited": {otherGrants, ErrNotThere},
			"member":  {otherGrants, nil},
		} {
			srv := newServer(t)
			starts[start](srv, heldGrants)
			_, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, test.grants...), NoInvitation: true})
			if !errors.Is(err, test.err) {
				t.Errorf("%s: %v", start, err)
			}
			if sent := writes(t, srv); test.err != nil && len(sent) > 0 {
				t.Errorf("%s: sent %v", start, sent)
			}
			wantMails(t, srv, 0)
		}
		srv := newServer(t)
		starts["invited"](srv, heldGrants)
		if _, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, heldGrants...), NoInvitation: true}); err != nil {
			t.Errorf("an open invitation that is right needs no e-mail: %v", err)
		}
	})
}

// The same person twice at the same time, in other case, is one person.
func TestTwoOfTheSamePerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		var both sync.WaitGroup
		for _, email := range []string{"alice@example.com", "Alice@Example.COM"} {
			both.Go(func() {
				if _, _, err := d.Ensure(t.Context(), Wanted{Email: email, Grants: parse(t, otherGrants...)}); err != nil {
					t.Errorf("%s: %v", email, err)
				}
			})
		}
		both.Wait()
		wantMails(t, srv, 1)
		if got := writes(t, srv); len(got) != 1 {
			t.Errorf("sent %v", got)
		}
		wantLists(t, srv, 2)
	})
}

// Somebody else's change of the same person is waited for, but not for ever.
func TestWaitingForThePersonEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		unlock, err := d.o.locks.lock(t.Context(), PersonObject(alice))
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if _, _, err := d.Ensure(ctx, Wanted{Email: "Alice@example.com"}); err == nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("Ensure: %v", err)
		}
		if err := d.Dismiss(ctx, alice, false); err == nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("Dismiss: %v", err)
		}
		wantTook(t, "both", start, time.Hour)
		ensure(t, d, "bob@example.com") // somebody else is not held up
		if got := srv.Emails(); !slices.Equal(got, []string{"bob@example.com"}) {
			t.Errorf("there are %v", got)
		}
	})
}
