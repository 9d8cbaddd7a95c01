// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"sync"
	"time"
)

// traffic counts the calls of Terraform that this process works on. Terraform tells a
// provider of one resource at a time and never how many are to come. So what depends on
// another resource, such as whether a grant that goes is given elsewhere, waits until
// Terraform asks for nothing more.
//
// Terraform works on ten resources at a time, or on as many as -parallelism says. Where
// those that wait have all of these places, others cannot begin, and silence proves
// nothing. Then the one that has waited longest gives up, which leaves its place to
// another.
type traffic struct {
	mu        sync.Mutex
	inFlight  int       // calls that are not answered yet, those that wait among them
	peak      int       // the most of them at one time, so that there are as many places
	grown     time.Time // when that became more
	applied   bool      // Terraform has asked to apply something, as a plan never does
	last      time.Time // when one began or was answered
	waiters   []*waiter // that which waits longest is the first
	stirred   chan struct{}
	fruitless int // how many of await gave up in a row

	awaiting int           // those of the waiters that await counts
	since    time.Time     // when the first of these began
	spent    time.Duration // by those before
}

// waiter is a call that waits for others.
type waiter struct {
	patience
	awaits bool // and so counts for the longest time
	told   verdict
}

// patience is how long calls wait for others.
type patience struct {
	idle    time.Duration // after so long without another call there is silence
	longest time.Duration // all waits of a process together
	spare   int           // how many places are left to others
	leads   bool          // to another call for sure, which may be what others wait for
}

// In a plan every resource has its turn soon, and so a few who wait are enough. In an
// apply a place that is left free would be taken by another removal.
var (
	inPlan  = patience{idle: 100 * time.Millisecond, longest: 2 * time.Second, spare: 2}
	inApply = patience{idle: 250 * time.Millisecond, longest: 15 * time.Second}
)

// forever is for those whose patience somebody else measures.
const forever = 1<<63 - 1

// mostFruitless is how many give up in a row until nobody waits any more. With
// -parallelism=1 nobody ever learns anything.
const mostFruitless = 3

// growth is how soon Terraform has begun as many calls as it has places.
const growth = 20 * time.Millisecond

// fewestPlaces is what Terraform has, unless somebody says less.
const fewestPlaces = 10

// verdict is how a wait has ended.
type verdict int

const (
	undecided verdict = iota
	settled           // what was waited for is there
	sure              // Terraform has asked for everything, and it is not there
	unsure            // it is not there, and may be to come
)

// call counts a call until end is called.
func (t *traffic) call() (end func()) {
	count := func(by int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.inFlight += by
		t.last = time.Now()
		if t.inFlight > t.peak {
			t.peak, t.grown = t.inFlight, t.last
		}
	}
	count(+1)
	return func() { count(-1) }
}

// apply counts a call to apply something.
func (t *traffic) apply() (end func()) {
	t.mu.Lock()
	t.applied = true
	t.mu.Unlock()
	return t.call()
}

// applies reports whether this process surely runs an apply.
func (t *traffic) applies() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.applied
}

// isNarrow reports whether no two calls were in flight at the same time so far, as with
// -parallelism=1.
func (t *traffic) isNarrow() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.peak == 1
}

// stir has all who wait look again.
func (t *traffic) stir() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wake()
}

// wake is stir. The lock is held.
func (t *traffic) wake() {
	if t.stirred != nil {
		close(t.stirred)
		t.stirred = nil
	}
}

// tell tells all who wait what silence means: what one of them does next ends it. Those
// that lead to another call go first, and the others wait for that. The lock is held.
func (t *traffic) tell(v verdict) {
	leads := slices.ContainsFunc(t.waiters, (*waiter).isFirst)
	for _, w := range t.waiters {
		if w.awaits && (!leads || w.leads) {
			w.told = v
		}
	}
	t.last = time.Now()
	t.wake()
}

// isFirst reports whether it leads to another call, and does not know yet that it may.
func (w *waiter) isFirst() bool { return w.leads && w.told == undecided }

