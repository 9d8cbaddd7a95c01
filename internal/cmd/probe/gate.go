// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// gate is the only way to the service. It refuses every write that is not about
// something that the probe made, even if the rest of the program has a bug. It also
// keeps the replies, because the client hides their form, which the probe wants to find
// out.
type gate struct {
	next           http.RoundTripper
	organizationID string
	mine           func(email string) bool
	tokens         map[string]bool // of the probe's own invitations
	mapping        string          // name of the probe's own role mapping
	exchanges      []*exchange
}

// exchange is one request and its reply.
type exchange struct {
	method string
	path   string // without /api/v1
	status int    // 0 without a reply
	header http.Header
	body   bytes.Buffer // the part that the client read
}

// codeForm is the form of the documented codes. A text in another form might contain
// anything, so the probe does not print it.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

var errNotOwn = errors.New("the probe itself refused this request, as it would change something that the probe did not make")

// RoundTrip implements http.RoundTripper.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	_, path, _ := strings.Cut(req.URL.Path, "/api/v1")
	if req.Method != http.MethodGet {
		body, err := takeBody(req)
		if err != nil {
			return nil, err
		}
		if !g.allows(req.Method, path, body) {
			return nil, errNotOwn
		}
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	e := &exchange{method: req.Method, path: path}
	g.exchanges = append(g.exchanges, e)
	resp, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	e.status, e.header = resp.StatusCode, resp.Header
	resp.Body = readCloser{io.TeeReader(resp.Body, &e.body), resp.Body}
	return resp, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

func takeBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }()
	return io.ReadAll(req.Body)
}

// allows reports whether a write is only about things that the probe makes.
func (g *gate) allows(method, path string, body []byte) bool {
	rest, ok := strings.CutPrefix(path, "/organizations/"+g.organizationID+"/")
	if g.organizationID == "" || !ok {
		return false
	}
	area, names, named := strings.Cut(rest, "/")
	switch {
	case method == http.MethodPost && area == "invitations" && !named:
		return g.allowsInvitations(body)
	case method == http.MethodDelete && area == "invitations" && named:
		for token := range strings.SplitSeq(names, ",") {
			if !g.tokens[token] {
				return false
			}
		}
		return true
	case method == http.MethodPost && area == "role_mappings" && !named:
		return g.allowsMappings(body)
	case method == http.MethodDelete && area == "role_mappings" && named:
		return g.mapping != "" && names == g.mapping
	}
	return false
}

func (g *gate) allowsInvitations(body []byte) bool {
	var request struct {
		Emails []string `json:"emails"`
	}
	if err := json.Unmarshal(body, &request); err != nil || len(request.Emails) == 0 {
		return false
	}
	for _, email := range request.Emails {
		if !g.mine(email) {
			return false
		}
	}
	return true
}

func (g *gate) allowsMappings(body []byte) bool {
	var request struct {
		Mappings []struct {
			Name    string `json:"name"`
			Enabled *bool  `json:"enabled"`
		} `json:"mappings"`
	}
	if err := json.Unmarshal(body, &request); err != nil || len(request.Mappings) != 1 {
		return false
	}
	m := request.Mappings[0]
	return g.mapping != "" && m.Name == g.mapping && m.Enabled != nil && !*m.Enabled
}

// last returns the latest exchange; there is one after each call that was sent.
func (g *gate) last() *exchange {
	if len(g.exchanges) == 0 {
		return &exchange{}
	}
	return g.exchanges[len(g.exchanges)-1]
}

// answer describes the reply in words that are safe to show. It omits the service's
// message, which may repeat an address.
func (e *exchange) answer() string {
	if e.status == 0 {
		return "no answer"
	}
	text := fmt.Sprint(e.status)
	if code := e.code(); code != "" {
		text += " " + code
	}
	return text
}

// code returns the first error code of the reply, or "" if it has none in the form of a
// code.
func (e *exchange) code() string {
	var reply struct {
		Errors []struct {
			Code string `json:"code"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(e.body.Bytes(), &reply); err != nil || len(reply.Errors) == 0 {
		return ""
	}
	if code := reply.Errors[0].Code; codeForm.MatchString(code) {
		return code
	}
	return ""
}

// fields returns the fields of a reply that is a JSON object.
func (e *exchange) fields() map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.body.Bytes(), &fields); err != nil {
		return nil
	}
	return fields
}
