// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/terraformtest"
)

// Every reply is invalid: a refresh loses no resource, and nothing is written. Once the
// replies are valid again, the plan is empty.
func TestHostileRefresh(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, middle, config := newBetween(t)
		held := maps.Clone(c.State)
		for name, reply := range map[string]struct {
			status int
			body   string
		}{
			"nothing":            {200, ""},
			"no content":         {204, ""},
			"null":               {200, "null"},
			"an empty object":    {200, "{}"},
			"an empty list":      {200, "[]"},
			"null lists":         {200, `{"organizations":null,"members":null,"invitations":null,"domains":null,"mappings":null,"configuration":null,"id":null}`},
			"objects":            {200, `{"organizations":{},"members":{},"invitations":{},"domains":{},"mappings":{},"configuration":[],"id":{}}`},
			"lists of nothing":   {200, `{"organizations":[null],"members":[null],"invitations":null,"domains":null,"mappings":null,"id":""}`},
			"strings":            {200, `{"organizations":"","members":"","invitations":"","domains":"","mappings":"","configuration":"","id":1}`},
			"a page":             {200, "<html>Sign in</html>"},
			"a page, 403":        {403, "<html>Blocked</html>"},
			"a page, 404":        {404, "<html>Not found</html>"},
			"nothing, 404":       {404, ""},
			"no errors, 404":     {404, `{"errors":[]}`},
			"the wrong one":      {404, `{"errors":[{"code":"organization.not_found","message":"There is no such organization"}]}`},
			"a page, 502":        {502, "<html>Bad gateway</html>"},
			"deep":               {200, `{"members":` + strings.Repeat("[", 50_000)},
			"control characters": {400, `{"errors":[{"code":"\u001b[2J","message":"\u001b]0;x\u0007 \u202e"}]}`},
			"half":               {200, `{"members":[{"user_id":"1"`},
		} {
			middle.change = func(*http.Request, int, []byte) (int, []byte) { return reply.status, []byte(reply.body) }
			_, err := c.plan(t.Context(), config)
			if err == nil {
				t.Errorf("%s: the plan succeeds", name)
			}
			cloudtest.WantHarmless(t, err, "fake-key-")
			for _, address := range slices.Sorted(maps.Keys(held)) {
				server, err := c.start(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				now, diagnostics := c.RefreshOne(t.Context(), server, address, held[address])
				cloudtest.WantHarmless(t, terraformtest.Failed(diagnostics), "fake-key-")
				if !now.Value.Equal(held[address].Value) {
					t.Errorf("%s: %s is %v in state, and was %v", name, address, now.Value, held[address].Value)
				}
			}
			c.State = maps.Clone(held)
		}
		middle.change = nil
		wantEmpty(t, c, config)
		if writes := middle.fake.Writes(); len(writes) > 0 {
			t.Errorf("%d writes were made, first %s %s", len(writes), writes[0].Method, writes[0].Path)
		}
	})
}

// mangle makes something else of every value in a reply that is JSON.
func mangle(change func(any) any) func(*http.Request, int, []byte) (int, []byte) {
	var walk func(any) any
	walk = func(value any) any {
		switch v := value.(type) {
		case map[string]any:
			for name := range v {
				v[name] = walk(v[name])
			}
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		}
		return change(value)
	}
	return func(r *http.Request, status int, body []byte) (int, []byte) {
		var value any
		if strings.HasSuffix(r.URL.Path, "/organizations") || json.Unmarshal(body, &value) != nil { // of two organizations, none is chosen
			return status, body
		}
		changed, err := json.Marshal(walk(value))
		if err != nil {
			return status, body
		}
		return status, changed
	}
}

