// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/standin"
)

// driftHistory takes an organization through a history, and calls look after each step:
// with what has to be said now, where something new has to be.
func driftHistory(t *testing.T, srv *cloudtest.Server, r runner, look func(step string, drifted bool, says ...string)) {
	t.Helper()
	look("as configured", false, "as the configuration says")
	srv.Grant("alice@example.com", "organization-admin")
	look("drift", true, "`alice@example.com` gained `organization-admin`")
	look("the same drift", true)
	srv.AddMember("mallory@example.com", "billing-admin")
	look("other drift", true, "`mallory@example.com` is removed from the organization")
	srv.AddInvitation("stranger@example.com", "deployment-viewer:*")
	look("somebody is invited", true, "`stranger@example.com` was invited with `deployment-viewer:*`")
	look("the same invitation", true)
	srv.Accept("stranger@example.com")
	look("they join", true, "**`stranger@example.com` loses all access.**")
	srv.Grant("stranger@example.com", "organization-admin")
	look("an intruder becomes an owner", true, "**`stranger@example.com`, an owner, is removed from the organization.**")
	look("the same owner", true)
	r.must("apply", "-auto-approve")
	look("repaired", false, "as the configuration says")
	look("still repaired", false)
	srv.Remove("bob@example.com")
	look("drift again", true, "`bob@example.com` is invited")
}

// wantOutsideFirst checks that a message begins with what happened outside
// Terraform, and not with what an apply would do.
func wantOutsideFirst(t *testing.T, step, message string) {
	t.Helper()
	outside, apply := strings.Index(message, "### Changed outside Terraform"), strings.Index(message, "### What apply would do")
	if outside < 0 || apply < outside || strings.Index(message, "### People") < apply {
		t.Errorf("%s: it does not begin with what happened outside Terraform: %s", step, message)
	}
}

func TestExampleDriftOnGitHub(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "drift")
	others := &standin.GitHub{Issues: map[int]*standin.Issue{
		1: {Title: "By hand", State: "open", User: "mallory", Body: "<!-- elasticcloud drift 0 -->\nNot the workflow's."},
		2: {Title: "Of another workflow", State: "open", User: standin.Bot},
		3: {Title: "More", State: "open", User: standin.Bot, Body: "More."},
	}}
	if err := others.Save(r.gitHub); err != nil {
		t.Fatal(err)
	}
	run := func(key string) (string, bool) {
		return r.workflow("drift/github-workflow.yml", map[string]string{"secrets.EC_API_KEY": key, "github.token": "token", "github.repository": "acme/access"})
	}
	newest := 3
	driftHistory(t, srv, r, func(step string, drifted bool, says ...string) {
		before := r.github()
		if out, succeeded := run(srv.Key); !succeeded {
			t.Fatalf("%s: %s", step, out)
		}
		hub := r.github()
		was, is := before.Issues[newest], hub.Issues[newest]
		if step == "drift" || step == "drift again" {
			newest++
			was, is = &standin.Issue{}, hub.Issues[newest]
		}
		if len(hub.Issues) != newest || is == nil {
			t.Fatalf("%s: there are %d issues", step, len(hub.Issues))
		}
		switch {
		case newest == 3 || len(says) == 0:
			if hub.Writes != before.Writes {
				t.Errorf("%s: something was written", step)
			}
		case drifted:
			if is.State != "open" || !strings.Contains(is.Body, says[0]) || is.Labels[0] != "access-drift" || len(is.Comments) != len(was.Comments)+min(len(was.Body), 1) {
				t.Errorf("%s: %v", step, is)
			}
			wantOutsideFirst(t, step, is.Body)
		default:
			if is.State != "closed" || !strings.Contains(is.Comments[len(is.Comments)-1].Body, says[0]) {
				t.Errorf("%s: %v", step, is)
			}
		}
	})

	// A plan that fails fails the run, and is no end of the drift.
	before := r.github().Writes
	if out, succeeded := run("wrong"); succeeded || !strings.Contains(out, "Error:") {
		t.Errorf("a plan that fails: %t\n%s", succeeded, out)
	}
	if hub := r.github(); hub.Writes != before || hub.Issues[newest].State != "open" {
		t.Errorf("the run that failed changed something: %v", hub.Issues[newest])
	}
	for number := range others.Issues {
		if got, want := r.github().Issues[number], others.Issues[number]; got.State != "open" || got.Body != want.Body || len(got.Comments) > 0 {
			t.Errorf("issue %d was changed: %v", number, got)
		}
	}
}

