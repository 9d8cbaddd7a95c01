// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	tfjson "github.com/hashicorp/terraform-json"
	fwresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"pgregory.net/rapid"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/provider"
)

// bigPlan removes and invites many people, who hold many grants.
func bigPlan(people, grants int) *tfjson.Plan {
	plan := &tfjson.Plan{FormatVersion: "1.2"}
	for i := range people {
		var roles []any
		for j := range grants {
			roles = append(roles, fmt.Sprintf("deployment-editor:%032d", j))
		}
		values := map[string]any{"email": fmt.Sprintf("person-%05d@example.com", i), "roles": roles, "status": "active"}
		rc := &tfjson.ResourceChange{Address: fmt.Sprintf("elasticcloud_member.this[%d]", i), Mode: tfjson.ManagedResourceMode, Type: "elasticcloud_member"}
		if rc.Change = (&tfjson.Change{Actions: tfjson.Actions{tfjson.ActionCreate}, After: values}); i%2 == 0 {
			rc.Change = &tfjson.Change{Actions: tfjson.Actions{tfjson.ActionDelete}, Before: values}
		}
		plan.ResourceChanges = append(plan.ResourceChanges, rc)
	}
	return plan
}

// However large the plan, the comment is not too long, its counts are those of
// all, and it says how much is left out.
func TestLimit(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a line of the plan, with an é\n", 5000)
	for _, test := range []struct{ people, grants, limit int }{{3000, 3, defaultLimit}, {3000, 100, defaultLimit}, {40, 100, 2000}} {
		got, _ := write(input{Plan: bigPlan(test.people, test.grants), text: text, events: &events{complete: true}}, false, test.limit)
		if len(got) > test.limit {
			t.Errorf("%d bytes for %v", len(got), test)
		}
		half := test.people / 2
		for _, want := range []string{fmt.Sprintf("**%d people gain access, %d people lose all access.**", half, half), " more: see the plan.\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("%v: no %q in:\n%s", test, want, got[:min(len(got), 2000)])
			}
		}
		if test.grants > mostGrants && !strings.Contains(got, fmt.Sprintf("%d more", test.grants-mostGrants)) {
			t.Errorf("%v: it is not said that there are more grants", test)
		}
	}
	got, _ := write(input{Plan: bigPlan(2, 1), text: text, events: &events{complete: true}}, false, defaultLimit)
	if !strings.HasSuffix(got, "\n… cut here: the log has the rest.\n```\n\n</details>\n") || len(got) > defaultLimit || len(got) < defaultLimit-10 {
		t.Errorf("%d bytes end in %q", len(got), got[len(got)-200:])
	}
}

// Texts of a plan stay what they are: a reader sees all of it, and no Markdown
// begins or ends in it.
func TestCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"alice@example.com":  "`alice@example.com`",
		"a`b":                "``a`b``",
		"``":                 "``` `` ```",
		"two\nlines":         "`two\\nlines`",
		"right\u202eleft":    "`right\\u202eleft`",
		"hangul\u3164filler": "`hangul\\u3164filler`",
		"blank\u2800":        "`blank\\u2800`",
		"":                   "(empty)",
		" ":                  "`   `",
	} {
		if got := code(text); got != want {
			t.Errorf("%q is shown as %s, want %s", text, got, want)
		}
	}
	if got := code(strings.Repeat("x", 1000)); len(got) != mostLength+len("``…") {
		t.Errorf("a long text has %d bytes", len(got))
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("`` |\n\r<>@\\a é\u2028\u202e"))).Draw(t, "text")
		got := code(text)
		if text == "" {
			return
		}
		inside := strings.Trim(got, "`")
		fence := (len(got) - len(inside)) / 2
		if fence == 0 || longestRun(inside) >= fence && !strings.HasPrefix(inside, " ") {
			t.Fatalf("%q can be broken out of", got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q has a character that is not seen", got)
			}
		}
	})
}

func TestCollapsedText(t *testing.T) {
	t.Parallel()
	got := collapsed("  before\n````\n</details>\n@everybody\x1b[31m", 1000)
	want := "\n<details><summary>The whole plan</summary>\n\n`````\nbefore\n````\n</details>\n@everybody\\x1b[31m\n`````\n\n</details>\n"
	if got != want {
		t.Errorf("got %q", got)
	}
	if got := collapsed(" \n", 1000) + collapsed("text", 10); got != "" {
		t.Errorf("got %q", got)
	}
}

