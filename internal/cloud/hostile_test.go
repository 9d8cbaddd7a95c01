// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const hostileKey = "s3cret+key/of=the-test"

// hostileClient is a client of a service that answers as it likes.
func hostileClient(t testing.TB, service http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(service)
	t.Cleanup(srv.Close)
	return newClient(t, Config{
		Endpoint: srv.URL, APIKey: hostileKey, UserAgent: "test/1.0",
		MaxRetries: 1, RequestTimeout: time.Minute, RetryWait: time.Millisecond,
	})
}

// always answers every request in the same way.
func always(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a client that has seen enough disconnects
	}
}

// readCalls are the calls that ask the service, by their names.
func readCalls(c *Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"ListOrganizations": func(ctx context.Context) error { _, err := c.ListOrganizations(ctx); return err },
		"GetOrganization":   func(ctx context.Context) error { _, err := c.GetOrganization(ctx, testOrganization); return err },
		"ListMembers":       func(ctx context.Context) error { _, err := c.ListMembers(ctx, testOrganization); return err },
		"ListInvitations":   func(ctx context.Context) error { _, err := c.ListInvitations(ctx, testOrganization); return err },
		"ListDomains":       func(ctx context.Context) error { _, err := c.ListDomains(ctx, testOrganization); return err },
		"ListRoleMappings":  func(ctx context.Context) error { _, err := c.ListRoleMappings(ctx, testOrganization); return err },
		"GetIdP":            func(ctx context.Context) error { _, err := c.GetIdP(ctx, testOrganization); return err },
	}
}

// writeCalls are the calls that change something, by their names.
func writeCalls(c *Client) map[string]func(context.Context) error {
	grant := Grant{Role: "deployment-viewer", Resource: "1"}
	roles := NewRoleAssignments(testOrganization, []Grant{grant})
	return map[string]func(context.Context) error{
		"SetEnforcement":    func(ctx context.Context) error { _, err := c.SetEnforcement(ctx, testOrganization, true); return err },
		"DeleteMembers":     func(ctx context.Context) error { return c.DeleteMembers(ctx, testOrganization, "1") },
		"DeleteInvitations": func(ctx context.Context) error { return c.DeleteInvitations(ctx, testOrganization, "1") },
		"AddRoles":          func(ctx context.Context) error { return c.AddRoleAssignments(ctx, "1", roles) },
		"RemoveRoles":       func(ctx context.Context) error { return c.RemoveRoleAssignments(ctx, "1", roles) },
		"GenerateDomainCode": func(ctx context.Context) error {
			_, err := c.GenerateDomainVerificationCode(ctx, testOrganization, "example.com")
			return err
		},
		"VerifyDomain": func(ctx context.Context) error { return c.VerifyDomainClaim(ctx, testOrganization, "example.com") },
		"DeleteDomain": func(ctx context.Context) error { return c.DeleteDomainClaim(ctx, testOrganization, "example.com") },
		"PutIdP":       func(ctx context.Context) error { _, err := c.PutIdP(ctx, testOrganization, IdP{}); return err },
		"DeleteIdP":    func(ctx context.Context) error { return c.DeleteIdP(ctx, testOrganization) },
		"AddRoleMapping": func(ctx context.Context) error {
			return c.AddRoleMapping(ctx, testOrganization, RoleMapping{Name: "a"})
		},
		"UpdateRoleMapping": func(ctx context.Context) error {
			return c.UpdateRoleMapping(ctx, testOrganization, "a", RoleMapping{Name: "a"})
		},
		"DeleteRoleMapping": func(ctx context.Context) error { return c.DeleteRoleMapping(ctx, testOrganization, "a") },
		"CreateInvitations": func(ctx context.Context) error {
			_, err := c.CreateInvitations(ctx, testOrganization, InvitationRequest{Emails: []string{"a@example.com"}})
			return err
		},
	}
}

// everyCall is both of them.
func everyCall(c *Client) map[string]func(context.Context) error {
	calls := readCalls(c)
	maps.Copy(calls, writeCalls(c))
	return calls
}

