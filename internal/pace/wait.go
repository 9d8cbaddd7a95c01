// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package pace

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// LongestWait bounds every pause where the configuration says nothing else, also
// one that the service asks for: an absurd Retry-After must not hang an apply.
const LongestWait = time.Minute

// Backoff is the pause before the next try: what the service asks for in the
// header, which may be nil, or else growing from low, with a random part so that
// parallel calls do not come back together. It is never more than high.
func Backoff(low, high time.Duration, attempt int, header http.Header) time.Duration {
	if wait, ok := RetryAfter(header, time.Now()); ok {
		return min(wait, high)
	}
	wait := min(low<<min(attempt, 10), high)
	return wait/2 + rand.N(wait/2+1)
}

// RetryAfter reads the header Retry-After, seconds or a date. One that asks for
// no pause, or for one that is over by a clock that may be off, does not count.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, LongestWait.Seconds()) * float64(time.Second)), true
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now), true
	}
	return 0, false
}

// Sleep pauses for d, or until the context ends.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Outlive is a context that ends a while after ctx.
func Outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = Sleep(longer, d)
		cancel()
	})
	return longer, func() {
		stop()
		cancel()
	}
}
