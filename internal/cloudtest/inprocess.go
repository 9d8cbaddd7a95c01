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

// inProcessURL is the URL of a server without a socket. Names that end in .invalid
// cannot be resolved (RFC 6761), so no request reaches the network by mistake.
const inProcessURL = "https://organization.invalid"

// inProcess carries requests to the handler of a server that has no socket.
//
// Its goroutines wait only on channels, timers and a WaitGroup of the server or the
// request. So the clock of a testing/synctest bubble advances while a request is being
// answered. Reading from a socket would stop the clock.
type inProcess struct {
	server *Server

	mu       sync.Mutex // never held during a wait
	closed   bool
	handlers sync.WaitGroup
}

// Transport returns the transport to a server that was made InProcess. It behaves like
// a network, but never repeats a request: see Fault. For a server with a socket it
// returns nil, which means the network to most clients.
func (s *Server) Transport() http.RoundTripper {
	if s.inProcess == nil {
		return nil
	}
	return s.inProcess
}

// outcome is the result of a handler.
type outcome struct {
	reply  *httptest.ResponseRecorder
	broken bool // the handler closed the connection in the middle of the reply
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
	// The server does not see the client's context. It only notices that the client has
	// disconnected.
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
	// If both happened at the same moment, the client counts as disconnected, so that
	// the result does not depend on the case that select chooses.
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if got.broken && !got.reply.Flushed {
		return nil, io.EOF
	}
	return got.response(req), nil
}

// arrive returns the request as the server reads it from the network. It closes the
// body of req, as every RoundTripper has to.
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

// dialError returns an error that tells a client that nothing was sent.
func dialError(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: err}
}

// handle answers a request in a goroutine. It reports false if the server is closed.
func (n *inProcess) handle(req *http.Request) (<-chan outcome, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, false
	}
	answered := make(chan outcome, 1) // buffered, because the receiver may have gone
	n.handlers.Go(func() {
		got := outcome{reply: httptest.NewRecorder(), broken: true}
		// A deferred function, because the handler may end its goroutine: t.Fatal does.
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

// close refuses further requests, and waits for those that are being answered.
func (n *inProcess) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.handlers.Wait()
}

// response returns what the client reads from the network.
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

// replyBody is the body of a reply. It ends early if the connection broke, or with the
// client's context.
type replyBody struct {
	ctx    context.Context // as with net/http, the context limits the reading, too
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
