// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
)

// bind is a BIND DNS server for example.com that accepts dynamic updates.
type bind struct {
	program
	address string
}

// zone is example.com. Its records are added by updates.
const zone = "example.com."

func startBIND(ctx context.Context, dir string) (*bind, error) {
	dir = filepath.Join(dir, "bind")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	configuration := fmt.Sprintf(`options {
	directory %q;
	listen-on port %d { 127.0.0.1; };
	listen-on-v6 { none; };
	pid-file none;
	lock-file none;
	session-keyfile none;
	recursion no;
	dnssec-validation no;
};
controls { };
zone "example.com" {
	type primary;
	file "example.com.zone";
	allow-update { 127.0.0.1; };
};
`, dir, port)
	const records = "$TTL 60\n@ SOA ns.example.com. hostmaster.example.com. 1 60 60 600 60\n@ NS ns.example.com.\nns A 127.0.0.1\n"
	for name, text := range map[string]string{"named.conf": configuration, "example.com.zone": records} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	b := &bind{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	if err := b.start(exec.Command("named", "-f", "-n", "1", "-L", filepath.Join(dir, "named.log"), "-c", filepath.Join(dir, "named.conf"))); err != nil { //nolint:noctx // stop ends it
		return nil, err
	}
	err = b.ready(ctx, func() error {
		reply, err := dns.ExchangeContext(ctx, new(dns.Msg).SetQuestion(zone, dns.TypeSOA), b.address)
		if err == nil && len(reply.Answer) == 0 {
			err = errors.New("no answer for example.com")
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

// publish adds a TXT record and several others with the same name, so that the answer
// does not fit into a UDP packet.
func (b *bind) publish(ctx context.Context, name, value string) error {
	records := []dns.RR{txt(name, value)}
	for _, other := range []string{"a", "b", "c"} {
		records = append(records, txt(name, strings.Repeat(other, 250)))
	}
	update := new(dns.Msg).SetUpdate(zone)
	update.Insert(records)
	return b.update(ctx, update)
}

func (b *bind) withdraw(ctx context.Context, name, value string) error {
	update := new(dns.Msg).SetUpdate(zone)
	update.RemoveRRset([]dns.RR{txt(name, value)})
	return b.update(ctx, update)
}

func txt(name, value string) dns.RR {
	return &dns.TXT{Hdr: dns.RR_Header{Name: dns.Fqdn(name), Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{value}}
}

func (b *bind) update(ctx context.Context, update *dns.Msg) error {
	reply, _, err := (&dns.Client{Net: "tcp"}).ExchangeContext(ctx, update, b.address)
	if err == nil && reply.Rcode != dns.RcodeSuccess {
		err = fmt.Errorf("BIND refused an update: %s", dns.RcodeToString[reply.Rcode])
	}
	return err
}

// program is another program that runs at the same time.
type program struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
	how   error         // how it has ended
}

func (p *program) start(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.ended = cmd, make(chan struct{})
	go func() {
		p.how = cmd.Wait()
		close(p.ended)
	}()
	return nil
}

// ready waits until the program answers.
func (p *program) ready(ctx context.Context, asked func() error) error {
	deadline := time.After(30 * time.Second)
	for {
		err := asked()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s has ended: %w", p.cmd.Path, errors.Join(p.how, err))
		case <-deadline:
			return fmt.Errorf("%s does not answer: %w", p.cmd.Path, err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop ends the program. It returns an error if the program was not running any longer.
func (p *program) stop() error {
	err := p.cmd.Process.Signal(syscall.SIGTERM)
	if errors.Is(err, os.ErrProcessDone) {
		<-p.ended
		return fmt.Errorf("%s has ended: %w", p.cmd.Path, errors.Join(errors.New("it was not stopped by ssoguide"), p.how))
	}
	<-p.ended
	return err
}

func freePort() (int, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, err
	}
	address, _ := listener.Addr().(*net.TCPAddr)
	return address.Port, listener.Close()
}
