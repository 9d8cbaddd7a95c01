// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// store is a service that holds names, and lists them as they were a while ago.
type store struct {
	mu    sync.Mutex
	lag   time.Duration
	takes time.Duration // for one list
	names map[string]time.Time
	reads []time.Duration // since it began
	began time.Time
}

func newStore(lag time.Duration) *store {
	return &store{lag: lag, names: map[string]time.Time{}, began: time.Now()}
}

func (s *store) view() *view[map[string]bool] {
	config := Config{Patience: 15 * time.Second, Gather: 30 * time.Millisecond}
	return newView(config, nil, maps.Clone, func(context.Context) (map[string]bool, error) {
		s.mu.Lock()
		s.reads = append(s.reads, time.Since(s.began))
		listed := map[string]bool{}
		for name, at := range s.names {
			if time.Since(at) >= s.lag {
				listed[name] = true
			}
		}
		s.mu.Unlock()
		time.Sleep(s.takes)
		return listed, nil
	})
}

// adding is a write that adds a name after a while, unless the service only says so.
func (s *store) adding(name string, takes time.Duration, nothing *int) write[map[string]bool] {
	return write[map[string]bool]{
		send: func(context.Context, bool) (string, error) {
			time.Sleep(takes)
			s.mu.Lock()
			defer s.mu.Unlock()
			if nothing != nil && *nothing > 0 {
				*nothing--
			} else if s.names[name].IsZero() {
				s.names[name] = time.Now()
			}
			return "to add " + name, nil
		},
		shown: func(listed map[string]bool) (bool, string) {
			return listed[name], fmt.Sprint(slices.Sorted(maps.Keys(listed)))
		},
	}
}

// All writes that are under way together share one list.
func TestConfirmationIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(0)
		s.takes = 100 * time.Millisecond
		v := s.view()
		var group sync.WaitGroup
		for n := range 1000 {
			group.Go(func() {
				if err := v.confirmed(t.Context(), s.adding(fmt.Sprint(n), time.Duration(n+1)*10*time.Millisecond, nil)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(s.reads) != 1 {
			t.Errorf("the list was read %d times, at %v; want once", len(s.reads), s.reads)
		}
	})
}

// A write that hangs does not hold up the others.
func TestConfirmationDoesNotWaitForWhatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(0)
		v := s.view()
		var group sync.WaitGroup
		group.Go(func() {
			if err := v.confirmed(t.Context(), s.adding("hangs", time.Minute, nil)); err != nil {
				t.Error(err)
			}
		})
		start := time.Now()
		if err := v.confirmed(t.Context(), s.adding("quick", 0, nil)); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited > 2*stalled {
			t.Errorf("it took %s to confirm beside a write that hangs", waited)
		}
		group.Wait()
	})
}

// What a list does not show yet is looked at again, with growing pauses, for as long
// as lists may lag behind.
func TestConfirmationLooksAgain(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, time.Second, lagWindow} {
		t.Run(lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(lag)
				v := s.view()
				if err := v.confirmed(t.Context(), s.adding("late", 0, nil)); err != nil {
					t.Error(err)
				}
				if len(s.reads) > 9 {
					t.Errorf("the list was read %d times, at %v", len(s.reads), s.reads)
				}
				for i := range max(0, len(s.reads)-2) {
					if s.reads[i+2]-s.reads[i+1] < s.reads[i+1]-s.reads[i] {
						t.Errorf("the pauses do not grow: %v", s.reads)
					}
				}
			})
		})
	}
}

// A write that is accepted and not done is sent once more, and then returns an error.
func TestConfirmationSendsOnceMore(t *testing.T) {
	t.Parallel()
	for times, wantErr := range []bool{false, false, true} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(0)
				nothing := times
				err := s.view().confirmed(t.Context(), s.adding("x", 0, &nothing))
				var missing *NotShownError
				if got := errors.As(err, &missing); got != wantErr {
					t.Fatalf("error %v", err)
				}
				if wantErr && (missing.Sent != "to add x" || missing.Shown != "[]") {
					t.Errorf("error %v", err)
				}
				if nothing != 0 {
					t.Errorf("it was not sent again")
				}
			})
		})
	}
}

// What must not be sent again is an error at once.
func TestConfirmationDoesNotSendAgainWhatIsUnsafe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(0)
		sends := 0
		w := s.adding("x", 0, nil)
		w.send = func(_ context.Context, again bool) (string, error) {
			if again {
				return "", errNotAgain
			}
			sends++
			return "to add x", nil
		}
		var missing *NotShownError
		if err := s.view().confirmed(t.Context(), w); !errors.As(err, &missing) || missing.Err != nil || sends != 1 {
			t.Errorf("sent %d times: %v", sends, err)
		}
	})
}

// A write whose answer is lost is done if the list shows it, and failed otherwise.
func TestConfirmationOfALostAnswer(t *testing.T) {
	t.Parallel()
	lost := &cloud.Error{Call: "PUT /x", Err: errors.New("no answer"), Sent: true}
	for _, done := range []bool{true, false} {
		t.Run(fmt.Sprint(done), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(0)
				nothing := 0
				if !done {
					nothing = 1
				}
				w := s.adding("x", 0, &nothing)
				send := w.send
				w.send = func(ctx context.Context, again bool) (string, error) {
					what, _ := send(ctx, again)
					return what, lost
				}
				if err := s.view().confirmed(t.Context(), w); (err == nil) != done || err != nil && !errors.Is(err, lost) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// A caller who is stopped after the service has accepted a write does not wait. A
// caller who only runs out of time does not take the write for done.
func TestConfirmationOfACallerWhoGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(lagWindow)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		start := time.Now()
		if err := s.view().confirmed(ctx, s.adding("x", 0, nil)); err != nil {
			t.Errorf("error %v", err)
		}
		late, cancelLate := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancelLate()
		if err := s.view().confirmed(late, s.adding("y", 0, nil)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: %v", err)
		}
		start = start.Add(5 * time.Second)
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("it returned after %s", waited)
		}
	})
}

