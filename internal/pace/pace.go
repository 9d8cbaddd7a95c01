// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package pace says how many calls of an API are made at a time, and when. It
// knows nothing of Elastic Cloud: it reads what any service says of its rate.
package pace

import (
	"container/list"
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	fewCalls = 4  // at a time, for the first ones: a service that limits them without saying so refuses few
	firstFew = 10 // of these
	// MostCalls is how many calls are made at a time at most.
	MostCalls = 16
	// slack keeps calls from coming a little faster than the service counts.
	slack = 1.05
)

// Pace lets as many calls be made at a time as the service likes: more with
// each that it takes, fewer once it refuses one for the rate. What it says of
// its limit is kept to, and after a pause the calls come one by one.
type Pace struct {
	first   time.Duration // a pause where the service asks for none
	longest time.Duration // bounds every pause

	mu       sync.Mutex
	queue    list.List // of chan struct{}, closed when the call may be made
	alarm    *time.Timer
	atATime  float64
	underWay int

	until   time.Time     // no call before
	every   time.Duration // between two calls, where that is kept to
	made    time.Time     // the last call
	limited bool          // the service told its limit: every is by that, and not found by trying
	tight   bool          // the limit was reached once
	left    int           // calls that the service still takes in this window, where it told its limit
	window  time.Time     // when that began, or a little later
	taken   int           // calls since the pace was last cut, which was at since
	since   time.Time
}

// New returns a pace for one service. Where it refuses a call for the rate and
// asks for no pause, that is first; no pause is longer than longest.
func New(first, longest time.Duration) *Pace {
	return &Pace{first: first, longest: longest, atATime: fewCalls}
}

type aheadKey struct{}

// Ahead is a context whose calls go before all that wait: what is half done should
// not stay so for as long as there is other work.
func Ahead(ctx context.Context) context.Context { return context.WithValue(ctx, aheadKey{}, true) }

// Begin returns when a call may be made, in the order of asking but for those
// that go ahead. Whoever began has to End. The error is that of the context, where
// it ended first.
func (p *Pace) Begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	admitted := make(chan struct{})
	enqueue := p.queue.PushBack
	if ctx.Value(aheadKey{}) != nil {
		enqueue = p.queue.PushFront
	}
	place := enqueue(admitted)
	p.admit()
	p.mu.Unlock()
	select {
	case <-admitted:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-admitted: // at the same moment
		p.underWay--
	default:
		p.queue.Remove(place)
	}
	p.admit()
	return ctx.Err()
}

// admit lets those begin whose turn it is, and sets the alarm for the next. The
// lock is held.
func (p *Pace) admit() {
	for p.queue.Len() > 0 && p.underWay < int(p.atATime) {
		if p.limited && p.left == 0 && p.underWay > 0 {
			return // a reply will tell
		}
		now := time.Now()
		if hold := p.hold(now); hold > 0 {
			if p.alarm != nil {
				p.alarm.Stop()
			}
			p.alarm = time.AfterFunc(hold, func() {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.admit()
			})
			return
		}
		if p.since.IsZero() {
			p.since = now
		}
		p.made = now
		p.underWay++
		if p.left > 0 {
			p.left--
		}
		if admitted, ok := p.queue.Remove(p.queue.Front()).(chan struct{}); ok {
			close(admitted)
		}
	}
}

// hold is how long the next call has to wait.
func (p *Pace) hold(now time.Time) time.Duration {
	wait := p.until.Sub(now)
	if p.every > 0 && (!p.limited || p.tight || p.left < p.queue.Len()) {
		wait = max(wait, p.made.Add(p.every).Sub(now))
	}
	return wait
}

// End takes note of how a call went that was begun at the given time. The status
// is 0 where no reply came.
func (p *Pace) End(began time.Time, status int, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underWay--
	now := time.Now()
	if status != 0 {
		p.read(header, now)
		switch {
		case status == http.StatusTooManyRequests:
			p.slowDown(began, now, header)
		case status < 500:
			p.speedUp()
		}
	}
	p.admit()
}

// read takes note of the x-ratelimit headers, where they come.
func (p *Pace) read(h http.Header, now time.Time) {
	remaining, err := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	window, ok := interval(h.Get("X-Ratelimit-Interval"))
	if err != nil || !ok {
		return
	}
	if remaining > p.left+p.underWay+1 || now.Sub(p.window) >= window {
		p.window = now
	}
	p.left = max(0, remaining-p.underWay) // those may not be counted yet
	if limit, err := strconv.Atoi(h.Get("X-Ratelimit-Limit")); err == nil && limit > 0 {
		p.limited = true
		p.every = min(time.Duration(float64(window)/float64(limit)*slack), p.longest)
	}
	if remaining <= 0 {
		p.tight = true
		p.pauseUntil(p.window.Add(min(window, p.longest)))
	}
}

// slowDown is for a call that was refused for the rate.
func (p *Pace) slowDown(began, now time.Time, h http.Header) {
	pause, asked := RetryAfter(h, now)
	if !asked {
		pause = p.first
	}
	pause = min(pause, p.longest)
	p.tight = true
	p.pauseUntil(now.Add(pause))
	if began.Before(p.since) {
		return // refused together with the one for which the pace was cut
	}
	p.atATime = max(1, p.atATime/2)
	if !p.limited {
		p.every = min(max(p.every, (now.Sub(p.since)+pause)/time.Duration(p.taken+1))*5/4, p.slowest())
	}
	p.taken, p.since = 0, now
}

// slowest bounds what the refusal of a call says of how fast calls may come:
// of one that came first, little.
func (p *Pace) slowest() time.Duration {
	if p.taken < fewCalls {
		return min(250*time.Millisecond, p.longest)
	}
	return min(time.Second, p.longest)
}

// speedUp is for a call that the service took.
func (p *Pace) speedUp() {
	p.taken++
	if p.taken > firstFew {
		p.atATime = min(MostCalls, p.atATime+2/p.atATime)
	}
	if !p.limited {
		p.every -= p.every / 512
	}
}

func (p *Pace) pauseUntil(t time.Time) {
	if t.After(p.until) {
		p.until = t
	}
}

// interval reads a number of seconds, or a duration such as 1m.
func interval(value string) (time.Duration, bool) {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, LongestWait.Seconds()) * float64(time.Second)), true
	}
	d, err := time.ParseDuration(value)
	return d, err == nil && d > 0
}