// await waits until isThere, which is asked again after each stir, or until that is not
// to be expected any more. It is called within a call that is counted. Where nothing is
// counted, as in some tests, it is unsure at once.
func (t *traffic) await(ctx context.Context, p patience, isThere func() bool) verdict {
	if isThere() {
		return settled
	}
	w := &waiter{patience: p, awaits: true}
	if t == nil || !t.enter(w) {
		return unsure
	}
	defer t.leave(w)
	for {
		stirred := t.next() // before the look, which may miss what comes meanwhile
		if isThere() {
			t.fruitful()
			return settled
		}
		wait, v := t.look(w)
		if v != undecided {
			return v
		}
		timer := time.NewTimer(wait)
		select {
		case <-stirred:
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return unsure
		}
		timer.Stop()
	}
}

// crowded returns a channel that is closed where the call has to give up waiting for
// something else, so that others may have its place. It is called within a call that is
// counted, and end is called when that goes on.
func (t *traffic) crowded(ctx context.Context) (full <-chan struct{}, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	if t == nil {
		return nil, cancel
	}
	w := &waiter{patience: patience{idle: inApply.idle, longest: forever}}
	t.enter(w)
	closed, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			wait, v := t.look(w)
			switch v {
			case unsure:
				close(closed)
				return
			case sure: // there is place for everybody
				wait = w.idle
			}
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
	}()
	return closed, func() {
		cancel()
		<-done
		t.leave(w)
	}
}

// enter counts somebody who waits. It is false where nobody should any more.
func (t *traffic) enter(w *waiter) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if w.awaits {
		if t.fruitless >= mostFruitless || t.left(w, now) <= 0 {
			return false
		}
		if t.awaiting++; t.awaiting == 1 {
			t.since = now
		}
	}
	t.waiters = append(t.waiters, w)
	return true
}

func (t *traffic) leave(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiters = slices.DeleteFunc(t.waiters, func(other *waiter) bool { return other == w })
	t.last = time.Now()
	if w.awaits {
		if t.awaiting--; t.awaiting == 0 {
			t.spent += t.last.Sub(t.since)
		}
	}
}

func (t *traffic) next() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stirred == nil {
		t.stirred = make(chan struct{})
	}
	return t.stirred
}

// fruitful notes that waiting was of use.
func (t *traffic) fruitful() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fruitless = 0
}

// left is how long all together may wait still. The lock is held.
func (t *traffic) left(w *waiter, now time.Time) time.Duration {
	left := w.longest - t.spent
	if t.awaiting > 0 {
		left -= now.Sub(t.since)
	}
	return left
}

// first is who gives up before all others. The lock is held.
func (t *traffic) first() *waiter {
	if i := slices.IndexFunc(t.waiters, (*waiter).isFirst); i >= 0 {
		return t.waiters[i]
	}
	return t.waiters[0]
}

// isBeyond reports whether somebody waits in a place that is for others. The lock is held.
func (t *traffic) isBeyond(w *waiter) bool {
	return w.spare > 0 && slices.Index(t.waiters, w) >= max(t.peak, fewestPlaces)-w.spare
}

// look says what silence tells somebody who waits, or when to look again.
func (t *traffic) look(w *waiter) (time.Duration, verdict) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	left, idle := t.left(w, now), now.Sub(t.last)
	switch {
	case w.told != undecided:
		return 0, w.told
	case left <= 0, t.isBeyond(w) && now.Sub(t.grown) >= growth:
		return 0, unsure
	case t.isBeyond(w):
		return min(left, growth-now.Sub(t.grown)), undecided
	case t.inFlight > len(t.waiters):
		return min(left, w.idle), undecided
	case idle < w.idle:
		return min(left, w.idle-idle), undecided
	case t.peak > len(t.waiters):
		t.tell(sure)
		return min(left, w.idle), w.told
	case w.awaits && t.fruitless >= mostFruitless:
		t.tell(unsure)
		return min(left, w.idle), w.told
	case t.first() != w, !w.awaits && len(t.waiters) < fewestPlaces: // who knows whether there are more
		return min(left, w.idle), undecided
	}
	if t.last = now; w.awaits {
		t.fruitless++
	}
	return 0, unsure
}
