// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	tfstate "github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/miekg/dns"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const challengeName = "_elastic_domain_challenge.example.com"

// afterVerifies runs f before the service answers for the nth time whether a
// domain is verified.
func afterVerifies(srv *cloudtest.Server, n int, f func()) {
	srv.Before(verifyDomain, func() {
		if n > 1 {
			afterVerifies(srv, n-1, f)
			return
		}
		f()
	})
}

// publishCode publishes the TXT record when the service is first asked to
// verify a domain, where no dns_txt does.
func publishCode(srv *cloudtest.Server) {
	const domain = "example.com"
	srv.Before(verifyDomain, func() { srv.PublishTXT(cloud.ChallengeRecordName(domain), srv.VerificationCode(domain)) })
}

// Others change domains meanwhile, more often than a call is repeated, and then
// the record takes its time to come.
func TestDomainVerificationWaits(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	late := func(name, value string) { afterVerifies(srv, 12, func() { srv.PublishTXT(name, value) }) }
	srv.Fail(cloudtest.Fault{Route: verifyDomain, Status: 409, Code: "org.domain_claim.concurrent_organization_modification", Times: 7})
	withDNS(t, srv, late, resource.TestStep{Config: chain("example.com", `timeouts = { create = "1m" }`)},
		resource.TestStep{Config: chain("example.com", `timeouts = { create = "2m" }`), Check: func(*tfstate.State) error {
			if n := srv.Count(verifyDomain); n != 12 {
				t.Errorf("the service was asked %d times", n)
			}
			wantDomains(t, srv, "example.com")
			return nil
		}})
	if n := srv.Count(askCode); n != 1 {
		t.Errorf("%d codes were asked for", n)
	}
}

// Destroying a verification does nothing on the service, and a claimed domain
// is done at once.
func TestDomainVerificationOfClaimedDomain(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.ClaimDomain("example.com")
		playRun(t, srv, resource.TestStep{Config: "resource \"elasticcloud_domain_verification\" \"d\" {\n  domain = \"example.com\"\n}\n"})
		wantWrites(t, srv)
		wantDomains(t, srv, "example.com")
	})
}

// A new code, as of a claim that is replaced by hand, verifies anew in place.
func TestDomainVerificationOfNewCode(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	withDNS(t, srv, nil,
		resource.TestStep{Config: chain("example.com")},
		resource.TestStep{
			PreConfig: srv.ResetLedger,
			Config:    chain("example.com"),
			Taint:     []string{theClaim},
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				willBe(theClaim, plancheck.ResourceActionReplace), willBe(verification, plancheck.ResourceActionUpdate),
			}},
			Check: func(*tfstate.State) error {
				wantWrites(t, srv, dropDomain, askCode, verifyDomain)
				wantDomains(t, srv, "example.com")
				return nil
			},
		},
	)
}

// Ten domains in one apply: the service takes one change of them at a time, and
// is asked once which there are.
func TestDomainsTenAtOnce(t *testing.T) {
	t.Parallel()
	srv := newFake(t, cloudtest.Latency(15*time.Millisecond))
	hcl := strings.NewReplacer("\"d\" {", "\"d\" {\n  count = 10",
		"d0.example.com", "d${count.index}.example.com", "claim.d.", "claim.d[count.index].").Replace(chain("d0.example.com"))
	withDNS(t, srv, nil,
		resource.TestStep{Config: hcl},
		resource.TestStep{PreConfig: srv.ResetLedger, Config: hcl, ConfigPlanChecks: emptyPlan, Check: func(*tfstate.State) error {
			if n := len(srv.Domains()); n != 10 {
				t.Errorf("%d domains are claimed", n)
			}
			return nil
		}},
	)
	for _, r := range srv.Requests() {
		if r.Status == 409 {
			t.Error("two changes of domains met")
			break
		}
	}
	wantDomains(t, srv)
}