// What is marked as sensitive is nowhere in the summary.
func TestSensitive(t *testing.T) {
	t.Parallel()
	base := "testdata/unknown/" + recordedWith[0]
	plan, err := os.ReadFile(base + ".json")
	if err != nil {
		t.Fatal(err)
	}
	got := summaryOf(t, "-events", base+".jsonl", base+".json")
	for _, secret := range []string{"grace", "soc-manager"} {
		if !bytes.Contains(plan, []byte(secret)) || strings.Contains(got, secret) {
			t.Errorf("%s is not in the plan, or is in the summary:\n%s", secret, got)
		}
	}
}

// resource is a change of one resource, all of whose attributes may be marked.
func resource(kind, actions, before, after, sensitive, unknown string) string {
	return fmt.Sprintf(`{"address": "%s.this", "mode": "managed", "type": %q, "change": {"actions": %s, "before": %s, "after": %s,
		"before_sensitive": %s, "after_sensitive": %s, "after_unknown": %s}}`, kind, kind, actions, before, after, sensitive, sensitive, unknown)
}

// summaryWithoutEvents is the summary of a plan alone, without what it says of the events
// that are missing.
func summaryWithoutEvents(t *testing.T, file string) string {
	t.Helper()
	in, err := read(file, "", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	in.events = &events{complete: true, refreshed: true}
	text, _ := write(in, false, defaultLimit)
	return text
}

// What the CLI does rarely.
func TestRareChanges(t *testing.T) {
	t.Parallel()
	const (
		update  = `["update"]`
		replace = `["delete", "create"]`
		alice   = `{"email": "alice@example.com", "roles": ["billing-admin"], "status": "active", "id": "alice@example.com"}`
		mapping = `{"name": "staff", "enabled": true, "roles": ["organization-admin"], "rule": {"any": [{"group": "staff"}]}}`
		renamed = `{"name": "new", "enabled": true, "roles": ["organization-admin"], "rule": {"any": [{"group": "staff"}]}}`
		off     = `{"name": "staff", "enabled": false, "roles": ["organization-admin"], "rule": {"any": [{"group": "staff"}]}}`
		billing = `{"email": "alice@example.com", "role": "billing-admin", "status": "assigned", "id": "alice@example.com/billing-admin"}`
		waiting = `{"email": "alice@example.com", "role": "billing-admin", "status": "pending", "id": "alice@example.com/billing-admin"}`
		idpOn   = `{"issuer": "a", "sso_url": "b", "enabled": true, "certificates": []}`
		idpOff  = `{"issuer": "a", "sso_url": "c", "enabled": false, "certificates": []}`
	)
	for name, test := range map[string]struct {
		change string
		want   []string
		not    string
	}{
		"member replaced by the same": {resource("elasticcloud_member", replace, alice, alice, "{}", "{}"),
			[]string{"**Nobody gains or loses access.**", "- `elasticcloud_member.this` is replaced. The person keeps access."}, "invited again"},
		"roles let go": {resource("elasticcloud_member", update, alice, strings.Replace(alice, `["billing-admin"]`, "null", 1), "{}", "{}"),
			[]string{"keeps the present roles, and `elasticcloud_member.this` does not set them"}, "loses `"},
		"everything sensitive": {resource("elasticcloud_member", `["delete"]`, alice, "null", "true", "{}"),
			[]string{"**Unclear. At least 1 person loses all access.**", "elasticcloud_member.this"}, "alice"},
		"sensitive roles change": {resource("elasticcloud_member", update, alice, strings.Replace(alice, "billing", "organization", 1), `{"roles": true}`, "{}"),
			[]string{"Sensitive roles change in `elasticcloud_member.this`"}, "-admin"},
		"an owner's roles unknown": {resource("elasticcloud_member", update, strings.Replace(alice, "billing", "organization", 1), strings.Replace(alice, `["billing-admin"]`, `[null]`, 1), "{}", `{"roles": [true]}`),
			[]string{"**Unclear. At least owners change, 1 person gets roles that are known only after apply.**", "**`alice@example.com` may no longer be an owner**: gets roles that are known only after apply, and may lose `organization-admin`."}, "Nobody"},
		"invitation revoked": {resource("elasticcloud_member", `["delete"]`, strings.Replace(alice, "active", "invited", 1), "null", "{}", "{}"),
			[]string{"**1 person is no longer invited.**", "`alice@example.com` is no longer invited; was offered `billing-admin`."}, "lose"},
		"expired and not listed": {resource("elasticcloud_members", update, `{"members": {}, "pending": ["alice@example.com"]}`, `{"members": {}}`, "{}", `{"pending": true}`),
			[]string{"**1 person is no longer invited.**", "- `alice@example.com` is no longer invited.\n"}, "again"},
		"expired and listed": {resource("elasticcloud_members", update, `{"members": {}, "pending": ["alice@example.com"]}`, `{"members": {"alice@example.com": []}}`, "{}", `{"pending": true}`),
			[]string{"`alice@example.com` is invited again by e-mail, because the invitation expired."}, "no longer"},
		"assignment with an unknown grant": {resource("elasticcloud_role_assignment", `["delete", "create"]`, billing, `{"email": "alice@example.com"}`, "{}", `{"role": true, "status": true}`),
			[]string{"**Unclear. At least 1 person gets roles that are known only after apply.**", "`alice@example.com` gets roles that are known only after apply, and may lose `billing-admin`."}, "Nobody"},
		"assignment to somebody invited": {resource("elasticcloud_member", `["no-op"]`, strings.Replace(alice, "active", "invited", 1), strings.Replace(alice, "active", "invited", 1), "{}", "{}") + "," +
			resource("elasticcloud_role_assignment", `["create"]`, "null", `{"email": "alice@example.com", "role": "deployment-viewer:*"}`, "{}", `{"status": true}`),
			[]string{"**1 grant changes.**", "`alice@example.com` gets `deployment-viewer:*` from a later apply, after joining."}, "new invitation"},
		"assignment to somebody who joined": {resource("elasticcloud_member", `["no-op"]`, alice, alice, "{}", "{}") + "," +
			resource("elasticcloud_role_assignment", `["create"]`, "null", `{"email": "alice@example.com", "role": "deployment-viewer:*"}`, "{}", `{"status": true}`),
			[]string{"`alice@example.com` gains `deployment-viewer:*`."}, "joined"},
		"assignment replaced by the same": {resource("elasticcloud_role_assignment", replace, billing, billing, "{}", "{}"),
			[]string{"**Nobody gains or loses access.**"}, "`billing-admin`"},
		"assignment takes effect": {resource("elasticcloud_role_assignment", update, waiting, billing, "{}", "{}"),
			[]string{"1 grant changes", "`alice@example.com` gains `billing-admin`"}, "loses `"},
		"assignment waits": {resource("elasticcloud_role_assignment", `["create"]`, "null", waiting, "{}", "{}"),
			[]string{"`alice@example.com` gets `billing-admin` from a later apply, after joining"}, "loses `"},
		"assignment waits no longer": {resource("elasticcloud_role_assignment", `["delete"]`, waiting, "null", "{}", "{}"),
			[]string{"`alice@example.com` no longer gets `billing-admin` on joining"}, "loses `"},
		"sensitive assignment": {resource("elasticcloud_role_assignment", `["create"]`, "null", billing, `{"role": true}`, "{}"),
			[]string{"Sensitive roles change"}, "billing"},
		"whole map unknown": {resource("elasticcloud_members", update, `{"members": {"alice@example.com": []}}`, "{}", "{}", `{"members": true}`),
			[]string{"The people of `elasticcloud_members.this` are known only after apply."}, "loses `"},
		"one person's roles unknown": {resource("elasticcloud_members", update, `{"members": {"alice@example.com": ["billing-admin"]}}`, `{"members": {}}`, "{}", `{"members": {"alice@example.com": true}}`),
			[]string{"`alice@example.com` gets roles that are known only after apply, and may lose `billing-admin`"}, "leaves"},
		"sensitive map": {resource("elasticcloud_members", update, `{"members": {"alice@example.com": []}}`, `{"members": {}}`, `{"members": true}`, "{}"),
			[]string{"Sensitive people change in `elasticcloud_members.this`."}, "alice"},
		"members destroyed": {resource("elasticcloud_members", `["delete"]`, `{"members": {"alice@example.com": []}}`, "null", "{}", "{}"),
			[]string{"**Nobody gains or loses access.**", "Nobody is removed"}, "alice"},
		"unknown list": {resource("elasticcloud_members_exclusive", update, `{"emails": ["alice@example.com"]}`, `{"emails": [null]}`, "{}", `{"emails": [true]}`),
			[]string{"The people that `elasticcloud_members_exclusive.this` removes are known only after apply."}, "alice"},
		"mapping renamed": {resource("elasticcloud_role_mapping", replace, mapping, renamed, "{}", "{}"),
			[]string{"**The role mapping `staff` no longer grants `organization-admin`**", "**The role mapping `new` grants `organization-admin`**"}, "nobody's"},
		"mapping turned off": {resource("elasticcloud_role_mapping", update, mapping, off, "{}", "{}"),
			[]string{"lose `organization-admin` (unless another mapping grants it)"}, "get "},
		"mapping unknown": {resource("elasticcloud_role_mapping", update, mapping, mapping, "{}", `{"roles": [true]}`),
			[]string{"The role mapping `staff` is known only after apply."}, "get `"},
		"mapping sensitive": {resource("elasticcloud_role_mapping", update, mapping, off, `{"rule": {"any": [{"group": true}]}}`, "{}"),
			[]string{"is sensitive"}, "in the group"},
		"an attribute of a later provider": {resource("elasticcloud_member", update, alice, strings.Replace(alice, `"id"`, `"admin": true, "id"`, 1), "{}", "{}"),
			[]string{"**Unclear: this summary cannot say what the plan does.**", "- `admin` changes in `elasticcloud_member.this`, which this program does not know."}, "Nobody"},
		"IdP turned off": {resource("elasticcloud_saml_idp", update, idpOn, idpOff, "{}", "{}"),
			[]string{"**The identity provider is disabled.**", "`sso_url` changes**: `b` → `c`", "**Single sign-on or domains change.**"}, "issuer"},
		"IdP sensitive": {resource("elasticcloud_saml_idp", update, idpOn, idpOff, `{"sso_url": true, "certificates": true}`, "{}"),
			[]string{"are sensitive"}, "`c`"},
		"IdP replaced": {resource("elasticcloud_saml_idp", replace, idpOn, idpOn, "{}", "{}"),
			[]string{"**Single sign-on or domains change.**", "### Look at this first\n\n- **The SAML identity provider is deleted and created again.** Nobody can sign in through SSO in between"}, "Nobody gains"},
		"enforcement replaced": {resource("elasticcloud_sso_enforcement", replace, `{"id": "1"}`, `{"id": "1"}`, "{}", "{}"),
			[]string{"**Nobody gains or loses access.**", "- `elasticcloud_sso_enforcement.this` is replaced. SSO stays enforced."}, "Look at this first"},
		"mapping replaced by the same": {resource("elasticcloud_role_mapping", replace, mapping, mapping, "{}", "{}"),
			[]string{"**Nobody gains or loses access.**", "- `elasticcloud_role_mapping.this` is replaced. The role mapping `staff` stays as it is."}, "Look at this first"},
		"disabled mapping replaced": {resource("elasticcloud_role_mapping", replace, off, off, "{}", "{}"),
			[]string{"The role mapping `staff` stays as it is."}, "Look at this first"},
		"IdP gone": {resource("elasticcloud_saml_idp", `["delete"]`, idpOn, "null", "{}", "{}"),
			[]string{"**The SAML identity provider is deleted.**"}, "disabled"},
		"service provider": {resource("elasticcloud_saml_service_provider", `["create"]`, "null", `{"login_identifier_prefix": "acme"}`, "{}", "{}"),
			[]string{"- A disabled placeholder of an identity provider is registered, unless an identity provider is configured. Nobody can sign in through it."}, "Look at this first"},
		"service provider with another prefix": {resource("elasticcloud_saml_service_provider", update, `{"login_identifier_prefix": "acme"}`, `{"login_identifier_prefix": "new"}`, "{}", "{}"),
			[]string{"- The placeholder of an identity provider gets another `login_identifier_prefix`: `acme` → `new`."}, "Look at this first"},
		"service provider gone": {resource("elasticcloud_saml_service_provider", `["delete"]`, `{"login_identifier_prefix": "acme"}`, "null", "{}", "{}"),
			[]string{"- The disabled placeholder of an identity provider is deleted, unless an identity provider has replaced it."}, "Look at this first"},
		"claim lost": {resource("elasticcloud_domain_claim", update, `{"domain": "example.com", "verified": true}`, `{"domain": "example.com", "verified": false}`, "{}", "{}"),
			[]string{"**The domain `example.com` is no longer claimed**"}, "given up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "plan.json")
			writeFile(t, file, []byte(`{"format_version": "1.2", "resource_changes": [`+test.change+`]}`))
			got := summaryWithoutEvents(t, file)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in:\n%s", want, got)
				}
			}
			if test.not != "" && strings.Contains(got, test.not) {
				t.Errorf("%q is in:\n%s", test.not, got)
			}
		})
	}
}

