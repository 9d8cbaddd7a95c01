// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// The addresses that the tests use, and others that exist already.
const (
	first  = "Probe+1@example.org"
	second = "probe+2@example.org"
	owner  = "owner@example.com"
	other  = "other@example.com"
)

// result is what a run of the command said and left behind.
type result struct {
	code           int
	stdout, stderr string
	readings       map[string]string // of the table, by the ID of the rule
}

// newFake is an organization in which every list has something in it.
func newFake(t *testing.T, opts ...cloudtest.Option) *cloudtest.Server {
	t.Helper()
	srv := cloudtest.New(t, append([]cloudtest.Option{cloudtest.InProcess()}, opts...)...)
	srv.AddMember(owner, "organization-admin")
	srv.AddMember("member@example.com", "deployment-viewer:*", "elasticsearch-viewer:*+")
	srv.AddInvitation(other, "billing-admin")
	return srv
}

// configureSSO makes an IdP, and role mappings of which one makes owners.
func configureSSO(srv *cloudtest.Server) {
	srv.ClaimDomain("example.com")
	srv.ConfigureIdP(cloudtest.IdP{
		Enabled: true, LoginIdentifierPrefix: "acme", Issuer: "https://IdP.example", SSOURL: "https://IdP.example/sso/",
		Certificates: []string{certificate(), certificate()},
	})
	srv.AddRoleMapping("owners", true, cloudtest.AnyOf(cloudtest.Group("owners")), "organization-admin")
}

// certificate is a PEM whose base64 has padding.
func certificate() string {
	text, _ := cloudtest.NewCertificate("Test IdP", time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0))
	for len(text)%3 == 0 {
		text += "\n"
	}
	return text
}

// try runs the command in the time of a bubble, with the opt-in.
func try(ctx context.Context, t *testing.T, srv *cloudtest.Server, emails ...string) result {
	t.Helper()
	var args []string
	for _, email := range emails {
		args = append(args, "-email", email)
	}
	return tryWith(ctx, t, srv, map[string]string{optInVariable: optIn, "EC_API_KEY": srv.Key}, args...)
}

func tryWith(ctx context.Context, t *testing.T, srv *cloudtest.Server, env map[string]string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if env["EC_ENDPOINT"] == "" {
		env["EC_ENDPOINT"] = srv.URL
	}
	r := result{}
	r.code = run(ctx, args, func(name string) string { return env[name] }, srv.Transport(), &stdout, &stderr)
	r.stdout, r.stderr = stdout.String(), stderr.String()
	r.readings = readTable(t, r.stdout)
	return r
}

// readTable reads the second column of the table.
func readTable(t *testing.T, text string) map[string]string {
	t.Helper()
	readings := map[string]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(line, " | ")
		i := slices.IndexFunc(rules, func(r rule) bool { return "| "+cell(r.text) == cells[0] })
		if i < 0 {
			continue
		}
		if len(cells) != 4 {
			t.Errorf("%d cells in %q", len(cells), line)
			continue
		}
		readings[rules[i].id] = cells[1]
	}
	if text != "" && len(readings) != len(rules) {
		t.Errorf("the table has %d rows of %d rules:\n%s", len(readings), len(rules), text)
	}
	return readings
}

