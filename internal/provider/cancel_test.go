// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

// promptly is how soon after Ctrl-C everything has to be over.
const promptly = 2 * time.Second

// Ctrl-C ends a run promptly, whatever the provider waits for: the state holds
// what was done, and the next apply finishes without an e-mail too many.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range interruptions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playing(t, func(t *testing.T) {
				srv := newFake(t)
				tf := newTerraform(t, srv)
				if tf.played == nil {
					t.Skip("a few run through the CLI: see TestInterruptedCLI")
				}
				tf.interrupted(srv, test, func() {
					if took := tf.cancel(srv, test); took > promptly {
						t.Errorf("after the signal it took %v", took)
					}
				})
			})
		})
	}
}

// The same with the signals that a terminal and a supervisor send.
func TestInterruptedCLI(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"waits for a domain", "invitations are out and hang", "many are under way, members"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, test := newFake(t), interruptions()[name]
			tf := newCLI(t, srv)
			tf.interrupted(srv, test, func() { tf.interrupt(srv, test) })
		})
	}
}

// interrupted stops a run, and applies again.
func (c terraform) interrupted(srv *cloudtest.Server, test interruption, stop func()) {
	t := c.t
	t.Helper()
	srv.AddMember("bob@example.com", "deployment-viewer:a")
	if test.before != "" {
		c.configure(test.before)
		c.must("apply", "-auto-approve")
	}
	srv.ResetLedger()
	if test.fault.Route != "" {
		test.fault.Times = -1
		srv.Fail(test.fault)
	}
	c.configure(test.hcl)
	before := srv.Emails()
	stop()
	for _, email := range before { // also those whose invitation is revoked for a new one
		if srv.Status(email) == "none" {
			t.Errorf("%s is not there any more", email)
		}
	}
	if test.partly {
		test.done = held(srv, test.before)
		if n := len(srv.Mails()); n == 0 || n == test.mails {
			t.Errorf("%d of %d were invited: nothing was stopped in the middle", n, test.mails)
		}
	}
	if got := c.inState(); got != test.done {
		t.Errorf("in the state are %q, want %q", got, test.done)
	}

	srv.ClearFaults()
	if test.heal != nil {
		test.heal(srv)
	}
	c.must("apply", "-auto-approve")
	wantText(t, c.must("plan"), "No changes.")
	wantMails(t, srv, test.mails)
}

// cancel stops a run that is played when it is time, and returns how long it takes to
// end.
func (c terraform) cancel(srv *cloudtest.Server, test interruption) time.Duration {
	c.t.Helper()
	ctx, stop := context.WithCancel(c.t.Context())
	defer stop()
	command := cmp.Or(test.command, "apply")
	c.core.provider.commandLine = func() []string { return []string{"terraform", command} }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.played.Run(ctx, command, "-auto-approve")
	}()
	for !test.when(srv) {
		select {
		case <-ended:
			c.t.Fatal("it ended before there was anything to stop")
		case <-time.After(5 * time.Millisecond):
		}
	}
	time.Sleep(100 * time.Millisecond) // the reply arrives, where there is one
	start := time.Now()
	stop()
	<-ended
	return time.Since(start)
}