// A plan of many claims lists the domains once.
func TestDomainsListedOnce(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		tf := newTerraform(t, srv)
		tf.configure("resource \"elasticcloud_domain_claim\" \"d\" {\n  for_each = toset([for i in range(30) : \"d${i}.example.com\"])\n  domain = each.value\n}\n")
		tf.must("apply", "-auto-approve")
		srv.ResetLedger()
		wantText(t, tf.must("plan"), "No changes.")
		if n := srv.Count(getDomains); n != 1 {
			t.Errorf("the domains were listed %d times", n)
		}
	})
}

// claimAndVerification are for tests in which no TXT record makes a difference.
var claimAndVerification = claimOf("example.com") + `
resource "elasticcloud_domain_verification" "d" {
  domain                 = elasticcloud_domain_claim.d.domain
  challenge_record_value = elasticcloud_domain_claim.d.challenge_record_value
}
`

func TestDomainVerificationOfEleventh(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for i := range 10 {
			srv.ClaimDomain(fmt.Sprintf("d%d.example.com", i))
		}
		tf := newTerraform(t, srv)
		tf.configure(claimAndVerification)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Could not verify example.com", "org.domain_claim.limit_exceeded",
			"An organization can claim at most 10 domains, including subdomains. This organization has claimed d0.example.com, d1.example.com,", "Give up one of them first")
		tf.must("destroy", "-auto-approve")
		tf.configure(claimOf("example.com"))
		wantText(t, tf.must("plan"), "Warning: The organization has no room for example.com", "unless the same apply gives up another domain first")
	})
}

func TestDomainVerificationOfSomebodyElses(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		srv.ClaimElsewhere("example.com")
		tf := newTerraform(t, srv)
		tf.configure(claimAndVerification)
		out, ok := tf.run("apply", "-auto-approve")
		if ok {
			t.Error("apply succeeded")
		}
		wantText(t, out, "Could not verify example.com", "org.domain_claim.already_exists",
			"Another organization may have claimed it")
		if n := srv.Count(verifyDomain); n != 1 {
			t.Errorf("the service was asked %d times in one apply", n)
		}
	})
}

// verifier is a core whose errors query the given DNS server.
func verifier(t *testing.T, srv *cloudtest.Server, dnsServer string) *core {
	t.Helper()
	c := startCore(t, srv)
	c.provider.retryWait, c.provider.verifyWait, c.provider.dnsServers = time.Millisecond, time.Millisecond, []string{dnsServer}
	return c
}

func verificationOf(domain, value, limit string) map[string]block {
	attributes := map[string]any{"domain": domain, "timeouts": map[string]tftypes.Value{"create": tftypes.NewValue(tftypes.String, limit)}}
	if value != "" {
		attributes["challenge_record_value"] = value
	}
	return map[string]block{"verification": {Type: "elasticcloud_domain_verification", Attributes: attributes}}
}

// When the time is up, the error says what is expected and what DNS answers.
func TestDomainVerificationTimesOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		published   []string
		server      func(t *testing.T) string // nil for that of the fake
		want        []string
	}{
		{name: "no such name", value: "the-code", want: []string{"value: the-code", "this name does not exist (NXDOMAIN)", "append the zone automatically"}},
		{name: "no value", want: []string{"value: challenge_record_value of the elasticcloud_domain_claim", "(NXDOMAIN)"}},
		{name: "another value", value: "the-code", published: []string{"old-code"}, want: []string{`the TXT record "old-code". The expected value is missing.`}},
		{name: "several values", value: "the-code", published: []string{"v=spf1 -all", "old-code"}, want: []string{`2 TXT records: "old-code", "v=spf1 -all". The expected value is missing.`}},
		{name: "some value", published: []string{"old-code"}, want: []string{`answers now with the TXT record "old-code".`}},
		{name: "the right value", value: "the-code", published: []string{"old-code", "the-code"}, want: []string{"answers now with exactly this value", "replace the elasticcloud_domain_claim"}},
		{name: "no TXT", value: "the-code", server: answering(dns.RcodeSuccess), want: []string{"this name has no TXT record."}},
		{name: "failure", value: "the-code", server: answering(dns.RcodeServerFailure), want: []string{"gave no usable answer: the server answers SERVFAIL."}},
		{name: "nobody there", value: "the-code", server: nobody, want: []string{"gave no usable answer: ", "connection refused"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := newFake(t)
			for _, value := range test.published {
				srv.PublishTXT(challengeName, value)
			}
			server := srv.DNSAddress()
			if test.server != nil {
				server = test.server(t)
			}
			c := verifier(t, srv, server)
			err := c.apply(t.Context(), verificationOf("Example.com", test.value, "1s"))
			for _, want := range append(test.want, "Could not verify example.com within 1s", "name:  "+challengeName, "type:  TXT", "The next apply continues to wait", "-replace=ADDRESS") {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			if n := srv.Count(verifyDomain); n < 2 {
				t.Errorf("the service was asked %d times", n)
			}
			if len(c.State) != 0 {
				t.Error("a verification that failed is in the state")
			}
		})
	}
}

