// Copyright (c) The terraform-provider-elasticcloud authors
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloud"
	"github.com/elasticcloud-access/terraform-provider-elasticcloud/internal/cloudtest"
)

const (
	getDomains   = "GET /organizations/{organization_id}/domains"
	postCode     = "POST /organizations/{organization_id}/domains/_generate_verification_code"
	postVerify   = "POST /organizations/{organization_id}/domains/_verify"
	deleteDomain = "DELETE /organizations/{organization_id}/domains"
)

// publish asks for a domain's code and publishes it.
func publish(t *testing.T, srv *cloudtest.Server, o *Organization, domain string) {
	t.Helper()
	code, err := o.Domains.GenerateCode(t.Context(), domain)
	if err != nil {
		t.Fatal(err)
	}
	srv.PublishTXT(cloud.ChallengeRecordName(domain), code)
}

func wantDomains(t *testing.T, srv *cloudtest.Server, o *Organization, want ...string) {
	t.Helper()
	if got, err := o.Domains.List(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Errorf("the view has %q, %v; want %q", got, err, want)
	}
	if got := srv.Domains(); !slices.Equal(got, want) {
		t.Errorf("the service has %q, want %q", got, want)
	}
}

func TestVerifyDomain(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, config(srv))
	err := o.Domains.Verify(t.Context(), "example.com")
	if !errors.Is(err, cloud.ErrChallengePending) || errors.Is(err, cloud.ErrNotFound) {
		t.Errorf("without a record: %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "449 ") {
		t.Errorf("a space too many: %q", err)
	}
	publish(t, srv, o, "Example.com")
	if err := o.Domains.Verify(t.Context(), "example.COM"); err != nil {
		t.Fatal(err)
	}
	if err := o.Domains.Verify(t.Context(), "example.com"); err != nil {
		t.Errorf("claimed already: %v", err)
	}
	if claimed, err := o.Domains.Claimed(t.Context(), "EXAMPLE.com"); err != nil || !claimed {
		t.Errorf("%v, %v", claimed, err)
	}
	wantDomains(t, srv, o, "example.com")
	for range 2 {
		if err := o.Domains.Dismiss(t.Context(), "Example.com"); err != nil {
			t.Error(err)
		}
	}
	wantDomains(t, srv, o)
}

func TestVerifyDomainRefused(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, config(srv))
	srv.ClaimElsewhere("taken.example")
	srv.ClaimDomain("mine.example")
	publish(t, srv, o, "taken.example")
	if err := o.Domains.Verify(t.Context(), "taken.example"); !cloud.HasCode(err, cloud.CodeDomainExists) {
		t.Errorf("got %v", err)
	}
	certificate, _ := cloudtest.NewCertificate("idp", time.Now(), time.Now().Add(time.Hour))
	srv.ConfigureIdP(cloudtest.IdP{Enabled: true, LoginIdentifierPrefix: "a", Issuer: "i", SSOURL: "https://i", Certificates: []string{certificate}})
	if err := o.Domains.Dismiss(t.Context(), "mine.example"); !cloud.HasCode(err, cloud.CodeIdPConfigured) {
		t.Errorf("got %v", err)
	}
	wantDomains(t, srv, o, "mine.example")
}

// If an answer is lost, the claim counts, and nothing is reported that did not happen.
func TestDomainFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]cloudtest.Fault{
		"not done":        {Status: 503},
		"done, 503":       {Status: 503, After: true},
		"done, dropped":   {Drop: true, After: true},
		"done, cut":       {Cut: true, After: true},
		"met another one": {Status: 409, Code: cloud.CodeDomainsChanging},
		"two in a row":    {Status: 502, Times: 2},
		"too many":        {Status: 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := newServer(t, cloudtest.Lag(2*time.Second))
				c := config(srv)
				c.MaxRetries = 4
				o := newOrganization(t, c)
				publish(t, srv, o, "example.com")
				verifying, deleting := fault, fault
				verifying.Route, deleting.Route = postVerify, deleteDomain
				srv.Fail(verifying)
				if err := o.Domains.Verify(t.Context(), "example.com"); err != nil {
					t.Fatal(err)
				}
				wantDomains(t, srv, o, "example.com")
				srv.Fail(deleting)
				if err := o.Domains.Dismiss(t.Context(), "example.com"); err != nil {
					t.Fatal(err)
				}
				wantDomains(t, srv, o)
			})
		})
	}
}

