// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// changed are the rows that are other ones with an option of the fake.
type changed map[string]string

// refusal is the reading of all rows that need a write, if the probe is refused.
func refusal(more changed) changed {
	rows := changed{}
	for _, e := range experiments {
		for _, id := range e.rules {
			rows[id] = "not known: nothing was written, as the probe was refused"
		}
	}
	maps.Copy(rows, more)
	return rows
}

// told is what the probe reports for each variant of each reading that the fake knows.
// An empty entry means that the probe cannot find it out, because it would have to
// change something that it did not make.
var told = map[string]changed{
	"one set per role":                 {"two-lists": "the last one counts"},
	"all absorbs":                      {"all-beside-one": "absorbed"},
	"deletes the first":                {"delete-list": "deletes one, and answers with success"},
	"denies members once":              nil,
	"denies members":                   nil,
	"refuses lists with 400":           {"delete-list": "is refused"},
	"refuses lists with 404":           {"delete-list": "is refused"},
	"deletes in part":                  {"delete-list": "deletes a part, and answers with an error"},
	"pages of one":                     {"pages": "paged, and next_page works"},
	"pages of two":                     {"pages": "paged, and next_page works"},
	"only the first page":              refusal(changed{"pages": "paged, and next_page does not work"}),
	"empty lists left out":             nil, // TestEmptyLists
	"empty lists null":                 nil,
	"no list of members":               refusal(changed{"empty": "left out"}),
	"sees nobody":                      refusal(changed{"empty": "[]"}),
	"sees nobody, null":                refusal(changed{"empty": "null"}),
	"expired are hidden and conflict":  {"expired-listed": "not listed", "expired-post": "is refused"},
	"expired are hidden and refreshed": {"expired-listed": "not listed", "expired-post": "refreshes it"},
	"never expired":                    {"expired-listed": "listed, and expires_at alone tells"},
	"never expired, yet conflicts":     {"expired-listed": "listed, and expires_at alone tells", "expired-post": "is refused"},
	"certificates joined":              {"certificates": "joined"},
	"certificates unpadded":            {"certificates": "base64 of PEM, without padding"},
	"certificates twice":               {"certificates": "base64 of base64 of PEM"},
	"certificates left out":            {"certificates": "left out"},
	"addresses with a slash":           {"addresses": "not known: no host has a letter in upper case; needs writing the configuration of the IdP"},
	"addresses without a slash":        {"addresses": "not known: no host has a letter in upper case; needs writing the configuration of the IdP"},
	"patterns in lower case":           {"mapping-pattern": "in lower case"},
	"absent as empty":                  {"application-roles": "both as []", "mapping-roles": "both as []"},
	"empty as absent":                  {"application-roles": "both left out", "mapping-roles": "both left out"},
	"lags a second":                    {"listed": "later", "gone": "later", "mapping-listed": "later"},
	"lags thirty seconds":              {"listed": "later", "gone": "later", "mapping-listed": "later"},
	"strict grants":                    nil,
	"invites in part":                  {"all-or-nothing": "invites the others"},
	"expired conflict":                 {"expired-post": "is refused"},
	"expired are refreshed":            {"expired-post": "refreshes it"},
	"same code":                        nil,
	"renews the service provider":      nil,
	"unknown mappings refused":         {"mapping-unknown": "refused"},
	"enforcement left out":             {"enforcement": "not shown"},
	"no enforcement left out":          {"enforcement": "not shown"},
	"key may not enforce":              nil,
	"silent rate limit":                nil,
}

// For each way in which the service may behave, the rows for it say so and no other row
// changes. Nothing is left, and only the probe's own things were written.
func TestReadings(t *testing.T) {
	t.Parallel()
	known := 0
	for _, reading := range cloudtest.Readings() {
		for _, variant := range reading.Variants {
			rows, ok := told[variant.Name]
			if !ok {
				t.Errorf("it is not said here what the probe tells of %q", variant.Name)
				continue
			}
			known++
			t.Run(variant.Name, func(t *testing.T) {
				t.Parallel()
				tryReading(t, rows, variant.Options...)
			})
		}
	}
	if known != len(told) {
		t.Errorf("of %d variants here the fake has %d", len(told), known)
	}
}

