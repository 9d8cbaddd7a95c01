// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
)

// inProcessURL is where a server without a socket is. No resolver ever finds a
// name that ends in .invalid (RFC 6761), so no request gets there by mistake.
const inProcessURL = "https://organization.invalid"

// inProcess carries requests to the handler of a server that has no socket.
//
// Its goroutines wait only on channels, timers and a WaitGroup that the server
// or the request made. So in a testing/synctest bubble the clock advances while
// a request is being answered; a read from a socket would stop it.
type inProcess struct {
	server *Server

	mu       sync.Mutex // never held over a wait
	closed   bool
	handlers sync.WaitGroup
}

// Transport returns the way to a server that was made InProcess. It behaves as
// a network does, except that it never repeats a request: see Fault. For a server
// with a socket Transport is nil, which means the network to most clients.
func (s *Server) Transport() http.RoundTripper {
	if s.inProcess == nil {
		return nil
	}
	return s.inProcess
}

// outcome is the result of a handler.
type outcome struct {
	reply  *httptest.ResponseRecorder
	broken bool // the handler closed the connection before the reply was whole
}

// RoundTrip implements http.RoundTripper.
func (n *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	incoming, err := arrive(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if req.URL.Scheme+"://"+req.URL.Host != inProcessURL {
		return nil, dialError(&net.DNSError{Err: "no such host", Name: req.URL.Hostname(), IsNotFound: true})
	}
	// The server does not see the client's context, only that the client has
	// gone.
	handling, gone := context.WithCancel(context.Background())
	answered, ok := n.handle(incoming.WithContext(handling))
	if !ok {
		gone()
		return nil, dialError(syscall.ECONNREFUSED)
	}
	defer gone()
	var got outcome
	select {
	case got = <-answered:
	case <-ctx.Done():
	}
	// If both happened at the same moment, the client counts as gone, so that
	// the result does not depend on which case select takes.
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if got.broken && !got.reply.Flushed {
		return nil, io.EOF
	}
	return got.response(req), nil
}

// arrive returns the request as the server reads it from the wire. It closes
// the body of req, as every RoundTripper has to.
func arrive(req *http.Request) (*http.Request, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		return nil, err
	}
	return http.ReadRequest(bufio.NewReader(&wire))
}

// dialError is an error from which a client learns that nothing was sent.
func dialError(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: err}
}

// handle answers a request in a goroutine. It reports false where the server
// is closed.
func (n *inProcess) handle(req *http.Request) (<-chan outcome, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, false
	}
	answered := make(chan outcome, 1) // nobody may be there to receive
	n.handlers.Go(func() {
		got := outcome{reply: httptest.NewRecorder(), broken: true}
		// A deferred function, as the handler may end its goroutine: t.Fatal does.
		defer func() {
			answered <- got
			v := recover()
			if err, _ := v.(error); v != nil && !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
		}()
		n.server.serve(got.reply, req)
		got.broken = false
	})
	return answered, true
}

// close refuses further requests and waits for those that are being answered.
func (n *inProcess) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.handlers.Wait()
}

// response is what the client reads from the wire.
func (o outcome) response(req *http.Request) *http.Response {
	resp := o.reply.Result()
	resp.Request = req
	canonical := http.Header{}
	for name, values := range resp.Header {
		for _, value := range values {
			canonical.Add(name, value)
		}
	}
	resp.Header = canonical
	resp.Body = &replyBody{ctx: req.Context(), from: resp.Body, broken: o.broken}
	return resp
}

// replyBody is the body of a reply, which ends early where the connection broke
// and with the client's context.
type replyBody struct {
	ctx    context.Context // as with net/http, it bounds the reading too
	from   io.ReadCloser
	broken bool
}

func (b *replyBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	n, err := b.from.Read(p)
	if b.broken && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *replyBody) Close() error { return b.from.Close() }
