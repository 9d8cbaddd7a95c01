// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func TestErrorHoldsWhatTheServiceSaid(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddMember("a@example.com")
	_, err := newClient(t, config(srv)).CreateInvitations(t.Context(), srv.OrganizationID, InvitationRequest{Emails: []string{"a@example.com"}})
	var apiErr *Error
	if !errors.As(err, &apiErr) {
		t.Fatal(err)
	}
	if apiErr.Call != postInvitations || apiErr.Status != 400 || len(apiErr.RequestID) != 32 || len(apiErr.Failures) != 1 {
		t.Errorf("got %+v", apiErr)
	}
	failure := apiErr.Failures[0]
	if failure.Code != CodeAlreadyMember || failure.Message != "a@example.com is a member of the organization" || !slices.Equal(failure.Fields, []string{"emails"}) {
		t.Errorf("got %+v", failure)
	}
	want := "a@example.com is a member of the organization [emails] (organization.user_organization_already_belongs)\n\n" +
		postInvitations + " answered 400 Bad Request, request ID " + apiErr.RequestID
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if !HasCode(err, "other", CodeAlreadyMember) || HasCode(err, "other") || HasCode(err) || HasCode(nil, CodeAlreadyMember) ||
		!HasCode(fmt.Errorf("wrapped: %w", err), CodeAlreadyMember) {
		t.Error("HasCode is wrong")
	}
	if errors.Is(err, ErrNotFound) || Unsure(err) {
		t.Error("a refusal is not a 404, and nothing was carried out")
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	err := newClient(t, config(srv)).DeleteMembers(t.Context(), srv.OrganizationID, "1234567890")
	if !errors.Is(err, ErrNotFound) || !errors.Is(fmt.Errorf("wrapped: %w", err), ErrNotFound) || !HasCode(err, CodeMembershipNotFound) {
		t.Errorf("got %v", err)
	}
	if n := len(srv.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestErrorReplies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		body   string
		want   string
		codes  []string
	}{
		"no body":            {nil, "", "The service gave no reason\n\n" + getMembers + " answered 418 I'm a teapot", nil},
		"a page":             {nil, "<html>Bad gateway</html>", "The service gave no reason\n\n" + getMembers + " answered 418 I'm a teapot", nil},
		"other JSON":         {nil, `{"message":"no"}`, "The service gave no reason\n\n" + getMembers + " answered 418 I'm a teapot", nil},
		"no errors":          {nil, `{"errors":[]}`, "The service gave no reason\n\n" + getMembers + " answered 418 I'm a teapot", nil},
		"codes in a header":  {http.Header{"X-Cloud-Error-Codes": {"a.b, c.d"}}, "oops", "The service gave no reason (a.b); The service gave no reason (c.d)\n\n" + getMembers + " answered 418 I'm a teapot", []string{"a.b", "c.d"}},
		"both":               {http.Header{"X-Cloud-Error-Codes": {"a.b"}}, `{"errors":[{"code":"c.d","message":"No"}]}`, "No (c.d)\n\n" + getMembers + " answered 418 I'm a teapot", []string{"c.d"}},
		"several":            {nil, `{"errors":[{"code":"a","message":"One","fields":["x","y"]},{"code":"b","message":"Two"}]}`, "One [x, y] (a); Two (b)\n\n" + getMembers + " answered 418 I'm a teapot", []string{"a", "b"}},
		"a request ID":       {http.Header{"X-Request-Id": {"r1"}, "X-Cloud-Request-Id": {"r2"}}, "", "The service gave no reason\n\n" + getMembers + " answered 418 I'm a teapot, request ID r1", nil},
		"another request ID": {http.Header{"X-Cloud-Request-Id": {"r2"}}, "", "The service gave no reason\n\n" + getMembers + " answered 418 I'm a teapot, request ID r2", nil},
	} {
		client := newClientOf(t, Config{}, func(*http.Request) (*http.Response, error) { return answer(418, test.header, test.body), nil })
		_, err := client.ListMembers(t.Context(), testOrganization)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got  %v\nwant %s", name, err, test.want)
		}
		for _, code := range test.codes {
			if !HasCode(err, code) {
				t.Errorf("%s: the code %s is missing", name, code)
			}
		}
	}
}