func TestExampleDriftFromCron(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "drift")
	mails := filepath.Join(t.TempDir(), "mails")
	env := map[string]string{"EC_API_KEY": srv.Key, "PLANSUMMARY": builtSummary(t), "DRIFT_NOTIFY": `{ echo "To: admins"; echo "Subject: $DRIFT_SUBJECT"; cat; } >> "$MAILS"`, "MAILS": mails}
	run := func() (string, int) {
		return r.script(env, "sh", filepath.Join(r.workspace.Dir, "drift.sh"), r.workspace.Dir)
	}
	sent := func() string {
		content, err := os.ReadFile(mails)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return string(content)
	}
	driftHistory(t, srv, r, func(step string, drifted bool, says ...string) {
		before := sent()
		if !drifted { // a plan that does not show everything is not one without drift
			env["PLANSUMMARY"] = failing(t, 3)
			if out, code := run(); code != 1 || !strings.Contains(out, "drift.sh: the plan does not show everything, so nobody knows") {
				t.Errorf("%s, and the plan is unclear: %d, %s", step, code, out)
			}
			env["PLANSUMMARY"] = builtSummary(t)
		}
		want := map[bool]int{false: 0, true: 2}[drifted]
		if out, code := run(); code != want || out != "" {
			t.Fatalf("%s: ended with %d, and printed %s", step, code, out)
		}
		mail := strings.TrimPrefix(sent(), before)
		subject := map[bool]string{false: "Subject: No drift\n", true: "Subject: Drift, or a change that is not applied yet\n"}[drifted]
		switch {
		case len(says) == 0 && mail != "":
			t.Errorf("%s: sent again: %s", step, mail)
		case len(says) > 0 && (strings.Count(mail, "To: admins") != 1 || !strings.Contains(mail, subject) || !strings.Contains(mail, says[0])):
			t.Errorf("%s: sent %q", step, mail)
		case drifted && len(says) > 0:
			wantOutsideFirst(t, step, mail)
		}
	})

	// What fails is loud, is no drift, and forgets nothing: neither a plan nor a
	// notifier.
	before := sent()
	env["EC_API_KEY"] = "wrong"
	if out, code := run(); code != 1 || !strings.Contains(out, "Error:") || !strings.Contains(out, "drift.sh: terraform plan failed, so nobody knows") {
		t.Errorf("a plan that fails: %d, %s", code, out)
	}
	for _, args := range [][]string{nil, {"no-such-folder"}} {
		if out, code := r.script(env, "sh", append([]string{"drift.sh"}, args...)...); code != 1 {
			t.Errorf("in %v: %d, %s", args, code, out)
		}
	}
	env["EC_API_KEY"] = srv.Key
	srv.Grant("alice@example.com", "billing-admin")
	for name, program := range map[string]string{"no program": "/nowhere/plansummary", "a program that fails as drift ends": failing(t, 2)} {
		env["PLANSUMMARY"] = program
		out, code := run()
		if want := map[bool]string{true: "drift.sh: there is no /nowhere/plansummary", false: "drift.sh: the plan could not be summarized"}[name == "no program"]; code != 1 || !strings.Contains(out, want+", so nobody knows") {
			t.Errorf("%s: %d, %s", name, code, out)
		}
	}
	env["PLANSUMMARY"] = builtSummary(t)
	for _, notifier := range []string{"exit 2", "no-such-mailer"} {
		env["DRIFT_NOTIFY"] = notifier
		if out, code := run(); code != 1 || !strings.Contains(out, "drift.sh: DRIFT_NOTIFY failed") {
			t.Errorf("a notifier that fails by %s: %d, %s", notifier, code, out)
		}
	}
	if sent() != before {
		t.Errorf("sent: %s", strings.TrimPrefix(sent(), before))
	}
	env["DRIFT_NOTIFY"] = ""
	env["PLANSUMMARY"] = "" // then it is on the PATH
	env["PATH"] = pathOf(r.env) + string(os.PathListSeparator) + filepath.Dir(builtSummary(t))
	if out, code := run(); code != 2 || !strings.HasPrefix(out, "Drift, or a change that is not applied yet\n") || !strings.Contains(out, "`alice@example.com` gained `billing-admin`") {
		t.Errorf("with nobody to notify: %d, %s", code, out)
	}
}