// A lost answer does not make somebody else's domain ours.
func TestVerifyDomainOfOthersAfterAFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		o := newOrganization(t, config(srv))
		srv.ClaimElsewhere("taken.example")
		srv.Fail(cloudtest.Fault{Route: postVerify, Status: 503})
		if err := o.Domains.Verify(t.Context(), "taken.example"); !cloud.HasCode(err, cloud.CodeDomainExists) {
			t.Errorf("got %v", err)
		}
		wantDomains(t, srv, o)
	})
}

func TestDomainFaultsThatStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t)
		o := newOrganization(t, config(srv))
		srv.Fail(cloudtest.Fault{Route: postVerify, Status: 409, Code: cloud.CodeDomainsChanging, Times: -1})
		if err := o.Domains.Verify(t.Context(), "example.com"); !cloud.HasCode(err, cloud.CodeDomainsChanging) {
			t.Errorf("got %v", err)
		}
		if n := srv.Count(postVerify); n != 3 {
			t.Errorf("%d tries", n)
		}
		srv.Fail(cloudtest.Fault{Route: postCode, Body: `{}`})
		if code, err := o.Domains.GenerateCode(t.Context(), "example.com"); err == nil {
			t.Errorf("a code from nowhere: %q", code)
		}
		srv.Fail(cloudtest.Fault{Route: getDomains, Body: `{"status":"ok"}`})
		if domains, err := o.Domains.List(t.Context()); err == nil {
			t.Errorf("a list from nowhere: %q", domains)
		}
		if _, err := o.Domains.List(t.Context()); err != nil {
			t.Errorf("the failure was remembered: %v", err)
		}
	})
}

// A 404 of something in between must not look like a domain that is gone.
func TestDeleteDomainBehindAProxy(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	o := newOrganization(t, config(srv))
	srv.ClaimDomain("example.com")
	srv.Fail(cloudtest.Fault{Route: deleteDomain, Status: 404, Body: "<html>nginx</html>", ContentType: "text/html"})
	if err := o.Domains.Dismiss(t.Context(), "example.com"); !errors.Is(err, cloud.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	wantDomains(t, srv, o, "example.com")
}

func TestTenDomainsAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, cloudtest.Latency(time.Second))
		c := config(srv)
		c.MaxRetries = 0 // changes of one run do not meet, so nothing has to be repeated
		o := newOrganization(t, c)
		change := func(do func(domain string) error) {
			var group sync.WaitGroup
			for i := range 10 {
				group.Go(func() {
					if err := do(fmt.Sprintf("d%d.example", i)); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
		}
		change(func(domain string) error {
			if _, err := o.Domains.Claimed(t.Context(), domain); err != nil {
				return err
			}
			publish(t, srv, o, domain)
			return o.Domains.Verify(t.Context(), domain)
		})
		if got, err := o.Domains.List(t.Context()); err != nil || len(got) != 10 {
			t.Errorf("%q, %v", got, err)
		}
		if n := srv.Count(getDomains); n != 2 { // one for all of them, and one that confirms them
			t.Errorf("%d lists", n)
		}
		change(func(domain string) error { return o.Domains.Dismiss(t.Context(), domain) })
		wantDomains(t, srv, o)
	})
}

func TestWrongOrganizationIsExplained(t *testing.T) {
	t.Parallel()
	srv := cloudtest.New(t)
	c := config(srv)
	c.id = "9999999999"
	o := newOrganization(t, c)
	calls := map[string]func() error{
		"domains":      func() error { _, err := o.Domains.List(t.Context()); return err },
		"mappings":     func() error { _, err := o.RoleMappings.List(t.Context()); return err },
		"IdP":          func() error { _, err := o.IdP.Get(t.Context()); return err },
		"organization": func() error { _, err := o.Get(t.Context()); return err },
	}
	for name, call := range calls {
		if err := call(); !cloud.HasCode(err, cloud.CodeOrganizationNotFound) || !strings.Contains(err.Error(), srv.OrganizationID) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, write := range map[string]func() error{
		"IdP":     func() error { return o.IdP.Dismiss(t.Context()) },
		"domain":  func() error { return o.Domains.Dismiss(t.Context(), "example.com") },
		"mapping": func() error { return o.RoleMappings.Delete(t.Context(), "a") },
	} {
		if err := write(); !cloud.HasCode(err, cloud.CodeOrganizationNotFound) {
			t.Errorf("deleting the %s: %v", name, err)
		}
	}
}
