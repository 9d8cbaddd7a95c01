// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package pace decides how many calls of an API are made at a time, and when. It does
// not know Elastic Cloud. It reads the headers by which a service announces its rate
// limit.
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
	fewCalls = 4  // at a time, at the start: a service with an unannounced limit refuses few of them
	firstFew = 10 // number of calls at the start
	// MostCalls is the largest number of calls at a time.
	MostCalls = 16
	// slack makes the calls a little slower than the limit, because the service may
	// measure time differently.
	slack = 1.05
)

// Pace decides how many calls may be made at a time. The number grows with each call
// that the service accepts, and falls when the service refuses a call because of its
// rate limit. Pace keeps to a limit that the service announces. After a pause, calls
// are made one by one.
type Pace struct {
	first   time.Duration // the pause if the service asks for none
	longest time.Duration // the longest pause

	mu       sync.Mutex
	queue    list.List // of chan struct{}, closed when the call may be made
	alarm    *time.Timer
	atATime  float64
	underWay int

	until   time.Time     // make no call before
	every   time.Duration // between two calls, if the rate is limited
	made    time.Time     // time of the last call
	limited bool          // the service announced its limit: every is computed from it, and not found by trying
	tight   bool          // the limit was reached before
	left    int           // calls that the service still accepts in this window, if it announced its limit
	window  time.Time     // when the window began, or a little later
	taken   int           // accepted calls since the pace was last cut, which was at since
	since   time.Time
}

// New returns a Pace for one service. first is the pause after the service has refused
// a call because of its rate limit and asked for no pause. No pause is longer than
// longest.
func New(first, longest time.Duration) *Pace {
	return &Pace{first: first, longest: longest, atATime: fewCalls}
}

type aheadKey struct{}

// Ahead returns a context whose calls are made before all calls that wait. It is for
// the second half of a change that should not remain half done.
func Ahead(ctx context.Context) context.Context { return context.WithValue(ctx, aheadKey{}, true) }

// Begin returns when a call may be made. Calls are made in the order in which Begin was
// called, except for those with a context of Ahead. Each caller has to call End after
// the call. If the context ends first, Begin returns its error.
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
	case <-admitted: // admitted at the same moment
		p.underWay--
	default:
		p.queue.Remove(place)
	}
	p.admit()
	return ctx.Err()
}

// admit lets the calls begin that may be made now, and sets a timer for the next one.
// The caller holds the lock.
func (p *Pace) admit() {
	for p.queue.Len() > 0 && p.underWay < int(p.atATime) {
		if p.limited && p.left == 0 && p.underWay > 0 {
			return // a reply will announce the limit
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

// hold returns how long the next call has to wait.
func (p *Pace) hold(now time.Time) time.Duration {
	wait := p.until.Sub(now)
	if p.every > 0 && (!p.limited || p.tight || p.left < p.queue.Len()) {
		wait = max(wait, p.made.Add(p.every).Sub(now))
	}
	return wait
}

// End reports the result of a call that began at the given time. The status is 0 if
// there was no reply.
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

// read notes the x-ratelimit headers, if there are any.
func (p *Pace) read(h http.Header, now time.Time) {
	remaining, err := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	window, ok := interval(h.Get("X-Ratelimit-Interval"))
	if err != nil || !ok {
		return
	}
	if remaining > p.left+p.underWay+1 || now.Sub(p.window) >= window {
		p.window = now
	}
	p.left = max(0, remaining-p.underWay) // calls under way may not be counted yet
	if limit, err := strconv.Atoi(h.Get("X-Ratelimit-Limit")); err == nil && limit > 0 {
		p.limited = true
		p.every = min(time.Duration(float64(window)/float64(limit)*slack), p.longest)
	}
	if remaining <= 0 {
		p.tight = true
		p.pauseUntil(p.window.Add(min(window, p.longest)))
	}
}

// slowDown cuts the pace after a call that was refused because of the rate limit.
func (p *Pace) slowDown(began, now time.Time, h http.Header) {
	pause, asked := RetryAfter(h, now)
	if !asked {
		pause = p.first
	}
	pause = min(pause, p.longest)
	p.tight = true
	p.pauseUntil(now.Add(pause))
	if began.Before(p.since) {
		return // refused together with the call for which the pace was cut
	}
	p.atATime = max(1, p.atATime/2)
	if !p.limited {
		p.every = min(max(p.every, (now.Sub(p.since)+pause)/time.Duration(p.taken+1))*5/4, p.slowest())
	}
	p.taken, p.since = 0, now
}

// slowest returns the longest time between two calls that one refusal can justify. A
// refusal of one of the first calls says little about the limit.
func (p *Pace) slowest() time.Duration {
	if p.taken < fewCalls {
		return min(250*time.Millisecond, p.longest)
	}
	return min(time.Second, p.longest)
}

// speedUp raises the pace after a call that the service accepted.
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

// interval parses a number of seconds, or a duration such as 1m.
func interval(value string) (time.Duration, bool) {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, LongestWait.Seconds()) * float64(time.Second)), true
	}
	d, err := time.ParseDuration(value)
	return d, err == nil && d > 0
}