// Unknown fields and duplicates make no difference: the plan stays empty.
func TestHostileRepliesThatWork(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, middle, config := newBetween(t)
		for name, change := range map[string]func(any) any{
			"unknown fields": func(value any) any {
				if object, ok := value.(map[string]any); ok {
					object["x_new"] = map[string]any{"deep": []any{1, nil, map[string]any{}}}
				}
				return value
			},
			"null fields": func(value any) any {
				if object, ok := value.(map[string]any); ok {
					object["x_null"] = nil
				}
				return value
			},
			"everything twice": func(value any) any {
				if list, ok := value.([]any); ok {
					return append(slices.Clone(list), list...)
				}
				return value
			},
			"null for what is empty": func(value any) any {
				object, ok := value.(map[string]any)
				if !ok {
					return value
				}
				for name, field := range object {
					list, isList := field.([]any)
					fields, isObject := field.(map[string]any)
					if isList && len(list) == 0 && name != "invitations" || isObject && len(fields) == 0 {
						object[name] = nil
					}
				}
				return value
			},
		} {
			middle.change = mangle(change)
			changes, err := c.plan(t.Context(), config)
			if err != nil || len(changes) > 0 {
				t.Errorf("%s: %v, %v", name, addresses(changes), err)
			}
		}
		middle.change = nil
		wantEmpty(t, c, config)
		if writes := middle.fake.Writes(); len(writes) > 0 {
			t.Errorf("%d writes were made, first %s %s", len(writes), writes[0].Method, writes[0].Path)
		}
	})
}

// Every value of every reply is of another type, gone or odd: the plan fails with
// an error that one can print, or shows a change. Nothing panics, and what the
// state has of people, domains and settings stays in it where the plan fails.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	virtually(t, func(t *testing.T) {
		c, middle, config := newBetween(t)
		held := maps.Clone(c.State)
		texts := func(to any) func(any) any {
			return func(value any) any {
				if _, ok := value.(string); ok {
					return to
				}
				return value
			}
		}
		field := func(name string, to any) func(any) any {
			return func(value any) any {
				if object, ok := value.(map[string]any); ok {
					if _, found := object[name]; found {
						object[name] = to
					}
				}
				return value
			}
		}
		for name, change := range map[string]func(any) any{
			"numbers for texts":  texts(1),
			"nothing for texts":  texts(nil),
			"empty texts":        texts(""),
			"odd texts":          texts("\x1b[2J\r\n../..,\u202e\x00"),
			"long texts":         texts(strings.Repeat("x", 1<<16)),
			"lists for texts":    texts([]any{}),
			"no e-mail":          field("email", ""),
			"null e-mail":        field("email", nil),
			"odd e-mail":         field("email", "\x1b[31m a/b?c#d,e\r\n@"),
			"no user ID":         field("user_id", ""),
			"a path as user ID":  field("user_id", "../../organizations"),
			"one token":          field("token", "t"),
			"no token":           field("token", nil),
			"no time":            field("member_since", "yesterday"),
			"no expiry":          field("expires_at", "soon"),
			"null times":         field("expires_at", nil),
			"a far time":         field("expires_at", "9999-12-31T23:59:59Z"),
			"no roles":           field("role_assignments", nil),
			"roles as a list":    field("role_assignments", []any{}),
			"roles as a text":    field("role_assignments", "admin"),
			"null branches":      field("deployment", nil),
			"null elements":      field("deployment", []any{nil, map[string]any{}}),
			"no rule":            field("rule", nil),
			"an empty rule":      field("rule", map[string]any{}),
			"both rules":         field("rule", map[string]any{"any": []any{nil}, "all": []any{map[string]any{"group": "a", "email": "b"}}}),
			"no configuration":   field("configuration", nil),
			"no SAML":            field("saml_idp", nil),
			"odd certificates":   field("public_certificate", []any{"", "\x00", "LS0t", nil, "-----BEGIN CERTIFICATE-----"}),
			"null certificates":  field("public_certificate", nil),
			"no enabled":         field("enabled", nil),
			"an unknown method":  field("enforce_authentication_method", "carrier-pigeon"),
			"an odd method":      field("enforce_authentication_method", map[string]any{}),
			"expired is a text":  field("expired", "true"),
			"domains of nothing": field("domains", []any{nil, "", "\x1b[2J"}),
		} {
			middle.change = mangle(change)
			for _, address := range slices.Sorted(maps.Keys(held)) {
				server, err := c.start(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				now, diagnostics := c.RefreshOne(t.Context(), server, address, held[address])
				if err := terraformtest.Failed(diagnostics); err != nil {
					cloudtest.WantHarmless(t, err, "fake-key-")
					if !now.Value.Equal(held[address].Value) {
						t.Errorf("%s: %s is lost, with %v", name, address, err)
					}
				}
			}
			c.State = maps.Clone(held)
			changes, err := c.plan(t.Context(), config)
			cloudtest.WantHarmless(t, err, "fake-key-")
			if (name == "no e-mail" || name == "null e-mail") && err == nil {
				t.Errorf("%s: members who are there by their IDs look gone: %v", name, addresses(changes))
			}
			c.State = maps.Clone(held)
		}
		middle.change = nil
		wantEmpty(t, c, config)
		if writes := middle.fake.Writes(); len(writes) > 0 {
			t.Errorf("%d writes were made, first %s %s", len(writes), writes[0].Method, writes[0].Path)
		}
	})
}

