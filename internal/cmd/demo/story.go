// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cli"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// demo prints the steps of the demo, and checks the result of each. After the first
// error it does nothing more.
type demo struct {
	out       io.Writer
	colour    bool
	dir       string // of all files that the demo writes
	cli       string // path of the CLI
	tool      string // its name: "terraform" or "tofu"
	srv       *cloudtest.Server
	idp       *cloudtest.TestIdP // of the second part
	workspace *cli.Workspace     // of the current part
	printed   string             // by the last command, without colours
	err       error
}

func (d *demo) introduce() {
	d.say(`This demo shows how the provider manages the members of an Elastic Cloud
organization and their single sign-on. Terraform (or OpenTofu) and the provider are
real. The organization is a fake one in this program's memory. You need no account, and
the demo removes all its files at the end. Steps 1 to 6 are about members, steps 7 to 11
about single sign-on.

Building the provider ...`)
}

func (d *demo) plan(ctx context.Context) {
	d.heading("1. Plan: invite two people and adopt a third")
	d.say(`The configuration is examples/demo/main.tf. It lists Alice, Bob and Carol, each with
their roles. Bob is already a member, so the provider adopts him and sends no invitation.
The plan warns about that and names the roles that he gains and loses. The plan sends
nothing to Elastic Cloud.`)
	d.organization(0,
		"bob@example.com active deployment-viewer:*",
		"owner@example.com active organization-admin")
	d.command(ctx, 0, "plan", "-out=demo.tfplan")
	d.shows(`bob@example.com is adopted`)
	d.shows(`Plan: 3 to add, 0 to change, 0 to destroy\.`)
}

func (d *demo) apply(ctx context.Context) {
	d.heading("2. Apply: send two invitations and change Bob's roles")
	d.command(ctx, 0, "apply", "demo.tfplan")
	d.organization(2,
		"alice@example.com invited deployment-editor:*",
		"bob@example.com active billing-admin deployment-editor:*",
		"carol@example.com invited elasticsearch-viewer:*+reporting security-t1-analyst:c866244b611442d585e23a0cc8c9434c",
		"owner@example.com active organization-admin")
}

func (d *demo) accept(ctx context.Context) {
	d.srv.Accept("alice@example.com")
	d.heading("3. Alice accepts her invitation: no diff")
	d.say(`She follows the link in her e-mail and becomes a member. Accepting an invitation
causes no diff, so the plan is empty (exit code 0).`)
	d.command(ctx, 0, "plan", "-detailed-exitcode")
	d.shows(`No changes\.`)
}

func (d *demo) meddle(ctx context.Context) {
	d.srv.Grant("alice@example.com", "organization-admin")
	d.heading("4. Drift: somebody makes Alice an admin in the console")
	d.say(`Terraform did not make this change. The plan shows one line, the role that Alice
has too much, and nothing else (exit code 2).`)
	d.organization(2,
		"alice@example.com active deployment-editor:* organization-admin",
		"bob@example.com active billing-admin deployment-editor:*",
		"carol@example.com invited elasticsearch-viewer:*+reporting security-t1-analyst:c866244b611442d585e23a0cc8c9434c",
		"owner@example.com active organization-admin")
	d.command(ctx, 2, "plan", "-detailed-exitcode")
	d.shows(`Plan: 0 to add, 1 to change, 0 to destroy\.`)
	d.changesOnly(`- "organization-admin",`)
}

func (d *demo) takeBack(ctx context.Context) {
	d.heading("5. Apply: revoke that role")
	d.say(`The provider revokes only that one role. Alice keeps her other access at all times,
and nobody gets an e-mail.`)
	d.srv.ResetLedger()
	d.command(ctx, 0, "apply", "-auto-approve")
	d.sent(`DELETE .*/role_assignments {"organization":\[{[^{}]*"role_id":"organization-admin"[^{}]*}\]}`)
	d.organization(2,
		"alice@example.com active deployment-editor:*",
		"bob@example.com active billing-admin deployment-editor:*",
		"carol@example.com invited elasticsearch-viewer:*+reporting security-t1-analyst:c866244b611442d585e23a0cc8c9434c",
		"owner@example.com active organization-admin")
}

