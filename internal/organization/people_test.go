// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// wantLists checks how often each list was asked for.
func wantLists(t *testing.T, srv *cloudtest.Server, n int) {
	t.Helper()
	if members, invitations := srv.Count(getMembers), srv.Count(getInvitations); members != n || invitations != n {
		t.Errorf("members were listed %d times and invitations %d times, want %d", members, invitations, n)
	}
}

// look asks the directory for a person.
func look(t *testing.T, d *People, email string) Person {
	t.Helper()
	p, err := d.Find(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// standing describes the access of a person in a word or two.
func standing(p Person) string {
	var words []string
	if p.Member != nil {
		words = append(words, "member")
	}
	for _, i := range p.Invitations {
		if i.Expired {
			words = append(words, "expired")
		} else {
			words = append(words, "invited")
		}
	}
	return strings.Join(words, " ")
}

func TestOneListForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("member@example.com")
		srv.AddInvitation("invited@example.com")
		d := newOrganization(t, configWithoutOrganization(srv)).People
		var callers sync.WaitGroup
		for i := range 50 {
			callers.Go(func() {
				email, want := "Member@example.com", "member"
				switch i % 3 {
				case 1:
					email, want = "INVITED@example.com", "invited"
				case 2:
					email, want = fmt.Sprintf("nobody%d@example.com", i), ""
				}
				if p, err := d.Find(t.Context(), email); err != nil || standing(p) != want || p.Exists() != (want != "") {
					t.Errorf("%s is %q, %v", email, standing(p), err)
				}
			})
		}
		callers.Wait()
		wantLists(t, srv, 1)
		if n := srv.Count(getOrganizations); n != 1 {
			t.Errorf("organizations were listed %d times", n)
		}
	})
}

// The first caller may give up; the others get their list all the same.
func TestCancelledCallerLeavesTheListToTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember("a@example.com")
		asked, release := make(chan struct{}), make(chan struct{})
		srv.Before(getMembers, func() {
			close(asked)
			<-release
		})
		srv.Fail(cloudtest.Fault{Route: getMembers, Status: 503}) // the list takes a repetition, too
		d := newOrganization(t, config(srv)).People
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := d.Find(ctx, "a@example.com")
			first <- err
		}()
		<-asked
		var others sync.WaitGroup
		for range 10 {
			others.Go(func() {
				if p, err := d.Find(t.Context(), "a@example.com"); err != nil || p.Member == nil {
					t.Errorf("another caller got %q, %v", standing(p), err)
				}
			})
		}
		wantWaiting(t, &d.view.reads, 11)
		cancel()
		synctest.Wait()
		select {
		case err := <-first: // while the list is still held
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the cancelled caller got %v", err)
			}
		default:
			t.Error("the cancelled caller waits for the list")
		}
		close(release)
		others.Wait()
		if members, invitations := srv.Count(getMembers), srv.Count(getInvitations); members != 2 || invitations != 1 {
			t.Errorf("%d requests for members and %d for invitations, want two and one", members, invitations)
		}
		if _, err := d.Find(ctx, "a@example.com"); !errors.Is(err, context.Canceled) {
			t.Errorf("with lists at hand, a cancelled caller gets %v", err)
		}
	})
}

// wantWaiting checks how many wait for a list that is under way, when everybody
// in the bubble waits for something.
func wantWaiting(t *testing.T, reads *sharedRead, n int) {
	t.Helper()
	synctest.Wait()
	reads.mu.Lock()
	now := reads.now
	reads.mu.Unlock()
	if now == nil {
		t.Error("no list is under way")
		return
	}
	now.crowd.mu.Lock()
	defer now.crowd.mu.Unlock()
	if now.crowd.waiting != n {
		t.Errorf("%d wait for the list, want %d", now.crowd.waiting, n)
	}
}

