// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strings"
)

// newPages returns the pages that a person opens in a browser to sign in, and the page
// to which the IdP sends them back.
func (s *Server) newPages() *http.ServeMux {
	pages := http.NewServeMux()
	pages.HandleFunc("GET "+ssoLoginPath+"{login_identifier}", s.openSSOLogin)
	pages.HandleFunc("POST /saml/{service_provider}/acs", s.consumeAssertion)
	pages.HandleFunc("GET "+accessDeniedPath, s.showAccessDenied)
	return pages
}

const (
	ssoLoginPath     = "/sso/saml/"
	accessDeniedPath = "/access-denied"
)

// openSSOLogin sends the browser to the IdP, with the HTTP-POST binding. The relay
// state names the request, so that a response without a known request is refused.
func (s *Server) openSSOLogin(w http.ResponseWriter, r *http.Request) {
	request, err := s.requestSignIn(func(o *organization) error {
		if r.PathValue("login_identifier") != o.loginIdentifier() {
			return errors.New("no organization has this login identifier")
		}
		return nil
	})
	if err != nil {
		s.denyAccess(w, r, err)
		return
	}
	relayState := randomHex(16)
	s.mu.Lock()
	s.signingIn[relayState] = request.ID
	s.mu.Unlock()
	writePage(w, http.StatusOK, signInPage, template.HTML(request.Post(relayState))) //nolint:gosec // the library escapes it
}

// consumeAssertion is the assertion consumer service.
func (s *Server) consumeAssertion(w http.ResponseWriter, r *http.Request) {
	relayState := r.PostFormValue("RelayState")
	s.mu.Lock()
	requestID, begun := s.signingIn[relayState]
	delete(s.signingIn, relayState)
	o := s.organizations[0]
	ours := r.PathValue("service_provider") == o.id+o.samlSuffix
	s.mu.Unlock()
	response, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(r.PostFormValue("SAMLResponse")), ""))
	switch {
	case !ours:
		err = errors.New("the Destination should match the acs")
	case !begun:
		err = errors.New("the RelayState should be that of a sign-in that began at the SSO login URL, and each counts once")
	case err != nil || len(response) == 0:
		err = errors.New("a SAMLResponse should be sent, in base64")
	}
	if err != nil {
		s.denyAccess(w, r, err)
		return
	}
	_, email, err := s.takeResponse(requestID, response)
	if err != nil {
		s.denyAccess(w, r, err)
		return
	}
	writePage(w, http.StatusOK, signedInPage, person{email, s.Grants(email)})
}

// denyAccess redirects to the page to which the service redirects. The service gives no
// reason there; this page gives the latest.
func (s *Server) denyAccess(w http.ResponseWriter, r *http.Request, reason error) {
	s.mu.Lock()
	s.accessDenied = reason.Error()
	s.mu.Unlock()
	http.Redirect(w, r, accessDeniedPath, http.StatusSeeOther)
}

func (s *Server) showAccessDenied(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	reason := s.accessDenied
	s.mu.Unlock()
	writePage(w, http.StatusForbidden, accessDeniedPage, reason)
}

// person is the person who is shown to be signed in.
type person struct {
	Email  string
	Grants []string
}

var (
	signInPage   = newPage("Sign in", `{{.}}`)
	signedInPage = newPage("Signed in", `<p id="email">{{.Email}}</p>
<ul>{{range .Grants}}<li class="grant">{{.}}</li>{{else}}<li>no roles</li>{{end}}</ul>`)
	accessDeniedPage = newPage("Access denied", `<p id="reason">{{.}}</p>`)
)

// newPage names an empty icon, because browsers ask for one otherwise.
func newPage(title, content string) *template.Template {
	return template.Must(template.New(title).Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>` + title + `</title><link rel="icon" href="data:,"></head>
<body>
<h1>` + title + `</h1>
` + content + `
</body>
</html>
`))
}

func writePage(w http.ResponseWriter, status int, page *template.Template, content any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// An error means that the client has disconnected, which does not matter.
	_ = page.Execute(w, content)
}