// answering starts a DNS server that gives no record.
func answering(rcode int) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
			_ = w.WriteMsg(new(dns.Msg).SetRcode(query, rcode)) // a lost answer fails the test
		})}
		var group sync.WaitGroup
		group.Go(func() { _ = server.ActivateAndServe() })
		t.Cleanup(func() { _ = conn.Close(); group.Wait() })
		return conn.LocalAddr().String()
	}
}

// nobody is an address where no server listens.
func nobody(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.LocalAddr().String()
}

// An answer too long for UDP is asked for over TCP.
func TestLookupTXTOverTCP(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("0123456789", 100)
	var group sync.WaitGroup
	for _, server := range []*dns.Server{{PacketConn: conn}, {Listener: listener}} {
		server.Handler = dns.HandlerFunc(func(w dns.ResponseWriter, query *dns.Msg) {
			answer := new(dns.Msg).SetReply(query)
			answer.Truncated = server.PacketConn != nil
			if !answer.Truncated {
				answer.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: query.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{long[:250], long[250:500], long[500:750], long[750:]}}}
			}
			_ = w.WriteMsg(answer) // a lost answer fails the test
		})
		group.Go(func() { _ = server.ActivateAndServe() })
	}
	t.Cleanup(func() { _ = conn.Close(); _ = listener.Close(); group.Wait() })
	values, err := lookupTXT(t.Context(), []string{nobody(t), conn.LocalAddr().String()}, "example.com")
	if err != nil || !slices.Equal(values, []string{long}) {
		t.Errorf("got %q, %v", values, err)
	}
}

// Ctrl-C ends the wait: the service is not asked again.
func TestDomainVerificationIsStopped(t *testing.T) {
	t.Parallel()
	srv := newFake(t)
	c := verifier(t, srv, srv.DNSAddress())
	changes, err := c.plan(t.Context(), verificationOf("example.com", "the-code", "10m"))
	if err != nil {
		t.Fatal(err)
	}
	server := c.Server()
	c.Server = func() tfprotov6.ProviderServer { return server }
	afterVerifies(srv, 3, func() {
		if _, err := server.StopProvider(context.WithoutCancel(t.Context()), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Error(err)
		}
	})
	err = c.carryOut(t.Context(), changes)
	if err == nil || !strings.Contains(err.Error(), "The run was stopped. Apply again to finish it.") || strings.Contains(err.Error(), "DNS") {
		t.Errorf("the error is %v", err)
	}
	if n := srv.Count(verifyDomain); n > 3 {
		t.Errorf("it went on, and asked %d times", n)
	}
}

// A time that is over before it begins is refused before anything is asked.
func TestDomainVerificationTimeoutBadInput(t *testing.T) {
	t.Parallel()
	playing(t, func(t *testing.T) {
		srv := newFake(t)
		for _, limit := range []string{"0s", "-1h"} {
			refuses(t, srv, "resource \"elasticcloud_domain_verification\" \"this\" {\n domain = \"example.com\"\n timeouts = { create = \""+limit+"\" }\n}\n", "Invalid timeout", `"`+limit+`" is not above zero`)
		}
		refuses(t, srv, "resource \"elasticcloud_domain_verification\" \"this\" {\n domain = \"example.com\"\n timeouts = { create = \"soon\" }\n}\n", "soon")
		wantWrites(t, srv)
	})
}
