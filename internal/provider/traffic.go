// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"sync"
	"time"
)

// traffic counts the calls of Terraform that this process works on. Terraform sends a
// provider one resource at a time, and never how many will follow. Some decisions depend on
// another resource: for example, whether it grants what this one would revoke. Such a call
// waits until Terraform sends nothing more.
//
// Terraform works on ten resources at a time, or on as many as -parallelism allows. If all
// these places are taken by waiting calls, no other call can begin, and silence proves
// nothing. Then the call that has waited longest gives up, so that another can begin.
type traffic struct {
	mu        sync.Mutex
	inFlight  int       // calls without an answer yet, including those that wait
	peak      int       // the most of them at one time: there are at least so many places
	grown     time.Time // when peak last grew
	applied   bool      // Terraform has applied something, which a plan never does
	last      time.Time // when a call last began or was answered
	waiters   []*waiter // the call that waits longest is first
	stirred   chan struct{}
	fruitless int           // how many calls of await gave up in a row
	awaiting  int           // how many waiters are calls of await
	since     time.Time     // when the first of these began to wait
	spent     time.Duration // how long earlier ones have waited
}

// waiter is a call that waits for others.
type waiter struct {
	patience
	awaits bool // it is a call of await, which counts for the longest time
	told   verdict
}

// patience is how long calls wait for others.
type patience struct {
	idle    time.Duration // without a call for so long, there is silence
	longest time.Duration // the limit for all waits of a process together
	spare   int           // how many places must stay free for others
	leads   bool          // another call certainly follows, for which others may wait
}

// A plan reaches every resource soon, so it needs only a few waiting calls. In an apply,
// another removal would take a free place.
var (
	inPlan  = patience{idle: 100 * time.Millisecond, longest: 2 * time.Second, spare: 2}
	inApply = patience{idle: 250 * time.Millisecond, longest: 15 * time.Second}
)

// forever is for calls whose wait another part of the code limits.
const forever = 1<<63 - 1

// mostFruitless is how many calls give up in a row before calls stop waiting. With
// -parallelism=1, waiting never helps.
const mostFruitless = 3

// growth is how soon Terraform fills all its places with calls.
const growth = 20 * time.Millisecond

// fewestPlaces is Terraform's default parallelism.
const fewestPlaces = 10

// verdict is the result of a wait.
type verdict int

const (
	undecided verdict = iota
	settled           // the awaited resource has been planned
	sure              // Terraform has sent everything, but not the awaited resource
	unsure            // the awaited resource may still follow
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

// apply counts a call that applies something.
func (t *traffic) apply() (end func()) {
	t.mu.Lock()
	t.applied = true
	t.mu.Unlock()
	return t.call()
}

// applies reports whether this process certainly runs an apply.
func (t *traffic) applies() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.applied
}

// isNarrow reports whether so far no two calls were in flight at the same time, as with
// -parallelism=1.
func (t *traffic) isNarrow() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.peak == 1
}

// stir makes all waiting calls look again.
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

// tell gives all waiting calls the verdict now, because the next action of one of them ends
// the silence. Calls that lead to another call get it first, and the others wait for that
// call. The lock is held.
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

// isFirst reports whether the call leads to another call, and has no verdict yet.
func (w *waiter) isFirst() bool { return w.leads && w.told == undecided }

// await waits until isThere is true, or until that can no longer be expected. It calls
// isThere again after each stir. It must be called within a counted call. If nothing is
// counted, as in some tests, it returns unsure immediately.
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
		stirred := t.next() // before isThere, which may miss what happens meanwhile
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

// crowded returns a channel that is closed when the call must stop waiting for something
// else, to make room for other calls. It must be called within a counted call. The caller
// calls end when that call continues.
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
			case sure: // there is room for all calls
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

// enter adds a waiting call. It is false if calls should no longer wait.
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

// fruitful notes that waiting has helped.
func (t *traffic) fruitful() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fruitless = 0
}

// left returns how long all waits together may still take. The lock is held.
func (t *traffic) left(w *waiter, now time.Time) time.Duration {
	left := w.longest - t.spent
	if t.awaiting > 0 {
		left -= now.Sub(t.since)
	}
	return left
}

// first returns the call that gives up before all others. The lock is held.
func (t *traffic) first() *waiter {
	if i := slices.IndexFunc(t.waiters, (*waiter).isFirst); i >= 0 {
		return t.waiters[i]
	}
	return t.waiters[0]
}

// isBeyond reports whether a call waits in a place that must stay free. The lock is held.
func (t *traffic) isBeyond(w *waiter) bool {
	return w.spare > 0 && slices.Index(t.waiters, w) >= max(t.peak, fewestPlaces)-w.spare
}

// look returns the verdict for a waiting call, or when to look again.
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
	case t.first() != w, !w.awaits && len(t.waiters) < fewestPlaces: // there may be more places
		return min(left, w.idle), undecided
	}
	if t.last = now; w.awaits {
		t.fruitless++
	}
	return 0, unsure
}
