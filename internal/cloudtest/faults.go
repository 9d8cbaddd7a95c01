// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// Fault makes requests fail. Without Status, Body and Drop the service sends its own
// reply, but late (Hang), cut (Cut), with more headers (Header), or as a lie (Undone,
// Part). With After, Undone and Part are about what is done before another reply.
//
// Over a socket, net/http itself repeats a GET whose connection was dropped, if it had
// used the connection before.
type Fault struct {
	Route string // as in the contract; "" is any
	Times int    // how often; 0 is once, -1 always
	Skip  int    // number of requests of the route that succeed first

	Spread bool // after the fault has happened once, every route has it

	Status        int         // answer with this status and an error body
	Code, Message string      // of the error body
	Header        http.Header // added to the reply

	Undone bool // the reply is as usual, but nothing is done: no e-mail, no change
	Part   bool // the reply is as usual, but only the first part of the request is done; see partOf

	After bool          // the request is carried out first
	Drop  bool          // the connection is closed without a reply
	Cut   bool          // the connection is closed in the middle of the reply
	Hang  time.Duration // wait before answering; ends when the client disconnects

	Body        string // a raw reply; with status 200 unless Status says otherwise
	ContentType string // of Body; application/json if empty
}

// Fail registers a fault. If several match a request, the first one counts.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault returns the fault for a request, or the zero Fault.
func (s *Server) takeFault(route string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f *Fault) bool { return f.Route == "" || f.Route == route })
	if i < 0 {
		return Fault{}
	}
	fault := s.faults[i]
	if fault.Skip > 0 {
		fault.Skip--
		return Fault{}
	}
	if fault.Spread {
		fault.Route = ""
	}
	if fault.Times > 0 {
		fault.Times--
	}
	if fault.Times == 0 {
		s.faults = slices.Delete(s.faults, i, i+1)
	}
	return *fault
}

// carryOut calls the handler of a call. The fault of the call may prevent a part of the
// effect.
func (s *Server) carryOut(handle handler, c call) reply {
	switch {
	case c.undone:
		putBack := s.keep()
		defer putBack()
	case c.part:
		if part, ok := s.partOf(c); ok {
			return s.carryOutPart(handle, c, part)
		}
	}
	return handle(s, c)
}

// carryOutPart answers a call as if all of it were done, but does only a part of it. A
// call that is refused is refused as usual.
func (s *Server) carryOutPart(handle handler, c, part call) reply {
	putBack := s.keep()
	rep := handle(s, c)
	if rep.status >= http.StatusMultipleChoices {
		return rep
	}
	part.tokens = map[string]string{}
	if o := s.organization(c); o != nil {
		for email, i := range o.now.invitations {
			part.tokens[email] = i.token
		}
	}
	putBack()
	handle(s, part)
	return rep
}

// keep returns a function that restores everything that handlers change in
// organizations, and the e-mails sent. Tokens() keeps the tokens of the reply.
func (s *Server) keep() (putBack func()) {
	var kept []organization
	for _, o := range s.organizations {
		copied := *o // values that are not cloned here are replaced and never changed; the past only grows at its end
		copied.now, copied.codes = o.now.clone(), maps.Clone(o.codes)
		kept = append(kept, copied)
	}
	mails := len(s.mails)
	return func() {
		for i, o := range s.organizations {
			*o = kept[i]
		}
		s.mails = s.mails[:mails]
	}
}

// keepsReply reports whether the reply is the service's own.
func (f Fault) keepsReply() bool {
	return f.Status == 0 && f.Body == "" && !f.Drop
}

// reply returns the reply that replaces the service's own.
func (f Fault) reply() (int, http.Header, []byte) {
	if f.Body != "" {
		status, contentType := f.Status, f.ContentType
		if status == 0 {
			status = http.StatusOK
		}
		if contentType == "" {
			contentType = "application/json"
		}
		return status, http.Header{"Content-Type": {contentType}}, []byte(f.Body)
	}
	code, message := f.Code, f.Message
	if code == "" {
		code = "root.injected_fault"
	}
	if message == "" {
		message = http.StatusText(f.Status)
	}
	rep := fail(f.Status, code, "%s", message)
	rep.header.Set("Content-Type", "application/json")
	return f.Status, rep.header, marshal(rep.body)
}
