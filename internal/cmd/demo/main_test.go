// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// TestDemo plays the whole demo, in colour. The demo itself checks its results.
// TestStops has no colours.
func TestDemo(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	var out bytes.Buffer
	if err := run(t.Context(), &out, parent, true); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	rest := colours.ReplaceAllString(out.String(), "")
	if rest == out.String() {
		t.Error("there are no colours")
	}
	for _, line := range []string{
		"Plan: 3 to add, 0 to change, 0 to destroy.",
		"Warning: bob@example.com is adopted",
		"Apply revokes deployment-viewer:*.",
		"Apply complete! Resources: 3 added, 0 changed, 0 destroyed.",
		"  alice@example.com  invited  deployment-editor:*\n",
		"  e-mails sent: 2\n",
		"No changes. Your infrastructure matches the configuration.",
		"  alice@example.com  active   deployment-editor:* organization-admin\n",
		"          - \"organization-admin\",\n",
		"Apply complete! Resources: 0 added, 1 changed, 0 destroyed.",
		"  alice@example.com  active   deployment-editor:*\n",
		"Destroy complete! Resources: 3 destroyed.",
		"In the organization:\n  owner@example.com  active   organization-admin\n  e-mails sent: 2\n",
		"Settings of the organization:\n  SSO      not enforced\n",
		"Plan: 5 to add, 0 to change, 0 to destroy.",
		"Apply complete! Resources: 5 added, 0 changed, 0 destroyed.",
		"DNS has:\n  _elastic_domain_challenge.example.com TXT\n",
		"Settings of the organization:\n  domain   example.com\n  IdP      https://",
		"  mapping  owners: organization-admin\n           if group elastic-owners\n  SSO      not enforced\n",
		"  dora@example.com   active   deployment-editor:* elasticsearch-developer:*\n",
		"  e-mails sent: 2\n",
		"No changes. Your infrastructure matches the configuration.",
		"Warning: Members outside the claimed domains can no longer sign in",
		"erin@partner.example",
		"  SSO      enforced\n",
		"main.tf:\n  -  roles = [\"organization-admin\"]\n  +  roles = [\"billing-admin\"]\n",
		"Warning: \"owners\" is the last role mapping that grants organization-admin",
		"Error: All certificates of the SAML IdP have expired",
		"Destroy complete! Resources: 6 destroyed.",
		"Settings of the organization:\n  SSO      not enforced\n",
		"  dora@example.com   active   deployment-editor:* elasticsearch-developer:*\n",
		"== Done, in ",
	} {
		var found bool
		if _, rest, found = strings.Cut(rest, line); !found {
			t.Fatalf("%q is not where it should be in\n%s", line, out.String())
		}
	}
	wantEmpty(t, parent)
}

// TestStops does what Ctrl-C does, while the CLI is at work.
func TestStops(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancelCause(t.Context())
	parent := t.TempDir()
	var out bytes.Buffer
	err := run(ctx, io.MultiWriter(&out, watcher{"Creating...", func() { stop(errors.New("Ctrl-C")) }}), parent, false)
	if err == nil || err.Error() != "stopped: Ctrl-C" {
		t.Errorf("error: %v", err)
	}
	if strings.Contains(out.String(), "== 3.") {
		t.Errorf("it went on:\n%s", out.String())
	}
	for _, part := range []string{"== 2.", "Warning: bob@example.com is adopted", "Creating..."} { // the demo's, and two commands'
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, out.String())
		}
	}
	if colours.MatchString(out.String()) {
		t.Errorf("there are colours:\n%q", out.String())
	}
	wantEmpty(t, parent)
}

// watcher does something when a text is written to it.
type watcher struct {
	text string
	do   func()
}

func (w watcher) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.text)) {
		w.do()
	}
	return len(p), nil
}

// TestNoticesWhatDiffers checks that the demo would fail if the provider did.
func TestNoticesWhatDiffers(t *testing.T) {
	t.Parallel()
	plan := "      - \"organization-admin\",\n      + \"billing-admin\",\n"
	for name, test := range map[string]struct {
		check func(*demo)
		want  string // in the error; empty for none
	}{
		"somebody else":  {func(d *demo) { d.organization(0, "alice@example.com active ") }, "alice@example.com"},
		"an e-mail more": {func(d *demo) { d.organization(1, "owner@example.com active organization-admin") }, "e-mails sent should be 1"},
		"as it is":       {func(d *demo) { d.organization(0, "owner@example.com active organization-admin") }, ""},
		"not printed":    {func(d *demo) { d.shows("No changes") }, "No changes"},
		"printed":        {func(d *demo) { d.shows("billing-admin") }, ""},
		"changes more":   {func(d *demo) { d.changesOnly(`- "organization-admin",`) }, "billing-admin"},
		"nothing sent":   {func(d *demo) { d.sent("DELETE") }, "DELETE"},
		"no domain":      {func(d *demo) { d.settings("domain   example.com", "SSO      not enforced") }, "example.com"},
		"not enforced":   {func(d *demo) { d.settings("SSO      enforced") }, "SSO      enforced"},
		"no SSO":         {func(d *demo) { d.settings("SSO      not enforced") }, ""},
		"no such line":   {func(d *demo) { d.edit("billing-admin", "organization-admin") }, "billing-admin"},
		"another record": {func(d *demo) { d.srv.PublishTXT(challengeRecord, "another"); d.challenge(t.Context()) }, "TXT record"},
		"the record":     {func(d *demo) { d.srv.PublishTXT(challengeRecord, "code"); d.challenge(t.Context()) }, ""},
		"none sent":      {func(d *demo) { d.sentNothing() }, ""},
		"one sent":       {func(d *demo) { endEnforcement(t, d.srv); d.sentNothing() }, "should not have sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := cloudtest.New(t)
			srv.AddMember("owner@example.com", "organization-admin")
			d := &demo{out: io.Discard, srv: srv, printed: plan, workspace: &cli.Workspace{Dir: t.TempDir()}}
			d.write("main.tf", "roles = []\n")
			d.write("terraform.tfstate", `"challenge_record_value": "code"`)
			test.check(d)
			if (d.err == nil) != (test.want == "") || d.err != nil && !strings.Contains(d.err.Error(), test.want) {
				t.Errorf("error: %v", d.err)
			}
		})
	}
}

// endEnforcement writes to the service.
func endEnforcement(t *testing.T, srv *cloudtest.Server) {
	t.Helper()
	client, err := cloud.New(cloud.Config{Endpoint: srv.URL, APIKey: srv.Key, RequestTimeout: 10 * time.Second, RetryWait: time.Millisecond})
	if err == nil {
		_, err = client.SetEnforcement(t.Context(), srv.OrganizationID, false)
	}
	if err != nil {
		t.Error(err)
	}
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}