// neverAnswers are what no call may take for an answer.
var neverAnswers = map[string]http.HandlerFunc{
	"a page":                      always(200, http.Header{"Content-Type": {"text/html"}}, "<html><title>Sign in</title></html>"),
	"a page that claims JSON":     always(200, http.Header{"Content-Type": {"application/json"}}, "<!DOCTYPE html><html>"),
	"a page, 201":                 always(201, http.Header{"Content-Type": {"text/html"}}, "<html>"),
	"a page, 403":                 always(403, http.Header{"Content-Type": {"text/html"}}, "<html>Blocked by the firewall</html>"),
	"a page, 404":                 always(404, http.Header{"Content-Type": {"text/html"}}, "<html>Not found</html>"),
	"a page, 502":                 always(502, http.Header{"Content-Type": {"text/html"}}, "<html>Bad gateway</html>"),
	"no reason, 404":              always(404, nil, ""),
	"an object without errors":    always(404, nil, `{}`),
	"errors of a wrong type":      always(400, nil, `{"errors":{"code":"organization.membership_not_found"}}`),
	"null errors":                 always(404, nil, `{"errors":[null,null]}`),
	"text":                        always(200, http.Header{"Content-Type": {"text/plain"}}, "OK"),
	"XML":                         always(200, http.Header{"Content-Type": {"application/xml"}}, `<?xml version="1.0"?><members/>`),
	"a byte-order mark":           always(200, nil, "\ufeff{}"),
	"half of an object":           always(200, nil, `{"members":[],"invitations":[],"domains":[],"mappings":[],"organizations":[`),
	"two objects":                 always(200, nil, `{"members":[],"invitations":[],"domains":[],"mappings":[],"organizations":[]} <html>`),
	"deep nesting":                always(200, nil, strings.Repeat("[", 100_000)),
	"deep nesting in a list":      always(200, nil, `{"members":`+strings.Repeat("[", 100_000)),
	"deep objects":                always(200, nil, strings.Repeat(`{"members":[{"role_assignments":`, 20_000)),
	"compressed, and not so":      always(200, http.Header{"Content-Encoding": {"gzip"}}, `{"members":[]}`),
	"shorter than it says":        always(200, http.Header{"Content-Length": {"1000"}}, `{"members":[]}`),
	"a code of control":           always(400, http.Header{"X-Cloud-Error-Codes": {"a\x1b[2J\x1b]0;title\x07"}}, ""),
	"a request ID of control":     always(400, http.Header{"X-Request-Id": {"\x1b[31m" + strings.Repeat("x", 50_000)}}, ""),
	"a message of control":        always(400, nil, `{"errors":[{"code":"\u001b[2Jx","message":"\u001b]8;;http://evil.example\u0007click\r\u202egnp","fields":["\u0000"]}]}`),
	"a message of 4 MB":           always(400, nil, `{"errors":[{"code":"`+strings.Repeat("c", 1<<20)+`","message":"`+strings.Repeat("m", 4<<20)+`"}]}`),
	"a thousand errors":           always(400, nil, `{"errors":[`+strings.Repeat(`{"code":"c","message":"m","fields":["f","g"]},`, 10_000)+`{"code":"c","message":"m"}]}`),
	"a thousand fields":           always(400, nil, `{"errors":[{"code":"c","message":"m","fields":[`+strings.Repeat(`"field",`, 10_000)+`"f"]}]}`),
	"a status without a name":     always(499, nil, `{"errors":[{"code":"c","message":"m"}]}`),
	"the key, and a bad time":     always(200, nil, `{"members":[{"member_since":"`+hostileKey+`"}],"invitations":[{"expires_at":"`+hostileKey+`"}],"organizations":[{"id":["`+hostileKey+`"]}],"domains":"`+hostileKey+``),
	"the key, in a message":       always(403, nil, `{"errors":[{"code":"c","message":"The key `+hostileKey+` may not","fields":["`+hostileKey+`"]}]}`),
	"50 MB of spaces":             large(200, "", " "),
	"50 MB of spaces in a list":   large(200, `{"members":[`, " "),
	"50 MB of a name":             large(200, `{"members":[{"name":"`, "x"),
	"50 MB of an error page":      large(502, "<html>", "x"),
	"50 MB of zeros, compressed":  bomb,
	"a list of numbers":           always(200, nil, `[1,2,3]`),
	"a reply that ends the reply": always(200, nil, `{"members":[]}}`),
}