func tryReading(t *testing.T, rows changed, opts ...cloudtest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, append([]cloudtest.Option{cloudtest.Plain()}, opts...)...)
		configureSSO(srv)
		before := state(t, srv)
		r := try(t.Context(), t, srv, first, second)
		want := asAssumed()
		maps.Copy(want, rows)
		wantReadings(t, r, want)
		wantOwnWrites(t, srv, r, first, second)
		code := exitDone
		if want["listed"] == refusal(nil)["listed"] {
			code = exitFailed
		}
		if r.code != code || state(t, srv) != before {
			t.Errorf("exit code %d, before %s, after %s\n%s", r.code, before, state(t, srv), r.stderr)
		}
	})
}

// Headers that are not readings, but may be seen.
func TestHeaders(t *testing.T) {
	t.Parallel()
	end := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	tryReading(t, changed{"rate": "shown", "key-expiration": "shown"}, cloudtest.RateLimit(1000, time.Second), cloudtest.KeyExpires(end))
	tryReading(t, changed{"retry-after": "not shown"}, cloudtest.RateLimit(3, time.Second), cloudtest.RateLimitSilent())
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		srv.Fail(cloudtest.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}})
		if r := try(t.Context(), t, srv, first); r.code != exitDone || r.readings["retry-after"] != "shown" {
			t.Errorf("exit code %d, %q\n%s", r.code, r.readings["retry-after"], r.stderr)
		}
	})
}

// Without single sign-on, domains and role mappings are empty.
func TestEmptyLists(t *testing.T) {
	t.Parallel()
	for form, opts := range map[string][]cloudtest.Option{
		"[]": nil, "left out": {cloudtest.EmptyListsLeftOut()}, "null": {cloudtest.EmptyListsNull()},
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := try(t.Context(), t, newFake(t, append(opts, cloudtest.Plain())...), first)
				if r.code != exitDone || r.readings["empty"] != form {
					t.Errorf("exit code %d, reading %q\n%s", r.code, r.readings["empty"], r.stderr)
				}
			})
		})
	}
}

// A role that the service does not let the key promise is not known, and the rest is.
func TestRolesRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		id   string
		want string
	}{
		"made up": {id: "*", want: "not known: 403 role_assignments.unauthorized_role_assignments for a deployment that does not exist: set PROBE_DEPLOYMENT to the ID of one of yours"},
		"named": {args: []string{"-deployment", "abc"}, id: "abc",
			want: "not known: POST /organizations/{organization_id}/invitations answered 403 role_assignments.unauthorized_role_assignments"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newFake(t, cloudtest.Plain())
				srv.Untouchable("deployment", test.id)
				before := state(t, srv)
				env := map[string]string{optInVariable: optIn, "EC_API_KEY": srv.Key}
				r := tryWith(t.Context(), t, srv, env, append(test.args, "-email", first)...)
				if r.readings["all-beside-one"] != test.want || r.readings["two-lists"] != apart {
					t.Errorf("%q\n%s%s", r.readings["all-beside-one"], r.stdout, r.stderr)
				}
				if r.code != exitDone || state(t, srv) != before {
					t.Errorf("exit code %d, after %s", r.code, state(t, srv))
				}
			})
		})
	}
}

