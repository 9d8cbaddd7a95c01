// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Package cloudtest is an organization of Elastic Cloud in memory, behind a real HTTP
// server or in the same process. It is for tests, and for trying the provider without
// an account.
//
// It follows the rules of the API strictly, and checks every request and every reply
// against the API contract. Unless it is plain, it is difficult on purpose: everything
// that may differ from one reply to the next does differ. Verbs such as Accept or Grant
// do what people do in the console or at the identity provider, without a request.
//
// One file has one area of the API: a map from route to handler, which handlers lists,
// and the verbs of that area.
package cloudtest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is one fake organization.
type Server struct {
	URL            string // without /api/v1, such as http://127.0.0.1:40123
	Key            string // the API key that is accepted
	OrganizationID string

	settings
	t         testing.TB // nil if a program runs the server
	contract  *contract
	http      *httptest.Server // nil without a socket
	inProcess *inProcess       // nil with a socket
	pages     *http.ServeMux
	dns       dnsServer
	idp       *TestIdP // of /_fake/sign-in; nil without Control
	closed    chan struct{}
	closeOnce sync.Once
	serveOnce sync.Once

	mu            sync.Mutex // guards the following fields
	writer        writer
	advanced      time.Duration     // by Advance
	started       bool              // an API request has arrived
	counter       int               // numbers people in the order of their creation
	joined        map[string]string // e-mail address of everybody who was ever a member, by user ID
	organizations []*organization
	untouchable   map[scope]bool  // by this key
	elsewhere     map[string]bool // domains that others have claimed
	denied        map[string]int  // how often DeniesMembers has denied a member, by user ID
	mails         []Mail
	tokens        []string
	signingIn     map[string]string // ID of the request to the IdP, by its relay state
	accessDenied  string            // why the latest sign-in in a browser failed
	cursors       map[string]int    // where the next page of a list begins, by its route and next_page
	windowStart   time.Time         // of the rate limit
	windowCount   int
	ledger        []*Request
	hooks         []hook
	observer      func()
	faults        []*Fault
	violations    []string
}

// New starts a server for a test. The test fails on any violation of the contract.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := open(t, opts)
	if err != nil {
		t.Fatalf("cloudtest: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server for a program, which has to close it. Violations of the
// contract are in Violations.
func Start(opts ...Option) *Server {
	s, err := open(nil, opts)
	if err != nil {
		panic(fmt.Sprintf("cloudtest: %v", err))
	}
	return s
}

// Open is Start for programs that want to report a used address, or one that is not a
// loopback address.
func Open(opts ...Option) (*Server, error) {
	return open(nil, opts)
}

func open(t testing.TB, opts []Option) (*Server, error) {
	s := &Server{
		Key:            "fake-key-" + randomHex(16),
		OrganizationID: randomDigits(10),
		settings:       defaultSettings(),
		t:              t,
		contract:       loadContract(),
		closed:         make(chan struct{}),
		joined:         map[string]string{},
		untouchable:    map[scope]bool{},
		elsewhere:      map[string]bool{},
		denied:         map[string]int{},
		cursors:        map[string]int{},
		signingIn:      map[string]string{},
	}
	s.pages = s.newPages()
	for _, opt := range opts {
		opt(&s.settings)
	}
	if s.control {
		s.idp = NewTestIdP()
	}
	s.writer = writer{
		plain:           s.plain,
		absentAsEmpty:   s.absentAsEmpty,
		emptyAsAbsent:   s.emptyAsAbsent,
		certificateForm: s.certificateForm,
		addressForm:     s.addressForm,
		lowerPatterns:   s.lowerPatterns,
		rng:             mathrand.New(mathrand.NewPCG(uint64(s.seed), 0)),
	}
	s.organizations = []*organization{newOrganization(s.OrganizationID, "Example organization")}
	if s.offline {
		s.URL = inProcessURL
		s.inProcess = &inProcess{server: s}
		return s, nil
	}
	return s, s.open()
}

// open opens the socket.
func (s *Server) open() error {
	listener, err := listenLoopback(s.listen)
	if err != nil {
		return err
	}
	s.URL = "http://" + listener.Addr().String()
	s.http = &httptest.Server{Listener: listener, Config: &http.Server{
		Handler:           http.HandlerFunc(s.serve),
		ReadHeaderTimeout: time.Minute,
	}}
	s.http.Start()
	return nil
}

// Serve opens a socket for a server that was made InProcess, and changes its URL. It is
// for a test that starts a program, before its first request. The earlier Transport
// refuses requests then. A second call does nothing.
func (s *Server) Serve() {
	s.helper()
	s.serveOnce.Do(func() {
		if s.inProcess == nil {
			return
		}
		if err := s.open(); err != nil {
			panic(fmt.Sprintf("cloudtest: %v", err)) // any port of a loopback address would do
		}
		s.inProcess.close()
		s.inProcess = nil
	})
}

// listenLoopback refuses other addresses, because the fake is not made for a network.
func listenLoopback(address string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	if !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("%s is not a loopback address", address)
	}
	return net.ListenTCP("tcp", resolved)
}

// Close stops the server. It waits for requests that are being answered.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closed) })
	if s.inProcess != nil {
		s.inProcess.close()
	} else {
		s.http.Close()
	}
	s.dns.close()
}