// state is all that the probe must not change.
func state(t *testing.T, srv *cloudtest.Server) string {
	t.Helper()
	grants := map[string][]string{}
	for _, email := range srv.Emails() {
		grants[email] = append(srv.Grants(email), srv.Status(email))
	}
	text, err := json.Marshal([]any{grants, srv.Domains(), srv.IdP(), srv.RoleMappings(), srv.Enforced()})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantOwnWrites checks that nothing but what the probe made was written, that not more
// e-mails than announced went out, and that neither the table nor what people see on the
// way holds what it must not.
func wantOwnWrites(t *testing.T, srv *cloudtest.Server, r result, emails ...string) {
	t.Helper()
	isOwn := func(email string) bool {
		return slices.ContainsFunc(emails, func(own string) bool { return strings.EqualFold(own, email) })
	}
	tokens := map[string]bool{}
	for _, token := range srv.Tokens()[1:] { // the first one is somebody else's
		tokens[token] = true
	}
	for _, w := range srv.Writes() {
		path := w.Path[strings.LastIndex(w.Path, "/")+1:]
		var body struct {
			Emails   []string
			Mappings []struct {
				Name    string
				Enabled bool
			}
		}
		_ = json.Unmarshal(w.Body, &body) // a DELETE has none
		ok := false
		switch w.Route {
		case "POST /organizations/{organization_id}/invitations":
			ok = len(body.Emails) > 0 && !slices.ContainsFunc(body.Emails, func(email string) bool { return !isOwn(email) })
		case "DELETE /organizations/{organization_id}/invitations/{invitation_tokens}":
			ok = !slices.ContainsFunc(strings.Split(path, ","), func(token string) bool { return !tokens[token] })
		case "POST /organizations/{organization_id}/role_mappings":
			ok = len(body.Mappings) == 1 && strings.HasPrefix(body.Mappings[0].Name, "terraform-probe-") && !body.Mappings[0].Enabled
		case "DELETE /organizations/{organization_id}/role_mappings/{role_name}":
			ok = strings.HasPrefix(path, "terraform-probe-")
		}
		if !ok {
			t.Errorf("it wrote %s %s", w.Path, w.Body)
		}
	}
	if most := map[int]int{1: 7, 2: 9}[len(emails)]; len(srv.Mails()) > most {
		t.Errorf("%d e-mails went out, and %d are announced at most", len(srv.Mails()), most)
	}
	secrets := append(srv.Tokens(), srv.Key)
	for _, secret := range secrets {
		if strings.Contains(r.stdout+r.stderr, secret) {
			t.Errorf("a secret is shown:\n%s%s", r.stdout, r.stderr)
		}
	}
	for _, private := range append(srv.Emails(), srv.OrganizationID, "@", "owners", "idp.example", "terraform-probe-") {
		if strings.Contains(strings.ToLower(r.stdout), private) {
			t.Errorf("%q is in the table:\n%s", private, r.stdout)
		}
	}
}

// wantReadings compares all rows of the table.
func wantReadings(t *testing.T, r result, want map[string]string) {
	t.Helper()
	for _, rule := range rules {
		if r.readings[rule.id] != want[rule.id] {
			t.Errorf("%s: %q, want %q", rule.id, r.readings[rule.id], want[rule.id])
		}
	}
	if t.Failed() {
		t.Logf("%s\n%s", r.stdout, r.stderr)
	}
}

// asAssumed are the readings that the fake has without options, for two addresses.
func asAssumed() map[string]string {
	want := map[string]string{
		"pages": "not paged", "empty": "not known: no list was empty", "date": "shown", "rate": "not shown",
		"retry-after": "not known: nothing was answered with 429", "key-expiration": "not shown", "enforcement": "shown",
		"certificates": "base64 of PEM", "addresses": "case kept",
		"email-case": "in lower case", "email-compared": "without case", "expiry": "both", "listed": "at once", "gone": "at once",
		"second-post": "refused", "all-or-nothing": "invites nobody", "delete-list": "deletes all", "delete-unknown": "404 with its code",
		"expired-listed": "listed with expired: true", "expired-post": "replaces it",
		"application-roles": "kept apart", "application-list": "as sent", "two-lists": "kept apart", "all-beside-one": "kept apart",
		"mapping-listed": "at once", "mapping-pattern": "kept", "mapping-roles": "kept apart", "mapping-unknown": "left out of the reply",
	}
	for _, rule := range rules {
		if rule.why != "" {
			want[rule.id] = "not known: " + rule.why
		}
	}
	return want
}

func TestAsAssumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		configureSSO(srv)
		before := state(t, srv)
		r := try(t.Context(), t, srv, first, second)
		wantReadings(t, r, asAssumed())
		wantOwnWrites(t, srv, r, first, second)
		if r.code != exitDone || state(t, srv) != before || !strings.Contains(r.stdout, "before and after: all the same.") {
			t.Errorf("exit code %d, before %s, after %s\n%s%s", r.code, before, state(t, srv), r.stdout, r.stderr)
		}
		if strings.Contains(r.stdout, " | no | ") {
			t.Errorf("something is not as assumed:\n%s", r.stdout)
		}
	})
}

// Replies in other forms that mean the same lead to the same readings, but for the case
// of addresses and the form of certificates, which differ each time.
func TestDifficultReplies(t *testing.T) {
	t.Parallel()
	for seed := range int64(5) {
		synctest.Test(t, func(t *testing.T) {
			srv := newFake(t, cloudtest.Seed(seed))
			configureSSO(srv)
			r := try(t.Context(), t, srv, first, second)
			want := asAssumed()
			for _, varies := range []string{"email-case", "certificates"} {
				want[varies] = r.readings[varies]
			}
			wantReadings(t, r, want)
			wantOwnWrites(t, srv, r, first, second)
			if r.code != exitDone {
				t.Errorf("exit code %d:\n%s", r.code, r.stderr)
			}
		})
	}
}

func TestOneAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		before := state(t, srv)
		r := try(t.Context(), t, srv, first)
		want := asAssumed()
		for _, id := range []string{"all-or-nothing", "delete-list"} {
			want[id] = "not known: needs two addresses"
		}
		for _, id := range []string{"mapping-listed", "mapping-pattern", "mapping-roles", "mapping-unknown"} {
			want[id] = "not known: needs a SAML IdP that is enabled"
		}
		for _, id := range []string{"certificates", "addresses"} {
			want[id] = "not known: no SAML IdP is configured, or it could not be read"
		}
		want["empty"] = "[]"
		wantReadings(t, r, want)
		wantOwnWrites(t, srv, r, first)
		if r.code != exitDone || state(t, srv) != before {
			t.Errorf("exit code %d, after %s\n%s", r.code, state(t, srv), r.stderr)
		}
	})
}

