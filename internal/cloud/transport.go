// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"time"
)

// transport makes one HTTP call: it reads the whole reply, so that a broken one
// counts as a failed call, and logs.
type transport struct {
	client *Client
	next   http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	start := time.Now()
	resp, body, err := t.roundTrip(req)
	call := Call{Bytes: len(body), Duration: time.Since(start)}
	if r, ok := ctx.Value(requestKey{}).(request); ok {
		call.Name = r.name()
		if err != nil {
			call.Err = t.client.scrub(err)
		}
	}
	if resp != nil {
		call.Status = resp.StatusCode
	}
	if t.client.config.Log != nil {
		t.client.config.Log(ctx, call)
	}
	return resp, err
}

func (t *transport) roundTrip(req *http.Request) (*http.Response, []byte, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer func(network io.Closer) { _ = network.Close() }(resp.Body)
	t.client.limit.read(resp.Header)
	t.client.readKeyExpiration(resp.Header)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, body, fmt.Errorf("the reply broke off: %w", err)
	}
	if len(body) > maxReply {
		return nil, nil, fmt.Errorf("%w: more than %d MiB", errReplyTooLarge, maxReply>>20)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, body, nil
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
