// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// Records that do not fit into a packet of UDP are asked for again by TCP.
func TestDNSOverTCP(t *testing.T) {
	t.Parallel()
	s := New(t)
	record := challengeLabel + "example.com"
	for _, filler := range []string{"a", "b", "c"} {
		s.PublishTXT(record, strings.Repeat(filler, 250))
	}
	reply, err := dns.Exchange(new(dns.Msg).SetQuestion(record+".", dns.TypeTXT), s.DNSAddress())
	if err != nil || !reply.Truncated {
		t.Fatalf("by UDP: %v, %v", reply, err)
	}
	large := new(dns.Msg).SetQuestion(record+".", dns.TypeTXT).SetEdns0(4096, false)
	if reply, _, err = (&dns.Client{UDPSize: 4096}).Exchange(large, s.DNSAddress()); err != nil || reply.Truncated {
		t.Errorf("by UDP in large packets: %v, %v", reply, err)
	}
	s.PublishTXT(record, newCode(t, s, "example.com"))
	expect(t, s, "POST", domainsPath+"/_verify", domainBody("example.com"), 200, "")
}

// The service asks the configured DNS server, and answers other requests at the same
// time: this DNS server makes a request to the service before it answers.
func TestAskDNS(t *testing.T) {
	t.Parallel()
	elsewhere := New(t)
	connection, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it takes no time
	if err != nil {
		t.Fatal(err)
	}
	s := New(t, AskDNS(connection.LocalAddr().String()))
	asked := 0
	server := &dns.Server{PacketConn: connection, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
		asked++
		if a, err := try(t, s, "GET", domainsPath, ""); err != nil || a.status != 200 {
			t.Errorf("the domains: %d, %v", a.status, err)
		}
		elsewhere.dns.serve(w, query)
	})}
	ended := make(chan error)
	go func() { ended <- server.ActivateAndServe() }()

	code := newCode(t, s, "example.com")
	s.PublishTXT(challengeLabel+"example.com", code)
	verify(t, s, "example.com", 449, "")
	elsewhere.PublishTXT(challengeLabel+"example.com", code)
	verify(t, s, "example.com", 200, "")
	if err := errors.Join(server.Shutdown(), <-ended); err != nil {
		t.Error(err)
	}
	equal(t, "questions", asked, 2)
}

func TestListenDNS(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", "nonsense"} {
		s := Start(ListenDNS(address))
		defer s.Close()
		if _, err := s.StartDNS(); err == nil {
			t.Errorf("%s is accepted", address)
		}
		expect(t, s, "POST", domainsPath+"/_verify", domainBody("example.com"), 449, "")
	}
	first := New(t)
	second := Start(ListenDNS(first.DNSAddress()))
	defer second.Close()
	if _, err := second.StartDNS(); err == nil {
		t.Error("two servers listen on one address")
	}
}