// Actions end access too.
func TestActions(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "plan.json")
	writeFile(t, file, []byte(`{"format_version": "1.2", "action_invocations": [
		{"address": "action.elasticcloud_revoke_access.now", "type": "elasticcloud_revoke_access", "config_values": {"email": "Bob@example.com"}},
		{"address": "action.elasticcloud_resend_invitation.now", "type": "elasticcloud_resend_invitation", "config_values": {"email": "carol@example.com"}},
		{"address": "action.elasticcloud_revoke_access.secret", "type": "elasticcloud_revoke_access", "config_values": {"email": "grace@example.com"}, "config_sensitive": {"email": true}},
		{"address": "action.other.now", "type": "other", "config_values": {"email": "dave@example.com"}}
	]}`))
	got := summaryWithoutEvents(t, file)
	for _, want := range []string{
		"2 people lose all access or an invitation.**", "**`bob@example.com` loses all access or an invitation.**", "`bob@example.com` is removed from the organization, or is no longer invited; the action `action.elasticcloud_revoke_access.now` does this.",
		"`carol@example.com` gets the pending invitation again by e-mail, from the action `action.elasticcloud_resend_invitation.now`.", "`action.elasticcloud_revoke_access.secret`",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "grace") || strings.Contains(got, "dave") {
		t.Errorf("got:\n%s", got)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	plan, err := json.Marshal(bigPlan(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "shown.txt")
	writeFile(t, file, []byte("Plan: 1 to add, 0 to change, 1 to destroy.\n"))
	var out, stderr bytes.Buffer
	if code := run([]string{"-text", file}, bytes.NewReader(plan), &out, &stderr); code != endWritten || stderr.Len() > 0 {
		t.Fatalf("it ended with %d: %s", code, stderr.String())
	}
	if !strings.Contains(out.String(), "1 person gains access, 1 person loses all access.**") || !strings.Contains(out.String(), "Plan: 1 to add") {
		t.Errorf("got:\n%s", out.String())
	}
	for name, test := range map[string]struct {
		args []string
		code int
	}{
		"no plan":          {[]string{file}, endFailed},
		"no such file":     {[]string{file + ".json"}, endFailed},
		"no such text":     {[]string{"-text", file + ".json"}, endFailed},
		"no such events":   {[]string{"-events", file + ".json"}, endFailed},
		"of another world": {nil, endFailed},
		"two files":        {[]string{file, file}, endUsage},
		"too small":        {[]string{"-limit", "10"}, endUsage},
		"no such flag":     {[]string{"-nonsense"}, endUsage},
		"no such class":    {[]string{"-fail-on", "owner,people"}, endUsage},
	} {
		out.Reset()
		stderr.Reset()
		if code := run(test.args, strings.NewReader(`{"format_version": "9.0"}`), &out, &stderr); code != test.code || out.Len() > 0 || stderr.Len() == 0 {
			t.Errorf("%s: it ended with %d, printed %q, and said %q", name, code, out.String(), stderr.String())
		}
	}
	out.Reset()
	if code := run([]string{"-version"}, nil, &out, &stderr); code != endWritten || out.String() != "plansummary dev\n" {
		t.Errorf("-version ended with %d and printed %q", code, out.String())
	}
	stderr.Reset()
	if code := run([]string{"-help"}, nil, &out, &stderr); code != endWritten || !strings.Contains(stderr.String(), "apply will surely refuse the plan") {
		t.Errorf("-help ended with %d and printed %q", code, stderr.String())
	}
}

// -fail-on ends with 3 if one of its classes is in the plan. The summary is written all
// the same.
func TestFailOn(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"forged": "owner", "forged-role": "owner", "other-wording": "owner, unclear", "incomplete": "unclear", "not-refreshed": "unclear", "wrapped-secret": "owner, unclear", "refused": "owner, refused",
		"several-organizations": "owner, unclear", "sso-on": "owner, sso, idp", "sso-changes": "owner, sso, idp, refused", "mappings-exclusive": "sso", "nothing": "", "bookkeeping": "",
		"people": "owner", "adopted": "owner, unclear", "unknown": "unclear", "intruders": "owner", "exclusive": "", "new-exclusive": "", "members": "owner", "locked-out": "owner, sso",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := filepath.Join("testdata", name, recordedWith[0])
			var out, stderr bytes.Buffer
			code := run([]string{"-events", base + ".jsonl", "-fail-on", "owner,sso,idp,refused,unclear", base + ".json"}, nil, &out, &stderr)
			wantCode, wantSaid := endFound, "plansummary: the plan has: "+want+"\n"
			if want == "" {
				wantCode, wantSaid = endWritten, ""
			}
			if code != wantCode || stderr.String() != wantSaid || out.String() != summaryOf(t, "-events", base+".jsonl", base+".json") {
				t.Errorf("it ended with %d and said %q, want %d and %q; the summary:\n%s", code, stderr.String(), wantCode, wantSaid, out.String())
			}
			if code := run([]string{"-events", base + ".jsonl", "-fail-on", "idp", base + ".json"}, nil, &out, &stderr); (code == endFound) != strings.Contains(want, "idp") {
				t.Errorf("-fail-on idp ended with %d", code)
			}
		})
	}
}