// A thousand people change at once, each with two requests, and one list of each kind
// confirms them.
func TestManyChangesAreConfirmedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(100*time.Millisecond))
		for i := range 1000 {
			srv.AddMember(number(i), "deployment-viewer:*")
		}
		d := newOrganization(t, config(srv)).People
		wanted := parse(t, "deployment-editor:*")
		wantNoErrors(t, ensureAll(t, d, 1000, func(int) Wanted { return Wanted{Grants: wanted} }))
		wantLists(t, srv, 2)
		wantCount(t, srv, postRoles, 1000)
		wantCount(t, srv, deleteRoles, 1000)
	})
}

// A caller who gives up after the service has shown that it did nothing gets an error
// about that.
func TestConfirmationOfACallerWhoGivesUpInTheSecondTry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(0)
		nothing := 2
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*lagWindow/2, cancel)
		if err := s.view().confirmed(ctx, s.adding("x", 0, &nothing)); !isNotShown(err) {
			t.Errorf("error %v", err)
		}
	})
}

// If the lists show a person late, at any moment, a repeated request that finds nothing
// to do is not an error.
func TestPersonIsShownLate(t *testing.T) {
	t.Parallel()
	for lag := lagWindow + time.Second; lag < lagWindow+3*time.Second; lag += 10 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer(t, cloudtest.Lag(lag), cloudtest.Latency(30*time.Millisecond))
			srv.AddMember(alice)
			time.Sleep(time.Minute)
			if _, _, err := newOrganization(t, config(srv)).People.Ensure(t.Context(), Wanted{Email: alice, Grants: parse(t, "billing-admin")}); err != nil {
				t.Errorf("lag %s: %v", lag, err)
			}
		})
	}
}

// A grant whose removal would be sent once more stays if the run grants it in the
// meantime.
func TestUnassignedAgainAndGivenMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, "billing-admin")
		srv.Fail(cloudtest.Fault{Route: deleteRoles, Undone: true})
		d := newOrganization(t, config(srv)).People
		grant := mustParse(t, "billing-admin")
		var group sync.WaitGroup
		group.Go(func() {
			time.Sleep(lagWindow / 2)
			if _, err := d.Assign(t.Context(), alice, grant); err != nil {
				t.Error(err)
			}
		})
		if err := d.Unassign(t.Context(), alice, grant); err != nil {
			t.Error(err)
		}
		group.Wait()
		wantCount(t, srv, deleteRoles, 1)
		wantGrants(t, srv, alice, "billing-admin")
	})
}

// A grant that is gone although every answer was lost is taken.
func TestUnassignedAlthoughTheAnswersAreLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		srv.AddMember(alice, "billing-admin", "deployment-viewer:x")
		srv.Fail(cloudtest.Fault{Route: deleteRoles, Status: 503, After: true, Times: -1})
		if err := newOrganization(t, config(srv)).People.Unassign(t.Context(), alice, mustParse(t, "billing-admin")); err != nil {
			t.Error(err)
		}
		wantGrants(t, srv, alice, "deployment-viewer:x")
	})
}

// A claim that the list never shows is not said to be somebody else's.
func TestClaimIsNotShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		d := newOrganization(t, config(srv)).Domains
		code, err := d.GenerateCode(t.Context(), "example.com")
		if err != nil {
			t.Fatal(err)
		}
		srv.PublishTXT(cloud.ChallengeRecordName("example.com"), code)
		srv.SetLag(10 * time.Minute)
		if err := d.Verify(t.Context(), "example.com"); !isNotShown(err) || cloud.HasCode(err, cloud.CodeDomainExists) {
			t.Errorf("got %v", err)
		}
	})
}

// A mapping that was renamed, and changed in part, is finished under its new name.
func TestRenamedMappingIsFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, o := withIdP(t)
		srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("x")), "organization-admin")
		srv.AddRoleMapping("a", true, cloudtest.AnyOf(cloudtest.Group("x")), "billing-admin", "deployment-viewer:*")
		m, _, err := o.RoleMappings.Find(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		m.Name = "b"
		srv.Fail(cloudtest.Fault{Route: putMapping, Part: true})
		if err := o.RoleMappings.Update(t.Context(), "a", m); err != nil {
			t.Error(err)
		}
		for _, there := range srv.RoleMappings() {
			if there.Name == "b" && len(there.Grants) != 2 {
				t.Errorf("got %+v", there)
			}
		}
	})
}

// A list that lags is not taken for one that shows a part, whichever of two alike it
// shows.
func TestLagIsNoLoss(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cloudtest.Option{
		"shown alike":             {cloudtest.EmptyAsAbsent()},
		"shown alike, and strict": {cloudtest.EmptyAsAbsent(), cloudtest.StrictGrants()},
		"strict":                  {cloudtest.StrictGrants()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, append(opts, cloudtest.Lag(2*time.Second))...)
				srv.AddMember(alice, empty)
				time.Sleep(3 * time.Second)
				ensureAnew(t, srv, Wanted{Email: alice, Grants: parse(t, "deployment-viewer:*"), Known: parse(t, empty)})
				wantGrants(t, srv, alice, "deployment-viewer:*")
				if got := routes(srv.Writes()); !slices.Equal(got, []string{postRoles, deleteRoles}) {
					t.Errorf("sent %q", got)
				}
			})
		})
	}
}