// A list that no caller waits for is given up.
func TestListEndsWithItsLastCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.Fail(cloudtest.Fault{Route: getMembers, Hang: time.Minute})
		d := newOrganization(t, config(srv)).People
		ctx, cancel := context.WithCancel(t.Context())
		srv.Before(getMembers, cancel)
		start := time.Now()
		if _, err := d.Find(ctx, "a@example.com"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		wantTook(t, "giving up", start, 0)
		if p, err := d.Find(t.Context(), "a@example.com"); err != nil || p.Exists() {
			t.Errorf("the next caller got %q, %v", standing(p), err)
		}
	})
}

func TestFailedListIsNotRemembered(t *testing.T) {
	t.Parallel()
	for _, route := range []string{getMembers, getInvitations} {
		srv := cloudtest.New(t)
		srv.AddMember("a@example.com")
		srv.Fail(cloudtest.Fault{Route: route, Status: 403})
		d := newOrganization(t, config(srv)).People
		if p, err := d.Find(t.Context(), "a@example.com"); err == nil {
			t.Errorf("half a list will do: %q", standing(p))
		}
		if p := look(t, d, "a@example.com"); p.Member == nil {
			t.Error("not found with whole lists")
		}
	}
}

// A person who accepts while the lists are read must not be in neither of them: they
// would look removed, and be invited again.
func TestNobodyIsLostBetweenTheLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, between := range []string{getMembers, getInvitations} {
			srv := newServer(t, cloudtest.Latency(5*time.Millisecond))
			srv.AddInvitation("a@example.com")
			srv.Before(between, func() { srv.Accept("a@example.com") })
			d := newOrganization(t, config(srv)).People
			if p := look(t, d, "a@example.com"); p.Member == nil {
				t.Errorf("accepted before %s: a is %q", between, standing(p))
			}
			var lists []string
			for _, r := range srv.Requests() {
				lists = append(lists, r.Route)
			}
			if !slices.Equal(lists, []string{getInvitations, getMembers}) {
				t.Errorf("the lists are asked for as %q", lists)
			}
		}
	})
}

func TestMemberByUserID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		id := srv.AddMember("a@example.com", "billing-admin")
		d := newOrganization(t, config(srv)).People
		m, found, err := d.Member(t.Context(), id)
		if err != nil || !found || m.UserID != id || !strings.EqualFold(m.Email, "a@example.com") || m.MemberSince.IsZero() || m.Name == "" {
			t.Errorf("got %+v, %v, %v", m, found, err)
		}
		if got := fmt.Sprint(m.RoleAssignments.Grants(srv.OrganizationID)); got != "[billing-admin]" {
			t.Errorf("holds %s", got)
		}
		if m, found, err := d.Member(t.Context(), "1"); err != nil || found {
			t.Errorf("nobody is %+v, %v", m, err)
		}
		if err := d.Dismiss(t.Context(), "a@example.com", false); err != nil {
			t.Fatal(err)
		}
		if _, found, err := d.Member(t.Context(), id); err != nil || found {
			t.Errorf("still found after the removal, %v", err)
		}
		wantLists(t, srv, 2)
	})
}

// The API does not promise an e-mail address.
func TestMembersWithoutAddress(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.Fail(cloudtest.Fault{Route: getMembers, Body: `{"members":[{"user_id":"1"},{"user_id":"2"}]}`})
	d := newOrganization(t, config(srv)).People
	for _, id := range []string{"1", "2"} {
		if m, found, err := d.Member(t.Context(), id); err != nil || !found || m.UserID != id {
			t.Errorf("%s: %+v, %v, %v", id, m, found, err)
		}
	}
	if p := look(t, d, ""); p.Exists() {
		t.Errorf("the empty address is %q", standing(p))
	}
}

func TestMemberWithStaleInvitation(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddInvitation("a@example.com", "billing-admin")
	srv.SSOLogin("A@example.com", "deployment-viewer:*")
	p := look(t, newOrganization(t, config(srv)).People, "a@Example.com")
	if standing(p) != "member invited" {
		t.Errorf("the status is %q", standing(p))
	}
	if got := fmt.Sprint(p.Grants(srv.OrganizationID)); got != "[deployment-viewer:*]" {
		t.Errorf("holds %s", got)
	}
}

