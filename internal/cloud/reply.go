// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// read reads a reply, up to the client's limit.
func (c *Client) read(resp *http.Response, r request) outcome {
	a := outcome{status: resp.StatusCode, header: resp.Header}
	reply := &boundedReader{from: resp.Body, bound: c.maxReply}
	var err error
	if r.stream != nil && a.status >= 200 && a.isSuccess() {
		err = r.stream(reply)
		if err == nil {
			_, err = io.Copy(io.Discard, reply)
		} else if reply.err == nil {
			err = &unpromisedError{err}
		}
	} else {
		a.body, err = io.ReadAll(reply)
	}
	a.size = reply.read
	switch {
	case errors.Is(reply.err, errReplyTooLarge):
		a.err = reply.err
	case reply.err != nil:
		a.err = fmt.Errorf("the reply was cut off: %w", reply.err)
	default:
		a.err = err
	}
	return a
}

// decode decodes the last answer. If it is not a success that matches the contract,
// decode returns fail with the reason.
func (c *Client) decode(a outcome, r request, fail *Error) error {
	fail.Status = a.status
	fail.RequestID = c.redact(cmp.Or(a.header.Get("X-Request-Id"), a.header.Get("X-Cloud-Request-Id")))
	switch {
	case a.err != nil:
		var bad *unpromisedError
		if !errors.As(a.err, &bad) {
			fail.Status = 0 // it was not an answer of the service
		}
		fail.Err = c.scrub(a.err)
		return fail
	case a.status < 200:
		fail.Err = errors.New("this status is not a final reply of Elastic Cloud")
		return fail
	case a.status >= 300 && a.status < 400:
		fail.Err = errors.New("the reply redirects to another address; the provider does not follow redirects, because they would carry the API key along: check the endpoint")
		return fail
	case a.status >= 400:
		fail.Failures = c.failures(a)
		return fail
	case r.stream != nil || r.out == nil && len(a.body) == 0:
		return nil
	case r.out == nil:
		r.out = new(json.RawMessage) // with any content: a page of a proxy is not a success
	}
	if err := json.Unmarshal(a.body, r.out); err != nil {
		fail.Err = &unpromisedError{c.scrub(err)}
		return fail
	}
	return nil
}

// failures reads the service's error reply. If the body has none, it uses the header
// with the codes, or else the status.
func (c *Client) failures(a outcome) []Failure {
	var body struct {
		Errors []Failure `json:"errors"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil || len(body.Errors) == 0 {
		body.Errors = nil
		for code := range strings.SplitSeq(a.header.Get("X-Cloud-Error-Codes"), ",") {
			body.Errors = append(body.Errors, Failure{Code: strings.TrimSpace(code), Message: "The service gave no reason"})
		}
	}
	for i, f := range body.Errors {
		body.Errors[i].Code = c.redact(f.Code)
		body.Errors[i].Message = c.redact(f.Message)
		for j, field := range f.Fields {
			body.Errors[i].Fields[j] = c.redact(field)
		}
	}
	return body.Errors
}

// unpromisedError is a successful reply that does not match the contract.
type unpromisedError struct{ err error }

func (e *unpromisedError) Error() string {
	return "the reply does not match the API contract: " + e.err.Error()
}

func (e *unpromisedError) Unwrap() error { return e.err }

var errReplyTooLarge = errors.New("the reply is too large")

// boundedReader reads a reply up to a limit, and keeps the error that ended it.
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
