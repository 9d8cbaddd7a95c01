// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// A caller who decided to read before a read ended, and asks after it has ended, gets
// its answer. Otherwise a run would read twice on a busy machine.
func TestSharedReadRemembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s sharedRead
		var reads int
		failed := errors.New("failed")
		read := func(err error) func(context.Context) error {
			return func(context.Context) error { reads++; return err }
		}
		now := time.Now() // in the bubble, of all steps
		for _, step := range []struct {
			name  string
			since time.Time
			read  error // what a read would return
			reads int   // in all
			err   error // what the read returns
		}{
			{"the first one fails", time.Time{}, failed, 1, failed},
			{"a failed one is none", time.Time{}, nil, 2, nil},
			{"any will do", time.Time{}, failed, 2, nil},
			{"it began after that", now.Add(-1), failed, 2, nil},
			{"it began at that moment", now, failed, 3, failed},
			{"it began before that", now.Add(1), failed, 4, failed},
			{"the one before still counts", now.Add(-1), failed, 4, nil},
		} {
			err := s.do(t.Context(), step.since, read(step.read))
			if reads != step.reads || !errors.Is(err, step.err) {
				t.Errorf("%s: %d reads, want %d; got %v", step.name, reads, step.reads, err)
			}
		}
	})
}

// A read under way that began at the moment at which the caller asks does not count
// either: it may have been answered already. All callers who arrive while it is under
// way share the next one.
func TestSharedReadUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s sharedRead
		var reads atomic.Int32
		read := func(ctx context.Context) error {
			reads.Add(1)
			return pace.Sleep(ctx, time.Second)
		}
		start := time.Now()
		var group sync.WaitGroup
		ask := func(since time.Time, took time.Duration) {
			group.Go(func() {
				if err := s.do(t.Context(), since, read); err != nil {
					t.Error(err)
				}
				wantTook(t, "asking", start, took)
			})
			synctest.Wait()
		}
		ask(time.Time{}, time.Second)
		ask(time.Time{}, time.Second)
		ask(start.Add(-1), time.Second)
		for range 100 {
			ask(start, 2*time.Second)
		}
		time.Sleep(1500 * time.Millisecond)
		ask(time.Now(), 3*time.Second)
		group.Wait()
		if got := reads.Load(); got != 3 {
			t.Errorf("%d reads", got)
		}
	})
}

// A read ends when no caller waits for it, in whichever way they leave.
func TestSharedReadEndsWithItsCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s sharedRead
		ended := make(chan struct{}, 1)
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				err := s.do(ctx, time.Time{}, func(ctx context.Context) error {
					<-ctx.Done()
					ended <- struct{}{}
					return ctx.Err()
				})
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		group.Wait()
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Error("it continues")
		}
		if err := s.do(t.Context(), time.Time{}, func(context.Context) error { return nil }); err != nil {
			t.Errorf("the next caller got %v", err)
		}
	})
}
