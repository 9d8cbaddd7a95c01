// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command fakecloud serves a fake organization of Elastic Cloud on a loopback
// address, to try the provider with no account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "fakecloud:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	// A set of its own: packages for tests add flags to the common one.
	flags := flag.NewFlagSet("fakecloud", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:0", "loopback address to listen on; port 0 takes a free one")
	plain := flags.Bool("plain", false, "replies in a stable order and form, instead of another one each time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	options := []cloudtest.Option{cloudtest.Listen(*listen), cloudtest.Control()}
	if *plain {
		options = append(options, cloudtest.Plain())
	}
	srv, err := cloudtest.Open(options...)
	if err != nil {
		return err
	}
	defer srv.Close()
	srv.AddMember("owner@example.com", "organization-admin")
	srv.AddMember("member@example.com", "deployment-viewer:*")

	if _, err := fmt.Fprintf(stdout, instructions, srv.OrganizationID, srv.URL, srv.Key); err != nil {
		return err
	}
	<-ctx.Done()
	for _, violation := range srv.Violations() {
		if _, err := fmt.Fprintln(stderr, "not in the API contract:", violation); err != nil {
			return err
		}
	}
	return nil
}

const instructions = `A fake organization with the ID %s; it lasts until Ctrl-C.
Its members are owner@example.com (organization-admin) and member@example.com (deployment-viewer:*).

Paste this into the shell where you run Terraform:

  export EC_ENDPOINT=%s
  export EC_API_KEY=%s

Play the service's side from there:

  curl "$EC_ENDPOINT/_fake/state"                                                    who holds what
  curl -X POST "$EC_ENDPOINT/_fake/accept?email=alice@example.com"                   accept an invitation
  curl -X POST "$EC_ENDPOINT/_fake/expire?email=alice@example.com"                   let it expire
  curl -X POST "$EC_ENDPOINT/_fake/remove?email=alice@example.com"                   remove a person
  curl -X POST "$EC_ENDPOINT/_fake/grant?email=alice@example.com&grant=billing-admin"    give a role by hand
  curl -X POST "$EC_ENDPOINT/_fake/ungrant?email=alice@example.com&grant=billing-admin"  take it away
`
