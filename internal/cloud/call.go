// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// request is one call of the API.
type request struct {
	method string
	// route is the path as in the API contract. Each {name} in it is replaced by the
	// next of args: one value or a comma-separated list.
	route string
	args  [][]string
	query url.Values
	// once forbids a second attempt if the first may have been carried out. It is for
	// calls that must not be done twice, such as sending an e-mail.
	once bool
	in   any
	out  any
	// stream, if set, reads a successful reply while it arrives, instead of out. It
	// starts again if the call is repeated.
	stream func(io.Reader) error
}

func (r request) name() string { return r.method + " " + r.route }

// path fills in the route. It refuses an empty value, because the rest of the route
// would be another route. With DELETE that might delete everything.
func (r request) path() (string, error) {
	path := r.route
	for _, values := range r.args {
		if len(values) == 0 {
			return "", fmt.Errorf("a value is missing for %s", r.route)
		}
		escaped := make([]string, len(values))
		for i, value := range values {
			if value == "" {
				return "", fmt.Errorf("a value for %s is empty", r.route)
			}
			if value == "." || value == ".." { // a proxy may take it for another route, escaped or not
				return "", fmt.Errorf("%q is not allowed in %s", value, r.route)
			}
			escaped[i] = url.PathEscape(value)
		}
		start, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:start] + strings.Join(escaped, ",") + path[end+1:]
	}
	return path, nil
}

// outcome is the result of one attempt of a call. See reply.go.
type outcome struct {
	status int // 0 without an answer
	header http.Header
	body   []byte // nil if a stream has read it
	size   int
	err    error // what is wrong with the answer, or why there is no answer
	// sent means that the attempt may have been carried out.
	sent bool
}

// do makes one call, unless the service has refused the key before.
func (c *Client) do(ctx context.Context, r request) error {
	if err := c.refusal(); err != nil {
		return err
	}
	err := c.repeat(ctx, r)
	c.noteRefusal(err)
	return err
}

// repeat makes one call. It encodes the request, repeats it if that is safe, and
// decodes the reply.
func (c *Client) repeat(ctx context.Context, r request) error {
	fail := &Error{Call: r.name()}
	target, body, err := c.encode(r)
	if err != nil {
		fail.Err = c.scrub(err)
		return fail
	}
	for try := 0; ; try++ {
		a := c.try(ctx, r, target, body)
		fail.Sent = fail.Sent || a.sent
		switch {
		case a.isSuccess(): // also for a caller who has just given up
			return c.decode(a, r, fail)
		case ctx.Err() != nil:
			fail.Err = ctx.Err()
			return fail
		case try == c.config.MaxRetries || !a.mayBeRepeated(r):
			return c.decode(a, r, fail)
		}
		if a.status == http.StatusTooManyRequests {
			ctx = pace.Ahead(ctx) // the call has waited for its turn, and other calls may be waiting for it
		}
		if err := pace.Sleep(ctx, pace.Backoff(c.config.RetryWait, c.config.MaxWait, try, a.header)); err != nil {
			fail.Err = err
			return fail
		}
	}
}

// encode returns the URL and the body of a call.
func (c *Client) encode(r request) (target string, body []byte, err error) {
	if r.in != nil {
		if body, err = json.Marshal(r.in); err != nil {
			return "", nil, err
		}
	}
	path, err := r.path()
	if err != nil {
		return "", nil, err
	}
	target = c.base + path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	_, err = url.Parse(target) // otherwise the call would fail several times
	return target, body, err
}

// try makes one HTTP call when the pace allows it, and logs it.
func (c *Client) try(ctx context.Context, r request, target string, body []byte) outcome {
	if err := c.pace.Begin(ctx); err != nil {
		return outcome{err: err}
	}
	callCtx, cancel := c.callContext(ctx, r.method)
	defer cancel()
	start := time.Now()
	a := c.send(callCtx, r, target, body)
	c.pace.End(start, a.status, a.header)
	if a.err != nil && errors.Is(a.err, context.DeadlineExceeded) && ctx.Err() == nil {
		a.err = fmt.Errorf("no answer within %s: %w", c.config.RequestTimeout, a.err)
	}
	if c.config.Log != nil {
		call := Call{Name: r.name(), Status: a.status, Bytes: a.size, Duration: time.Since(start)}
		if a.err != nil {
			call.Err = c.scrub(a.err)
		}
		c.config.Log(ctx, call)
	}
	return a
}

// Grace is for how long a write that is under way continues after its caller gives up:
// its result is worth a short wait.
const Grace = time.Second

// callContext returns the context of one HTTP call. It ends after the call's timeout,
// or when ctx ends: for a read at once, for a write after Grace.
func (c *Client) callContext(ctx context.Context, method string) (context.Context, context.CancelFunc) {
	call, cancel := ctx, context.CancelFunc(func() {})
	if method != http.MethodGet {
		call, cancel = pace.Outlive(ctx, Grace)
	}
	if c.config.RequestTimeout <= 0 {
		return call, cancel
	}
	timed, endTimed := context.WithTimeout(call, c.config.RequestTimeout)
	return timed, func() {
		endTimed()
		cancel()
	}
}

// send makes one HTTP call and reads the whole reply, so that a broken reply counts as
// a failed call.
func (c *Client) send(ctx context.Context, r request, target string, body []byte) outcome {
	req, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(body))
	if err != nil {
		return outcome{err: err}
	}
	req.Header.Set("Authorization", "ApiKey "+c.config.APIKey)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	// Not with an http.Client: a redirect would send the key to another host.
	resp, err := c.config.Transport.RoundTrip(req)
	if err != nil {
		return outcome{err: err, sent: !neverSent(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	c.readDate(resp.Header)
	c.readKeyExpiration(resp.Header)
	a := c.read(resp, r)
	a.sent = a.err != nil || a.status >= http.StatusInternalServerError || a.isSuccess()
	return a
}

func (a outcome) isSuccess() bool { return a.err == nil && a.status < http.StatusMultipleChoices }

// mayBeRepeated reports whether a failed call is repeated. That is always safe if the
// service refused it because of a rate limit, or if it never left this machine. A call
// that may have been carried out is repeated only if doing it twice does no harm.
func (a outcome) mayBeRepeated(r request) bool {
	if a.err != nil {
		var certificate *tls.CertificateVerificationError
		var bad *unpromisedError
		if errors.Is(a.err, errReplyTooLarge) || errors.As(a.err, &bad) || errors.As(a.err, &certificate) {
			return false // it would fail in the same way
		}
		return !a.sent || !r.once
	}
	switch a.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !r.once
	}
	return false
}

// neverSent reports whether there was no connection, so nothing was carried out.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// MaxRetries returns how often a call is repeated if that is safe.
func (c *Client) MaxRetries() int { return c.config.MaxRetries }

// Pause waits between two attempts of a change that takes several calls. The pause
// grows with the number of attempts. The error is that of the context.
func (c *Client) Pause(ctx context.Context, attempt int) error {
	return pace.Sleep(ctx, c.Backoff(attempt))
}

// Backoff returns how long Pause takes. A part of it is random.
func (c *Client) Backoff(attempt int) time.Duration {
	return pace.Backoff(c.config.RetryWait, c.config.MaxWait, attempt, nil)
}
