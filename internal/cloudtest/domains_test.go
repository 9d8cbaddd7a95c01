// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

const domainsPath = "/organizations/{org}/domains"

func domainBody(name string) string { return fmt.Sprintf(`{"domain_claim_request":%q}`, name) }

func newCode(t *testing.T, s *Server, name string) string {
	t.Helper()
	a := expect(t, s, "POST", domainsPath+"/_generate_verification_code", domainBody(name), 200, "")
	return decode[struct{ Verification string }](t, a.body).Verification
}

func verify(t *testing.T, s *Server, name string, status int, code string) {
	t.Helper()
	expect(t, s, "POST", domainsPath+"/_verify", domainBody(name), status, code)
}

func listedDomains(t *testing.T, s *Server) []string {
	t.Helper()
	return decode[struct{ Domains []string }](t, expect(t, s, "GET", domainsPath, "", 200, "").body).Domains
}

// lookup asks the DNS server as a client of the service's users would.
func lookup(t *testing.T, s *Server, name string) ([]string, error) {
	t.Helper()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", s.DNSAddress())
	}}
	return resolver.LookupTXT(t.Context(), name)
}

func TestClaimDomain(t *testing.T) {
	t.Parallel()
	s := New(t, Plain())
	const record = "_elastic_domain_challenge.example.com"
	verify(t, s, "example.com", 449, "")
	first := newCode(t, s, "Example.com")
	verify(t, s, "example.com", 449, "")
	s.PublishTXT(record, first)
	second := newCode(t, s, "example.com")
	if first == second {
		t.Error("the same code again")
	}
	verify(t, s, "example.com", 449, "")
	s.PublishTXT(strings.ToUpper(record)+".", second)
	s.UnpublishTXT(record, first)
	verify(t, s, "EXAMPLE.com", 200, "")
	s.UnpublishTXT(record, second)
	equalList(t, "domains", listedDomains(t, s), "example.com")
	verify(t, s, "example.com", 400, "org.domain_claim.already_exists")
	expect(t, s, "DELETE", domainsPath, domainBody("Example.Com"), 200, "")
	expect(t, s, "DELETE", domainsPath, domainBody("example.com"), 404, "org.domain_claim.not_found")
	equalList(t, "domains", s.Domains())

	s.PublishTXT(record, second)
	verify(t, s, "example.com", 449, "") // the claim used the code up
}

// A domain has the same code until it is claimed, and each domain has its own.
func TestSameCode(t *testing.T) {
	t.Parallel()
	s := New(t, SameCode())
	first := newCode(t, s, "example.com")
	equal(t, "code once more", newCode(t, s, "Example.com"), first)
	equal(t, "code that counts", s.VerificationCode("example.com"), first)
	equal(t, "code of another domain is the same", newCode(t, s, "other.example") == first, false)
	s.PublishTXT(challengeLabel+"example.com", first)
	verify(t, s, "example.com", 200, "")
	expect(t, s, "DELETE", domainsPath, domainBody("example.com"), 200, "")
	equal(t, "code after the claim is the same", newCode(t, s, "example.com") == first, false)
	verify(t, s, "example.com", 449, "")
}

func TestDNS(t *testing.T) {
	t.Parallel()
	s := New(t)
	long := strings.Repeat("0123456789", 40)
	s.PublishTXT("a.example.com", `with "quotes" and \backslash`)
	s.PublishTXT("a.example.com", long)
	s.PublishTXT("a.example.com", long)
	got, err := lookup(t, s, "A.Example.com.")
	if err != nil {
		t.Fatal(err)
	}
	equalList(t, "records", got, `with "quotes" and \backslash`, long)
	_, err = lookup(t, s, "b.example.com.")
	var notFound *net.DNSError
	if !errors.As(err, &notFound) || !notFound.IsNotFound {
		t.Errorf("a name that is not there: %v", err)
	}
	s.UnpublishTXT("a.example.com", long)
	got, err = lookup(t, s, "a.example.com.")
	if err != nil || len(got) != 1 {
		t.Errorf("after one was removed: %q, %v", got, err)
	}
}

func TestDomainsOfOthers(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ClaimElsewhere("Taken.example")
	s.PublishTXT("_elastic_domain_challenge.taken.example", newCode(t, s, "taken.example"))
	verify(t, s, "taken.example", 400, "org.domain_claim.already_exists")
	expect(t, s, "GET", "/organizations/none/domains", "", 404, "organization.not_found")
	for _, path := range []string{"/_verify", "/_generate_verification_code"} {
		expect(t, s, "POST", "/organizations/none/domains"+path, domainBody("a.example"), 404, "organization.not_found")
	}
	expect(t, s, "DELETE", "/organizations/none/domains", domainBody("a.example"), 404, "organization.not_found")
}

func TestTenDomains(t *testing.T) {
	t.Parallel()
	s := New(t)
	for i := range 10 {
		s.ClaimDomain(fmt.Sprintf("d%d.example", i))
	}
	s.PublishTXT("_elastic_domain_challenge.eleven.example", newCode(t, s, "eleven.example"))
	verify(t, s, "eleven.example", 400, "org.domain_claim.limit_exceeded")
	s.LoseDomain("D3.example")
	verify(t, s, "eleven.example", 200, "")
	equal(t, "domains", len(s.Domains()), 10)
}

func TestDomainsStayWithAnIdP(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ClaimDomain("example.com")
	s.ConfigureIdP(testConfiguration())
	expect(t, s, "DELETE", domainsPath, domainBody("example.com"), 400, "org.idp.idp_configured")
	s.RemoveIdP()
	expect(t, s, "DELETE", domainsPath, domainBody("example.com"), 200, "")
}

// Of two changes at a time, the later one is refused.
func TestDomainChangesMeet(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ClaimDomain("a.example")
	s.PublishTXT("_elastic_domain_challenge.b.example", newCode(t, s, "b.example"))
	s.Before(verifyDomainRoute, func() {
		expect(t, s, "DELETE", domainsPath, domainBody("a.example"), 409, "org.domain_claim.concurrent_organization_modification")
		verify(t, s, "b.example", 409, "org.domain_claim.concurrent_organization_modification")
		newCode(t, s, "c.example")
		listedDomains(t, s)
	})
	verify(t, s, "b.example", 200, "")
	expect(t, s, "DELETE", domainsPath, domainBody("a.example"), 200, "")
	equalList(t, "domains", s.Domains(), "b.example")
}

// A client that disconnects while its change is under way blocks nobody.
func TestDomainChangeGivenUp(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ClaimDomain("a.example")
	s.Fail(Fault{Route: deleteDomainRoute, Drop: true})
	if a, err := try(t, s, "DELETE", domainsPath, domainBody("a.example")); err == nil {
		t.Fatalf("got %d", a.status)
	}
	expect(t, s, "DELETE", domainsPath, domainBody("a.example"), 200, "")
}

func TestDomainsLagAndVary(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.ClaimDomain("a.example")
	s.ClaimDomain("b.example")
	forms := map[string]bool{}
	for range 50 {
		forms[fmt.Sprint(listedDomains(t, s))] = true
	}
	if !forms["[A.EXAMPLE b.example]"] || len(forms) < 10 {
		t.Errorf("forms %v", forms)
	}
	lagging := New(t, Lag(time.Minute), Clock(fixedClock()))
	equal(t, "before", len(listedDomains(t, lagging)), 0)
	lagging.ClaimDomain("a.example")
	equal(t, "at once", len(listedDomains(t, lagging)), 0)
	lagging.Advance(2 * time.Minute)
	equal(t, "later", len(listedDomains(t, lagging)), 1)
}
