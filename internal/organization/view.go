// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// lagWindow is for how long after a write a list may not show it.
	lagWindow = 30 * time.Second
	// justNow is how old a list may be for a guard to decide that there is nothing to
	// guard. A write takes about that long, unless it has to wait.
	justNow = time.Second
)

// view is what a run knows of one list of the service. The list is read once for all
// callers, and the view carries the run's own writes forward in it.
type view[T any] struct {
	config Config
	read   func(context.Context) (T, error)
	clone  func(T) T
	reads  sharedRead
	writes underWay

	mu      sync.Mutex
	listed  T         // as the service has it, without the writes of this run
	data    T         // as listed, with the writes of this run
	there   bool      // the list was read
	readAt  time.Time // when the list was requested
	journal []entry[T]
	written chan struct{} // closed at the next write; see next
	late    int           // how many callers wait for a list that shows their write, after one that did not
}

// entry is a write of this run. It is repeated on each list that may not show it yet,
// so carry may be called twice on the same write.
type entry[T any] struct {
	at    time.Time
	of    Object
	carry func(T)
}

// newView returns a view that is empty until its list is read.
func newView[T any](config Config, nothing T, clone func(T) T, read func(context.Context) (T, error)) *view[T] {
	return &view[T]{config: config, read: read, clone: clone, listed: nothing, data: nothing}
}

// asItIs is a clone function for data that no write changes.
func asItIs[T any](listed T) T { return listed }

// list makes sure that the list was read.
func (v *view[T]) list(ctx context.Context) error { return v.since(ctx, time.Time{}) }

// refresh reads the list again.
func (v *view[T]) refresh(ctx context.Context) error { return v.since(ctx, time.Now()) }

// recent makes sure that the list is at most justNow old.
func (v *view[T]) recent(ctx context.Context) error { return v.since(ctx, time.Now().Add(-justNow)) }

// since makes sure that the list was requested after a moment. Callers at the same time
// share one request, which continues if one of them gives up.
func (v *view[T]) since(ctx context.Context, moment time.Time) error {
	return v.reads.do(ctx, moment, v.fetch)
}

func (v *view[T]) fetch(ctx context.Context) error {
	start := time.Now()
	listed, err := v.read(ctx)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.listed, v.data, v.there, v.readAt = listed, v.clone(listed), true, start
	for _, e := range v.journal {
		if e.at.Add(lagWindow).After(start) {
			e.carry(v.data)
		}
	}
	return nil
}

// wasRead reports whether the list was read in this run.
func (v *view[T]) wasRead() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.there
}

// look calls its function with the data, without a request. The function must not keep
// or change it.
func (v *view[T]) look(look func(T)) {
	v.lookBoth(func(_, data T) { look(data) })
}

// lookBoth is look with two views: as the service lists it, and with the writes of this
// run.
func (v *view[T]) lookBoth(look func(listed, data T)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	look(v.listed, v.data)
}

// wrote carries a write about one object into the view.
func (v *view[T]) wrote(of Object, carry func(T)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.journal = slices.DeleteFunc(v.journal, func(e entry[T]) bool { return e.at.Add(lagWindow).Before(v.readAt) })
	v.journal = append(v.journal, entry[T]{at: time.Now(), of: of, carry: carry})
	if v.there {
		carry(v.data)
	}
	v.wakeLocked()
}

// forget stops carrying the writes about an object forward. The next list counts as it
// is.
func (v *view[T]) forget(of Object) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.journal = slices.DeleteFunc(v.journal, func(e entry[T]) bool { return e.of == of })
}

// wake wakes the callers who wait for what another resource does.
func (v *view[T]) wake() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.wakeLocked()
}

func (v *view[T]) wakeLocked() {
	if v.written != nil {
		close(v.written)
		v.written = nil
	}
}

// next returns a channel that is closed when this run next writes something, or wakes
// the callers who wait.
func (v *view[T]) next() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.written == nil {
		v.written = make(chan struct{})
	}
	return v.written
}

// patiently calls try until it is done or fails. It calls try again
//
//   - after each write of this run
//   - when the channel again of the last try is ready
//   - a last time when Config.Patience is over: another run may have made the change
//     possible, and nothing reports that
//
// If lists lag behind, the write for which try waits may not have had its turn, so the
// patience starts again. The wait ends early if other changes cannot begin while it
// lasts; see Config.Crowded.
func (v *view[T]) patiently(ctx context.Context, try func(last bool) (done bool, again <-chan time.Time, err error)) error {
	timeout := time.NewTimer(v.config.Patience)
	defer timeout.Stop()
	var full <-chan struct{}
	for waits := false; ; waits = true {
		next := v.next() // before try, so that a write during try is not missed
		done, again, err := try(false)
		if done || err != nil {
			return err
		}
		if !waits {
			var end func()
			full, end = v.config.Crowded(ctx)
			defer end()
		}
		select {
		case <-next:
		case <-again:
		case <-full:
			_, _, err := try(true)
			return err
		case <-timeout.C:
			if v.lag() {
				timeout.Reset(v.config.Patience)
				continue
			}
			_, _, err := try(true)
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// lag reports whether a list lags behind a write of this run right now.
func (v *view[T]) lag() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.late > 0
}

// isLate adds to the number of callers who wait for a list: +1 or -1.
func (v *view[T]) isLate(by int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.late += by
}