// What the fake does not do.
func TestReadSecondPost(t *testing.T) {
	t.Parallel()
	of := func(tokens ...string) (list []cloud.Invitation) {
		for _, token := range tokens {
			list = append(list, cloud.Invitation{Token: token})
		}
		return list
	}
	for want, test := range map[string]struct {
		err          error
		made, listed []cloud.Invitation
	}{
		"refreshes it, same token":          {made: of("a"), listed: of("a")},
		"refreshes it, another token":       {made: of("b"), listed: of("b")},
		"a second invitation":               {made: of("b"), listed: of("a", "b")},
		"accepted, and the first one stays": {made: of("b"), listed: of("a")},
		"refused with another code":         {err: errors.New("400"), listed: of("a")},
	} {
		if got, _ := readSecondPost("a", test.err, test.made, test.listed); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A second invitation that takes the place of the first one is followed to its end.
func TestSecondPostAccepted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		before := state(t, srv)
		expire := func() { srv.Expire(first) }
		srv.Before("POST /organizations/{organization_id}/invitations", func() {
			srv.Before("POST /organizations/{organization_id}/invitations", expire) // the fake takes another one then
		})
		r := try(t.Context(), t, srv, first)
		if r.readings["second-post"] != "refreshes it, another token" || r.readings["delete-unknown"] != "404 with its code" {
			t.Errorf("got %q and %q\n%s", r.readings["second-post"], r.readings["delete-unknown"], r.stderr)
		}
		wantOwnWrites(t, srv, r, first)
		if r.code != exitDone || state(t, srv) != before {
			t.Errorf("exit code %d, after %s", r.code, state(t, srv))
		}
	})
}

// What the fake does not show either.
func TestOtherwise(t *testing.T) {
	t.Parallel()
	grant := func(text string) cloud.Grant {
		g, err := cloud.ParseGrant(text)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	p := &probe{findings: map[string]finding{}}
	p.findStates("application-roles", []cloud.Grant{grant("elasticsearch-viewer:*+viewer"), grant("billing-admin")})
	want := finding{"otherwise", "sent elasticsearch-viewer:* and observability-viewer:*+; shown elasticsearch-viewer:*+viewer and no observability-viewer was shown"}
	if got := p.findings["application-roles"]; got != want {
		t.Errorf("got %q", got)
	}
	block, _ := pem.Decode([]byte(certificate()))
	for want, entry := range map[string]string{
		"PEM":                            certificate(),
		"base64 of DER":                  base64.StdEncoding.EncodeToString(block.Bytes) + "\n",
		"in another form":                "nonsense",
		"base64 of base64 of PEM":        base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(certificate())))),
		"base64 of PEM, without padding": base64.RawStdEncoding.EncodeToString([]byte(certificate())),
	} {
		if got, _ := certificateForm(entry); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Of an error the table has nothing that could name anybody.
func TestReason(t *testing.T) {
	t.Parallel()
	refusal := func(code string) []cloud.Failure { return []cloud.Failure{{Code: code, Message: "me@example.com"}} }
	for want, err := range map[string]error{
		"GET /x answered 403 a.b":     &cloud.Error{Call: "GET /x", Status: 403, Failures: refusal("a.b")},
		"GET /x answered 404":         &cloud.Error{Call: "GET /x", Status: 404, Failures: refusal("me@example.com")},
		"no answer to GET /x":         &cloud.Error{Call: "GET /x", Err: errors.New("dial me.example.com")},
		"it was not there within 31s": fmt.Errorf("me@example.com: %w", &notShownError{"it was not there"}),
		"the probe failed":            errors.New("me@example.com"),
		"GET /x answered 200 with a reply that does not match the API contract": &cloud.Error{Call: "GET /x", Status: 200, Err: errors.New("me@example.com")},
	} {
		if got := reason(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRulesOfExperiments(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, rule := range rules {
		ids = append(ids, rule.id)
	}
	slices.Sort(ids)
	if unique := slices.Compact(slices.Clone(ids)); !slices.Equal(ids, unique) {
		t.Errorf("two rules have the same ID in %q", ids)
	}
	for _, e := range experiments {
		for _, id := range e.rules {
			if ruleOf(id).why != "" {
				t.Errorf("%s cannot be found out, and %s is said to do it", id, e.name)
			}
		}
	}
}

// Of a refusal the table has a code that looks like one, and nothing else.
func TestAnswer(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"errors":[{"code":"organization.not_found","message":"m"}]}`: "404 organization.not_found",
		`{"errors":[{"code":"me@example.com","message":"m"}]}`:         "404",
		`{"errors":[]}`: "404",
		`<html>`:        "404",
	} {
		e := &exchange{status: http.StatusNotFound}
		e.body.WriteString(body)
		if got := e.answer(); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	if got := new(exchange).answer(); got != "no answer" {
		t.Errorf("got %q", got)
	}
}
