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

// LongestWait is the longest pause if the configuration does not set another one, even
// if the service asks for a longer one. Otherwise an absurd Retry-After could hang an
// apply.
const LongestWait = time.Minute

// Backoff returns the pause before the next attempt: what the service asks for in the
// header, which may be nil, or else a time that grows from low. A part of it is random,
// so that parallel calls are not repeated at the same moment. It is never longer than
// high.
func Backoff(low, high time.Duration, attempt int, header http.Header) time.Duration {
	if wait, ok := RetryAfter(header, time.Now()); ok {
		return min(wait, high)
	}
	wait := min(low<<min(attempt, 10), high)
	return wait/2 + rand.N(wait/2+1)
}

// RetryAfter reads the header Retry-After, in seconds or as a date. It ignores a pause
// that is zero or already over, because the clock may be wrong.
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

// Outlive returns a context that ends a duration d after ctx.
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
