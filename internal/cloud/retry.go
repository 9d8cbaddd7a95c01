// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

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
// retryablehttp.Backoff.
func backoff(low, high time.Duration, attempt int, resp *http.Response) time.Duration {
	var header http.Header
	if resp != nil {
		header = resp.Header
	}
	return pace.Backoff(low, high, attempt, header)
}

// MaxRetries is how often a call is repeated where that is safe.
func (c *Client) MaxRetries() int { return c.config.MaxRetries }

// Pause is the time between the tries of a change that takes several calls: it
// grows with the attempts so far. The error is that of the context.
func (c *Client) Pause(ctx context.Context, attempt int) error {
	return pace.Sleep(ctx, c.Backoff(attempt))
}

// Backoff is how long Pause takes, which is random in part.
func (c *Client) Backoff(attempt int) time.Duration {
	return pace.Backoff(c.config.RetryWait, c.config.MaxWait, attempt, nil)
}
