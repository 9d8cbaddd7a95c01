// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/pace"
)

// Grace is how long a write that is under way may still take once its caller
// gives up: what became of it is worth a moment.
const Grace = time.Second

// transport makes one HTTP call when its turn comes: it reads the whole reply,
// so that a broken one counts as a failed call, and logs.
type transport struct {
	client *Client
	next   http.RoundTripper
}

// attempt is what is known of a call after its tries so far.
type attempt struct {
	// sent tells that a try may have been carried out.
	sent bool
}

// unpromisedError is a reply with success that is not what the contract promises.
type unpromisedError struct {
	status int
	err    error
}

func (e *unpromisedError) Error() string {
	return "the reply is not what the API promises: " + e.err.Error()
}

func (e *unpromisedError) Unwrap() error { return e.err }

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := t.client.pace.Begin(ctx); err != nil {
		return nil, err
	}
	r, _ := ctx.Value(requestKey{}).(request)
	callCtx, cancel := t.callContext(ctx, req.Method)
	defer cancel()
	start := time.Now()
	resp, size, err := t.roundTrip(req.WithContext(callCtx), r)
	t.client.pace.End(start, resp)
	if err != nil && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("no answer within %s: %w", t.client.config.RequestTimeout, err)
	}
	if r.attempt != nil && (err != nil && !neverSent(err) || err == nil && resp.StatusCode >= 500) {
		r.attempt.sent = true
	}
	call := Call{Name: r.name(), Bytes: size, Duration: time.Since(start)}
	if err != nil {
		call.Err = t.client.scrub(err)
	}
	if resp != nil {
		call.Status = resp.StatusCode
	}
	if t.client.config.Log != nil {
		t.client.config.Log(ctx, call)
	}
	return resp, err
}

// callContext is the context of one HTTP call. It ends when the call has taken
// its time, and with ctx: a read at once, a write after a grace.
func (t *transport) callContext(ctx context.Context, method string) (context.Context, context.CancelFunc) {
	call, cancel := ctx, context.CancelFunc(func() {})
	if method != http.MethodGet {
		call, cancel = pace.Outlive(ctx, Grace)
	}
	if timeout := t.client.config.RequestTimeout; timeout > 0 {
		timed, endTimed := context.WithTimeout(call, timeout)
		end := cancel
		return timed, func() {
			endTimed()
			end()
		}
	}
	return call, cancel
}

// roundTrip returns the reply, read, and the number of bytes that were.
func (t *transport) roundTrip(req *http.Request, r request) (*http.Response, int, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, 0, err
	}
	defer func(network io.Closer) { _ = network.Close() }(resp.Body)
	t.client.readKeyExpiration(resp.Header)
	reply := &boundedReader{from: resp.Body, bound: t.client.maxReply}
	var body []byte
	if r.stream != nil && resp.StatusCode >= 200 && resp.StatusCode < 300 {
		err = r.stream(reply)
		if err == nil {
			_, err = io.Copy(io.Discard, reply)
		} else if reply.err == nil {
			err = &unpromisedError{status: resp.StatusCode, err: err}
		}
	} else {
		body, err = io.ReadAll(reply)
	}
	switch {
	case errors.Is(reply.err, errReplyTooLarge):
		return nil, 0, reply.err
	case reply.err != nil:
		return nil, reply.read, fmt.Errorf("the reply broke off: %w", reply.err)
	case err != nil:
		return nil, reply.read, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, reply.read, nil
}

// boundedReader reads a reply up to the bound, and keeps what ended it.
type boundedReader struct {
	from  io.Reader
	bound int
	read  int
	err   error // other than io.EOF
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p[:min(len(p), b.bound+1-b.read)])
	b.read += n
	if b.read > b.bound {
		b.err = fmt.Errorf("%w: more than %d MiB", errReplyTooLarge, b.bound>>20)
		return n, b.err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

func (c *Client) readKeyExpiration(h http.Header) {
	value := h.Get("X-Elastic-Api-Key-Expiration")
	for _, layout := range []string{time.RFC3339, http.TimeFormat} {
		if at, err := time.Parse(layout, value); err == nil {
			c.mu.Lock()
			c.keyExpires = at
			c.mu.Unlock()
			return
		}
	}
}
