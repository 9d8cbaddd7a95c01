// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// maxWait bounds every pause where the configuration says nothing else, also
// one that the service asks for: an absurd Retry-After must not hang an apply.
const maxWait = time.Minute

var errReplyTooLarge = errors.New("the reply is too large")

// requestKey finds the request in the context of its HTTP calls.
type requestKey struct{}

// checkRetry decides whether a call is repeated. It implements
// retryablehttp.CheckRetry. What was refused for its rate, and what never left
// this machine, is always safe to repeat; a call that may have been carried
// out only where doing it twice does no harm.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err == nil && resp.StatusCode < 300 {
		return false, nil // an answer that came counts, also for a caller who has just given up
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	r, _ := ctx.Value(requestKey{}).(request)
	if err != nil {
		var certificate *tls.CertificateVerificationError
		var bad *unpromisedError
		if errors.Is(err, errReplyTooLarge) || errors.As(err, &bad) || errors.As(err, &certificate) {
			return false, nil // it would be the same again
		}
		return neverSent(err) || !r.once, nil
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true, nil
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !r.once, nil
	}
	return false, nil
}

// neverSent tells that no connection came about, so nothing was carried out.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// backoff is the pause before the next try. It implements
// retryablehttp.Backoff: what the service asks for, or else growing from low,
// with a random part so that parallel calls do not come back together.
func backoff(low, high time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp.Header, time.Now()); ok {
			return min(wait, high)
		}
	}
	wait := min(low<<min(attempt, 10), high)
	return wait/2 + rand.N(wait/2+1)
}

// retryAfter reads the header Retry-After, seconds or a date. One that asks for
// no pause, or for one that is over by a clock that may be off, does not count.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, maxWait.Seconds()) * float64(time.Second)), true
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now), true
	}
	return 0, false
}

// pause is the time between the tries of a change that takes several calls.
func (c *Client) pause(ctx context.Context, attempt int) error {
	return sleep(ctx, backoff(c.config.RetryWait, c.config.MaxWait, attempt, nil))
}

// sleep pauses for d, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
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