// Without the opt-in, or with something missing, nothing is sent at all.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	all := map[string]string{optInVariable: optIn, "EC_API_KEY": "key"}
	for name, test := range map[string]struct {
		without, with string
		args          []string
		want          string
	}{
		"no opt-in":          {without: optInVariable, args: []string{"-email", first}, want: "Nothing was sent."},
		"another opt-in":     {with: optInVariable + "=yes", args: []string{"-email", first}, want: "ELASTICCLOUD_PROBE=yes-change-my-organization"},
		"nothing":            {without: optInVariable, want: "POST an invitation"},
		"no key":             {without: "EC_API_KEY", args: []string{"-email", first}, want: "EC_API_KEY is not set"},
		"a key with a space": {with: "EC_API_KEY=a b", args: []string{"-email", first}, want: "the API key contains a space"},
		"no address":         {want: "not 0×"},
		"three addresses":    {args: []string{"-email", "a@b.org", "-email", "b@b.org", "-email", "c@b.org"}, want: "not 3×"},
		"no such address":    {args: []string{"-email", "nobody"}, want: `"nobody" is not an e-mail address`},
		"twice the same":     {args: []string{"-email", first, "-email", strings.ToUpper(first)}, want: "both addresses are the same"},
		"no deployment":      {args: []string{"-email", first, "-deployment", "a/b"}, want: "not the ID of a deployment"},
		"an argument":        {args: []string{first}, want: "unexpected argument"},
		"another flag":       {args: []string{"-yes"}, want: "flag provided but not defined"},
		"help":               {args: []string{"-h"}, want: "your own address"},
		"another endpoint":   {with: "EC_ENDPOINT=http://example.com", args: []string{"-email", first}, want: "in the clear"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			env := maps.Clone(all)
			delete(env, test.without)
			if key, value, ok := strings.Cut(test.with, "="); ok {
				env[key] = value
			}
			r := tryWith(t.Context(), t, srv, env, test.args...)
			if r.code != exitNotAsked || !strings.Contains(r.stderr, test.want) || r.stdout != "" {
				t.Errorf("exit code %d, stdout %q, stderr\n%s", r.code, r.stdout, r.stderr)
			}
			if sent := srv.Requests(); len(sent) > 0 {
				t.Errorf("it sent %+v", sent)
			}
		})
	}
}

// The pages that explain how to run the probe agree with the program.
func TestDescribed(t *testing.T) {
	t.Parallel()
	for file, words := range map[string][]string{
		"CONTRIBUTING.md": {"export " + optInVariable + "=" + optIn, "make probe PROBE_EMAIL="},
		"GNUmakefile":     {"$$PROBE_EMAIL", `-email "$$email"`, `-deployment "$$PROBE_DEPLOYMENT"`, "-X main.version="},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if !strings.Contains(string(text), word) {
				t.Errorf("%s does not have %q", file, word)
			}
		}
	}
}

// An organization that the probe must not write to is refused before anything is written.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts   []cloudtest.Option
		change func(*cloudtest.Server)
		email  string
		want   string
	}{
		"a member":                {email: strings.ToUpper(owner), want: owner + " is a member"},
		"invited":                 {email: strings.ToUpper(other), want: other + " is already invited"},
		"no owner":                {change: func(s *cloudtest.Server) { s.Ungrant(owner, "organization-admin") }, want: "sees no owner"},
		"nobody":                  {opts: []cloudtest.Option{cloudtest.SeesNobody()}, want: "sees no owner"},
		"no list of members":      {opts: []cloudtest.Option{cloudtest.NoMembersList()}, want: "could not list the members"},
		"only the first page":     {opts: []cloudtest.Option{cloudtest.Pages(1), cloudtest.IgnoresNextPage()}, want: "more than one page"},
		"several organizations":   {change: func(s *cloudtest.Server) { s.AddOrganization("1234567890", "Another") }, want: "1234567890 Another"},
		"a list that is left out": {opts: []cloudtest.Option{cloudtest.EmptyListsLeftOut()}, change: removeInvitation, want: "invite somebody in the console"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newFake(t, append(test.opts, cloudtest.Plain())...)
				if test.change != nil {
					test.change(srv)
				}
				email := first
				if test.email != "" {
					email = test.email
				}
				r := try(t.Context(), t, srv, email)
				if r.code != exitFailed || !strings.Contains(r.stderr, test.want) {
					t.Errorf("exit code %d, stderr\n%s", r.code, r.stderr)
				}
				if writes := srv.Writes(); len(writes) > 0 {
					t.Errorf("it wrote %+v", writes)
				}
				if got := r.readings["listed"]; got != "not known: nothing was written, as the probe was refused" {
					t.Errorf("got %q", got)
				}
			})
		})
	}
}

func removeInvitation(srv *cloudtest.Server) {
	srv.Accept(other)
	srv.Remove(other)
}

func TestSeveralOrganizations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newFake(t, cloudtest.Plain())
		srv.AddOrganization("1234567890", "Another")
		env := map[string]string{optInVariable: optIn, "EC_API_KEY": srv.Key, "EC_ORGANIZATION_ID": srv.OrganizationID}
		if r := tryWith(t.Context(), t, srv, env, "-email", first); r.code != exitDone || r.readings["listed"] != "at once" {
			t.Errorf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
		}
	})
}
