// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// dnsServer is a DNS server that knows TXT records only. It starts when it is
// first used.
type dnsServer struct {
	mu      sync.Mutex
	server  *dns.Server
	address string
	records map[string][]string // by canonical name
}

// start returns the address, on which the server listens from now on.
func (d *dnsServer) start() (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server != nil {
		return d.address, nil
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", fmt.Errorf("DNS server: %w", err)
	}
	started := make(chan struct{})
	d.server = &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(d.serve), NotifyStartedFunc: func() { close(started) }}
	d.address = conn.LocalAddr().String()
	stopped := make(chan error, 1)
	go func(server *dns.Server) { stopped <- server.ActivateAndServe() }(d.server)
	select {
	case <-started:
		return d.address, nil
	case err := <-stopped:
		d.server = nil
		return "", fmt.Errorf("DNS server: %w", err)
	}
}

func (d *dnsServer) close() {
	d.mu.Lock()
	server := d.server
	d.mu.Unlock()
	if server != nil {
		_ = server.Shutdown() // fails only where it was shut down before
	}
}

func (d *dnsServer) serve(w dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg).SetReply(query)
	answer.Authoritative = true
	for _, question := range query.Question {
		values := d.values(question.Name)
		if values == nil {
			answer.Rcode = dns.RcodeNameError
			continue
		}
		if question.Qtype != dns.TypeTXT {
			continue
		}
		for _, value := range values {
			answer.Answer = append(answer.Answer, &dns.TXT{
				Hdr: dns.RR_Header{Name: question.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60},
				Txt: characterStrings(value),
			})
		}
	}
	_ = w.WriteMsg(answer) // an error is as good as a lost packet, which DNS copes with
}

func (d *dnsServer) values(name string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.records[dns.CanonicalName(name)])
}

// characterStrings cuts a value into the pieces that a TXT record is made of.
func characterStrings(value string) []string {
	pieces := []string{}
	for len(value) > 255 {
		pieces = append(pieces, escapeTXT(value[:255]))
		value = value[255:]
	}
	return append(pieces, escapeTXT(value))
}

// escapeTXT is for the library, which reads backslashes as in a zone file.
func escapeTXT(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
}

// lookupTXT returns the TXT records of a name as the service finds them: over
// the network, unless the whole server does without one.
func (s *Server) lookupTXT(name string) []string {
	if s.inProcess != nil {
		return s.dns.values(name)
	}
	return s.dns.ask(name)
}

// ask asks the server over the network, as anybody would. The result is empty
// if there is no record, or no answer.
func (d *dnsServer) ask(name string) []string {
	address, err := d.start()
	if err != nil {
		return nil
	}
	client := &dns.Client{Timeout: 2 * time.Second}
	reply, _, err := client.Exchange(new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeTXT), address)
	if err != nil {
		return nil
	}
	var values []string
	for _, record := range reply.Answer {
		if txt, ok := record.(*dns.TXT); ok {
			values = append(values, strings.Join(txt.Txt, ""))
		}
	}
	return values
}

// DNSAddress is where the DNS server listens, on UDP, in which the service
// looks for the challenge of a domain. It is always a socket, so no bubble may
// call it.
func (s *Server) DNSAddress() (address string) {
	s.helper()
	s.verb(func(*organization) (err error) {
		address, err = s.dns.start()
		return err
	})
	return address
}

// PublishTXT adds a TXT record.
func (s *Server) PublishTXT(name, value string) {
	s.dns.mu.Lock()
	defer s.dns.mu.Unlock()
	if s.dns.records == nil {
		s.dns.records = map[string][]string{}
	}
	key := dns.CanonicalName(name)
	if !slices.Contains(s.dns.records[key], value) {
		s.dns.records[key] = append(s.dns.records[key], value)
	}
}

// UnpublishTXT removes a TXT record.
func (s *Server) UnpublishTXT(name, value string) {
	s.helper()
	s.verb(func(*organization) error {
		s.dns.mu.Lock()
		defer s.dns.mu.Unlock()
		key := dns.CanonicalName(name)
		at := slices.Index(s.dns.records[key], value)
		if at < 0 {
			return fmt.Errorf("%s has no TXT record %q", name, value)
		}
		s.dns.records[key] = slices.Delete(slices.Clone(s.dns.records[key]), at, at+1)
		if len(s.dns.records[key]) == 0 {
			delete(s.dns.records, key)
		}
		return nil
	})
}