// With -drift, the summary begins with what changed outside Terraform.
func TestDrift(t *testing.T) {
	t.Parallel()
	base := "testdata/drift/" + recordedWith[0]
	got := summaryOf(t, "-drift", "-events", base+".jsonl", base+".json")
	for _, pattern := range []string{"^\\*\\*8 changes outside Terraform\\.\\*\\*\n\n### Changed outside Terraform\n\n- ", "\n### What apply would do\n\n- \\*\\*Owners change, 1 person gains access, "} {
		if !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("no %q in:\n%s", pattern, got)
		}
	}
	base = "testdata/forged/" + recordedWith[0]
	if got := summaryOf(t, "-drift", "-events", base+".jsonl", base+".json"); !strings.HasPrefix(got, "**Nothing changed outside Terraform since the last run.** The plan has changes that are not applied yet. Changes by hand that are already in the state are among them.\n\n### What apply would do\n") {
		t.Errorf("got:\n%s", got)
	}
}

// A resource that the summary does not know would look like one of another provider.
func TestEveryResourceIsKnown(t *testing.T) {
	t.Parallel()
	known := (&summary{}).kinds()
	for _, constructor := range provider.New("test")().Resources(t.Context()) {
		var resp fwresource.MetadataResponse
		constructor().Metadata(t.Context(), fwresource.MetadataRequest{}, &resp)
		if known[resp.TypeName] == nil {
			t.Errorf("%s is not in kinds", resp.TypeName)
		}
		var schema fwresource.SchemaResponse
		constructor().Schema(t.Context(), fwresource.SchemaRequest{}, &schema)
		if want := slices.Sorted(maps.Keys(schema.Schema.Attributes)); attributes[resp.TypeName] != strings.Join(want, " ") {
			t.Errorf("%s has the attributes %q, and here are %q: does a new one change access?", resp.TypeName, strings.Join(want, " "), attributes[resp.TypeName])
		}
	}
}