// failing is a program that ends with a code.
func failing(t *testing.T, code int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plansummary")
	if err := os.WriteFile(file, fmt.Appendf(nil, "#!/bin/sh\nexit %d\n", code), 0o700); err != nil { //nolint:gosec // It is run.
		t.Fatal(err)
	}
	return file
}

// A drift.sh that is stopped leaves no plan behind: it holds what Terraform hides.
func TestExampleDriftStopped(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "drift")
	srv.Grant("alice@example.com", "organization-admin")
	bin, tmp, seen := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "seen")
	// It stops its caller once the plan is there.
	stand := "#!/bin/sh\nif [ \"$1\" = show ]; then\n\tls \"$TMPDIR\"/* > \"$SEEN\"\n\tkill -TERM $PPID\nfi\nexec \"$TERRAFORM\" \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "terraform"), []byte(stand), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	env := map[string]string{
		"EC_API_KEY": srv.Key, "PLANSUMMARY": builtSummary(t), "PATH": bin + string(os.PathListSeparator) + pathOf(r.env),
		"TERRAFORM": cliPath, "TMPDIR": tmp, "SEEN": seen,
	}
	if out, code := r.script(env, "sh", filepath.Join(r.workspace.Dir, "drift.sh"), r.workspace.Dir); code != 1 {
		t.Errorf("stopped: %d, %s", code, out)
	}
	if was, err := os.ReadFile(seen); err != nil || !strings.Contains(string(was), "plan.out") {
		t.Errorf("there was no plan when it was stopped: %s, %v", was, err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A provider that is in no registry works too: init fails with dev_overrides, and
// the plan does not.
func TestExampleDriftWithoutRegistry(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	r := newRunner(t, srv, "drift")
	for _, name := range []string{".terraform", ".terraform.lock.hcl"} {
		if err := os.RemoveAll(filepath.Join(r.workspace.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	run := func(overrides string) (string, int) {
		text := fmt.Sprintf("provider_installation {\n%s  filesystem_mirror {\n    path = %q\n  }\n}\n", overrides, t.TempDir())
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return r.script(map[string]string{"EC_API_KEY": srv.Key, "PLANSUMMARY": builtSummary(t), "TF_CLI_CONFIG_FILE": config}, "sh", filepath.Join(r.workspace.Dir, "drift.sh"), r.workspace.Dir)
	}
	if out, code := run(""); code != 1 || !strings.Contains(out, "Error:") || !strings.Contains(out, "drift.sh: terraform init and terraform plan failed") {
		t.Errorf("without a provider: %d, %s", code, out)
	}
	overrides := fmt.Sprintf("  dev_overrides {\n    %q = %q\n  }\n", cli.Source, builtProvider.dir)
	if out, code := run(overrides); code != 0 || !strings.HasPrefix(out, "No drift\n") {
		t.Errorf("as configured: %d, %s", code, out)
	}
	srv.Grant("alice@example.com", "organization-admin")
	if out, code := run(overrides); code != 2 || !strings.Contains(out, "**`alice@example.com` is no longer an owner**") {
		t.Errorf("drift: %d, %s", code, out)
	}
}