// large answers with 50 MB, without an end.
func large(status int, begin, part string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, err := io.WriteString(w, begin)
		for range 50 {
			if err != nil {
				return // the client has seen enough
			}
			_, err = io.WriteString(w, strings.Repeat(part, 1<<20))
		}
	}
}

// bomb is small on the wire and large once it is unpacked.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(packedZeros())
}

var packedZeros = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	zeros := make([]byte, 1<<20)
	for range 50 {
		_, _ = packer.Write(zeros) // a buffer takes everything
	}
	_ = packer.Close()
	return packed.Bytes()
})

// A proxy between client and service, or a server in the service's place, may answer
// anything. Every call ends with an error that says what is wrong and is safe to print.
func TestHostileReplies(t *testing.T) {
	t.Parallel()
	for name, service := range neverAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// writes that succeed with any JSON, because the contract does not say what
			// it is
			anyJSON := name == "a list of numbers" || name == "a reply that ends the reply"
			// large replies are slow, so two calls are enough
			few := strings.Contains(name, "MB") || strings.Contains(name, "thousand")
			client := hostileClient(t, service)
			if strings.HasPrefix(name, "50 MB") {
				client.maxReply = 1 << 20 // TestReplyOverTheBound reads up to the bound that users have
			}
			calls := everyCall(client)
			for _, call := range slices.Sorted(maps.Keys(calls)) {
				if few && call != "ListMembers" && call != "DeleteMembers" {
					continue
				}
				if _, read := readCalls(nil)[call]; anyJSON && !read {
					continue
				}
				err := calls[call](t.Context())
				if err == nil {
					t.Errorf("%s takes it for an answer", call)
				}
				cloudtest.WantHarmless(t, err, hostileKey)
				if Gone(err) {
					t.Errorf("%s takes something for gone: %v", call, err)
				}
			}
		})
	}
}

// A reply without the list that it should have must never look like an empty
// list: everybody would seem to be gone. Only domains and role mappings, of which
// there may be none, are left out of a reply with nothing else in it.
func TestHostileListsAreNotEmpty(t *testing.T) {
	t.Parallel()
	lists := []string{"organizations", "members", "invitations", "domains", "mappings"}
	each := func(value string) string {
		var fields []string
		for _, name := range lists {
			fields = append(fields, fmt.Sprintf("%q:%s", name, value))
		}
		return "{" + strings.Join(fields, ",") + "}"
	}
	for name, reply := range map[string]struct {
		status int
		body   string
	}{
		"nothing":            {200, ""},
		"no content":         {204, ""},
		"null":               {200, "null"},
		"an empty object":    {200, "{}"},
		"an empty list":      {200, "[]"},
		"a string":           {200, `""`},
		"false":              {200, "false"},
		"something else":     {200, `{"message":"Welcome","ok":true}`},
		"null lists":         {200, each("null")},
		"objects":            {200, each("{}")},
		"strings":            {200, each(`""`)},
		"numbers":            {200, each("0")},
		"false lists":        {200, each("false")},
		"lists of lists":     {200, each("[[]]")},
		"lists of strings":   {200, strings.Replace(each(`["a"]`), `"domains":["a"]`, `"domains":[1]`, 1)},
		"lists of numbers":   {200, each("[1]")},
		"an error with 200":  {200, `{"errors":[{"code":"organization.membership_not_found","message":"no"}]}`},
		"lists deeper down":  {200, `{"data":` + each("[]") + `}`},
		"half a list":        {200, `{"members":[`},
		"accepted for later": {202, ""},
		"partial content":    {206, "{}"},
		"not modified":       {304, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := hostileClient(t, always(reply.status, nil, reply.body))
			for call, read := range readCalls(client) {
				err := read(t.Context())
				switch {
				case call == "ListOrganizations" && err == nil:
					// a client that sees no organization makes no further call
				case slices.Contains([]string{"ListDomains", "ListRoleMappings"}, call) && (reply.body == "{}" || name == "null lists"):
					if err != nil { // the service may leave an empty list out
						t.Errorf("%s: %v", call, err)
					}
				case err == nil:
					t.Errorf("%s takes it for an answer", call)
				case errors.Is(err, ErrNotFound):
					t.Errorf("%s takes it for gone: %v", call, err)
				}
				cloudtest.WantHarmless(t, err, hostileKey)
			}
		})
	}
}
