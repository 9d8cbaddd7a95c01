// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command probe finds out, on a real organization, how the API behaves where the
// documentation leaves several readings open. It prints a table to paste into an issue.
// It changes only what it makes itself, and undoes that.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
)

// version is the version of the provider; make sets it.
var version = "dev"

// The opt-in, without which the probe sends nothing.
const (
	optInVariable = "ELASTICCLOUD_PROBE"
	optIn         = "yes-change-my-organization"
)

// Exit codes.
const (
	exitDone     = 0 // the table is complete, and the organization is as before
	exitFailed   = 1 // the probe was refused or stopped, or something is left or differs
	exitNotAsked = 2 // nothing was sent
)

func main() {
	// The invitation has to be deleted also if the terminal or the pipe is closed.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Getenv, nil, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the flags and the environment variables.
type settings struct {
	key            string
	endpoint       string
	organizationID string   // empty: the one that the key sees
	emails         []string // one or two
	deployment     string   // ID; empty: one that does not exist
	retries        int
	transport      http.RoundTripper // nil: the network
}

// run runs the command, and returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, transport http.RoundTripper, stdout, stderr io.Writer) int {
	s, err := parse(args, getenv, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitNotAsked
	}
	if err == nil && getenv(optInVariable) != optIn {
		say(stderr, explanation, optInVariable, optIn)
		return exitNotAsked
	}
	if err == nil {
		err = s.check()
	}
	if err != nil {
		say(stderr, "probe: %v\n", err)
		return exitNotAsked
	}
	s.transport = transport
	p, err := newProbe(s, stderr)
	if err != nil {
		say(stderr, "probe: %v\n", err)
		return exitNotAsked
	}
	clean := p.run(ctx)
	if _, err := io.WriteString(stdout, p.table()); err != nil {
		say(stderr, "probe: could not write the table: %v\n", err)
		clean = false
	}
	if !clean {
		return exitFailed
	}
	return exitDone
}

func parse(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	s := settings{
		key:            getenv("EC_API_KEY"),
		endpoint:       cmp.Or(getenv("EC_ENDPOINT"), cloud.DefaultEndpoint),
		organizationID: getenv("EC_ORGANIZATION_ID"),
		retries:        3,
	}
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Func("email", "your own address, which the probe invites; it must be neither a member nor invited; repeat the flag for rules that need two", func(email string) error {
		s.emails = append(s.emails, email)
		return nil
	})
	flags.StringVar(&s.deployment, "deployment", "", "ID of a deployment for invitations with deployment-viewer, if Elastic Cloud refuses an ID that does not exist")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return s, nil
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

func (s settings) check() error {
	if s.key == "" {
		return errors.New("EC_API_KEY is not set: set it to a key with the role organization-admin")
	}
	if len(s.emails) < 1 || len(s.emails) > 2 {
		return fmt.Errorf("-email must be given once or twice, not %d×", len(s.emails))
	}
	for _, email := range s.emails {
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email {
			return fmt.Errorf("%q is not an e-mail address", email)
		}
	}
	if len(s.emails) == 2 && cloud.Fold(s.emails[0]) == cloud.Fold(s.emails[1]) {
		return errors.New("both addresses are the same")
	}
	if !idForm.MatchString(s.deployment) {
		return fmt.Errorf("%q is not the ID of a deployment", s.deployment)
	}
	return nil
}

// owns reports whether an address is one of the probe's.
func (s settings) owns(email string) bool {
	return slices.ContainsFunc(s.emails, func(own string) bool { return cloud.Fold(own) == cloud.Fold(email) })
}

// say prints a message. An error of the output does not matter.
func say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

// upperDomain returns an address for the same mailbox with its domain in upper case. It
// shows whether the service keeps the case.
func upperDomain(email string) string {
	at := strings.LastIndex(email, "@")
	return email[:at] + strings.ToUpper(email[at:])
}
