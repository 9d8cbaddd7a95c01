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
	// route is the path as the API contract writes it; each {name} in it is
	// replaced by the next of args, one value or a comma-separated list.
	route string
	args  [][]string
	query url.Values
	// once forbids a repetition where the first try may have been carried out: for
	// what must not be done twice, such as sending an e-mail.
	once bool
	in   any
	out  any
	// stream, where set, reads a reply of success while it comes in, in place of
	// out. Where the call is repeated it begins anew.
	stream func(io.Reader) error
}

func (r request) name() string { return r.method + " " + r.route }

// path fills the route in. An empty value is refused: what is left of the
// route would be another one, and with DELETE that may mean everything.
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
			if value == "." || value == ".." { // what is in between may take it for another route, escaped or not
				return "", fmt.Errorf("%q is not allowed in %s", value, r.route)
			}
			escaped[i] = url.PathEscape(value)
		}
		start, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:start] + strings.Join(escaped, ",") + path[end+1:]
	}
	return path, nil
}

// outcome is what came of one try of a call; reply.go reads and decodes it.
type outcome struct {
	status int // 0 where no answer came
	header http.Header
	body   []byte // none where a stream has read it
	size   int
	err    error // what is wrong with the answer, or why there is none
	// sent is that the try may have been carried out.
	sent bool
}

// do makes one call, unless the key was refused before.
func (c *Client) do(ctx context.Context, r request) error {
	if err := c.refusal(); err != nil {
		return err
	}
	err := c.repeat(ctx, r)
	c.noteRefusal(err)
	return err
}

// repeat makes one call: encoded, repeated where that is safe, and its reply decoded.
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
			ctx = pace.Ahead(ctx) // it has waited for its turn, and others may be waiting for it
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
	_, err = url.Parse(target) // or it would be tried in vain, several times
	return target, body, err
}

// try makes one HTTP call when its turn comes, and logs it.
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

// Grace is how long a write that is under way may still take once its caller
// gives up: what became of it is worth a moment.
const Grace = time.Second

// callContext is the context of one HTTP call. It ends when the call has taken
// its time, and with ctx: a read at once, a write after a grace.
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

// send makes one HTTP call and reads the whole reply, so that a broken one counts
// as a failed call.
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
	// Not by an http.Client: a redirect would carry the key to whoever the reply names.
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

// mayBeRepeated decides whether a call that failed is repeated. What was refused
// for its rate, and what never left this machine, is always safe to repeat; a call
// that may have been carried out only where doing it twice does no harm.
func (a outcome) mayBeRepeated(r request) bool {
	if a.err != nil {
		var certificate *tls.CertificateVerificationError
		var bad *unpromisedError
		if errors.Is(a.err, errReplyTooLarge) || errors.As(a.err, &bad) || errors.As(a.err, &certificate) {
			return false // it would be the same again
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

// neverSent tells that no connection came about, so nothing was carried out.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
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
