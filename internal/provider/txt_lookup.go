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

// Bounds of a look at the DNS, and of one question to one server.
const (
	lookupTimeout = 6 * time.Second
	askTimeout    = 2 * time.Second
)

var (
	errNoSuchName = errors.New("there is no such name")
	errNoTXT      = errors.New("there is no TXT record")
)

// txtInWords says what DNS answers now for a TXT record that should be there.
// The value is empty where it is not known.
func txtInWords(ctx context.Context, servers []string, name, value string) string {
	values, err := lookupTXT(ctx, servers, name)
	switch {
	case errors.Is(err, errNoSuchName):
		return "DNS, as this machine sees it, answers now that this name does not exist (NXDOMAIN). Check that the record was made with this very name: many DNS providers append the zone by themselves, so that the domain stands in it twice."
	case errors.Is(err, errNoTXT):
		return "DNS, as this machine sees it, answers now that this name has no TXT record."
	case err != nil:
		return fmt.Sprintf("What DNS holds cannot be said, as it gave this machine no usable answer: %v.", err)
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
		return "DNS, as this machine sees it, answers now with " + found + "."
	case slices.Contains(values, value):
		return "DNS, as this machine sees it, answers now with this very value. Either the service sees another DNS than this machine, or has to wait until an older answer is forgotten: then apply again. " +
			"Or somebody asked for another code since, and only the newest one counts: then replace the elasticcloud_domain_claim (terraform apply -replace=...)."
	}
	return "DNS, as this machine sees it, answers now with " + found + ". That is not the value which is expected."
}

// lookupTXT asks the servers one after the other until one answers; with none
// of them, it asks as the system does.
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
	for _, record := range reply.Answer { // a CNAME may stand before them
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

// askTXT asks one server, over TCP where the answer is too long for UDP.
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

// systemServers are those of the system where it has them in a file, which
// Windows has not.
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

// lookupBySystem cannot tell a name that is not there from one without a TXT
// record.
func lookupBySystem(ctx context.Context, name string) ([]string, error) {
	values, err := net.DefaultResolver.LookupTXT(ctx, dns.Fqdn(name))
	var failure *net.DNSError
	if errors.As(err, &failure) && failure.IsNotFound || err == nil && len(values) == 0 {
		return nil, errNoTXT
	}
	return values, err
}