// The contract has accepted_at: an invitation with it is over.
func TestAcceptedInvitationsDoNotCount(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.Fail(cloudtest.Fault{Route: getInvitations, Body: `{"invitations":[
		{"token":"t1","email":"accepted@example.com","expires_at":"2030-01-01T00:00:00Z","expired":false,"accepted_at":"2026-01-01T00:00:00Z"},
		{"token":"t2","email":"open@example.com","expires_at":"2030-01-01T00:00:00Z","expired":false,"accepted_at":null}]}`})
	d := newOrganization(t, config(srv)).People
	if p := look(t, d, "accepted@example.com"); p.Exists() {
		t.Errorf("the status is %q", standing(p))
	}
	if p := look(t, d, "open@example.com"); standing(p) != "invited" {
		t.Errorf("the status is %q", standing(p))
	}
}

func TestTheInvitationThatCounts(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 7, n, 0, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct {
		invitations []cloud.Invitation
		want        string
	}{
		"none":                  {nil, ""},
		"open before expired":   {[]cloud.Invitation{{Token: "a", Expired: true, ExpiresAt: day(9)}, {Token: "b", ExpiresAt: day(2)}}, "b"},
		"the other way round":   {[]cloud.Invitation{{Token: "b", ExpiresAt: day(2)}, {Token: "a", Expired: true, ExpiresAt: day(9)}}, "b"},
		"the last open one":     {[]cloud.Invitation{{Token: "a", ExpiresAt: day(2)}, {Token: "b", ExpiresAt: day(4)}, {Token: "c", ExpiresAt: day(3)}}, "b"},
		"the last expired one":  {[]cloud.Invitation{{Token: "a", Expired: true, ExpiresAt: day(2)}, {Token: "b", Expired: true, ExpiresAt: day(4)}}, "b"},
		"the only one, expired": {[]cloud.Invitation{{Token: "a", Expired: true}}, "a"},
	} {
		got, found := Person{Invitations: test.invitations}.Invitation()
		if got.Token != test.want || found != (test.want != "") {
			t.Errorf("%s: %+v, %v", name, got, found)
		}
	}
}

// ensure brings somebody to the grants and checks that it worked.
func ensure(t *testing.T, d *People, email string, grants ...string) Person {
	t.Helper()
	p, _, err := d.Ensure(t.Context(), Wanted{Email: email, Grants: parse(t, grants...)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parse(t interface {
	Helper()
	Fatal(...any)
}, texts ...string) []cloud.Grant {
	t.Helper()
	var grants []cloud.Grant
	for _, text := range texts {
		g, err := cloud.ParseGrant(text)
		if err != nil {
			t.Fatal(err)
		}
		grants = append(grants, g)
	}
	return grants
}

// writeAll makes a write of every kind; wantAll checks the view after it.
// writeAll makes one write of each kind, all at the same time, and returns a function
// that waits until they are confirmed.
func writeAll(t *testing.T, d *People) (confirmed func()) {
	t.Helper()
	var group sync.WaitGroup
	for email, grants := range map[string][]string{
		"new@example.com":     {"billing-admin"},
		"invited@example.com": {"billing-admin"},
		"member@example.com":  {"billing-admin", "deployment-viewer:x"},
	} {
		group.Go(func() {
			if _, _, err := d.Ensure(t.Context(), Wanted{Email: email, Grants: parse(t, grants...)}); err != nil {
				t.Error(err)
			}
		})
	}
	for _, email := range []string{"gone-member@example.com", "gone-invited@example.com"} {
		group.Go(func() {
			if err := d.Dismiss(t.Context(), email, false); err != nil {
				t.Error(err)
			}
		})
	}
	return group.Wait
}

func wantAll(t *testing.T, srv *cloudtest.Server, d *People) {
	t.Helper()
	for email, want := range map[string]string{
		"new@example.com":          "invited [billing-admin]",
		"invited@example.com":      "invited [billing-admin]",
		"member@example.com":       "member [billing-admin deployment-viewer:x]",
		"gone-member@example.com":  " []",
		"gone-invited@example.com": " []",
	} {
		p := look(t, d, email)
		if got := fmt.Sprint(standing(p), " ", p.Grants(srv.OrganizationID)); got != want {
			t.Errorf("%s is %q, want %q", email, got, want)
		}
	}
}

func people(srv *cloudtest.Server) {
	srv.AddInvitation("invited@example.com", "deployment-viewer:*")
	srv.AddInvitation("gone-invited@example.com")
	srv.AddMember("member@example.com", "deployment-viewer:x", "deployment-viewer:y")
	srv.AddMember("gone-member@example.com", "billing-admin")
}

func TestOwnWritesShow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		people(srv)
		d := newOrganization(t, config(srv)).People
		writeAll(t, d)()
		wantAll(t, srv, d)
		wantLists(t, srv, 2) // one for all of them, and one that confirms them

	})
}

