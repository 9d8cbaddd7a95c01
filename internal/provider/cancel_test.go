// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	// promptly is how soon after Ctrl-C everything has to be over.
	promptly = 2 * time.Second
	// slow is what the CLI may take on top of that, where other tests take the
	// machine. The provider gets none of it.
	slow = 2 * time.Second
)

// Ctrl-C ends a run promptly, whatever the provider waits for: the state holds
// what was done, and the next apply finishes without an e-mail too many.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range interruptions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			srv.AddMember("bob@example.com", "deployment-viewer:a")
			log := filepath.Join(t.TempDir(), "provider.log")
			tf := newCLI(t, srv, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
			if test.before != "" {
				tf.configure(test.before)
				tf.must("apply", "-auto-approve")
			}
			if err := os.RemoveAll(log); err != nil {
				t.Fatal(err)
			}
			srv.ResetLedger()
			if test.fault.Route != "" {
				test.fault.Times = -1
				srv.Fail(test.fault)
			}
			tf.configure(test.hcl)
			before := srv.Emails()
			cli := tf.interrupt(srv, test)
			provider := untilStopped(t, log)
			t.Logf("after the signal the provider took %v, the CLI %v", provider, cli)
			if provider > promptly || cli > promptly+slow {
				t.Errorf("after the signal the provider took %v, the CLI %v", provider, cli)
			}
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
			if got := tf.inState(); got != test.done {
				t.Errorf("in the state are %q, want %q", got, test.done)
			}

			srv.ClearFaults()
			if test.heal != nil {
				test.heal(srv)
			}
			tf.must("apply", "-auto-approve")
			wantText(t, tf.must("plan"), "No changes.")
			wantMails(t, srv, test.mails)
		})
	}
}

// interrupt sends the signal when it is time, and returns how long the CLI takes
// to end.
func (c terraform) interrupt(srv *cloudtest.Server, test interruption) time.Duration {
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
	start := time.Now()
	if err := syscall.Kill(target, syscall.SIGINT); err != nil {
		c.t.Fatal(err)
	}
	err := <-ended
	took := time.Since(start)
	wantText(c.t, out.String(), "Interrupt received")
	if err == nil && test.fault.Hang != underWay {
		c.t.Errorf("it was stopped, and says that it succeeded:\n%s", out.String())
	}
	return took
}

// Stop reaches those who wait for others that may go in the same request.
// Nothing is sent then.
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
				c, err := newCore(srv)
				if err != nil {
					t.Fatal(err)
				}
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

var logTime = regexp.MustCompile(`(?m)^(\S+) \[[A-Z]+\] .*(StopProvider|Served request)`)

// untilStopped reads from the provider's log how long it had still to do when it
// was told to stop.
func untilStopped(t *testing.T, log string) time.Duration {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var stopped, last time.Time
	for _, line := range logTime.FindAllStringSubmatch(string(text), -1) {
		at, err := time.Parse("2006-01-02T15:04:05.000Z0700", line[1])
		if err != nil {
			t.Fatal(err)
		}
		if stopped.IsZero() && line[2] == "StopProvider" {
			stopped = at
		}
		last = at
	}
	if stopped.IsZero() {
		t.Fatal("the provider was not told to stop")
	}
	return last.Sub(stopped)
}

// inState lists people with what they hold, and domains.
func (c terraform) inState() string {
	c.t.Helper()
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
