// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Timeouts of a DNS lookup, and of one query to one server.
const (
	lookupTimeout = 6 * time.Second
	askTimeout    = 2 * time.Second
)

var (
	errNoSuchName = errors.New("the name does not exist")
	errNoTXT      = errors.New("the name has no TXT record")
)

// txtInWords returns, in words, what DNS now answers for the expected TXT record. The value
// is empty if it is unknown.
func txtInWords(ctx context.Context, servers []string, name, value string) string {
	values, err := lookupTXT(ctx, servers, name)
	switch {
	case errors.Is(err, errNoSuchName):
		return "The DNS of this machine answers now that this name does not exist (NXDOMAIN). Check the name of the record: many DNS providers append the zone automatically, so that the domain appears in it twice."
	case errors.Is(err, errNoTXT):
		return "The DNS of this machine answers now that this name has no TXT record."
	case err != nil:
		return fmt.Sprintf("The DNS of this machine gave no usable answer: %v.", err)
	}
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = fmt.Sprintf("%q", v)
	}
	found := "the TXT record " + shown[0]
	if len(shown) > 1 {
		found = fmt.Sprintf("%d TXT records: %s", len(shown), strings.Join(shown, ", "))
	}
	switch {
	case value == "":
		return "The DNS of this machine answers now with " + found + "."
	case slices.Contains(values, value):
		return "The DNS of this machine answers now with exactly this value. Elastic Cloud may use another DNS, or still have an older answer in its cache: apply again later. " +
			"Or someone requested another code since then, and only the newest code is valid: replace the elasticcloud_domain_claim (terraform apply -replace=...)."
	}
	return "The DNS of this machine answers now with " + found + ". The expected value is missing."
}

// lookupTXT queries the servers one after the other until one answers. Without servers, it
// uses the resolver of the system.
func lookupTXT(ctx context.Context, servers []string, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	if len(servers) == 0 {
		servers = systemServers()
	}
	if len(servers) == 0 {
		return lookupBySystem(ctx, name)
	}
	var reply *dns.Msg
	var err error
	for _, server := range servers {
		if reply, err = askTXT(ctx, server, name); err == nil {
			break
		}
	}
	switch {
	case err != nil:
		return nil, err
	case reply.Rcode == dns.RcodeNameError:
		return nil, errNoSuchName
	case reply.Rcode != dns.RcodeSuccess:
		return nil, errors.New("the server answers " + dns.RcodeToString[reply.Rcode])
	}
	var values []string
	for _, record := range reply.Answer { // CNAME records may precede them
		if txt, ok := record.(*dns.TXT); ok {
			values = append(values, strings.Join(txt.Txt, ""))
		}
	}
	if len(values) == 0 {
		return nil, errNoTXT
	}
	slices.Sort(values)
	return values, nil
}

// askTXT queries one server, over TCP if the answer is too long for UDP.
func askTXT(ctx context.Context, server, name string) (*dns.Msg, error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeTXT)
	client := &dns.Client{Timeout: askTimeout}
	reply, _, err := client.ExchangeContext(ctx, question, server)
	if err == nil && reply.Truncated {
		client.Net = "tcp"
		reply, _, err = client.ExchangeContext(ctx, question, server)
	}
	return reply, err
}

// systemServers returns the DNS servers of the system, if it has them in a file. Windows
// does not.
func systemServers() (servers []string) {
	config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	for _, server := range config.Servers {
		servers = append(servers, net.JoinHostPort(server, config.Port))
	}
	return servers
}

// lookupBySystem uses the resolver of the system, which does not distinguish a name that
// does not exist from one without a TXT record.
func lookupBySystem(ctx context.Context, name string) ([]string, error) {
	values, err := net.DefaultResolver.LookupTXT(ctx, dns.Fqdn(name))
	var failure *net.DNSError
	if errors.As(err, &failure) && failure.IsNotFound || err == nil && len(values) == 0 {
		return nil, errNoTXT
	}
	return values, err
}