// Every write gets an invalid answer, after it was carried out or instead. The apply may
// fail. The next one, with valid answers, gives what is configured.
func TestHostileApply(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]struct {
		status int
		body   string
	}{
		"a page":          {200, "<html>Sign in</html>"},
		"nothing":         {200, ""},
		"null":            {200, "null"},
		"an empty object": {200, "{}"},
		"a list":          {201, "[[]]"},
		"wrong types":     {201, `{"invitations":{},"verification":1,"configuration":[]}`},
		"null invited":    {201, `{"invitations":[null]}`},
		"somebody else":   {201, `{"invitations":[{"token":"t","email":"mallory@example.com"}]}`},
		"a page, 404":     {404, "<html>Not found</html>"},
		"a page, 502":     {502, "<html>Bad gateway</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				c, middle, config := newBetween(t)
				changed := maps.Clone(config)
				for address, roles := range map[string][]string{"alice": {"deployment-editor:*"}, "bob": {"billing-admin"}} {
					attributes := maps.Clone(config[address].Attributes)
					attributes["roles"] = roles
					changed[address] = block{Type: config[address].Type, Attributes: attributes}
				}
				changed["dave"] = block{Type: "elasticcloud_member", Attributes: map[string]any{"email": "dave@example.com", "roles": []string{"deployment-viewer:*"}}}
				changed["viewers"] = block{Type: "elasticcloud_role_mapping", Attributes: map[string]any{"name": "viewers", "enabled": true, "rule": inGroup("viewers"), "roles": []string{"deployment-viewer:*"}}}
				delete(changed, "exclusive")
				delete(changed, "assignment")
				middle.change = func(r *http.Request, status int, body []byte) (int, []byte) {
					if r.Method == http.MethodGet {
						return status, body
					}
					return reply.status, []byte(reply.body)
				}
				err := c.apply(t.Context(), changed)
				cloudtest.WantHarmless(t, err, "fake-key-")
				for _, address := range []string{"alice", "carol", "claim", "verified", "idp", "mapping", "enforced"} {
					if _, found := c.State[address]; !found {
						t.Errorf("%s is lost: %v", address, err)
					}
				}
				middle.change = nil
				if err := c.apply(t.Context(), changed); err != nil {
					t.Fatalf("the healthy apply: %v", err)
				}
				wantEmpty(t, c, changed)
				for email, want := range map[string][]string{"alice@example.com": {"deployment-editor:*"}, "bob@example.com": {"billing-admin"}, "dave@example.com": {"deployment-viewer:*"}, "carol@example.com": {"deployment-viewer:*"}} {
					if got := middle.fake.Grants(email); !slices.Equal(got, want) {
						t.Errorf("%s holds %v, want %v", email, got, want)
					}
				}
			})
		})
	}
}

// The user agent has in it what the environment says, and stays one header.
func TestUserAgentIsOneLine(t *testing.T) {
	t.Setenv("TF_APPEND_USER_AGENT", "team/1\r\nX-Injected: 1\x1b\tend ")
	if got, want := userAgent("1.0", "1.11.4"), "terraform-provider-elasticcloud/1.0 Terraform/1.11.4 team/1 X-Injected: 1 end"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Two addresses belong to one person only if the client treats them as equal: the long s
// is not an s.
func TestEmailsThatLookAlike(t *testing.T) {
	t.Parallel()
	for other, same := range map[string]bool{"SAM@Example.com": true, "\u017fam@example.com": false, "sam@example.co": false} {
		equal, diags := newEmail("sam@example.com").StringSemanticEquals(context.Background(), newEmail(other))
		if diags.HasError() || equal != same {
			t.Errorf("%q: %v", other, equal)
		}
	}
}
