// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

// Command fakecloud serves a fake organization of Elastic Cloud on a loopback address,
// to try the provider without an account.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
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
	// A separate set, because packages for tests add flags to the common one.
	flags := flag.NewFlagSet("fakecloud", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:0", "loopback address to listen on; port 0 chooses a free port")
	plain := flags.Bool("plain", false, "send replies in a stable order and form, instead of varying them at each call")
	dns := flags.String("dns", "127.0.0.1:0", "loopback address of the DNS server, such as 127.0.0.1:5353, on UDP and TCP; port 0 chooses a free port")
	askDNS := flags.String("ask-dns", "", "look up TXT records at this DNS server instead, such as 127.0.0.1:53")
	wantSignIn := flags.Bool("want-sign-in", false, "refuse to enforce SSO until somebody has signed in through the configured IdP")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	options := []cloudtest.Option{cloudtest.Listen(*listen), cloudtest.ListenDNS(*dns), cloudtest.Control()}
	if *plain {
		options = append(options, cloudtest.Plain())
	}
	if *wantSignIn {
		options = append(options, cloudtest.WantsSignIn())
	}
	if *askDNS != "" {
		if _, _, err := net.SplitHostPort(*askDNS); err != nil {
			return fmt.Errorf("-ask-dns: %w", err)
		}
		options = append(options, cloudtest.AskDNS(*askDNS))
	}
	srv, err := cloudtest.Open(options...)
	if err != nil {
		return err
	}
	defer srv.Close()
	srv.AddMember("owner@example.com", "organization-admin")
	srv.AddMember("member@example.com", "deployment-viewer:*")

	asked := *askDNS
	if asked == "" {
		if asked, err = srv.StartDNS(); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(stdout, instructions, srv.OrganizationID, srv.URL, srv.Key, asked); err != nil {
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

const instructions = `A fake organization with the ID %s is running. Stop it with Ctrl-C.
Its members are owner@example.com (organization-admin) and member@example.com (deployment-viewer:*).

Paste this into the shell where you run Terraform:

  export EC_ENDPOINT=%s
  export EC_API_KEY=%s

From the same shell you can act as Elastic Cloud and its users:

  curl "$EC_ENDPOINT/_fake/state"                                                        show people, roles and SSO settings
  curl -X POST "$EC_ENDPOINT/_fake/add?email=bob@example.com&grant=billing-admin"        add a member
  curl -X POST "$EC_ENDPOINT/_fake/invite?email=bob@example.com&grant=billing-admin"     invite a person
  curl -X POST "$EC_ENDPOINT/_fake/accept?email=alice@example.com"                       accept an invitation
  curl -X POST "$EC_ENDPOINT/_fake/expire?email=alice@example.com"                       let an invitation expire
  curl -X POST "$EC_ENDPOINT/_fake/remove?email=alice@example.com"                       remove a person
  curl -X POST "$EC_ENDPOINT/_fake/grant?email=alice@example.com&grant=billing-admin"    grant a role
  curl -X POST "$EC_ENDPOINT/_fake/ungrant?email=alice@example.com&grant=billing-admin"  revoke a role

To try single sign-on, use examples/sso. The fake organization looks up TXT records at the DNS server %s.

  curl "$EC_ENDPOINT/_fake/idp-metadata.xml" > idp-metadata.xml                          save the metadata of the test IdP
  curl -X POST "$EC_ENDPOINT/_fake/publish?name=$NAME&value=$VALUE"                      publish a TXT record; /_fake/state shows name and value
  curl -X POST "$EC_ENDPOINT/_fake/withdraw?name=$NAME&value=$VALUE"                     remove a TXT record
  curl -X POST "$EC_ENDPOINT/_fake/sign-in?email=owner@example.com&group=elastic-owners" sign in at the test IdP

To sign in at another IdP, open the SSO login URL in a browser.
`