// After any failure, neither the key nor an invitation's token is in the error or in
// the log.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	const token = "to+ken/with=odd characters"
	const key = "key+with/odd=="
	echo := fmt.Sprintf("%s and %s, %s and %s", token, key, url.PathEscape(token), url.QueryEscape(key))
	for name, test := range map[string]struct {
		fault    cloudtest.Fault
		timeout  time.Duration
		endpoint string
		failed   bool // there is a reason in addition to the service's message
	}{
		"the service's own 404": {fault: cloudtest.Fault{Status: 404, Code: CodeInvitationNotFound, Message: "invitation " + token + " not found"}},
		"the key repeated":      {fault: cloudtest.Fault{Status: 401, Message: echo}},
		"repeated in fields":    {fault: cloudtest.Fault{Status: 400, Body: fmt.Sprintf(`{"errors":[{"code":"a","message":"no","fields":[%q,%q]}]}`, token, key)}},
		"repeated in a page":    {fault: cloudtest.Fault{Status: 502, Body: "<html>" + echo, ContentType: "text/html"}},
		"a dropped connection":  {fault: cloudtest.Fault{Drop: true, Times: -1}, failed: true},
		"a cut reply":           {fault: cloudtest.Fault{Cut: true, Times: -1}, failed: true},
		"a timeout":             {fault: cloudtest.Fault{Hang: time.Minute, Times: -1}, timeout: 50 * time.Millisecond, failed: true},
		"a refused connection":  {endpoint: "http://127.0.0.1:1", failed: true},
		"a redirect":            {fault: cloudtest.Fault{Status: 302, Header: http.Header{"Location": {"https://elsewhere.example/" + url.PathEscape(token)}}}, failed: true},
		"a broken redirect":     {fault: cloudtest.Fault{Status: 302, Header: http.Header{"Location": {"::" + token + url.PathEscape(token)}}, Times: -1}, failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cloudtest.New(t)
			srv.Fail(test.fault)
			c := config(srv)
			c.APIKey = key
			c.RequestTimeout = test.timeout
			if test.endpoint != "" {
				c.Endpoint = test.endpoint
			}
			var mu sync.Mutex
			var logged []string
			c.Log = func(_ context.Context, call Call) {
				mu.Lock()
				defer mu.Unlock()
				logged = append(logged, fmt.Sprintf("%+v", call))
			}
			err := newClient(t, c).DeleteInvitations(t.Context(), srv.OrganizationID, token)
			var apiErr *Error
			if !errors.As(err, &apiErr) || (apiErr.Err != nil) != test.failed {
				t.Fatalf("got %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if len(logged) == 0 {
				t.Error("nothing is logged")
			}
			for _, text := range append(logged, err.Error(), fmt.Sprintf("%+v", *apiErr), fmt.Sprint(errors.Unwrap(err))) {
				if strings.Contains(text, "/api/v1") {
					t.Errorf("the URL of the call is in %s", text)
				}
				for _, secret := range []string{key, token} {
					for _, form := range []string{secret, url.PathEscape(secret), url.QueryEscape(secret)} {
						if strings.Contains(text, form) {
							t.Errorf("%s is in %s", form, text)
						}
					}
				}
			}
		})
	}
}

// What fails underneath may have the request in its text too.
func TestErrorsOfTheNetworkHoldNoSecret(t *testing.T) {
	t.Parallel()
	var logged error
	client := newClientOf(t, Config{Log: func(_ context.Context, call Call) { logged = call.Err }}, func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("cannot send %s with %s", r.URL.EscapedPath(), r.Header.Get("Authorization"))
	})
	client.config.APIKey = "s3cret-key"
	err := client.DeleteInvitations(t.Context(), testOrganization, "s3cret/token")
	for what, err := range map[string]error{"error": err, "log": logged} {
		if err == nil || !strings.Contains(err.Error(), "cannot send") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The token of another invitation is a secret, too.
func TestErrorsHoldNoTokenEverSeen(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	srv.AddInvitation("listed@example.com")
	client := newClient(t, config(srv))
	if _, err := client.ListInvitations(t.Context(), srv.OrganizationID); err != nil {
		t.Fatal(err)
	}
	made, err := client.CreateInvitations(t.Context(), srv.OrganizationID, InvitationRequest{Emails: []string{"made@example.com"}})
	if err != nil || len(made) != 1 {
		t.Fatal(made, err)
	}
	srv.Fail(cloudtest.Fault{Status: 409, Message: "conflict of " + strings.Join(srv.Tokens(), " and ")})
	if err := client.DeleteMembers(t.Context(), srv.OrganizationID, "1"); err == nil || !strings.HasPrefix(err.Error(), "conflict of (secret) and (secret)") {
		t.Errorf("got %v", err)
	}
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		ctx, cancel := context.WithCancel(t.Context())
		srv.Before(getMembers, cancel)
		srv.Fail(cloudtest.Fault{Hang: time.Minute})
		if _, err := newClient(t, config(srv)).ListMembers(ctx, srv.OrganizationID); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
