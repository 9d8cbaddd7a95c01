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
	// lagWindow is how long after a write a list is not trusted to show it.
	lagWindow = 30 * time.Second
	// justNow is how old a list may be by which a guard decides that there is
	// nothing to guard. A write takes about that long to go out, unless the service
	// has it wait.
	justNow = time.Second
)

// view is what a run knows of one list of the service: it is read once, however
// many ask, and the run's own writes are carried forward in it.
type view[T any] struct {
	config Config
	read   func(context.Context) (T, error)
	clone  func(T) T
	reads  sharedRead
	writes underWay

	mu      sync.Mutex
	listed  T         // as the service has it, without the writes of this run
	data    T         // as listed, and changed since
	there   bool      // it was read
	readAt  time.Time // when the list was asked for
	journal []entry[T]
	written chan struct{} // closed at the next write; see next
	late    int           // how many wait for a list that shows what was written, after one that did not
}

// entry is a write of this run. It is made again on a list that may not show it
// yet, so carry can be applied twice.
type entry[T any] struct {
	at    time.Time
	of    Object
	carry func(T)
}

// newView returns a view of which nothing is read yet: until then it shows nothing.
func newView[T any](config Config, nothing T, clone func(T) T, read func(context.Context) (T, error)) *view[T] {
	return &view[T]{config: config, read: read, clone: clone, listed: nothing, data: nothing}
}

// asItIs is the clone of what no write is carried into.
func asItIs[T any](listed T) T { return listed }

// list makes sure that the list is there.
func (v *view[T]) list(ctx context.Context) error { return v.since(ctx, time.Time{}) }

// refresh reads the list anew.
func (v *view[T]) refresh(ctx context.Context) error { return v.since(ctx, time.Now()) }

// recent makes sure that there is a list from just now.
func (v *view[T]) recent(ctx context.Context) error { return v.since(ctx, time.Now().Add(-justNow)) }

// since makes sure that there is a list that was asked for after a moment.
// Callers at the same time share one request, which outlives a caller who is
// cancelled.
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

// wasRead tells that the list was read in this run.
func (v *view[T]) wasRead() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.there
}

// look shows what is known, without a request. It is not to be kept or changed.
func (v *view[T]) look(look func(T)) {
	v.lookBoth(func(_, data T) { look(data) })
}

// lookBoth shows the list as the service has it, and with the writes of this run.
func (v *view[T]) lookBoth(look func(listed, data T)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	look(v.listed, v.data)
}

// wrote carries a write of this run into the view. It is about one object.
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

// forget carries the writes about an object no further: the next list counts as it
// is.
func (v *view[T]) forget(of Object) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.journal = slices.DeleteFunc(v.journal, func(e entry[T]) bool { return e.of == of })
}

// wake lets those go on who wait for what another resource does.
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

// next is closed when this run next writes something, or wakes those who wait.
func (v *view[T]) next() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.written == nil {
		v.written = make(chan struct{})
	}
	return v.written
}

// patiently tries something until it is done or fails: after each write of this
// run, when the channel of a try says so, and at last when the patience is over, as
// another run may have done it, which nothing here tells of. While lists lag, what it
// waits for may not have had its turn: the patience begins anew then. It ends early
// where others cannot begin as long as this waits.
func (v *view[T]) patiently(ctx context.Context, try func(last bool) (done bool, again <-chan time.Time, err error)) error {
	timeout := time.NewTimer(v.config.Patience)
	defer timeout.Stop()
	var full <-chan struct{}
	for waits := false; ; waits = true {
		next := v.next() // before the try, which may miss what comes while it looks
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

// lag tells that lists lag behind a write of this run right now.
func (v *view[T]) lag() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.late > 0
}

// isLate counts somebody who waits for a list, by +1 and -1.
func (v *view[T]) isLate(by int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.late += by
}