// serve handles one request, with faults, hooks and the ledger.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.control && strings.HasPrefix(r.URL.Path, controlRoot) {
		s.serveControl(w, r)
		return
	}
	if _, pattern := s.pages.Handler(r); pattern != "" {
		s.pages.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client has disconnected
	}
	op, params := s.contract.find(r.Method, r.URL.EscapedPath())
	entry := s.record(op, r, body)
	s.checkRequest(op, entry.Route, r, body)
	c := call{route: entry.Route, params: params, query: r.URL.Query(), body: body}
	c.concurrent = s.beginChange(c, r)
	defer s.endChange(c, r)
	s.pause(r, s.latency)

	fault := s.takeFault(entry.Route)
	c.undone, c.part = fault.Undone, fault.Part
	for _, f := range s.takeHooks(entry.Route) {
		f()
	}
	if !fault.After {
		s.pause(r, fault.Hang)
	}
	var status int
	var header http.Header
	var text []byte
	if fault.After || fault.keepsReply() {
		c.published = s.lookUpChallenge(c)
		rep := s.answer(c, r)
		s.observed()
		var contentType string
		text, contentType = rep.encode()
		status, header = rep.status, rep.header
		header.Set("Content-Type", contentType)
		s.checkReply(op, entry.Route, rep, text)
	}
	if fault.After {
		s.pause(r, fault.Hang)
	}
	if !fault.keepsReply() {
		status, header, text = fault.reply()
	}
	header.Set("Date", s.date())
	maps.Copy(header, fault.Header)
	if fault.Drop {
		panic(http.ErrAbortHandler)
	}
	s.setStatus(entry, status, len(text))
	send(w, status, header, text, fault.Cut)
}

// send writes a reply, as a whole or cut in half.
func send(w http.ResponseWriter, status int, header http.Header, text []byte, cut bool) {
	maps.Copy(w.Header(), header)
	w.Header().Set("X-Request-Id", randomHex(16))
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if cut {
		text = text[:len(text)/2]
	}
	// An error means that the client has disconnected, which does not matter.
	_, _ = w.Write(text)
	if cut {
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

// pause waits, and ends the request if the client disconnects or the server closes.
func (s *Server) pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-s.closed:
		panic(http.ErrAbortHandler)
	}
}

// now returns the time of the fake.
func (s *Server) now() time.Time {
	return s.clock().Add(s.advanced)
}

// date returns the time of the fake in the form of a reply.
func (s *Server) date() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().UTC().Format(http.TimeFormat)
}

// Advance advances the clock.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanced += d
}

// verb changes the organization without an API request.
func (s *Server) verb(change func(*organization) error) {
	s.helper()
	if err := s.try(change); err != nil {
		if s.t == nil {
			panic(fmt.Sprintf("cloudtest: %v", err))
		}
		s.t.Fatalf("cloudtest: %v", err)
	}
}

func (s *Server) try(change func(*organization) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return change(s.organizations[0])
}

func (s *Server) helper() {
	if s.t != nil {
		s.t.Helper()
	}
}

// Identifiers differ from server to server with every seed, so that a test notices if
// something of one server reaches another.
func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

// randomDigits returns an ID of digits that does not begin with zero.
func randomDigits(n int64) string {
	first := new(big.Int).Exp(big.NewInt(10), big.NewInt(n-1), nil)
	id, err := rand.Int(rand.Reader, new(big.Int).Mul(first, big.NewInt(9)))
	if err != nil {
		panic(err) // never fails
	}
	return id.Add(id, first).String()
}
