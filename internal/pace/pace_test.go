// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package pace

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a service that takes so many calls in each window of a second and
// answers each after a while.
type limited struct {
	limit  int
	takes  time.Duration
	silent bool // it does not say what its limit is

	mu             sync.Mutex
	window         time.Time
	count          int
	at             []time.Time
	refused        []time.Time
	underWay, most int
}

func (l *limited) serve(ctx context.Context) (status int, header http.Header, err error) {
	l.mu.Lock()
	now := time.Now()
	if now.Sub(l.window) >= time.Second {
		l.window, l.count = now, 0
	}
	l.count++
	l.at = append(l.at, now)
	l.underWay++
	l.most = max(l.most, l.underWay)
	status, header = http.StatusOK, http.Header{}
	if l.limit > 0 && !l.silent {
		header.Set("X-Ratelimit-Limit", strconv.Itoa(l.limit))
		header.Set("X-Ratelimit-Remaining", strconv.Itoa(max(0, l.limit-l.count)))
		header.Set("X-Ratelimit-Interval", "1")
	}
	if l.limit > 0 && l.count > l.limit {
		l.refused = append(l.refused, now)
		status = http.StatusTooManyRequests
		header.Set("Retry-After", "1")
	}
	l.mu.Unlock()
	err = Sleep(ctx, l.takes)
	l.mu.Lock()
	l.underWay--
	l.mu.Unlock()
	return status, header, err
}

// call makes calls at the same time, after a first one. Each is repeated up to four
// times if it is refused.
func (l *limited) call(t *testing.T, n int) {
	t.Helper()
	p := New(time.Second, LongestWait)
	one := func() {
		for try := range 5 {
			if err := p.Begin(t.Context()); err != nil {
				t.Error(err)
				return
			}
			start := time.Now()
			status, header, err := l.serve(t.Context())
			p.End(start, status, header)
			if err != nil || status == http.StatusOK {
				return
			}
			_ = Sleep(t.Context(), Backoff(time.Second, LongestWait, try, header))
		}
		t.Error("refused five times")
	}
	one()
	var group sync.WaitGroup
	for range n - 1 {
		group.Go(one)
	}
	group.Wait()
}

func TestPaceWithoutLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &limited{takes: 100 * time.Millisecond}
		start := time.Now()
		service.call(t, 100)
		if took := time.Since(start); took > 1500*time.Millisecond || service.most > MostCalls {
			t.Errorf("100 calls of 100 ms took %v, %d at a time", took, service.most)
		}
	})
}

// What the service says of its limit is kept to: next to nothing is refused,
// and little time is lost.
func TestPaceKeepsToTheLimit(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			service := &limited{limit: 10, takes: takes}
			start := time.Now()
			service.call(t, 200)
			if took := time.Since(start); len(service.refused) > 0 || took > 40*time.Second {
				t.Errorf("at %v: %d of %d calls refused in %v", takes, len(service.refused), len(service.at), took)
			}
		})
	}
}

// A large limit is used up as fast as possible, and then kept.
func TestPaceUsesALargeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &limited{limit: 120, takes: 100 * time.Millisecond}
		start := time.Now()
		service.call(t, 100)
		if took := time.Since(start); took > 1500*time.Millisecond || len(service.refused) > 0 {
			t.Errorf("100 calls took %v, %d refused", took, len(service.refused))
		}
	})
}

// A limit that shows only in refusals is found with few of them.
func TestPaceFindsTheLimit(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			service := &limited{limit: 10, takes: takes, silent: true}
			start := time.Now()
			service.call(t, 200)
			took := time.Since(start)
			if share := float64(len(service.refused)) / float64(len(service.at)); share > 0.05 || took > time.Minute {
				t.Errorf("at %v: %d of %d calls refused in %v", takes, len(service.refused), len(service.at), took)
			}
		})
	}
}

// After a pause the calls come one by one.
func TestNoBurstAfterAPause(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			service := &limited{limit: 10, takes: 50 * time.Millisecond, silent: silent}
			service.call(t, 100)
			slices.SortFunc(service.at, time.Time.Compare)
			paused := false
			for i := 1; i < len(service.at); i++ {
				gap := service.at[i].Sub(service.at[i-1])
				if paused && gap < 50*time.Millisecond {
					t.Errorf("silent %v: call %d is %v after the one before", silent, i, gap)
				}
				paused = paused || gap > 400*time.Millisecond
			}
			if silent && !paused {
				t.Error("there was no pause")
			}
		})
	}
}

// A caller who gives up while waiting leaves the place to the next.
func TestPaceWithoutThoseWhoGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(time.Second, LongestWait)
		for range fewCalls {
			if err := p.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, next := make(chan error, 1), make(chan error, 1)
		go func() { gaveUp <- p.Begin(ctx) }()
		synctest.Wait()
		go func() { next <- p.Begin(t.Context()) }()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		p.End(time.Now(), 0, nil)
		if err := <-next; err != nil {
			t.Error(err)
		}
	})
}

// A call with priority does not wait for others that asked before.
func TestPaceAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(time.Second, LongestWait)
		begun := make(chan string, fewCalls+2)
		begin := func(ctx context.Context, name string) {
			go func() {
				if err := p.Begin(ctx); err != nil {
					t.Error(err)
				}
				begun <- name
			}()
			synctest.Wait()
		}
		for range fewCalls {
			begin(t.Context(), "first")
		}
		begin(t.Context(), "waits")
		begin(Ahead(t.Context()), "ahead")
		for _, want := range []string{"first", "first", "first", "first", "ahead", "waits"} {
			if got := <-begun; got != want {
				t.Errorf("%q began, want %q", got, want)
			}
			p.End(time.Now(), 0, nil)
			synctest.Wait()
		}
	})
}
