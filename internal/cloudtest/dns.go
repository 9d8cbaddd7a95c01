// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// dnsServer is a DNS server that has only TXT records. It starts when it is first used.
type dnsServer struct {
	mu      sync.Mutex
	servers []*dns.Server // of UDP and of TCP, on the same port
	address string
	records map[string][]string // by canonical name
}

// start starts the server if necessary, and returns its address. A free UDP port may be
// in use for TCP, so it tries several ports.
func (d *dnsServer) start(listen string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for attempts := 1; d.servers == nil; attempts++ {
		if err := d.listen(listen); err != nil && (attempts == 10 || !strings.HasSuffix(listen, ":0")) {
			return "", fmt.Errorf("DNS server: %w", err)
		}
	}
	return d.address, nil
}

func (d *dnsServer) listen(address string) error {
	udp, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return err
	}
	if !udp.IP.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address", address)
	}
	packets, err := net.ListenUDP("udp", udp)
	if err != nil {
		return err
	}
	connections, err := listenLoopback(packets.LocalAddr().String())
	if err != nil {
		return errors.Join(err, packets.Close())
	}
	d.address = packets.LocalAddr().String()
	for _, server := range []*dns.Server{{PacketConn: packets}, {Listener: connections}} {
		started := make(chan struct{})
		server.Handler, server.NotifyStartedFunc = dns.HandlerFunc(d.serve), func() { close(started) }
		// It fails only if it was started before, or if its socket breaks.
		go func() { _ = server.ActivateAndServe() }()
		<-started
		d.servers = append(d.servers, server)
	}
	return nil
}

func (d *dnsServer) close() {
	d.mu.Lock()
	servers := d.servers
	d.mu.Unlock()
	for _, server := range servers {
		_ = server.Shutdown() // fails only if it was shut down before
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
	if w.LocalAddr().Network() == "udp" {
		size := dns.MinMsgSize
		if extension := query.IsEdns0(); extension != nil {
			size = max(size, int(extension.UDPSize()))
		}
		answer.Truncate(size)
	}
	_ = w.WriteMsg(answer) // an error has the effect of a lost packet, which DNS can handle
}

func (d *dnsServer) values(name string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.records[dns.CanonicalName(name)])
}

// characterStrings splits a value into the strings of a TXT record.
func characterStrings(value string) []string {
	pieces := []string{}
	for len(value) > 255 {
		pieces = append(pieces, escapeTXT(value[:255]))
		value = value[255:]
	}
	return append(pieces, escapeTXT(value))
}

// escapeTXT escapes a text for the library, which reads backslashes as in a zone file.
func escapeTXT(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
}

// lookupTXT returns the TXT records of a name as the service finds them: over the
// network, or directly if the server has no network. It may take seconds, so the caller
// must not hold the lock.
func (s *Server) lookupTXT(name string) []string {
	address := s.askDNS
	switch {
	case address != "":
	case s.inProcess != nil:
		return s.dns.values(name)
	default:
		var err error
		if address, err = s.StartDNS(); err != nil {
			return nil
		}
	}
	return askTXT(name, address)
}

// askTXT asks a DNS server like any client: with TCP if an answer does not fit into a
// UDP packet. It returns nothing if there is no record, or no answer.
func askTXT(name, address string) []string {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeTXT)
	client := &dns.Client{Timeout: 2 * time.Second}
	reply, _, err := client.Exchange(question, address)
	if err == nil && reply.Truncated {
		client.Net = "tcp"
		reply, _, err = client.Exchange(question, address)
	}
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

// DNSAddress returns the address of the DNS server, for UDP and TCP. The service looks
// there for the challenge of a domain, unless AskDNS names another one. The server
// always has a socket, so no synctest bubble may call DNSAddress.
func (s *Server) DNSAddress() (address string) {
	s.helper()
	s.verb(func(*organization) (err error) {
		address, err = s.StartDNS()
		return err
	})
	return address
}

// StartDNS is DNSAddress for programs that want to report a used address, or one that
// is not a loopback address.
func (s *Server) StartDNS() (address string, err error) { return s.dns.start(s.listenDNS) }

// PublishTXT adds a TXT record.
func (s *Server) PublishTXT(name, value string) { s.dns.publish(name, value) }

func (d *dnsServer) publish(name, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.records == nil {
		d.records = map[string][]string{}
	}
	key := dns.CanonicalName(name)
	if !slices.Contains(d.records[key], value) {
		d.records[key] = append(d.records[key], value)
	}
}

// UnpublishTXT removes a TXT record.
func (s *Server) UnpublishTXT(name, value string) {
	s.helper()
	s.verb(func(*organization) error { return s.dns.withdraw(name, value) })
}

func (d *dnsServer) withdraw(name, value string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := dns.CanonicalName(name)
	at := slices.Index(d.records[key], value)
	if at < 0 {
		return fmt.Errorf("%s has no TXT record %q", name, value)
	}
	d.records[key] = slices.Delete(slices.Clone(d.records[key]), at, at+1)
	if len(d.records[key]) == 0 {
		delete(d.records, key)
	}
	return nil
}