func (d *demo) destroy(ctx context.Context) {
	d.heading("6. Destroy: remove the whole team")
	d.say(`Alice is removed, and Carol's pending invitation is revoked. Bob is removed as well,
although he was a member before: once adopted, he is a resource like the others. To keep
somebody in the organization, remove their resource from the configuration and from the
state, with "` + d.tool + ` state rm".`)
	d.command(ctx, 0, "destroy", "-auto-approve")
	d.shows(`Destroy complete! Resources: 3 destroyed\.`)
	d.organization(2, "owner@example.com active organization-admin")
}

func (d *demo) sayGoodbye(took time.Duration) {
	d.heading(fmt.Sprintf("Done, in %d seconds", int(took.Seconds()+0.5)))
	d.say(`The demo checked each step: the exit codes, the plans, the roles of each person, the
settings of single sign-on and the number of e-mails.

Next: README.md explains how to install the provider and use it with a real API key.
docs/ describes every attribute. To try the fake organization yourself, run
go run ./internal/cmd/fakecloud`)
}

func (d *demo) heading(text string) {
	text = "== " + text
	if d.colour {
		text = "\x1b[1;36m" + text + "\x1b[0m"
	}
	d.say("\n" + text)
}

func (d *demo) say(text string) {
	if d.err == nil {
		_, d.err = fmt.Fprintln(d.out, text)
	}
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// command runs the CLI, shows what it prints, and checks its exit code.
func (d *demo) command(ctx context.Context, wantCode int, args ...string) {
	line := d.tool + " " + strings.Join(args, " ")
	d.say("\n$ " + line)
	if d.err != nil {
		return
	}
	if !d.colour {
		args = slices.Insert(args, 1, "-no-color")
	}
	var printed bytes.Buffer
	cmd := d.workspace.Command(ctx, args...)
	cmd.Stdout = io.MultiWriter(d.out, &printed)
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	d.printed = colours.ReplaceAllString(printed.String(), "")
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.err = fmt.Errorf("%s: %w", line, err)
	} else if code := cmd.ProcessState.ExitCode(); code != wantCode {
		d.err = fmt.Errorf("%s ended with exit code %d instead of %d", line, code, wantCode)
	}
}

// shows checks that the last command printed a text.
func (d *demo) shows(pattern string) {
	if d.err == nil && !regexp.MustCompile(pattern).MatchString(d.printed) {
		d.err = fmt.Errorf("the last command did not print %q", pattern)
	}
}

var setElement = regexp.MustCompile(`(?m)^ *([-+~] ".*)$`)

// changesOnly checks which elements of sets the last plan changes.
func (d *demo) changesOnly(want ...string) {
	var changed []string
	for _, match := range setElement.FindAllStringSubmatch(d.printed, -1) {
		changed = append(changed, match[1])
	}
	if d.err == nil && !slices.Equal(changed, want) {
		d.err = fmt.Errorf("the plan changes %q instead of %q", changed, want)
	}
}

// sent shows the write requests since the last reset of the ledger, and checks that
// there is only one.
func (d *demo) sent(pattern string) {
	var writes []string
	for _, request := range d.srv.Writes() {
		writes = append(writes, request.Method+" "+request.Path+" "+string(request.Body))
	}
	d.say("\nThe provider sent:\n  " + strings.Join(writes, "\n  "))
	if d.err == nil && (len(writes) != 1 || !regexp.MustCompile(pattern).MatchString(writes[0])) {
		d.err = fmt.Errorf("the provider should have sent one request, %q", pattern)
	}
}

// organization shows and checks the people of the organization, their roles, and the
// number of invitations sent so far.
func (d *demo) organization(wantMails int, want ...string) {
	var people []string
	d.say("\nIn the organization:")
	for _, email := range d.srv.Emails() {
		status, grants := d.srv.Status(email), strings.Join(d.srv.Grants(email), " ")
		people = append(people, email+" "+status+" "+grants)
		d.say(fmt.Sprintf("  %-18s %-8s %s", email, status, grants))
	}
	mails := len(d.srv.Mails())
	d.say(fmt.Sprintf("  e-mails sent: %d", mails))
	if d.err == nil && (mails != wantMails || !slices.Equal(people, want)) {
		d.err = fmt.Errorf("the organization should have %q, and the number of e-mails sent should be %d", want, wantMails)
	}
}