// A list that does not show the run's own writes yet does not undo them.
func TestLaggingListDoesNotUndoOwnWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Lag(lagWindow-time.Second))
		people(srv)
		d := newOrganization(t, config(srv)).People
		confirmed := writeAll(t, d)
		time.Sleep(time.Second)
		for range 3 {
			if err := d.view.refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantAll(t, srv, d)
		}
		confirmed()
	})
}

// The run's own invitation does not return either after it is accepted.
func TestOwnInvitationIsAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		ensure(t, d, "a@example.com", "billing-admin")
		srv.Accept("a@example.com")
		if err := d.view.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := look(t, d, "a@example.com"); standing(p) != "member" {
			t.Errorf("the status is %q", standing(p))
		}
	})
}

// A caller who needs new lists has a reason that a read under way may not know.
func TestRefreshDoesNotShareAnEarlierList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).People
		asked, release := make(chan struct{}), make(chan struct{})
		srv.Before(getMembers, func() {
			close(asked)
			<-release
		})
		earlier, refreshed := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := d.Find(t.Context(), "a@example.com")
			earlier <- err
		}()
		<-asked
		go func() { refreshed <- d.view.refresh(t.Context()) }()
		synctest.Wait()
		close(release)
		for _, done := range []chan error{earlier, refreshed} {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		wantLists(t, srv, 2)
	})
}

// After a while, what the lists say is what counts.
func TestOwnWritesAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		people(srv)
		d := newOrganization(t, config(srv)).People
		writeAll(t, d)()
		srv.Remove("new@example.com")
		srv.Remove("member@example.com")
		time.Sleep(lagWindow + 1)
		if err := d.view.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"new@example.com", "member@example.com"} {
			if p := look(t, d, email); p.Exists() {
				t.Errorf("%s is %q", email, standing(p))
			}
		}
		ensure(t, d, "later@example.com")
		if len(d.view.journal) != 1 {
			t.Errorf("%d writes are remembered", len(d.view.journal))
		}
	})
}

// What a caller was given stays as it was.
func TestPersonsAreNotChangedAfterwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		people(srv)
		d := newOrganization(t, config(srv)).People
		member, invited := look(t, d, "member@example.com"), look(t, d, "invited@example.com")
		everybody, err := d.All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := maps.Clone(everybody)
		writeAll(t, d)()
		if !reflect.DeepEqual(everybody, before) {
			t.Errorf("everybody became %v", everybody)
		}
		if now, err := d.All(t.Context()); err != nil || reflect.DeepEqual(now, before) {
			t.Errorf("everybody is still %v, %v", now, err)
		}
		if got := fmt.Sprint(member.Grants(srv.OrganizationID), invited.Grants(srv.OrganizationID)); got != "[deployment-viewer:x deployment-viewer:y] [deployment-viewer:*]" {
			t.Errorf("became %s", got)
		}
	})
}