// interrupt sends the signal when it is time, and waits for the CLI to end.
func (c terraform) interrupt(srv *cloudtest.Server, test interruption) {
	c.t.Helper()
	args := []string{cmp.Or(test.command, "apply"), "-no-color"}
	if test.command == "" {
		args = append(args, "-auto-approve")
	}
	cmd := c.workspace.Command(c.t.Context(), args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // not that of the tests
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !test.when(srv) {
		select {
		case err := <-ended:
			c.t.Fatalf("it ended before there was anything to stop: %v\n%s", err, out.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	time.Sleep(100 * time.Millisecond) // the reply arrives, where there is one
	target := cmd.Process.Pid
	if test.group {
		target = -target
	}
	if err := syscall.Kill(target, syscall.SIGINT); err != nil {
		c.t.Fatal(err)
	}
	err := <-ended
	wantText(c.t, out.String(), "Interrupt received")
	if err == nil && test.fault.Hang != underWay {
		c.t.Errorf("it was stopped, and says that it succeeded:\n%s", out.String())
	}
}

// A stop reaches calls that wait to share a request with others. Nothing is sent then.
func TestStoppedWhileGathering(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]block{
		"member": {
			"a": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "a@example.com"}},
			"b": {Type: "elasticcloud_member", Attributes: map[string]any{"email": "b@example.com"}},
		},
		"members": membersBlock(map[string][]string{"owner@example.com": {"organization-admin"}, "a@example.com": {}, "b@example.com": {}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) {
				srv := newFake(t)
				c := startCore(t, srv)
				c.provider.gather = time.Minute
				var server tfprotov6.ProviderServer
				c.Server = func() tfprotov6.ProviderServer {
					server = c.process()
					return server
				}
				changes, err := c.plan(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				srv.ResetLedger()
				ended := make(chan error, 1)
				go func() { ended <- c.carryOut(t.Context(), changes) }()
				for !asked(getMem, 1)(srv) {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(50 * time.Millisecond)
				start := time.Now()
				if _, err := server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
					t.Fatal(err)
				}
				if err := <-ended; err == nil || !strings.Contains(err.Error(), "The run was stopped. Apply again to finish it.") {
					t.Errorf("got %v", err)
				}
				if took := time.Since(start); took > promptly {
					t.Errorf("it took %v", took)
				}
				wantWrites(t, srv)
				if len(c.State) > 0 {
					t.Errorf("in the state is %v", c.State)
				}
			})
		})
	}
}

// held is what the service says of the people whom a test invites, and of the
// owner where a resource is for them from the beginning.
func held(srv *cloudtest.Server, before string) string {
	var held []string
	for _, email := range srv.Emails() {
		if email != "bob@example.com" && (email != "owner@example.com" || before != "") {
			held = append(held, email+": "+strings.Join(srv.Grants(email), " "))
		}
	}
	return strings.Join(held, ", ")
}

// inState lists people with what they hold, and domains.
func (c terraform) inState() string {
	c.t.Helper()
	if c.played != nil {
		return heldIn(c.core.State)
	}
	out, err := c.workspace.Command(c.t.Context(), "state", "pull").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Type      string `json:"type"`
			Instances []struct {
				Status     string `json:"status"`
				Attributes struct {
					Email   string              `json:"email"`
					Roles   []string            `json:"roles"`
					Domain  string              `json:"domain"`
					Members map[string][]string `json:"members"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if len(out) == 0 {
		return "" // there is no state yet
	}
	if err := json.Unmarshal(out, &state); err != nil {
		c.t.Fatal(err)
	}
	var held []string
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if i.Status != "" {
				c.t.Errorf("a %s is %s", r.Type, i.Status)
			}
			if i.Attributes.Domain != "" {
				held = append(held, "domain "+i.Attributes.Domain)
			}
			if i.Attributes.Email != "" {
				held = append(held, i.Attributes.Email+": "+strings.Join(i.Attributes.Roles, " "))
			}
			for email, grants := range i.Attributes.Members {
				held = append(held, email+": "+strings.Join(grants, " "))
			}
		}
	}
	slices.Sort(held)
	return strings.Join(held, ", ")
}

// heldIn is inState of a state that is played.
func heldIn(state map[string]object) string {
	var held []string
	for _, o := range state {
		if domain := textIn(o, "domain"); domain != "" {
			held = append(held, "domain "+domain)
		}
		var fields, members map[string]tftypes.Value
		if o.Value.As(&fields) != nil {
			continue
		}
		if email := textIn(o, "email"); email != "" {
			held = append(held, email+": "+grantsIn(fields["roles"]))
		}
		if of, found := fields["members"]; found && of.As(&members) == nil {
			for email, grants := range members {
				held = append(held, email+": "+grantsIn(grants))
			}
		}
	}
	slices.Sort(held)
	return strings.Join(held, ", ")
}

func grantsIn(set tftypes.Value) string {
	var elements []tftypes.Value
	_ = set.As(&elements) // null has no elements
	grants := make([]string, len(elements))
	for i, element := range elements {
		_ = element.As(&grants[i])
	}
	slices.Sort(grants)
	return strings.Join(grants, " ")
}
